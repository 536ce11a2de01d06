/**
 * The state of n viewers as columns: one typed array a field, one index a viewer. k6 has one viewer
 * in each VU, the simulator has 500,000. Columns are written by the functions of this folder, each
 * of which takes `(viewers, i, …)` and allocates nothing. All instants are milliseconds of one
 * clock, which starts where the caller likes.
 */

/** What a viewer is doing, as `viewers.phase` holds it. */
export const viewerPhase = {
  /** Asked to watch and has seen no frame yet. */
  joining: 0,
  playing: 1,
  /** Playback stands because the buffer ran empty. */
  stalled: 2,
  /** Saw the end of the feed. */
  ended: 3,
} as const;

export interface Viewers {
  readonly count: number;
  /** A value of `viewerPhase`. */
  readonly phase: Uint8Array;
  /** When the viewer meant to start watching; start-up time counts from here. */
  readonly joinedMs: Float64Array;
  /** From `joinedMs` to the first frame; -1 before it. */
  readonly startupMs: Float64Array;

  /** Up to when playback is accounted for. */
  readonly clockMs: Float64Array;
  /** Media between playhead and end of buffer. */
  readonly bufferMs: Float64Array;
  /** Where the buffer ends on the feed's own time line (PROGRAM-DATE-TIME); 0 while unknown. */
  readonly bufferEndMs: Float64Array;
  readonly playedMs: Float64Array;
  readonly stalledMs: Float64Array;
  readonly stallCount: Uint32Array;
  /** When the present stall began; of no meaning while none lasts. */
  readonly stalledSinceMs: Float64Array;
  /** Media that was fetched and never played: the head of the segment the viewer started in. */
  readonly discardedMs: Float64Array;

  /** MSN to fetch next; -1 until the viewer has chosen where to start. */
  readonly nextMsn: Float64Array;
  /** Newest MSN the viewer has seen listed for `playlistRung`; -1 before. */
  readonly lastMsn: Float64Array;
  /** Rung whose playlist the viewer follows; -1 before the first. */
  readonly playlistRung: Int8Array;
  /** MSN of the feed's very last segment; -1 while the feed is live. */
  readonly endMsn: Float64Array;
  /** Head of the next segment that lies before the start position and will not be played. */
  readonly skipMs: Float64Array;
  /** When the next playlist poll is due: on the viewer's own phase, never "after the response". */
  readonly pollAtMs: Float64Array;
  /** Jumps back to the start position because the window had moved on. */
  readonly jumpCount: Uint32Array;

  /** Rung of the newest segment fetched; -1 before the first. */
  readonly rungIndex: Int8Array;
  readonly switchUpCount: Uint32Array;
  readonly switchDownCount: Uint32Array;

  /** Throughput estimator: two averages, still biased towards 0, and their common weight. */
  readonly fastBitsPerSec: Float64Array;
  readonly slowBitsPerSec: Float64Array;
  readonly throughputWeightSec: Float64Array;
  /** Average time to first byte, biased towards 0, and its weight. */
  readonly firstByteMs: Float64Array;
  readonly firstByteWeight: Float64Array;

  /** Failures of the present request in a row, and until when the viewer waits after them. */
  readonly attemptCount: Uint8Array;
  readonly retryAtMs: Float64Array;

  readonly segmentCount: Uint32Array;
  readonly segmentBytes: Float64Array;
  readonly failureCount: Uint32Array;
}

/** n viewers who have not joined yet. */
export function createViewers(count: number): Viewers {
  const viewers = {
    count,
    phase: new Uint8Array(count),
    joinedMs: new Float64Array(count),
    startupMs: new Float64Array(count),
    clockMs: new Float64Array(count),
    bufferMs: new Float64Array(count),
    bufferEndMs: new Float64Array(count),
    playedMs: new Float64Array(count),
    stalledMs: new Float64Array(count),
    stallCount: new Uint32Array(count),
    stalledSinceMs: new Float64Array(count),
    discardedMs: new Float64Array(count),
    nextMsn: new Float64Array(count),
    lastMsn: new Float64Array(count),
    playlistRung: new Int8Array(count),
    endMsn: new Float64Array(count),
    skipMs: new Float64Array(count),
    pollAtMs: new Float64Array(count),
    jumpCount: new Uint32Array(count),
    rungIndex: new Int8Array(count),
    switchUpCount: new Uint32Array(count),
    switchDownCount: new Uint32Array(count),
    fastBitsPerSec: new Float64Array(count),
    slowBitsPerSec: new Float64Array(count),
    throughputWeightSec: new Float64Array(count),
    firstByteMs: new Float64Array(count),
    firstByteWeight: new Float64Array(count),
    attemptCount: new Uint8Array(count),
    retryAtMs: new Float64Array(count),
    segmentCount: new Uint32Array(count),
    segmentBytes: new Float64Array(count),
    failureCount: new Uint32Array(count),
  };
  for (let i = 0; i < count; i++) join(viewers, i, 0);
  return viewers;
}

/** Makes viewer i a fresh one who wants to watch from `nowMs` on; every column starts anew. */
export function join(viewers: Viewers, i: number, nowMs: number): void {
  for (const column of columnsOf(viewers)) column[i] = 0;
  viewers.joinedMs[i] = nowMs;
  viewers.startupMs[i] = -1;
  viewers.clockMs[i] = nowMs;
  viewers.pollAtMs[i] = nowMs;
  viewers.nextMsn[i] = -1;
  viewers.lastMsn[i] = -1;
  viewers.endMsn[i] = -1;
  viewers.playlistRung[i] = -1;
  viewers.rungIndex[i] = -1;
}

type Column = Float64Array | Uint32Array | Uint8Array | Int8Array;

function columnsOf(viewers: Viewers): Column[] {
  return (Object.values(viewers) as (number | Column)[]).filter(
    (column) => typeof column !== "number",
  );
}
