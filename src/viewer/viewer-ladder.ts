/** The ladder as viewers see it, in columns: rung 0 is the lowest. */
import { assert } from "../base/assert.ts";
import { log } from "../base/float.ts";
import type { Viewers } from "./viewers.ts";

export interface ViewerLadder {
  readonly rungCount: number;
  /** BANDWIDTH: no segment's rate is above. */
  readonly peakBitsPerSec: readonly number[];
  /** AVERAGE-BANDWIDTH. */
  readonly averageBitsPerSec: readonly number[];
  readonly segmentDurationMs: number;
  /** EXT-X-TARGETDURATION. */
  readonly targetDurationMs: number;

  /** The peaks again, in the unit of BOLA's authors: kbps, which is bits a millisecond. */
  readonly peakKbps: readonly number[];
  /** What a rung is worth to BOLA: ln(rate / lowest rate). */
  readonly utility: readonly number[];
  /** The same for BOLA-E, which counts from 1. */
  readonly utilityFromOne: readonly number[];
  /** BOLA's gamma p: what it gives for not stalling, in utilities. */
  readonly gammaP: number;
  /**
   * The buffer that BOLA plans with. A live viewer holds three target durations at most: it starts
   * that far behind the live edge, or as far as it was told to.
   */
  readonly bufferMsTarget: number;
  /** Whether `throughput` and BOLA-E refuse rungs whose segment the buffer might not outlast. */
  readonly hasBufferRule: boolean;
}

/** The parameter gamma p that BOLA's authors use. */
export const defaultGammaP = 5;
/** As live-following.ts starts, and the implied HOLD-BACK of RFC 8216bis. */
const bufferTargetDurations = 3;

/** A ladder from rates in rising order of peak. */
export function createViewerLadder(of: {
  peakBitsPerSec: readonly number[];
  averageBitsPerSec: readonly number[];
  segmentDurationMs: number;
  targetDurationMs: number;
  bufferMsTarget?: number;
}): ViewerLadder {
  const { targetDurationMs } = of;
  const peakBitsPerSec = [...of.peakBitsPerSec];
  const averageBitsPerSec = [...of.averageBitsPerSec];
  assert(peakBitsPerSec.length > 0, "a ladder has a rung");
  assert(peakBitsPerSec.length === averageBitsPerSec.length, "every rung has both rates");
  assert(
    peakBitsPerSec.every((rate, i) => i === 0 || rate >= peakBitsPerSec[i - 1]!),
    "rungs rise",
  );
  const utility = peakBitsPerSec.map((rate) => log(rate / peakBitsPerSec[0]!));
  return {
    rungCount: peakBitsPerSec.length,
    peakBitsPerSec,
    averageBitsPerSec,
    peakKbps: peakBitsPerSec.map((rate) => rate / 1000),
    utility,
    utilityFromOne: utility.map((value) => value + 1),
    gammaP: defaultGammaP,
    hasBufferRule: true,
    segmentDurationMs: of.segmentDurationMs,
    targetDurationMs,
    bufferMsTarget: of.bufferMsTarget ?? bufferTargetDurations * targetDurationMs,
  };
}

/** The ladder with other durations; its rates, which take the time, are not worked out again. */
export function withDurations(
  ladder: ViewerLadder,
  of: Pick<ViewerLadder, "segmentDurationMs" | "targetDurationMs" | "bufferMsTarget">,
): ViewerLadder {
  return { ...ladder, ...of };
}

/**
 * An ABR rule: the index of the rung for the next segment. Rules change no columns but those named
 * after them (`rule…`); further numbers are the rule's own parameters.
 */
export type RungRule = (
  viewers: Viewers,
  i: number,
  ladder: ViewerLadder,
  nowMs: number,
  ...parameters: number[]
) => number;
