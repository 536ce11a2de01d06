/** How k6 is told which segment of a test it runs, and how its summary says which that was. */

/** What trends must say so that they can be merged, and what thresholds ask of them. */
export const mergeableTrendStats = "avg,min,med,max,p(95),p(99),count";

/** As options of k6 have it: "1/3:2/3" of "0,1/3,2/3,1". */
export interface ExecutionSegment {
  segment: string;
  sequence: string;
}

/** Segment `index` (from 0) of so many. */
export function executionSegment(index: number, segmentCount: number): ExecutionSegment {
  const cut = (n: number): string =>
    n === 0 ? "0" : n === segmentCount ? "1" : `${n}/${segmentCount}`;
  const cuts = Array.from({ length: segmentCount + 1 }, (_, n) => cut(n));
  return { segment: `${cut(index)}:${cut(index + 1)}`, sequence: cuts.join(",") };
}

/** Options of `k6 run` for it; no thresholds, which are for the whole. */
export function segmentArguments(index: number, segmentCount: number): string[] {
  const { segment, sequence } = executionSegment(index, segmentCount);
  return [
    ...["--execution-segment", segment],
    ...["--execution-segment-sequence", sequence],
    ...["--summary-trend-stats", mergeableTrendStats],
    "--no-thresholds",
  ];
}

/** Which one it is, from 1, and of how many; k6 shortens fractions. Undefined where it is none. */
export function segmentNumber({
  segment,
  sequence,
}: ExecutionSegment): { number: number; count: number } | undefined {
  const cuts = sequence.split(",");
  const number = cuts.findIndex((to, n) => n > 0 && `${cuts[n - 1]!}:${to}` === segment);
  return number < 1 ? undefined : { number, count: cuts.length - 1 };
}
