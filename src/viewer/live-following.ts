/**
 * How a viewer follows a live feed, after hls.js 1.7.4: where it starts, which segment it wants
 * next, and when it asks for the playlist again (utils/level-helper.ts computeReloadInterval,
 * controller/base-playlist-controller.ts). Polls are due on the viewer's own phase: a slow answer
 * does not move the next one.
 */
import type { Viewers } from "./viewers.ts";

/** liveSyncDurationCount, and the implied HOLD-BACK of RFC 8216bis: target durations. */
export const startDistanceTargetDurations = 3;
/** Within this many target durations of the edge, polls follow the last segment's duration. */
const nearEdgeTargetDurations = 4;
/** maxBufferLength of hls.js. */
const hlsjsBufferMsMax = 30_000;
/** errorRetry of hls.js: 1 s, doubled at each failure up to 8 s. */
const retryDelayMs = 1_000;
const retryDelayMsMax = 8_000;

/** What a viewer does next, as `nextAction` returns it. */
export const viewerAction = {
  /** Nothing before `wakeAtMs`. */
  wait: 0,
  /** Fetch the media playlist of `playlistRung`. */
  poll: 1,
  /** Fetch segment `nextMsn`. */
  fetch: 2,
} as const;

/** What viewer i does at `nowMs`: a value of `viewerAction`. */
export function nextAction(
  viewers: Viewers,
  i: number,
  nowMs: number,
  bufferMsMax = hlsjsBufferMsMax,
): number {
  if (nowMs < viewers.retryAtMs[i]!) return viewerAction.wait;
  if (!hasSeenEnd(viewers, i) && nowMs >= viewers.pollAtMs[i]!) return viewerAction.poll;
  if (wantsSegment(viewers, i) && viewers.bufferMs[i]! < bufferMsMax) return viewerAction.fetch;
  return viewerAction.wait;
}

/** When a viewer who waits has something to do, as far as it knows at `nowMs`. */
export function wakeAtMs(
  viewers: Viewers,
  i: number,
  nowMs: number,
  bufferMsMax = hlsjsBufferMsMax,
): number {
  if (viewers.retryAtMs[i]! > nowMs) return viewers.retryAtMs[i]!;
  const roomMs = wantsSegment(viewers, i)
    ? nowMs + Math.max(0, viewers.bufferMs[i]! - bufferMsMax)
    : Infinity;
  const pollMs = hasSeenEnd(viewers, i) ? nowMs + viewers.bufferMs[i]! + 1 : viewers.pollAtMs[i]!;
  return Math.min(roomMs, pollMs);
}

/**
 * The playlist of `playlistRung` has come: it lists up to `lastMsn`, whose duration is
 * `lastDurationMs`. An older playlist than one seen before counts as unchanged.
 */
export function acceptPlaylist(
  viewers: Viewers,
  i: number,
  nowMs: number,
  lastMsn: number,
  lastDurationMs: number,
  targetDurationMs: number,
): void {
  const isNews = lastMsn > viewers.lastMsn[i]!;
  if (isNews) viewers.lastMsn[i] = lastMsn;
  let intervalMs = targetDurationMs / 2;
  if (isNews) {
    const aheadCount = lastMsn + 1 - viewers.nextMsn[i]!;
    const distanceMs = viewers.bufferMs[i]! + aheadCount * lastDurationMs;
    const isNear = distanceMs < nearEdgeTargetDurations * targetDurationMs;
    intervalMs = isNear ? Math.min(lastDurationMs, targetDurationMs) : targetDurationMs;
  }
  viewers.pollAtMs[i] = Math.max(viewers.pollAtMs[i]! + intervalMs, nowMs);
  viewers.attemptCount[i] = 0;
}

/**
 * Chooses where to play: the hold-back before the end of the playlist, or its first segment
 * when it is shorter. `durationsMs` are those of the listed segments, the last of which is
 * `lastMsn`. A viewer who had a place already lost it to the moving window: that is a jump.
 */
export function chooseStart(
  viewers: Viewers,
  i: number,
  lastMsn: number,
  durationsMs: ArrayLike<number>,
  targetDurationMs: number,
  holdBackTargetDurations = startDistanceTargetDurations,
): void {
  const distanceMs = holdBackTargetDurations * targetDurationMs;
  let index = durationsMs.length;
  let behindMs = 0;
  while (index > 0 && behindMs < distanceMs) {
    index--;
    behindMs += durationsMs[index]!;
  }
  startAt(viewers, i, lastMsn + 1 - durationsMs.length + index, behindMs - distanceMs);
}

/** Makes `msn` the next one to fetch, of which the first `skipMs` will not be played. */
export function startAt(viewers: Viewers, i: number, msn: number, skipMs: number): void {
  if (viewers.nextMsn[i]! >= 0) viewers.jumpCount[i] = viewers.jumpCount[i]! + 1;
  viewers.nextMsn[i] = msn;
  viewers.skipMs[i] = Math.max(0, skipMs);
}

/**
 * Makes `rung` the one to fetch from. Returns whether its playlist is followed already; if not, a
 * poll of it is due at once, as hls.js does when it switches.
 */
export function selectRung(viewers: Viewers, i: number, rung: number, nowMs: number): boolean {
  if (viewers.playlistRung[i] === rung) return true;
  viewers.playlistRung[i] = rung;
  viewers.lastMsn[i] = -1;
  viewers.pollAtMs[i] = nowMs;
  return false;
}

/** A segment of `rung` with `bytes` was fetched: counts it and the switch, if it is one. */
export function countSegment(viewers: Viewers, i: number, rung: number, bytes: number): void {
  const before = viewers.rungIndex[i]!;
  if (before >= 0 && rung > before) viewers.switchUpCount[i] = viewers.switchUpCount[i]! + 1;
  if (before >= 0 && rung < before) viewers.switchDownCount[i] = viewers.switchDownCount[i]! + 1;
  viewers.rungIndex[i] = rung;
  viewers.segmentCount[i] = viewers.segmentCount[i]! + 1;
  viewers.segmentBytes[i] = viewers.segmentBytes[i]! + bytes;
  viewers.attemptCount[i] = 0;
}

/** A request failed: the viewer waits before its next one, longer each time. Returns the wait. */
export function countFailure(viewers: Viewers, i: number, nowMs: number): number {
  const attempt = viewers.attemptCount[i]!;
  const delayMs = Math.min(retryDelayMs * 2 ** Math.min(attempt, 10), retryDelayMsMax);
  viewers.attemptCount[i] = Math.min(attempt + 1, 255);
  viewers.failureCount[i] = viewers.failureCount[i]! + 1;
  viewers.retryAtMs[i] = nowMs + delayMs;
  return delayMs;
}

/** Whether the segment to fetch next is listed. */
function wantsSegment(viewers: Viewers, i: number): boolean {
  const nextMsn = viewers.nextMsn[i]!;
  return nextMsn >= 0 && nextMsn <= viewers.lastMsn[i]!;
}

/** Whether no playlist can bring news: the feed has ended and its end is listed. */
function hasSeenEnd(viewers: Viewers, i: number): boolean {
  return viewers.endMsn[i]! >= 0 && viewers.lastMsn[i]! >= viewers.endMsn[i]!;
}
