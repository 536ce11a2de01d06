/** A planted endless loop. */
export const name = "hangs";

export function fuzz(data: Uint8Array): void {
  while (data.length > 20);
}
