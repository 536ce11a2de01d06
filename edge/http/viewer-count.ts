/**
 * How many viewers a node has, by feed. A viewer is somebody who fetched a media playlist within two
 * target durations. The engine does not tell connections apart, so a viewer who names a session
 * (CMCD's sid) counts exactly, and the others by how often playlists are fetched: once a segment,
 * never more viewers than open connections.
 */

export interface ViewerCountOptions {
  feedCount: number;
  targetDurationMs: number;
  /** Sessions remembered at most; past it viewers count as those without a session. */
  sessionCountMax: number;
  nowMs: () => number;
  /** Duration of the feed's newest segment: how often a player fetches its playlist. */
  segmentDurationMs: (feed: number) => number;
  connectionCount: () => number;
}

const bucketMs = 500;
const sessionId = /(?:^|[&=]|%2C)sid%3D%22([A-Za-z0-9-]{1,64})%22/i;

export class ViewerCount {
  readonly #options: ViewerCountOptions;
  readonly #bucketCount: number;
  /** Playlist fetches without a session, by feed and bucket; a ring in time. */
  readonly #fetches: Uint32Array;
  readonly #bucketOf: Float64Array;
  /** Feed and last fetch of each session. */
  readonly #sessions = new Map<string, { feed: number; fetchedMs: number }>();

  constructor(options: ViewerCountOptions) {
    this.#options = options;
    this.#bucketCount = Math.ceil((2 * options.targetDurationMs) / bucketMs);
    this.#fetches = new Uint32Array(options.feedCount * this.#bucketCount);
    this.#bucketOf = new Float64Array(this.#bucketCount).fill(-1);
  }

  /** A media playlist of the feed was asked for. */
  note(feed: number, query: string, nowMs: number): void {
    if (query !== "" && this.#noteSession(feed, query, nowMs)) return;
    this.#fetches[feed * this.#bucketCount + this.#slotAt(nowMs)]! += 1;
  }

  /** Viewers of the feed now; also forgets sessions that ended. */
  count(feed: number): number {
    const { targetDurationMs } = this.#options;
    const nowMs = this.#options.nowMs();
    let sessions = 0;
    for (const [id, session] of this.#sessions) {
      if (nowMs - session.fetchedMs > 2 * targetDurationMs) this.#sessions.delete(id);
      else if (session.feed === feed) sessions += 1;
    }
    return sessions + this.#anonymousCount(feed, nowMs);
  }

  #noteSession(feed: number, query: string, nowMs: number): boolean {
    const id = sessionId.exec(query)?.[1];
    if (id === undefined) return false;
    const known = this.#sessions.get(id);
    if (known !== undefined) {
      known.feed = feed;
      known.fetchedMs = nowMs;
      return true;
    }
    if (this.#sessions.size >= this.#options.sessionCountMax) return false;
    this.#sessions.set(id, { feed, fetchedMs: nowMs });
    return true;
  }

  #anonymousCount(feed: number, nowMs: number): number {
    const present = Math.floor(nowMs / bucketMs);
    let fetches = 0;
    for (let slot = 0; slot < this.#bucketCount; slot++) {
      if (this.#bucketOf[slot]! <= present - this.#bucketCount) continue;
      fetches += this.#fetches[feed * this.#bucketCount + slot]!;
    }
    if (fetches === 0) return 0;
    const windowMs = this.#bucketCount * bucketMs;
    const estimate = Math.round((fetches * this.#options.segmentDurationMs(feed)) / windowMs);
    return Math.max(1, Math.min(estimate, this.#options.connectionCount()));
  }

  #slotAt(nowMs: number): number {
    const bucket = Math.floor(nowMs / bucketMs);
    const slot = bucket % this.#bucketCount;
    if (this.#bucketOf[slot] !== bucket) {
      this.#bucketOf[slot] = bucket;
      for (let feed = 0; feed < this.#options.feedCount; feed++) {
        this.#fetches[feed * this.#bucketCount + slot] = 0;
      }
    }
    return slot;
  }
}
