/** Converts ticks between timescales, to the nearest tick; exact where a whole tick exists. */
export function rescale(ticks: number, from: number, to: number): number {
  if (from === to) return ticks;
  // Whole seconds apart, so that the product stays far below 2^53.
  const wholeSec = Math.floor(ticks / from);
  return wholeSec * to + Math.round(((ticks - wholeSec * from) * to) / from);
}
