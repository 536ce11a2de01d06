/**
 * The objects a node may hold, as columns. Each is an integer, so that callers need no keys:
 * per feed its status and its ladder, per rung its media playlist, a few init segments and a ring
 * of segments. The table has its final size from the start; unknown names never enter it.
 */

export const objectKind = { status: 0, ladder: 1, playlist: 2, init: 3, segment: 4 } as const;

/** `queued` waits for a free fill; `missing` and `failed` last until `retryMs`. */
export const objectState = {
  absent: 0,
  queued: 1,
  filling: 2,
  complete: 3,
  missing: 4,
  failed: 5,
} as const;

/** Rungs of one feed: the configuration allows 12 and audio. */
export const tracksPerFeed = 13;
/** Init segments a rung remembers: one an epoch, and few epochs fit in the history. */
export const initsPerTrack = 4;

const fixedPerFeed = 2;

export class Objects {
  readonly count: number;
  readonly historyCount: number;
  readonly kind: Uint8Array;
  readonly state: Uint8Array;
  readonly feed: Int32Array;
  /** Index of the track over all feeds; -1 for objects of the feed itself. */
  readonly track: Int32Array;
  readonly epoch: Float64Array;
  /** MSN the slot stands for now; -1 when it stands for none. */
  readonly msn: Float64Array;
  /** -1 while unknown. */
  readonly totalBytes: Float64Array;
  readonly receivedBytes: Float64Array;
  readonly demandedMs: Float64Array;
  readonly retryMs: Float64Array;
  /** Attempts that failed for the present demand. */
  readonly failures: Uint8Array;
  readonly #perTrack: number;
  readonly #perFeed: number;

  constructor({ feedCount, historyCount }: { feedCount: number; historyCount: number }) {
    this.historyCount = historyCount;
    this.#perTrack = 1 + initsPerTrack + historyCount;
    this.#perFeed = fixedPerFeed + tracksPerFeed * this.#perTrack;
    const count = feedCount * this.#perFeed;
    this.count = count;
    this.kind = new Uint8Array(count);
    this.state = new Uint8Array(count);
    this.feed = new Int32Array(count);
    this.track = new Int32Array(count).fill(-1);
    this.epoch = new Float64Array(count).fill(-1);
    this.msn = new Float64Array(count).fill(-1);
    this.totalBytes = new Float64Array(count).fill(-1);
    this.receivedBytes = new Float64Array(count);
    this.demandedMs = new Float64Array(count).fill(-Infinity);
    this.retryMs = new Float64Array(count);
    this.failures = new Uint8Array(count);
    for (let object = 0; object < count; object++) this.#describe(object);
  }

  statusOf(feed: number): number {
    return feed * this.#perFeed;
  }

  ladderOf(feed: number): number {
    return feed * this.#perFeed + 1;
  }

  /** The media playlist of a track (an index over all feeds). */
  playlistOf(track: number): number {
    const feed = Math.trunc(track / tracksPerFeed);
    const within = track - feed * tracksPerFeed;
    return feed * this.#perFeed + fixedPerFeed + within * this.#perTrack;
  }

  initOf(track: number, index: number): number {
    return this.playlistOf(track) + 1 + index;
  }

  /** The slot an MSN falls into; whether it stands for it is `msn` and `epoch`. */
  segmentSlotOf(track: number, msn: number): number {
    return this.playlistOf(track) + 1 + initsPerTrack + (msn % this.historyCount);
  }

  #describe(object: number): void {
    const feed = Math.trunc(object / this.#perFeed);
    const within = object - feed * this.#perFeed;
    this.feed[object] = feed;
    if (within < fixedPerFeed) {
      this.kind[object] = within === 0 ? objectKind.status : objectKind.ladder;
      return;
    }
    const ofTracks = within - fixedPerFeed;
    const trackInFeed = Math.trunc(ofTracks / this.#perTrack);
    const ofTrack = ofTracks - trackInFeed * this.#perTrack;
    this.track[object] = feed * tracksPerFeed + trackInFeed;
    this.kind[object] = objectKind.segment;
    if (ofTrack <= initsPerTrack) this.kind[object] = objectKind.init;
    if (ofTrack === 0) this.kind[object] = objectKind.playlist;
  }
}
