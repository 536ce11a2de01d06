/** Scales and ticks of charts. */

export type Scale = (value: number) => number;

/** Maps 0 … max to from … to; a max of 0 maps everything to `from`. */
export function scaleOf(max: number, from: number, to: number): Scale {
  return (value) => (max === 0 ? from : from + (value / max) * (to - from));
}

/** Round values from 0 to the first at or above `max`, about `count` of them. */
export function valueTicks(max: number, count: number): number[] {
  if (!(max > 0)) return [0, 1];
  const rough = max / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= rough * 0.999) ?? rough;
  const steps = Math.ceil((max / step) * 0.999_999);
  // Products rather than sums: 3 × 0.1 must read 0.3.
  return Array.from({ length: steps + 1 }, (_, i) => Number((i * step).toPrecision(6)));
}

const timeStepsSec = [
  ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900],
  ...[1_200, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200],
];

/** Instants within `durationSec` for at most `countMax` labels, at steps that clocks have. */
export function timeTicks(durationSec: number, countMax: number): number[] {
  const step =
    timeStepsSec.find((one) => durationSec / one <= countMax) ?? Math.ceil(durationSec / countMax);
  return Array.from({ length: Math.floor(durationSec / step) + 1 }, (_, i) => i * step);
}
