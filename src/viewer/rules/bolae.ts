/**
 * BOLA-E as Sabre has it: BOLA on the buffer plus a placeholder, which stands for media that would
 * be there had there been no reason to wait. So it also works where the live edge keeps the buffer
 * short: each wait for the next segment grows the placeholder. `rulePlaceholderMs` holds it,
 * `ruleRung` the rung of the last download, `ruleBolaSafetyRatio` what the buffer rule counts on
 * next, `ruleSinceMs` up to when waits are counted.
 */
import type { ViewerLadder } from "../viewer-ladder.ts";
import type { Viewers } from "../viewers.ts";
import { bestRung, betterRungThanRest } from "./bola-score.ts";
import { rungWithin, rungWithinBuffer, takeSafetyRatio } from "./rung-limits.ts";

/** The bit of `ruleMode` that is set once there was an estimate to start from. */
export const bolaeStarted = 1;

/** The buffer below which the lowest rung is best, and what each rung adds at least. */
const lowestRungMs = 10_000;
const msPerRung = 2_000;

export function bolae(viewers: Viewers, i: number, ladder: ViewerLadder, nowMs: number): number {
  bolaeCountWait(viewers, i, nowMs);
  const { rulePlaceholderMs, ruleMode } = viewers;
  viewers.ruleDelayMs[i] = 0;
  const kbps = viewers.estimateKbps[i]!;
  if (kbps === 0) return viewers.ruleRung[i]!;
  const levelMs = viewers.bufferMs[i]!;
  const sustained = rungWithin(viewers, i, ladder, kbps);
  if ((ruleMode[i]! & bolaeStarted) === 0) {
    ruleMode[i] = ruleMode[i]! | bolaeStarted;
    rulePlaceholderMs[i] = Math.max(0, levelMsMin(ladder, sustained) - levelMs);
    return sustained;
  }
  const gammaP = bolaeGammaP(ladder);
  const effectiveMs = levelMs + rulePlaceholderMs[i]!;
  const before = viewers.ruleRung[i]!;
  let rung = bestRung(ladder, ladder.utilityFromOne, bolaeVMs(ladder), gammaP, effectiveMs);
  if (rung > before && rung > sustained) rung = Math.max(before, sustained) + 1;
  takeFromPlaceholder(viewers, i, ladder, rung);
  if (!ladder.hasBufferRule) return rung;
  const safetyRatio = takeSafetyRatio(viewers.ruleBolaSafetyRatio, i);
  const safe = rungWithinBuffer(viewers, i, ladder, rung, safetyRatio);
  if (safe < rung) {
    viewers.ruleDelayMs[i] = 0;
    shrinkPlaceholder(viewers, i, levelMsMin(ladder, safe) - levelMs);
  }
  return safe;
}

/** What more than the rung is worth is taken from the placeholder; the rest would be a delay. */
function takeFromPlaceholder(
  viewers: Viewers,
  i: number,
  ladder: ViewerLadder,
  rung: number,
): void {
  const placeholderMs = viewers.rulePlaceholderMs[i]!;
  const excessMs = viewers.bufferMs[i]! + placeholderMs - levelMsMax(ladder, rung);
  if (excessMs <= 0) return;
  if (excessMs <= placeholderMs) {
    viewers.rulePlaceholderMs[i] = placeholderMs - excessMs;
    return;
  }
  viewers.rulePlaceholderMs[i] = 0;
  if (rung < ladder.rungCount - 1) viewers.ruleDelayMs[i] = excessMs - placeholderMs;
}

/** A segment of `rung` came, `downloadMs` after its request, and is in the buffer. */
export function bolaeDownloaded(
  viewers: Viewers,
  i: number,
  ladder: ViewerLadder,
  nowMs: number,
  rung: number,
  downloadMs: number,
): void {
  viewers.ruleSinceMs[i] = nowMs;
  viewers.ruleRung[i] = rung;
  const levelMs = viewers.bufferMs[i]!;
  const levelMsBefore = levelMs + downloadMs;
  shrinkPlaceholder(viewers, i, levelMsMax(ladder, rung) - levelMsBefore);
  // Another rule may have chosen the rung; but a stall is no reason to grow the placeholder.
  if (levelMs <= 0) return;
  const placeholderMsMin = levelMsMin(ladder, rung) - levelMsBefore;
  viewers.rulePlaceholderMs[i] = Math.max(viewers.rulePlaceholderMs[i]!, placeholderMsMin);
}

/** A download of `rung` was given up for one of `lower`: something is wrong, so be careful. */
export function bolaeAbandoned(
  viewers: Viewers,
  i: number,
  ladder: ViewerLadder,
  nowMs: number,
  rung: number,
  lower: number,
): void {
  viewers.ruleSinceMs[i] = nowMs;
  viewers.ruleRung[i] = rung;
  const wantedMs = lower > 0 ? levelMsMin(ladder, lower) : lowestRungMs;
  shrinkPlaceholder(viewers, i, wantedMs - viewers.bufferMs[i]!);
}

/** Whether to give up a download: the rung to take instead, or -1 to go on. */
export function bolaeAbandonTo(
  viewers: Viewers,
  i: number,
  ladder: ViewerLadder,
  rung: number,
  bits: number,
  receivedBits: number,
  elapsedMs: number,
  firstByteMs: number,
  bufferMs: number,
): number {
  const missingBits = bits - receivedBits;
  if (receivedBits <= 0 || missingBits <= 0) return -1;
  // A new request waits anew: the buffer is judged as it will be then, and so is what is missing.
  const levelMs = Math.max(0, bufferMs + viewers.rulePlaceholderMs[i]! - firstByteMs);
  const kbps = receivedBits / (elapsedMs - firstByteMs);
  const missingBitsThen = missingBits - firstByteMs * kbps;
  if (missingBitsThen <= 0) return -1;
  return betterRungThanRest(
    ladder,
    ladder.utilityFromOne,
    bolaeVMs(ladder),
    bolaeGammaP(ladder),
    levelMs,
    rung,
    bits,
    missingBitsThen,
  );
}

/** Adds the time since the last download, or choice, to the placeholder. */
export function bolaeCountWait(viewers: Viewers, i: number, nowMs: number): void {
  const waitMs = nowMs - viewers.ruleSinceMs[i]!;
  viewers.ruleSinceMs[i] = nowMs;
  if (waitMs <= 0 || (viewers.ruleMode[i]! & bolaeStarted) === 0) return;
  viewers.rulePlaceholderMs[i] = viewers.rulePlaceholderMs[i]! + waitMs;
}

function shrinkPlaceholder(viewers: Viewers, i: number, msMax: number): void {
  viewers.rulePlaceholderMs[i] = Math.min(Math.max(0, msMax), viewers.rulePlaceholderMs[i]!);
}

/** The effective buffer from which on BOLA prefers `rung` to each lower one. */
function levelMsMin(ladder: ViewerLadder, rung: number): number {
  const { peakKbps, utilityFromOne } = ladder;
  const kbps = peakKbps[rung]!;
  const utility = utilityFromOne[rung]!;
  const vMs = bolaeVMs(ladder);
  const gammaP = bolaeGammaP(ladder);
  let levelMs = 0;
  for (let lower = 0; lower < rung; lower++) {
    const lowerKbps = peakKbps[lower]!;
    const lowerUtility = utilityFromOne[lower]!;
    if (lowerUtility >= utility) continue;
    const cross = (kbps * lowerUtility - lowerKbps * utility) / (kbps - lowerKbps);
    levelMs = Math.max(levelMs, vMs * (gammaP + cross));
  }
  return levelMs;
}

/** The effective buffer from which on BOLA would rather wait than fetch `rung`. */
function levelMsMax(ladder: ViewerLadder, rung: number): number {
  return bolaeVMs(ladder) * (ladder.utilityFromOne[rung]! + bolaeGammaP(ladder));
}

function bolaeGammaP(ladder: ViewerLadder): number {
  if (!ladder.hasBufferRule) return ladder.gammaP - 1;
  const bufferMs = Math.max(lowestRungMs + msPerRung * ladder.rungCount, ladder.bufferMsTarget);
  return (ladder.utilityFromOne[ladder.rungCount - 1]! - 1) / (bufferMs / lowestRungMs - 1);
}

function bolaeVMs(ladder: ViewerLadder): number {
  const gammaP = bolaeGammaP(ladder);
  if (ladder.hasBufferRule) return lowestRungMs / gammaP;
  const utilityMax = ladder.utilityFromOne[ladder.rungCount - 1]!;
  return (ladder.bufferMsTarget - ladder.segmentDurationMs) / (utilityMax + gammaP);
}
