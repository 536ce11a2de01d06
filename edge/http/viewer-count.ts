/**
 * How many viewers a node has, by feed. A viewer is somebody in the room, or who is not there and
 * got a media playlist within two target durations. The engine does not tell connections apart, so
 * a viewer who names a session (CMCD's sid) counts exactly, and the others by how often playlists
 * are fetched: once a segment. Sessions cost nothing to make up, connections do: all feeds together
 * never have more viewers outside the room than the connections that were open at a time may carry.
 */
import { ownText, sidInQuery } from "../cmcd/query-scan.ts";

export interface ViewerCountOptions {
  feedCount: number;
  targetDurationMs: number;
  /** Sessions remembered at most; past it viewers count as those without a session. */
  sessionCountMax: number;
  nowMs: () => number;
  /** Duration of the feed's newest segment: how often a player fetches its playlist. */
  segmentDurationMs: (feed: number) => number;
  /** Open now, without the room's sockets. */
  connectionCount: () => number;
  /** Sessions that one connection may carry: more than one behind a proxy that shares them. */
  connectionSessionCountMax: number;
  room: RoomAudience;
}

/** Who is in the room. */
export interface RoomAudience {
  viewerCount(feed: number): number;
  hasSession(feed: number, sid: string): boolean;
}

const bucketMs = 500;

export class ViewerCount {
  readonly #options: ViewerCountOptions;
  readonly #bucketCount: number;
  /** Playlist fetches without a session, by feed and bucket; a ring in time. */
  readonly #fetches: Uint32Array;
  readonly #bucketOf: Float64Array;
  /** Most connections open at a fetch, by bucket: a kept-alive one may have closed since. */
  readonly #connections: Uint32Array;
  /** Feed and last fetch of each session. */
  readonly #sessions = new Map<string, { feed: number; fetchedMs: number }>();

  constructor(options: ViewerCountOptions) {
    this.#options = options;
    this.#bucketCount = Math.ceil((2 * options.targetDurationMs) / bucketMs);
    this.#fetches = new Uint32Array(options.feedCount * this.#bucketCount);
    this.#bucketOf = new Float64Array(this.#bucketCount).fill(-1);
    this.#connections = new Uint32Array(this.#bucketCount);
  }

  /** A media playlist of the feed was delivered; refusals are no viewing. */
  note(feed: number, query: string, nowMs: number): void {
    const slot = this.#slotAt(nowMs);
    const open = this.#options.connectionCount();
    if (open > this.#connections[slot]!) this.#connections[slot] = open;
    if (query !== "" && this.#noteSession(feed, query, nowMs)) return;
    this.#fetches[feed * this.#bucketCount + slot]! += 1;
  }

  /** Viewers of the feed now; also forgets sessions that ended. */
  count(feed: number): number {
    return this.#options.room.viewerCount(feed) + this.#countOutside(feed);
  }

  #countOutside(feed: number): number {
    const nowMs = this.#options.nowMs();
    const counts = this.#sessionCounts(nowMs);
    let total = 0;
    for (let index = 0; index < counts.length; index++) {
      counts[index]! += this.#anonymousCount(index, nowMs);
      total += counts[index]!;
    }
    const countMax = this.#connectionsMax(nowMs) * this.#options.connectionSessionCountMax;
    if (total <= countMax) return counts[feed]!;
    return Math.floor((counts[feed]! * countMax) / total);
  }

  /** Viewers of all feeds who name no session, by how often playlists are fetched. */
  namelessCount(): number {
    const nowMs = this.#options.nowMs();
    let total = 0;
    for (let feed = 0; feed < this.#options.feedCount; feed++) {
      total += this.#anonymousCount(feed, nowMs);
    }
    return total;
  }

  #sessionCounts(nowMs: number): number[] {
    const { feedCount, targetDurationMs, room } = this.#options;
    const counts = new Array<number>(feedCount).fill(0);
    for (const [id, session] of this.#sessions) {
      if (nowMs - session.fetchedMs > 2 * targetDurationMs) this.#sessions.delete(id);
      else if (!room.hasSession(session.feed, id)) counts[session.feed]! += 1;
    }
    return counts;
  }

  #connectionsMax(nowMs: number): number {
    let most = this.#options.connectionCount();
    for (let slot = 0; slot < this.#bucketCount; slot++) {
      if (this.#isRecent(slot, nowMs)) most = Math.max(most, this.#connections[slot]!);
    }
    return most;
  }

  #noteSession(feed: number, query: string, nowMs: number): boolean {
    const id = sidInQuery(query);
    if (id === "") return false;
    const known = this.#sessions.get(id);
    if (known !== undefined) {
      known.feed = feed;
      known.fetchedMs = nowMs;
      return true;
    }
    if (this.#sessions.size >= this.#options.sessionCountMax) {
      // The room counts it: as one without a session it would count twice.
      return this.#options.room.hasSession(feed, id);
    }
    this.#sessions.set(ownText(id), { feed, fetchedMs: nowMs });
    return true;
  }

  #anonymousCount(feed: number, nowMs: number): number {
    let fetches = 0;
    for (let slot = 0; slot < this.#bucketCount; slot++) {
      if (!this.#isRecent(slot, nowMs)) continue;
      fetches += this.#fetches[feed * this.#bucketCount + slot]!;
    }
    if (fetches === 0) return 0;
    const windowMs = this.#bucketCount * bucketMs;
    const estimate = Math.round((fetches * this.#options.segmentDurationMs(feed)) / windowMs);
    return Math.max(1, estimate);
  }

  #isRecent(slot: number, nowMs: number): boolean {
    return this.#bucketOf[slot]! > Math.floor(nowMs / bucketMs) - this.#bucketCount;
  }

  #slotAt(nowMs: number): number {
    const bucket = Math.floor(nowMs / bucketMs);
    const slot = bucket % this.#bucketCount;
    if (this.#bucketOf[slot] !== bucket) {
      this.#bucketOf[slot] = bucket;
      this.#connections[slot] = 0;
      for (let feed = 0; feed < this.#options.feedCount; feed++) {
        this.#fetches[feed * this.#bucketCount + slot] = 0;
      }
    }
    return slot;
  }
}
