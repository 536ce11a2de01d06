/** A planted allocation by an announced length. */
export const name = "allocates";

const kept: Uint8Array[] = [];

export function fuzz(data: Uint8Array): void {
  if (data.length > 20) kept.push(new Uint8Array(256 * 1024 * 1024));
}
