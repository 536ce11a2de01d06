/**
 * When a swarm in `auto` goes on and off, by what the edge sends. A swarm that works takes load off the
 * edge: what peers gave each other is added before it is judged whether the edge could do without, or
 * the swarm would go off for its own success, and on again for the load that comes back.
 */

/** Bytes are since the start, and only rise. */
export interface SwarmLoad {
  /** Sent to viewers by the edge. */
  egressBytes: number;
  /** Got by viewers from each other, as they report: untrusted, so it can only keep a swarm on. */
  peerBytes: number;
  /** Now: what the rungs of those who share have a second, which is all that they can get. */
  memberBitsPerSec: number;
}

/** Segments come about every 4 s: over a shorter time a steady audience would look like bursts. */
const onWindowMs = 8_000;
/** Three reports of each viewer, and the least that a swarm stays on. */
const offWindowMs = 30_000;

export class AutoMode {
  readonly #onBitsPerSec: number;
  readonly #offBitsPerSec: number;
  /** Oldest first; the first may be older than the longer window. */
  readonly #samples: (SwarmLoad & { atMs: number })[] = [];
  #onSinceMs: number | undefined;

  constructor(options: { onBitsPerSec: number; offBitsPerSec: number }) {
    this.#onBitsPerSec = options.onBitsPerSec;
    this.#offBitsPerSec = options.offBitsPerSec;
  }

  get isOn(): boolean {
    return this.#onSinceMs !== undefined;
  }

  /** Over the last 8 s. */
  get egressBitsPerSec(): number {
    return this.#rate(onWindowMs, ({ egressBytes }) => egressBytes);
  }

  /** What the edge would send without the swarm, over the last 30 s. */
  get demandBitsPerSec(): number {
    const peerBitsPerSec = this.#rate(offWindowMs, ({ peerBytes }) => peerBytes);
    const mostBitsPerSec = Math.max(0, ...this.#samples.map((one) => one.memberBitsPerSec));
    const egressBitsPerSec = this.#rate(offWindowMs, ({ egressBytes }) => egressBytes);
    return egressBitsPerSec + Math.min(peerBitsPerSec, mostBitsPerSec);
  }

  /** To be called once a second. */
  push(load: SwarmLoad, nowMs: number): void {
    this.#samples.push({ ...load, atMs: nowMs });
    while (this.#samples.length > 2 && this.#samples[1]!.atMs <= nowMs - offWindowMs) {
      this.#samples.shift();
    }
    if (this.#onSinceMs === undefined) {
      if (this.egressBitsPerSec > this.#onBitsPerSec) this.#onSinceMs = nowMs;
    } else if (nowMs - this.#onSinceMs >= offWindowMs) {
      if (this.demandBitsPerSec < this.#offBitsPerSec) this.#onSinceMs = undefined;
    }
  }

  /** Over the window, or over less while there is no more: then as if nothing had been before. */
  #rate(windowMs: number, bytesOf: (load: SwarmLoad) => number): number {
    const newest = this.#samples.at(-1);
    if (newest === undefined) return 0;
    const fromMs = newest.atMs - windowMs;
    const before = this.#samples.findLast(({ atMs }) => atMs <= fromMs) ?? this.#samples[0]!;
    const passedMs = Math.max(windowMs, newest.atMs - before.atMs);
    return ((bytesOf(newest) - bytesOf(before)) * 8 * 1_000) / passedMs;
  }
}
