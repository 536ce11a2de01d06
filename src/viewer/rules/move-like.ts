/**
 * A careful client of 2008, after what viewers said of Move Networks' player: it starts at the
 * lowest rung, goes up one rung a segment, and down at once. The real rule was not published.
 */
import { throughputBitsPerSec } from "../throughput-estimator.ts";
import type { ViewerLadder } from "../viewer-ladder.ts";
import type { Viewers } from "../viewers.ts";

/** Part of the estimate that a rung may need. */
const safetyRatio = 0.8;

export function moveLike(viewers: Viewers, i: number, ladder: ViewerLadder): number {
  const before = viewers.rungIndex[i]!;
  if (before < 0) return 0;
  const budget = throughputBitsPerSec(viewers, i) * safetyRatio;
  let rung = Math.min(before + 1, ladder.rungCount - 1);
  while (rung > 0 && ladder.peakBitsPerSec[rung]! > budget) rung--;
  return rung;
}
