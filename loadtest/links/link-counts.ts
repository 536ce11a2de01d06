/** What the emulator counts, for the runner to judge whether its links were what they should be. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { countInto, histogramSlots, quantileOf } from "../../src/sim/histogram.ts";

/** Lateness is counted in steps of this many us, to 4 s. */
const stepUs = 10;

export interface LinkStatus {
  connections: {
    open: number;
    total: number;
    /** Reset at once, because `connectionCountMax` were open. */
    refused: number;
    /** Ended by a reset or refusal of the edge. */
    edgeFailed: number;
  };
  /** From edges = to viewers + waiting + dropped (the viewer or the edge was gone). */
  bytes: {
    fromEdges: number;
    toViewers: number;
    waiting: number;
    dropped: number;
    toEdges: number;
  };
  /** How late pieces went out against their due instants, since the start or the last reset. */
  lateness: { pieces: number; p50Ms: number; p99Ms: number; maxMs: number };
  /** How late the event loop ran its timers, over the same time. */
  loopLag: { p99Ms: number; maxMs: number };
}

export class LinkCounts {
  open = 0;
  total = 0;
  refused = 0;
  edgeFailed = 0;
  fromEdges = 0;
  toViewers = 0;
  dropped = 0;
  toEdges = 0;
  readonly #lateness = new Float64Array(histogramSlots);
  #pieces = 0;
  #latestUs = 0;
  readonly #loop = monitorEventLoopDelay({ resolution: 10 });

  constructor() {
    this.#loop.enable();
  }

  piece(lateUs: number): void {
    this.#pieces += 1;
    if (lateUs > this.#latestUs) this.#latestUs = lateUs;
    countInto(this.#lateness, lateUs / stepUs);
  }

  /** Lateness and lag are counted from now on; the other counts go on. */
  reset(): void {
    this.#lateness.fill(0);
    this.#pieces = 0;
    this.#latestUs = 0;
    this.#loop.reset();
  }

  status(): LinkStatus {
    const latenessMs = (ratio: number): number =>
      (quantileOf(this.#lateness, ratio) * stepUs) / 1_000;
    return {
      connections: {
        open: this.open,
        total: this.total,
        refused: this.refused,
        edgeFailed: this.edgeFailed,
      },
      bytes: {
        fromEdges: this.fromEdges,
        toViewers: this.toViewers,
        waiting: this.fromEdges - this.toViewers - this.dropped,
        dropped: this.dropped,
        toEdges: this.toEdges,
      },
      lateness: {
        pieces: this.#pieces,
        p50Ms: latenessMs(0.5),
        p99Ms: latenessMs(0.99),
        maxMs: this.#latestUs / 1_000,
      },
      loopLag: { p99Ms: this.#loop.percentile(99) / 1e6, maxMs: this.#loop.max / 1e6 },
    };
  }

  stop(): void {
    this.#loop.disable();
  }
}
