/** Nothing to find. */
export const name = "sound";

export function fuzz(data: Uint8Array): void {
  if (data.length < 0) throw new Error("cannot happen");
}
