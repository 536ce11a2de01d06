/**
 * Buffer and stalls on the wall clock. Playback starts and resumes with the first segment that
 * arrives, as players do for live; a stall runs from the instant the buffer is empty. Always
 * played + stalled = clock - first frame, and fetched = played + buffered + discarded.
 */
import { viewerPhase, type Viewers } from "./viewers.ts";

/** Plays up to `nowMs`; a clock that went back counts as one that stood still. */
export function advancePlayback(viewers: Viewers, i: number, nowMs: number): void {
  const elapsedMs = nowMs - viewers.clockMs[i]!;
  if (elapsedMs <= 0) return;
  viewers.clockMs[i] = nowMs;
  if (viewers.phase[i] === viewerPhase.stalled) {
    viewers.stalledMs[i] = viewers.stalledMs[i]! + elapsedMs;
    return;
  }
  if (viewers.phase[i] !== viewerPhase.playing) return;
  const playableMs = Math.min(elapsedMs, viewers.bufferMs[i]!);
  viewers.bufferMs[i] = viewers.bufferMs[i]! - playableMs;
  viewers.playedMs[i] = viewers.playedMs[i]! + playableMs;
  if (elapsedMs === playableMs) return;
  if (viewers.endMsn[i]! >= 0 && viewers.nextMsn[i]! > viewers.endMsn[i]!) {
    viewers.phase[i] = viewerPhase.ended;
    return;
  }
  viewers.phase[i] = viewerPhase.stalled;
  viewers.stallCount[i] = viewers.stallCount[i]! + 1;
  viewers.stalledSinceMs[i] = nowMs - (elapsedMs - playableMs);
  viewers.stalledMs[i] = viewers.stalledMs[i]! + (elapsedMs - playableMs);
}

/**
 * Segment `nextMsn` has arrived at `nowMs`: `durationMs` of media that ends at `mediaEndMs` on the
 * feed's time line (0 while unknown). Returns by how much it missed its deadline, the instant when
 * the buffer ran empty: 0 when it came in time or is the first.
 */
export function appendSegment(
  viewers: Viewers,
  i: number,
  nowMs: number,
  durationMs: number,
  mediaEndMs: number,
): number {
  advancePlayback(viewers, i, nowMs);
  const phase = viewers.phase[i];
  const skippedMs = Math.min(viewers.skipMs[i]!, durationMs);
  viewers.skipMs[i] = 0;
  viewers.discardedMs[i] = viewers.discardedMs[i]! + skippedMs;
  viewers.bufferMs[i] = viewers.bufferMs[i]! + (durationMs - skippedMs);
  viewers.bufferEndMs[i] = mediaEndMs;
  viewers.nextMsn[i] = viewers.nextMsn[i]! + 1;
  viewers.phase[i] = viewerPhase.playing;
  if (phase === viewerPhase.joining) viewers.startupMs[i] = nowMs - viewers.joinedMs[i]!;
  return phase === viewerPhase.stalled ? nowMs - viewers.stalledSinceMs[i]! : 0;
}

/** How far the playhead is behind `nowMs`, when both are on the feed's time line; else 0. */
export function liveLatencyMs(viewers: Viewers, i: number, nowMs: number): number {
  const bufferEndMs = viewers.bufferEndMs[i]!;
  return bufferEndMs === 0 ? 0 : nowMs - (bufferEndMs - viewers.bufferMs[i]!);
}
