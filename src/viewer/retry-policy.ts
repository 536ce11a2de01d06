/**
 * When a player asks again for what it did not get, after the load policies of hls.js 1.7.4
 * (config.ts, utils/error-helper.ts): timeouts at once, errors after a pause that doubles, and each
 * only so often before the player gives up.
 */
import type { Viewers } from "./viewers.ts";

/** What was asked for. */
export const requested = { multivariant: 0, playlist: 1, segment: 2 } as const;

/** Longest wait for a first byte, and for the whole, by `requested`; ms. */
export const firstByteMsMax = [Infinity, 10_000, 10_000] as const;
export const loadMsMax = [20_000, 20_000, 120_000] as const;

const timeoutRetriesMax = [2, 2, 4] as const;
const errorRetriesMax = [1, 2, 6] as const;
const errorPauseMs = 1_000;
const errorPauseMsMax = 8_000;

/** The pause before attempt `attempt` + 1, counted from 0; -1 when the player gives up. */
export function retryPauseMs(what: number, isTimeout: boolean, attempt: number): number {
  const retriesMax = (isTimeout ? timeoutRetriesMax : errorRetriesMax)[what]!;
  if (attempt >= retriesMax) return -1;
  return isTimeout ? 0 : Math.min(errorPauseMs * 2 ** attempt, errorPauseMsMax);
}

/**
 * A request of viewer i failed at `nowMs`: the next one waits. Returns whether there is a next one;
 * hls.js counts timeouts and errors of a kind together.
 */
export function retryAfterFailure(
  viewers: Viewers,
  i: number,
  nowMs: number,
  what: number,
  isTimeout: boolean,
): boolean {
  const attempt = viewers.attemptCount[i]!;
  const pauseMs = retryPauseMs(what, isTimeout, attempt);
  viewers.failureCount[i] = viewers.failureCount[i]! + 1;
  if (pauseMs < 0) return false;
  viewers.attemptCount[i] = attempt + 1;
  viewers.retryAtMs[i] = nowMs + pauseMs;
  return true;
}
