/** The segments a viewer holds and may give: checked ones only, bounded in number and bytes. */
import { schedulerParameters } from "./scheduler-parameters.ts";
import { segmentKey, type SegmentId } from "./segment.ts";

export interface CachedSegment {
  id: SegmentId;
  bytes: Uint8Array;
  source: "edge" | "peer";
}

export class SegmentCache {
  readonly #segments = new Map<string, CachedSegment>();
  #heldBytes = 0;

  /** Adds a checked segment; the oldest make room for it. */
  put(segment: CachedSegment): void {
    const key = segmentKey(segment.id);
    if (this.#segments.has(key)) return;
    this.#segments.set(key, segment);
    this.#heldBytes += segment.bytes.length;
    const { cacheSegmentCountMax, cacheBytesMax } = schedulerParameters;
    for (const [oldest, { bytes }] of this.#segments) {
      const isWithin = this.#heldBytes <= cacheBytesMax;
      if (this.#segments.size <= cacheSegmentCountMax && isWithin) break;
      this.#segments.delete(oldest);
      this.#heldBytes -= bytes.length;
    }
  }

  get(key: string): CachedSegment | undefined {
    return this.#segments.get(key);
  }

  has(key: string): boolean {
    return this.#segments.has(key);
  }

  /** All that are held, oldest first. */
  ids(): SegmentId[] {
    return [...this.#segments.values()].map(({ id }) => id);
  }
}
