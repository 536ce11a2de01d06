/**
 * How long people stay: of their own accord, waiting for the first picture, and after stalls. Each
 * function makes a duration of a random number within 0 and 1, so that who draws it decides how.
 */
import { log } from "../base/float.ts";

/** Stays are exponential: each minute the same share leaves; Infinity when nobody does. */
export function stayMs(random: number, leavePerMinRatio: number): number {
  return leavePerMinRatio === 0 ? Infinity : (-60_000 / leavePerMinRatio) * log(random);
}

/**
 * How long a viewer waits for a picture: nobody leaves within `graceSec`, then the same share each
 * second (Krishnan and Sitaraman, IMC 2012: 2 s, then 5.8 % a second).
 */
export function startPatienceMs(
  random: number,
  graceSec: number,
  leavePerSecRatio: number,
): number {
  if (leavePerSecRatio === 0) return Infinity;
  return 1_000 * (graceSec - log(random) / leavePerSecRatio);
}

/** By how much a stall shortens a stay (the same: 1 % of stalling makes 5 % less watching). */
export function shortenedByMs(stallMs: number, secPerSec: number): number {
  return stallMs * secPerSec;
}
