/**
 * Sabre's dynamic rule: `throughput` while the buffer is low and it offers more than BOLA, which
 * takes over when the buffer is high and it offers as much. `ruleMode` says who is in charge. It
 * gives up downloads as `throughput` does.
 */
import type { ViewerLadder } from "../viewer-ladder.ts";
import type { Viewers } from "../viewers.ts";
import { bola } from "./bola.ts";
import { throughput } from "./throughput.ts";

/**
 * A buffer above this is high, below it low. Live buffers are mostly shorter, so there the
 * throughput decides; BOLA in charge of 4 s stalled for 4 % of the time (200 kbps, lowest rung 150).
 */
const switchMs = 10_000;

/** The bit of `ruleMode` that is set while BOLA is in charge. */
const bolaInCharge = 2;

export function dynamic(viewers: Viewers, i: number, ladder: ViewerLadder, nowMs: number): number {
  const levelMs = viewers.bufferMs[i]!;
  const ofBola = bola(viewers, i, ladder);
  const ofThroughput = throughput(viewers, i, ladder, nowMs);
  let isBola = viewers.ruleMode[i] === bolaInCharge;
  // A buffer that is full to BOLA has it wait, and live viewers who fell behind do not.
  if (levelMs > ladder.bufferMsTarget - ladder.segmentDurationMs / 2) isBola = false;
  else if (isBola) isBola = levelMs >= switchMs || ofBola >= ofThroughput;
  else isBola = levelMs > switchMs && ofBola >= ofThroughput;
  viewers.ruleMode[i] = isBola ? bolaInCharge : 0;
  return isBola ? ofBola : ofThroughput;
}
