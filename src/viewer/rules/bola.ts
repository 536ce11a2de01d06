/**
 * BOLA as Sabre has it: it plans with a smaller buffer near both ends of the media, and goes up at
 * most one rung above what the throughput sustains. `ruleRung` holds its last choice.
 */
import type { ViewerLadder } from "../viewer-ladder.ts";
import type { Viewers } from "../viewers.ts";
import { bestRung, betterRungThanRest } from "./bola-score.ts";
import { rungWithin } from "./rung-limits.ts";

/** The smallest buffer it plans with, in segments. */
const plannedSegmentsMin = 3;

export function bola(viewers: Viewers, i: number, ladder: ViewerLadder): number {
  return bolaWithin(viewers, i, ladder, plannedBufferMs(viewers, i, ladder));
}

/** The choice of a BOLA that plans with a buffer of `bufferMs`. */
export function bolaWithin(
  viewers: Viewers,
  i: number,
  ladder: ViewerLadder,
  bufferMs: number,
): number {
  const kbps = viewers.estimateKbps[i]!;
  if (kbps === 0) return 0;
  const { utility, gammaP } = ladder;
  const vMs = bolaVMs(ladder, bufferMs);
  const before = viewers.ruleRung[i]!;
  let rung = bestRung(ladder, utility, vMs, gammaP, viewers.bufferMs[i]!);
  if (rung > before) {
    const sustained = rungWithin(viewers, i, ladder, kbps);
    if (rung > sustained) rung = before > sustained ? before : sustained + 1;
  }
  viewers.ruleRung[i] = rung;
  return rung;
}

/** Whether to give up a download: the rung to take instead, or -1 to go on. */
export function bolaAbandonTo(
  viewers: Viewers,
  i: number,
  ladder: ViewerLadder,
  rung: number,
  bits: number,
  receivedBits: number,
  _elapsedMs: number,
  _firstByteMs: number,
  bufferMs: number,
): number {
  const missingBits = bits - receivedBits;
  if (receivedBits <= 0 || missingBits <= 0) return -1;
  const { utility, gammaP } = ladder;
  const vMs = bolaVMs(ladder, plannedBufferMs(viewers, i, ladder));
  if (vMs * (gammaP + utility[rung]!) < bufferMs) return -1;
  const lower = betterRungThanRest(ladder, utility, vMs, gammaP, bufferMs, rung, bits, missingBits);
  if (lower >= 0) viewers.ruleRung[i] = lower;
  return lower;
}

/** BOLA's V: the buffer at which the best rung is as good as waiting is Vms (utility + gamma p). */
function bolaVMs(ladder: ViewerLadder, bufferMs: number): number {
  const { utility, rungCount, gammaP, segmentDurationMs } = ladder;
  return (bufferMs - segmentDurationMs) / (utility[rungCount - 1]! + gammaP);
}

/** Half of what was fetched, or of what is left to fetch if that is less, within limits. */
function plannedBufferMs(viewers: Viewers, i: number, ladder: ViewerLadder): number {
  const endMsn = viewers.endMsn[i]!;
  const leftCount = endMsn < 0 ? Infinity : endMsn + 1 - viewers.nextMsn[i]!;
  const count = Math.min(viewers.segmentCount[i]!, leftCount);
  const plannedMs = Math.max(count / 2, plannedSegmentsMin) * ladder.segmentDurationMs;
  return Math.min(ladder.bufferMsTarget, plannedMs);
}
