/**
 * The throughput estimates of Sabre: averages with several half-lives of download time, or over
 * several windows of downloads; the lowest rate and the highest latency of them count. Only for
 * recorded sessions, which are compared with Sabre: it uses Math, whose last bits engines choose.
 */
import type { Viewers } from "./viewers.ts";

export interface SabreEstimator {
  /** A download whose body took `receivingMs` at a mean of `kbps`, after a wait of `waitMs`. */
  sample: (viewers: Viewers, i: number, receivingMs: number, kbps: number, waitMs: number) => void;
}

/** Averages that halve the weight of the past in each of `halfLivesMs`; latency by segment. */
export class EwmaEstimator implements SabreEstimator {
  readonly #halfLivesMs: readonly number[];
  readonly #halfLivesSegments: readonly number[];
  /** What is left of a latency after one segment. */
  readonly #waitsKept: readonly number[];
  readonly #kbps: Float64Array;
  readonly #waitMs: Float64Array;
  #receivedMs = 0;
  #sampleCount = 0;

  constructor(halfLivesMs: readonly number[], segmentDurationMs: number) {
    this.#halfLivesMs = halfLivesMs;
    this.#halfLivesSegments = halfLivesMs.map((ms) => ms / segmentDurationMs);
    this.#waitsKept = this.#halfLivesSegments.map((segments) => Math.pow(0.5, 1 / segments));
    this.#kbps = new Float64Array(halfLivesMs.length);
    this.#waitMs = new Float64Array(halfLivesMs.length);
  }

  sample(viewers: Viewers, i: number, receivingMs: number, kbps: number, waitMs: number): void {
    this.#receivedMs += receivingMs;
    this.#sampleCount++;
    let kbpsMin = Infinity;
    let waitMsMax = 0;
    for (let n = 0; n < this.#halfLivesMs.length; n++) {
      const halfLifeMs = this.#halfLivesMs[n]!;
      const halfLifeSegments = this.#halfLivesSegments[n]!;
      const kept = Math.pow(0.5, receivingMs / halfLifeMs);
      this.#kbps[n] = kept * this.#kbps[n]! + (1 - kept) * kbps;
      const waitKept = this.#waitsKept[n]!;
      this.#waitMs[n] = waitKept * this.#waitMs[n]! + (1 - waitKept) * waitMs;
      // Both began at 0: what that biases them by is divided out.
      const weight = 1 - Math.pow(0.5, this.#receivedMs / halfLifeMs);
      const waitWeight = 1 - Math.pow(0.5, this.#sampleCount / halfLifeSegments);
      kbpsMin = Math.min(kbpsMin, this.#kbps[n]! / weight);
      waitMsMax = Math.max(waitMsMax, this.#waitMs[n]! / waitWeight);
    }
    viewers.estimateKbps[i] = kbpsMin;
    viewers.estimateFirstByteMs[i] = waitMsMax;
  }
}

/** How many downloads a window can reach back. */
const storedCountMax = 20;

/** Plain means over the last downloads, as many as each of `windowSegments` says. */
export class WindowEstimator implements SabreEstimator {
  readonly #windowSegments: readonly number[];
  readonly #kbps: number[] = [];
  readonly #waitMs: number[] = [];

  constructor(windowSegments: readonly number[]) {
    this.#windowSegments = windowSegments;
  }

  sample(viewers: Viewers, i: number, _receivingMs: number, kbps: number, waitMs: number): void {
    this.#kbps.push(kbps);
    this.#waitMs.push(waitMs);
    if (this.#kbps.length > storedCountMax) {
      this.#kbps.shift();
      this.#waitMs.shift();
    }
    viewers.estimateKbps[i] = Math.min(
      ...this.#windowSegments.map((count) => meanOfLast(this.#kbps, count)),
    );
    viewers.estimateFirstByteMs[i] = Math.max(
      ...this.#windowSegments.map((count) => meanOfLast(this.#waitMs, count)),
    );
  }
}

function meanOfLast(values: readonly number[], count: number): number {
  const last = values.slice(-count);
  return last.reduce((sum, value) => sum + value, 0) / last.length;
}
