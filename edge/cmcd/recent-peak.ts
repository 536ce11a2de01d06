/** The highest reading of the last minute, give or take a bucket. Pure. */

const bucketMs = 5_000;
const bucketCount = 12;

export class RecentPeak {
  readonly #peaks = new Float64Array(bucketCount);
  readonly #bucketOf = new Float64Array(bucketCount).fill(-1);

  note(reading: number, nowMs: number): void {
    const bucket = Math.floor(nowMs / bucketMs);
    const slot = bucket % bucketCount;
    if (this.#bucketOf[slot] !== bucket) this.#peaks[slot] = 0;
    this.#bucketOf[slot] = bucket;
    if (reading > this.#peaks[slot]!) this.#peaks[slot] = reading;
  }

  at(nowMs: number): number {
    const oldest = Math.floor(nowMs / bucketMs) - bucketCount;
    let most = 0;
    for (let slot = 0; slot < bucketCount; slot++) {
      if (this.#bucketOf[slot]! > oldest) most = Math.max(most, this.#peaks[slot]!);
    }
    return most;
  }
}
