/**
 * The peak segment bit rate of a media playlist as RFC 8216bis defines it (section 4.4.6.2): the
 * largest rate of any contiguous run of segments that lasts 0.5 to 1.5 target durations. A segment
 * shorter than that counts only together with its neighbours.
 */

export interface SegmentSize {
  durationUs: number;
  bytes: number;
}

export class PeakRate {
  readonly #runUsMin: number;
  readonly #runUsMax: number;
  /** The last segments, as many as can be part of a run that the next one ends. */
  readonly #recent: SegmentSize[] = [];
  #peakBitsPerSec = 0;

  constructor({ targetDurationSec }: { targetDurationSec: number }) {
    this.#runUsMin = targetDurationSec * 500_000;
    this.#runUsMax = targetDurationSec * 1_500_000;
  }

  /** Largest rate of all runs so far; 0 before the first. */
  get peakBitsPerSec(): number {
    return this.#peakBitsPerSec;
  }

  /** Takes the next segment; the largest rate of the runs that it ends, 0 if none is long enough. */
  push(segment: SegmentSize): number {
    this.#recent.push(segment);
    let durationUs = 0;
    let bytes = 0;
    let peak = 0;
    let first = this.#recent.length;
    while (first > 0) {
      const { durationUs: durationUsOfFirst, bytes: bytesOfFirst } = this.#recent[first - 1]!;
      durationUs += durationUsOfFirst;
      if (durationUs > this.#runUsMax) break;
      bytes += bytesOfFirst;
      first -= 1;
      if (durationUs >= this.#runUsMin) peak = Math.max(peak, (bytes * 8_000_000) / durationUs);
    }
    this.#recent.splice(0, first);
    this.#peakBitsPerSec = Math.max(this.#peakBitsPerSec, peak);
    return peak;
  }
}
