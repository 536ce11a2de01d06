/** How long a fetch from the edge will take, judged by the worst of the latest ones. */
import { swarmParameters } from "../config/swarm-parameters.ts";
import { schedulerParameters as parameters } from "./scheduler-parameters.ts";

const sampleCount = 8;

export interface FetchSample {
  tookMs: number;
  bytes: number;
}

export class FetchEstimate {
  readonly #samples: (FetchSample & { atMs: number })[] = [];
  #fastAtMs = -Infinity;

  note(sample: FetchSample, nowMs: number): void {
    this.#samples.push({ ...sample, atMs: nowMs });
    if (this.#samples.length > sampleCount) this.#samples.shift();
  }

  /** Something came over the line so fast that it cannot be the line that is slow. */
  noteFast(nowMs: number): void {
    this.#fastAtMs = nowMs;
  }

  /** Time to expect for so many bytes, ms: longer ones in proportion, shorter ones no faster. */
  expectedMs(bytes: number): number {
    if (this.#samples.length === 0) return parameters.fetchMsUnknown;
    let worstMs: number = swarmParameters.fetchMsFloor;
    for (const sample of this.#samples) worstMs = Math.max(worstMs, tookMs(sample, bytes));
    return worstMs;
  }

  /** Whether none of the latest fetches was faster, so that it is the line that is slow. */
  isSlow(limitMs: number, nowMs: number): boolean {
    const { thinFetchCount, thinMs } = parameters;
    const latest = this.#samples.slice(-thinFetchCount);
    if (latest.length < thinFetchCount) return false;
    const sinceMs = Math.max(this.#fastAtMs, nowMs - thinMs);
    return latest.every(({ tookMs, atMs }) => tookMs >= limitMs && atMs > sinceMs);
  }
}

function tookMs(sample: FetchSample, bytes: number): number {
  return sample.tookMs * Math.max(1, bytes / Math.max(1, sample.bytes));
}
