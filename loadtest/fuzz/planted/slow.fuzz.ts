/** A planted quadratic loop. */
export const name = "slow";
export const limits = { runMsMax: 20 };

export function fuzz(data: Uint8Array): void {
  const endMs = performance.now() + (data.length > 20 ? 40 : 0);
  while (performance.now() < endMs);
}
