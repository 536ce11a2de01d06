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

  /** Throughput estimator: two averages that began at 0, and how much of each is samples by now. */
  readonly fastBitsPerSec: Float64Array;
  readonly slowBitsPerSec: Float64Array;
  readonly fastSampledRatio: Float64Array;
  readonly slowSampledRatio: Float64Array;
  /** Average time to first byte, which began at 0 too, and how much of it is samples. */
  readonly firstByteMs: Float64Array;
  readonly firstByteSampledRatio: Float64Array;
  /** What the estimator says at present; both 0 before its first sample. */
  readonly estimateKbps: Float64Array;
  readonly estimateFirstByteMs: Float64Array;

  /** Failures of the present request in a row, and until when the viewer waits after them. */
  readonly attemptCount: Uint8Array;
  readonly retryAtMs: Float64Array;

  readonly segmentCount: Uint32Array;
  readonly segmentBytes: Float64Array;
  readonly failureCount: Uint32Array;

  /** State of the rules of BOLA's family and of `throughput`; each rule says what it keeps. */
  readonly rulePlaceholderMs: Float64Array;
  readonly ruleSafetyRatio: Float64Array;
  readonly ruleBolaSafetyRatio: Float64Array;
  /** Up to when waits between downloads are accounted for. */
  readonly ruleSinceMs: Float64Array;
  /** How long the rule would have its choice wait; for viewers of recorded media only. */
  readonly ruleDelayMs: Float64Array;
  readonly ruleMode: Uint8Array;
  readonly ruleRung: Int8Array;

  /** Every column above, for whatever is done to all of them. */
  readonly columns: readonly Column[];
}

type Column = Float64Array | Uint32Array | Uint8Array | Int8Array;

/** Gives the columns their memory: `n` elements of that kind, zero or as they were left. */
export interface ColumnStore {
  float64: (n: number) => Float64Array;
  uint32: (n: number) => Uint32Array;
  uint8: (n: number) => Uint8Array;
  int8: (n: number) => Int8Array;
}

const ownMemory: ColumnStore = {
  float64: (n) => new Float64Array(n),
  uint32: (n) => new Uint32Array(n),
  uint8: (n) => new Uint8Array(n),
  int8: (n) => new Int8Array(n),
};

/** n viewers who have not joined yet. */
export function createViewers(count: number): Viewers {
  const viewers = layOutViewers(count, ownMemory);
  for (let i = 0; i < count; i++) join(viewers, i, 0);
  return viewers;
}

/**
 * The columns of n viewers in memory of the caller's, such as memory that several threads share.
 * Nothing is written: whoever made the memory calls `join` for each viewer.
 */
export function layOutViewers(count: number, store: ColumnStore): Viewers {
  const viewers = {
    phase: store.uint8(count),
    joinedMs: store.float64(count),
    startupMs: store.float64(count),
    clockMs: store.float64(count),
    bufferMs: store.float64(count),
    bufferEndMs: store.float64(count),
    playedMs: store.float64(count),
    stalledMs: store.float64(count),
    stallCount: store.uint32(count),
    stalledSinceMs: store.float64(count),
    discardedMs: store.float64(count),
    nextMsn: store.float64(count),
    lastMsn: store.float64(count),
    playlistRung: store.int8(count),
    endMsn: store.float64(count),
    skipMs: store.float64(count),
    pollAtMs: store.float64(count),
    jumpCount: store.uint32(count),
    rungIndex: store.int8(count),
    switchUpCount: store.uint32(count),
    switchDownCount: store.uint32(count),
    fastBitsPerSec: store.float64(count),
    slowBitsPerSec: store.float64(count),
    fastSampledRatio: store.float64(count),
    slowSampledRatio: store.float64(count),
    firstByteMs: store.float64(count),
    firstByteSampledRatio: store.float64(count),
    estimateKbps: store.float64(count),
    estimateFirstByteMs: store.float64(count),
    attemptCount: store.uint8(count),
    retryAtMs: store.float64(count),
    segmentCount: store.uint32(count),
    segmentBytes: store.float64(count),
    failureCount: store.uint32(count),
    rulePlaceholderMs: store.float64(count),
    ruleSafetyRatio: store.float64(count),
    ruleBolaSafetyRatio: store.float64(count),
    ruleSinceMs: store.float64(count),
    ruleDelayMs: store.float64(count),
    ruleMode: store.uint8(count),
    ruleRung: store.int8(count),
  };
  return { count, ...viewers, columns: Object.values(viewers) };
}

/** Makes viewer i a fresh one who wants to watch from `nowMs` on; every column starts anew. */
export function join(viewers: Viewers, i: number, nowMs: number): void {
  const { columns } = viewers;
  for (const column of columns) column[i] = 0;
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
