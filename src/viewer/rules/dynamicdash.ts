/**
 * The dynamic rule of dash.js as Sabre has it: BOLA-E from a high buffer on, `throughput` from a
 * low one on. `ruleMode` says who is in charge; BOLA-E looks on meanwhile.
 */
import type { ViewerLadder } from "../viewer-ladder.ts";
import type { Viewers } from "../viewers.ts";
import { bolae, bolaeAbandonTo, bolaeCountWait } from "./bolae.ts";
import { throughput, throughputAbandonTo } from "./throughput.ts";

/** When it leaves BOLA-E and goes over to it in Sabre, which has a buffer of 25 s by default. */
export const sabreLowMs = 5_000;
export const sabreHighMs = 10_000;
/** The same parts of a shorter buffer, as live viewers have it. */
const lowRatio = 0.2;
const highRatio = 0.4;

/** The bit of `ruleMode` that is set while BOLA-E is in charge; the lowest one is BOLA-E's own. */
const bolaeInCharge = 2;

export function dynamicdash(
  viewers: Viewers,
  i: number,
  ladder: ViewerLadder,
  nowMs: number,
  lowMs = Math.min(sabreLowMs, lowRatio * ladder.bufferMsTarget),
  highMs = Math.min(sabreHighMs, highRatio * ladder.bufferMsTarget),
): number {
  const { ruleMode } = viewers;
  const levelMs = viewers.bufferMs[i]!;
  if (isBolae(viewers, i)) {
    if (levelMs < lowMs) ruleMode[i] = ruleMode[i]! & ~bolaeInCharge;
  } else if (levelMs > highMs) {
    ruleMode[i] = ruleMode[i]! | bolaeInCharge;
  }
  if (isBolae(viewers, i)) return bolae(viewers, i, ladder, nowMs);
  bolaeCountWait(viewers, i, nowMs);
  viewers.ruleDelayMs[i] = 0;
  return throughput(viewers, i, ladder, nowMs);
}

/** Whether to give up a download: the rung to take instead, or -1 to go on. */
export function dynamicdashAbandonTo(
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
  const abandonTo = isBolae(viewers, i) ? bolaeAbandonTo : throughputAbandonTo;
  return abandonTo(viewers, i, ladder, rung, bits, receivedBits, elapsedMs, firstByteMs, bufferMs);
}

function isBolae(viewers: Viewers, i: number): boolean {
  return (viewers.ruleMode[i]! & bolaeInCharge) !== 0;
}
