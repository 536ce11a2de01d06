/**
 * What a page says of playback since it last said so: one JSON object, deltas only. The page writes
 * it (page/telemetry/qoe.ts), the edge reads it (read-qoe.ts); docs/qoe.md says it in words.
 */
import type { Face } from "../player/page/state/player-state.ts";

/** Whole numbers since the last report; each bound is what one report can say at most. */
export const qoeCountBounds = {
  /** Milliseconds of the viewer's time with a moving picture, or sound. */
  playedMs: 120_000,
  /** Milliseconds of standing still for want of media, after the first picture. */
  stalledMs: 120_000,
  /** Stalls that began. */
  stalls: 120,
  /** Media played: the rung's rate times the time it was played. */
  mediaBytes: 750_000_000,
  /** Media fetched from the edge. */
  httpBytes: 750_000_000,
  /** Media taken from peers, checked. */
  peerBytes: 750_000_000,
  /** Media given to peers. */
  uploadedBytes: 750_000_000,
  framesShown: 30_000,
  framesDropped: 30_000,
  /** Times that the page showed an error. */
  errors: 120,
} as const;
export type QoeCount = keyof typeof qoeCountBounds;

/** Whole numbers that are not always known. */
export const qoeReadingBounds = {
  /** Milliseconds from wanting a picture to the first one; said once. */
  startupMs: 600_000,
  /** Milliseconds behind the event, as of now. */
  latencyMs: 600_000,
} as const;
export type QoeReading = keyof typeof qoeReadingBounds;

export type QoeReport = { v: 1; sid: string; feed: string; face: Face } & Record<QoeCount, number> &
  Partial<Record<QoeReading, number>>;
