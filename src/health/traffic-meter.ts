/**
 * Rates of a node's traffic from counters that only rise, sampled about once a second: bits per second
 * over the last few seconds, look-ups over the last minute.
 */

/** Since the start of the process. */
export interface TrafficTotals {
  toViewersBytes: number;
  toChildrenBytes: number;
  fillBytes: number;
  lookupCount: number;
  /** Look-ups that cost the parent nothing. */
  hitCount: number;
}

export interface TrafficRates {
  toViewersBitsPerSec: number;
  toChildrenBitsPerSec: number;
  fillBitsPerSec: number;
  /** Of the last minute. */
  lookupCount: number;
  hitCount: number;
}

interface TrafficSample extends TrafficTotals {
  atMs: number;
}

/** Segments come about every 4 s: over a shorter time a steady audience would look like bursts. */
export const rateWindowMs = 8_000;
const lookupWindowMs = 60_000;

export class TrafficMeter {
  /** Oldest first; one of them may be older than the longer window. */
  readonly #samples: TrafficSample[] = [];

  push(totals: TrafficTotals, nowMs: number): void {
    this.#samples.push({ ...totals, atMs: nowMs });
    const edgeMs = nowMs - lookupWindowMs;
    while (this.#samples.length > 2 && this.#samples[1]!.atMs <= edgeMs) this.#samples.shift();
  }

  rates(): TrafficRates {
    const newest = this.#samples.at(-1);
    const first = this.#samples[0];
    if (newest === undefined || first === undefined || newest === first) return noTraffic;
    const before =
      this.#samples.findLast(({ atMs }) => atMs <= newest.atMs - rateWindowMs) ?? first;
    const sec = (newest.atMs - before.atMs) / 1_000;
    const bitsPerSec = (key: "toViewersBytes" | "toChildrenBytes" | "fillBytes"): number =>
      sec > 0 ? Math.max(0, Math.round(((newest[key] - before[key]) * 8) / sec)) : 0;
    return {
      toViewersBitsPerSec: bitsPerSec("toViewersBytes"),
      toChildrenBitsPerSec: bitsPerSec("toChildrenBytes"),
      fillBitsPerSec: bitsPerSec("fillBytes"),
      lookupCount: newest.lookupCount - first.lookupCount,
      hitCount: newest.hitCount - first.hitCount,
    };
  }
}

const noTraffic: TrafficRates = {
  toViewersBitsPerSec: 0,
  toChildrenBitsPerSec: 0,
  fillBitsPerSec: 0,
  lookupCount: 0,
  hitCount: 0,
};
