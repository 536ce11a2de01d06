/** How k6 is told which segment of a test it runs. */

/** What trends must say so that they can be merged, and what thresholds ask of them. */
export const mergeableTrendStats = "avg,min,med,max,p(95),p(99),count";

/** Options of `k6 run` for segment `index` (from 0) of so many; no thresholds, which are for the whole. */
export function segmentArguments(index: number, segmentCount: number): string[] {
  const cut = (n: number): string =>
    n === 0 ? "0" : n === segmentCount ? "1" : `${n}/${segmentCount}`;
  const cuts = Array.from({ length: segmentCount + 1 }, (_, n) => cut(n));
  return [
    ...["--execution-segment", `${cut(index)}:${cut(index + 1)}`],
    ...["--execution-segment-sequence", cuts.join(",")],
    ...["--summary-trend-stats", mergeableTrendStats],
    "--no-thresholds",
  ];
}
