/** BOLA's objective (K. Spiteri and others, "BOLA", INFOCOM 2016): utility against buffer, a bit. */
import type { ViewerLadder } from "../viewer-ladder.ts";

/** The rung with the best score at a buffer of `levelMs`; the lowest of equals. */
export function bestRung(
  ladder: ViewerLadder,
  utility: readonly number[],
  vMs: number,
  gammaP: number,
  levelMs: number,
): number {
  const { rungCount, peakKbps } = ladder;
  let best = 0;
  let bestScore = -Infinity;
  for (let rung = 0; rung < rungCount; rung++) {
    const score = (vMs * (utility[rung]! + gammaP) - levelMs) / peakKbps[rung]!;
    if (score > bestScore) {
      best = rung;
      bestScore = score;
    }
  }
  return best;
}

/**
 * The lower rung that beats what is missing of a download, at a buffer of `levelMs`; -1 where none
 * does. A rung whose whole segment is more than what is missing is never better.
 */
export function betterRungThanRest(
  ladder: ViewerLadder,
  utility: readonly number[],
  vMs: number,
  gammaP: number,
  levelMs: number,
  rung: number,
  bits: number,
  missingBits: number,
): number {
  const { peakKbps } = ladder;
  let best = -1;
  let bestScore = (vMs * (gammaP + utility[rung]!) - levelMs) / missingBits;
  for (let lower = 0; lower < rung; lower++) {
    const lowerBits = (bits * peakKbps[lower]!) / peakKbps[rung]!;
    const score = (vMs * (gammaP + utility[lower]!) - levelMs) / lowerBits;
    if (lowerBits < missingBits && score > bestScore) {
      best = lower;
      bestScore = score;
    }
  }
  return best;
}
