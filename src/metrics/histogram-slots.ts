/**
 * A histogram in typed arrays, for what is observed on the hot path: an observation is a short scan
 * and two additions. It is read at scrapes; the labels of its series are the reader's.
 */
import { assert } from "../base/assert.ts";

export class HistogramSlots {
  /** Upper bounds of the buckets, rising; above the last one there is one more bucket. */
  readonly bounds: Float64Array;
  readonly seriesCount: number;
  readonly #counts: Float64Array;
  readonly #sums: Float64Array;

  constructor({ buckets, seriesCount }: { buckets: readonly number[]; seriesCount: number }) {
    this.bounds = Float64Array.from(buckets);
    this.seriesCount = seriesCount;
    this.#counts = new Float64Array(seriesCount * (buckets.length + 1));
    this.#sums = new Float64Array(seriesCount);
  }

  /** Counts a finite value, in the unit of the bounds. */
  observe(series: number, value: number): void {
    const { bounds } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]!) bucket++;
    this.#counts[series * (bounds.length + 1) + bucket]! += 1;
    this.#sums[series]! += value;
  }

  /** Observations in one bucket alone; `bounds.length` is the bucket above all bounds. */
  countIn(series: number, bucket: number): number {
    assert(series < this.seriesCount && bucket <= this.bounds.length, "no such bucket");
    return this.#counts[series * (this.bounds.length + 1) + bucket]!;
  }

  sumOf(series: number): number {
    assert(series < this.seriesCount, "no such series");
    return this.#sums[series]!;
  }
}
