/**
 * Histograms over whole numbers from 0 to about 4 million, exact below 64 and within 1.6 % above:
 * each octave has 64 intervals. Counts add up exactly, whatever the order.
 */
const perOctave = 64;
const octaves = 16;
export const histogramSlots = perOctave * (octaves + 1);

/** Counts `value`; below 0 counts as 0, and what is too large as the largest. */
export function countInto(histogram: Float64Array, value: number): void {
  const slot = slotOf(value);
  histogram[slot] = histogram[slot]! + 1;
}

function slotOf(value: number): number {
  const whole = Math.max(0, Math.min(2 ** 31 - 1, Math.floor(value)));
  if (whole < perOctave) return whole;
  const octave = 25 - Math.clz32(whole);
  if (octave >= octaves) return histogramSlots - 1;
  return perOctave * (octave + 1) + ((whole >>> octave) - perOctave);
}

/** Least value of a slot. */
export function slotStart(slot: number): number {
  if (slot < perOctave) return slot;
  const octave = Math.floor(slot / perOctave) - 1;
  return (perOctave + (slot % perOctave)) * 2 ** octave;
}

/** The value that the share `ratio` of all counts is not above; 0 when there are none. */
export function quantileOf(histogram: Float64Array, ratio: number): number {
  let total = 0;
  for (const count of histogram) total += count;
  let seen = 0;
  for (let slot = 0; slot < histogram.length; slot++) {
    const count = histogram[slot]!;
    if (count > 0 && seen + count >= ratio * total) {
      const within = (ratio * total - seen) / count;
      return slotStart(slot) + within * (slotStart(slot + 1) - slotStart(slot));
    }
    seen += count;
  }
  return 0;
}

/** Counts between bounds: below the first, between each and the next, and from the last on. */
export function countsBetween(histogram: Float64Array, upTo: readonly number[]): number[] {
  const counts = new Array<number>(upTo.length + 1).fill(0);
  let interval = 0;
  for (let slot = 0; slot < histogram.length; slot++) {
    while (interval < upTo.length && slotStart(slot) >= upTo[interval]!) interval++;
    counts[interval]! += histogram[slot]!;
  }
  return counts;
}
