/** What viewers report of the swarm, as far as it is believed (report-claim.ts), added up by feed. */
import type { SwarmReport } from "../../src/swarm/room-messages.ts";

/** Slots of a feed's totals. */
export const swarmTotal = {
  httpBytes: 0,
  peerBytes: 1,
  uploadedBytes: 2,
  refusedCount: 3,
  lateCount: 4,
} as const;

const names = Object.keys(swarmTotal) as (keyof typeof swarmTotal)[];

export class SwarmTotals {
  readonly #feeds: Float64Array[];

  constructor(feedCount: number) {
    this.#feeds = Array.from({ length: feedCount }, () => new Float64Array(names.length));
  }

  /** The feed's totals, by the slots of `swarmTotal`. */
  of(feed: number): Float64Array {
    return this.#feeds[feed]!;
  }

  add(feed: number, report: SwarmReport): void {
    const totals = this.#feeds[feed]!;
    for (const name of names) totals[swarmTotal[name]]! += report[name];
  }
}
