/**
 * The rung choice of hls.js 1.7.4 (controller/abr-controller.ts, findBestLevel) for a live feed
 * whose rungs have one codec and frame rate. Its emergency switch within a running download is not
 * here: a rule chooses between downloads.
 */
import { canEstimate, throughputBitsPerSec } from "../throughput-estimator.ts";
import type { ViewerLadder } from "../viewer-ladder.ts";
import type { Viewers } from "../viewers.ts";

/** abrBandWidthFactor: part of the estimate that staying or stepping down may need. */
export const stayRatio = 0.95;
/** abrBandWidthUpFactor: part of the estimate that stepping up may need. */
export const upRatio = 0.7;

/** The rung that hls.js would load next. */
export function hlsjs(viewers: Viewers, i: number, ladder: ViewerLadder): number {
  const estimate = throughputBitsPerSec(viewers, i);
  const base = viewers.rungIndex[i]!;
  if (base < 0 || !canEstimate(viewers, i)) {
    return highestWithin(ladder.peakBitsPerSec, base, estimate, estimate);
  }
  // With two segments in the buffer the average rate decides, else the peak.
  const isDeep = viewers.bufferMs[i]! >= 2 * ladder.segmentDurationMs;
  const rates = isDeep ? ladder.averageBitsPerSec : ladder.peakBitsPerSec;
  return highestWithin(rates, base, estimate * stayRatio, estimate * upRatio);
}

/** The highest rung within `stayBudget`, or within `upBudget` when it is above `base`; else 0. */
function highestWithin(
  bitsPerSec: readonly number[],
  base: number,
  stayBudget: number,
  upBudget: number,
): number {
  for (let rung = bitsPerSec.length - 1; rung > 0; rung--) {
    if ((rung > base ? upBudget : stayBudget) >= bitsPerSec[rung]!) return rung;
  }
  return 0;
}
