/**
 * The throughput rule of Sabre and dash.js: the highest rung within a part of the estimate, unless
 * the buffer might not outlast its segment. `ruleSafetyRatio` holds what the next choice counts on.
 */
import type { ViewerLadder } from "../viewer-ladder.ts";
import type { Viewers } from "../viewers.ts";
import { rungWithin, rungWithinBuffer, takeSafetyRatio } from "./rung-limits.ts";

const safetyRatioDefault = 0.9;
/** A download is given up after this, when it would last so many segment durations in all. */
const abandonGraceMs = 500;
const abandonDurations = 1.8;

/** `safetyRatio` is the part of the estimate that a rung may need. */
export function throughput(
  viewers: Viewers,
  i: number,
  ladder: ViewerLadder,
  _nowMs: number,
  safetyRatio = safetyRatioDefault,
): number {
  const kbps = viewers.estimateKbps[i]!;
  if (kbps === 0) return 0;
  const rung = rungWithin(viewers, i, ladder, kbps * safetyRatio);
  if (!ladder.hasBufferRule) return rung;
  const ratio = takeSafetyRatio(viewers.ruleSafetyRatio, i);
  return rungWithinBuffer(viewers, i, ladder, rung, ratio);
}

/** Whether to give up a download: the rung to take instead, or -1 to go on. */
export function throughputAbandonTo(
  viewers: Viewers,
  i: number,
  ladder: ViewerLadder,
  rung: number,
  bits: number,
  receivedBits: number,
  elapsedMs: number,
  firstByteMs: number,
): number {
  const receivingMs = elapsedMs - firstByteMs;
  if (elapsedMs < abandonGraceMs || receivingMs <= 0) return -1;
  const kbps = receivedBits / receivingMs;
  const missingBits = bits - receivedBits;
  const projectedMs = elapsedMs + missingBits / kbps;
  if (projectedMs <= abandonDurations * ladder.segmentDurationMs) return -1;
  const lower = rungWithin(viewers, i, ladder, kbps * safetyRatioDefault);
  const lowerBits = (bits * ladder.peakKbps[lower]!) / ladder.peakKbps[rung]!;
  return lower >= rung || lowerBits >= missingBits ? -1 : lower;
}
