/**
 * The live window of a feed, shared by all its rungs: which segments the playlists list, which are
 * still fetchable, and the counters that never go back (RFC 8216bis section 6.2.2). It holds at most
 * so many segments and bytes; the oldest go first.
 */
import { assert } from "../base/assert.ts";

export interface WindowSegment {
  msn: number;
  epoch: number;
  /** Whether another epoch stood before it; append() sets it. */
  discontinuity: boolean;
  /** Over all rungs. */
  bytes: number;
}

export interface LiveWindowOptions {
  /** Segments a playlist lists. */
  segmentCount: number;
  /** Segments that stay fetchable after they left the list. */
  keptCount: number;
  bytesMax: number;
  /** What an earlier run of the program had used up; absent when there was none. */
  before?: { epoch: number; discontinuitySequence: number };
  /** Discontinuity number of the first segment ever, used without `before`. */
  discontinuitySequence?: number;
}

/** A playlist never shrinks below three segments (section 6.2.2), whatever bytesMax says. */
const listedCountMin = 3;

export class LiveWindow<S extends WindowSegment> {
  readonly #options: LiveWindowOptions;
  /** Oldest first; the last `#listedCount` are listed. */
  #segments: S[] = [];
  #listedCount = 0;
  #bytes = 0;
  #discontinuitySequence: number;
  #lastEpoch: number | undefined;
  #lastMsn = -1;
  #droppedForBytesCount = 0;

  constructor(options: LiveWindowOptions) {
    this.#options = options;
    this.#lastEpoch = options.before?.epoch;
    this.#discontinuitySequence =
      options.before?.discontinuitySequence ?? options.discontinuitySequence ?? 0;
  }

  /** The segments that playlists list, oldest first. */
  get listed(): readonly S[] {
    return this.#segments.slice(this.#segments.length - this.#listedCount);
  }

  get listedCount(): number {
    return this.#listedCount;
  }

  /** All that can be fetched, oldest first. */
  get fetchable(): readonly S[] {
    return this.#segments;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Segments that went earlier than their count would have had it, because of bytesMax. */
  get droppedForBytesCount(): number {
    return this.#droppedForBytesCount;
  }

  /** EXT-X-DISCONTINUITY-SEQUENCE: rises with every discontinuity that leaves the list. */
  get discontinuitySequence(): number {
    return this.#discontinuitySequence;
  }

  /** The discontinuity number of a segment of a new epoch, if one were appended now. */
  get discontinuityNumberOfNextEpoch(): number {
    const listedBreaks = this.listed.filter((segment) => segment.discontinuity).length;
    const breaks = this.#lastEpoch === undefined ? 0 : 1;
    return this.#discontinuitySequence + listedBreaks + breaks;
  }

  /** Lists the next segment; returns what can no longer be fetched. */
  append(segment: Omit<S, "discontinuity">): S[] {
    assert(segment.msn > this.#lastMsn, "the MSN never goes back");
    assert(
      this.#listedCount === 0 || segment.msn === this.#lastMsn + 1,
      "the MSN rises by one within a list",
    );
    assert(segment.epoch >= (this.#lastEpoch ?? 0), "the epoch never goes back");
    const discontinuity = this.#lastEpoch !== undefined && segment.epoch !== this.#lastEpoch;
    this.#segments.push({ ...segment, discontinuity } as S);
    this.#lastMsn = segment.msn;
    this.#lastEpoch = segment.epoch;
    this.#bytes += segment.bytes;
    this.#listedCount += 1;
    if (this.#listedCount > this.#options.segmentCount) this.#unlistFirst();
    return this.#dropOld();
  }

  /** Unlists everything, for the next broadcast; the segments stay fetchable. */
  unlistAll(): S[] {
    while (this.#listedCount > 0) this.#unlistFirst();
    return this.#dropOld();
  }

  /** Forgets all segments; the counters stay. */
  clear(): S[] {
    while (this.#listedCount > 0) this.#unlistFirst();
    const dropped = this.#segments;
    this.#segments = [];
    this.#bytes = 0;
    return dropped;
  }

  #unlistFirst(): void {
    const first = this.#segments[this.#segments.length - this.#listedCount];
    assert(first !== undefined, "a listed segment is there");
    if (first.discontinuity) this.#discontinuitySequence += 1;
    this.#listedCount -= 1;
  }

  #dropOld(): S[] {
    const dropped: S[] = [];
    while (this.#isOverCount() || this.#isOverBytes()) {
      if (!this.#isOverCount()) this.#droppedForBytesCount += 1;
      if (this.#segments.length === this.#listedCount) this.#unlistFirst();
      const first = this.#segments.shift();
      assert(first !== undefined, "a segment is there to drop");
      this.#bytes -= first.bytes;
      dropped.push(first);
    }
    return dropped;
  }

  #isOverCount(): boolean {
    return this.#segments.length - this.#listedCount > this.#options.keptCount;
  }

  #isOverBytes(): boolean {
    return this.#bytes > this.#options.bytesMax && this.#segments.length > listedCountMin;
  }
}
