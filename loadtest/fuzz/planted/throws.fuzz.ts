/** A planted bug behind three bytes, each of which the harness can find only by coverage. */
export const name = "throws";

export function fuzz(data: Uint8Array): void {
  if (data[0] !== 0x42) return;
  if (data[1] !== 0x75) return;
  if (data[2] !== 0x67) return;
  throw new Error("the planted bug");
}
