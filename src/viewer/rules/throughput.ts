/** The plain throughput rule: the highest rung within a part of the estimate. */
import { throughputBitsPerSec } from "../throughput-estimator.ts";
import type { ViewerLadder } from "../viewer-ladder.ts";
import type { Viewers } from "../viewers.ts";

/** The highest rung whose peak fits into `safetyRatio` of the estimate, else the lowest. */
export function throughput(
  viewers: Viewers,
  i: number,
  ladder: ViewerLadder,
  _nowMs: number,
  safetyRatio: number,
): number {
  const budget = throughputBitsPerSec(viewers, i) * safetyRatio;
  let rung = ladder.rungCount - 1;
  while (rung > 0 && ladder.peakBitsPerSec[rung]! > budget) rung--;
  return rung;
}
