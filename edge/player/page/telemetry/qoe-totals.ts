/**
 * The page's own figures of playback as running totals, and what is new in them since the edge last
 * took a report: a report that was not taken is part of the next one. Pure.
 */
import {
  qoeCountBounds,
  qoeReadingBounds,
  type QoeCount,
  type QoeReport,
} from "../../../qoe/qoe-report.ts";
import type { WatchSums } from "./cmcd-watch.ts";
import type { Face } from "../state/player-state.ts";

/** What a page has counted since it was opened; some of it may start anew with other media. */
export type PageCounts = Record<
  "httpBytes" | "peerBytes" | "uploadedBytes" | "framesShown" | "framesDropped",
  number
>;

export interface QoeMoment {
  face: Face;
  watch: WatchSums;
  counts: PageCounts;
  rungKbps: number | null;
  latencyMs: number | null;
}

/** The edge takes no more time at once than this. */
const claimMsMax = 60_000;
const countNames = Object.keys(qoeCountBounds) as QoeCount[];

export class QoeTotals {
  readonly #names: { sid: string; feed: string };
  #totals = noCounts();
  /** As the edge knows them. */
  #told = noCounts();
  #counts: PageCounts | null = null;
  #startupMs: number | null = null;
  #isStartupTold = false;
  #face: Face = "starting";
  #faceTold: Face | null = null;
  #latency = { sumMs: 0, count: 0 };

  constructor(names: { sid: string; feed: string }) {
    this.#names = names;
  }

  /** To be called a few times a second: media is counted by the rung at the time. */
  observe({ face, watch, counts, rungKbps, latencyMs }: QoeMoment): void {
    const totals = this.#totals;
    const playedMs = Math.max(0, watch.playMs - totals.playedMs);
    totals.mediaBytes += (playedMs * (rungKbps ?? 0)) / 8;
    totals.playedMs += playedMs;
    totals.stalledMs = Math.max(totals.stalledMs, watch.stallMs);
    totals.stalls = watch.stallCount;
    const before = this.#counts ?? counts;
    for (const name of Object.keys(counts) as (keyof PageCounts)[]) {
      totals[name] += Math.max(0, counts[name] - before[name]);
    }
    this.#counts = { ...counts };
    if (face === "error" && this.#face !== "error") totals.errors += 1;
    this.#face = face;
    this.#startupMs = watch.startupMs;
    if (latencyMs !== null && playedMs > 0) {
      this.#latency.sumMs += latencyMs;
      this.#latency.count += 1;
    }
  }

  /** What is new, and the word to say once the edge has taken it; null when nothing is. */
  report(): { report: QoeReport; taken: () => void } | null {
    const totals = mapCounts((name) => Math.round(this.#totals[name]));
    const counts = mapCounts((name) => totals[name] - this.#told[name]);
    if (counts.playedMs + counts.stalledMs > claimMsMax) {
      // Nobody took it for a minute: what was before is lost.
      this.#told = totals;
      return null;
    }
    const startupMs = this.#isStartupTold ? null : this.#startupMs;
    const isNews = countNames.some((name) => counts[name] > 0) || startupMs !== null;
    if (!isNews && this.#faceTold === this.#face) return null;
    const face = this.#face;
    const { sumMs, count } = this.#latency;
    const report: QoeReport = {
      v: 1,
      ...this.#names,
      face,
      ...mapCounts((name) => Math.min(counts[name], qoeCountBounds[name])),
      ...(startupMs === null ? {} : { startupMs: within(startupMs, qoeReadingBounds.startupMs) }),
      ...(count === 0 ? {} : { latencyMs: within(sumMs / count, qoeReadingBounds.latencyMs) }),
    };
    const taken = (): void => {
      this.#told = totals;
      this.#faceTold = face;
      this.#isStartupTold ||= startupMs !== null;
      this.#latency = { sumMs: 0, count: 0 };
    };
    return { report, taken };
  }
}

function within(value: number, max: number): number {
  return Math.round(Math.min(Math.max(value, 0), max));
}

function mapCounts(read: (name: QoeCount) => number): Record<QoeCount, number> {
  const entries = countNames.map((name) => [name, read(name)]);
  return Object.fromEntries(entries) as Record<QoeCount, number>;
}

function noCounts(): Record<QoeCount, number> {
  return mapCounts(() => 0);
}
