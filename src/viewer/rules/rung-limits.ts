/**
 * The two limits that the rules of BOLA's authors share (K. Spiteri and others, "From Theory to
 * Practice", MMSys 2018; Sabre and dash.js): what the throughput sustains, and what the buffer
 * outlasts.
 */
import type { ViewerLadder } from "../viewer-ladder.ts";
import type { Viewers } from "../viewers.ts";

/** Part of the estimate that the buffer rule counts on: in the first choice, and at least. */
const safetyRatioFirst = 0.9;
const safetyRatioMin = 0.5;
/** It shrinks by this from choice to choice. */
const safetyDecay = 0.9;

/** The highest rung of which `kbps` carry a segment, with its wait, in a segment's duration. */
export function rungWithin(
  viewers: Viewers,
  i: number,
  ladder: ViewerLadder,
  kbps: number,
): number {
  const { rungCount, peakKbps, segmentDurationMs } = ladder;
  const waitMs = viewers.estimateFirstByteMs[i]!;
  let rung = 0;
  while (
    rung + 1 < rungCount &&
    waitMs + (segmentDurationMs * peakKbps[rung + 1]!) / kbps <= segmentDurationMs
  ) {
    rung++;
  }
  return rung;
}

/** The highest rung up to `rung` whose segment comes before the buffer is empty, safely. */
export function rungWithinBuffer(
  viewers: Viewers,
  i: number,
  ladder: ViewerLadder,
  rung: number,
  safetyRatio: number,
): number {
  const { peakKbps, segmentDurationMs } = ladder;
  const ahead = viewers.bufferMs[i]! - viewers.estimateFirstByteMs[i]!;
  const safeBits = safetyRatio * ahead * viewers.estimateKbps[i]!;
  for (let lower = 0; lower < rung; lower++) {
    if (peakKbps[lower + 1]! * segmentDurationMs > safeBits) return lower;
  }
  return rung;
}

/** The safety ratio to use now, from a column that starts at 0; the next one is put there. */
export function takeSafetyRatio(column: Float64Array, i: number): number {
  const ratio = column[i] === 0 ? safetyRatioFirst : column[i]!;
  column[i] = Math.max(ratio * safetyDecay, safetyRatioMin);
  return ratio;
}
