/** The ladder as viewers see it, in columns: rung 0 is the lowest. */
import { assert } from "../base/assert.ts";
import type { Viewers } from "./viewers.ts";

export interface ViewerLadder {
  readonly rungCount: number;
  /** BANDWIDTH: no segment's rate is above. */
  readonly peakBitsPerSec: Float64Array;
  /** AVERAGE-BANDWIDTH. */
  readonly averageBitsPerSec: Float64Array;
  readonly segmentDurationMs: number;
  /** EXT-X-TARGETDURATION. */
  readonly targetDurationMs: number;
}

/** A ladder from rates in rising order of peak. */
export function createViewerLadder(of: {
  peakBitsPerSec: readonly number[];
  averageBitsPerSec: readonly number[];
  segmentDurationMs: number;
  targetDurationMs: number;
}): ViewerLadder {
  const { peakBitsPerSec, averageBitsPerSec } = of;
  assert(peakBitsPerSec.length > 0, "a ladder has a rung");
  assert(peakBitsPerSec.length === averageBitsPerSec.length, "every rung has both rates");
  assert(
    peakBitsPerSec.every((rate, i) => i === 0 || rate >= peakBitsPerSec[i - 1]!),
    "rungs rise",
  );
  return {
    rungCount: peakBitsPerSec.length,
    peakBitsPerSec: Float64Array.from(peakBitsPerSec),
    averageBitsPerSec: Float64Array.from(averageBitsPerSec),
    segmentDurationMs: of.segmentDurationMs,
    targetDurationMs: of.targetDurationMs,
  };
}

/**
 * An ABR rule: the index of the rung for the next segment. Rules read columns and change none;
 * further numbers are the rule's own parameters.
 */
export type RungRule = (
  viewers: Viewers,
  i: number,
  ladder: ViewerLadder,
  nowMs: number,
  ...parameters: number[]
) => number;
