/**
 * Measures one rung's rate over a broadcast, against what the multivariant playlist says of it.
 * AVERAGE-BANDWIDTH is a formula's until ten minutes are measured, then the measured average,
 * changed at most once a minute: a player gains nothing from a ladder that moves more often.
 */
import { PeakRate, type SegmentSize } from "../../src/hls/peak-rate.ts";

const measuredUsMin = 600_000_000;
const changeUsMin = 60_000_000;

export class RungMeter {
  readonly #bandwidthBitsPerSec: number;
  readonly #peak: PeakRate;
  #averageBitsPerSec: number;
  #durationUs = 0;
  #bytes = 0;
  #changedAtUs = -changeUsMin;

  constructor(rung: {
    targetDurationSec: number;
    /** BANDWIDTH. */
    bandwidthBitsPerSec: number;
    /** AVERAGE-BANDWIDTH by formula. */
    averageBitsPerSec: number;
  }) {
    this.#bandwidthBitsPerSec = rung.bandwidthBitsPerSec;
    this.#averageBitsPerSec = rung.averageBitsPerSec;
    this.#peak = new PeakRate(rung);
  }

  /** AVERAGE-BANDWIDTH now. */
  get averageBitsPerSec(): number {
    return this.#averageBitsPerSec;
  }

  get peakBitsPerSec(): number {
    return this.#peak.peakBitsPerSec;
  }

  /** Takes the next segment; the peak rate that it ends, and whether that is above BANDWIDTH. */
  push(segment: SegmentSize): { peakBitsPerSec: number; breach: boolean } {
    this.#durationUs += segment.durationUs;
    this.#bytes += segment.bytes;
    const peakBitsPerSec = this.#peak.push(segment);
    const isDue = this.#durationUs - this.#changedAtUs >= changeUsMin;
    if (this.#durationUs >= measuredUsMin && isDue) {
      this.#changedAtUs = this.#durationUs;
      const average = Math.ceil((this.#bytes * 8_000_000) / this.#durationUs);
      this.#averageBitsPerSec = Math.min(average, this.#bandwidthBitsPerSec);
    }
    return { peakBitsPerSec, breach: peakBitsPerSec > this.#bandwidthBitsPerSec };
  }
}
