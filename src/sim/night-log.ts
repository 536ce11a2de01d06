/** What the night came to, window by window, and at the bounds of the plateau. */
import { viewerPhase } from "../viewer/viewers.ts";
import { isOpen } from "./edge-shard.ts";
import { turnWindowsMax } from "./plan.ts";
import type { ShardCounts } from "./shard.ts";
import { nodeState, sum, sumCount, type World } from "./world.ts";

/** One window of all edges; figures of simulated viewers, not yet weighted. */
export interface WindowRow {
  egressBits: number;
  capacityBits: number;
  viewers: number;
  edgeBytes: number;
  peerBytes: number;
  fillBytes: number;
  /** Segments fetched, by rung. */
  rungSegments: Float64Array;
}

/** Sums over all sessions, open ones included, up to an instant. */
export interface NightTotals {
  playedMs: number;
  stalledMs: number;
  stalls: number;
  switches: number;
  edgeBytes: number;
  peerBytes: number;
  fillBytes: number;
  requests: number;
  rungSegments: Float64Array;
}

export interface LoggedEvent {
  tSec: number;
  kind: string;
  [key: string]: unknown;
}

export class NightLog {
  readonly rows: WindowRow[] = [];
  readonly events: LoggedEvent[] = [];
  /** Bits each edge sent within the plateau. */
  readonly edgePlateauBits: Float64Array;
  /** What each could have sent while it was up. */
  readonly edgePlateauCapacityBits: Float64Array;
  plateauStart: NightTotals | undefined;
  plateauEnd: NightTotals | undefined;
  readonly #world: World;
  readonly #counts: readonly ShardCounts[];
  #open = 0;
  #before: NightTotals;
  #fullEdges = 0;

  constructor(world: World, counts: readonly ShardCounts[]) {
    this.#world = world;
    this.#counts = counts;
    this.edgePlateauBits = new Float64Array(world.plan.edgeCount);
    this.edgePlateauCapacityBits = new Float64Array(world.plan.edgeCount);
    this.#before = this.#sums();
  }

  event(tSec: number, kind: string, more: Record<string, unknown> = {}): void {
    const logged: LoggedEvent = { ...more, tSec, kind };
    delete logged["atSec"];
    delete logged["atUs"];
    this.events.push(logged);
  }

  /** Takes the windows of a turn that all edges have run. */
  addTurn(turnStart: number, turnEnd: number): void {
    const { plan } = this.#world;
    const sums = this.#sums();
    const before = this.#before;
    // What is counted a turn is spread evenly over its windows.
    const share = 1 / (turnEnd - turnStart);
    for (let window = turnStart; window < turnEnd; window++) {
      for (const { openChange } of this.#counts) this.#open += openChange[window]!;
      this.rows.push({
        ...this.#egress(window, window - turnStart),
        viewers: this.#open,
        edgeBytes: share * (sums.edgeBytes - before.edgeBytes),
        peerBytes: share * (sums.peerBytes - before.peerBytes),
        fillBytes: share * (sums.fillBytes - before.fillBytes),
        rungSegments: sums.rungSegments.map((n, rung) => share * (n - before.rungSegments[rung]!)),
      });
    }
    this.#before = sums;
    if (turnEnd === plan.plateauFrom) this.plateauStart = this.#totals(turnEnd);
    if (turnEnd === plan.plateauTo) this.plateauEnd = this.#totals(turnEnd);
  }

  /**
   * The night ends after the windows it has: a plateau under way ends here, and of a night without
   * one everything counts.
   */
  close(): void {
    const windowCount = this.rows.length;
    this.plateauEnd ??= this.#totals(windowCount);
    if (windowCount <= this.#world.plan.plateauFrom) this.plateauStart = undefined;
  }

  /** Windows of the plateau so far; all of them before it begins. */
  get plateauRows(): readonly WindowRow[] {
    const { plateauFrom, plateauTo } = this.#world.plan;
    return this.rows.slice(this.rows.length > plateauFrom ? plateauFrom : 0, plateauTo);
  }

  /** Sums at the bounds of the plateau so far; before it, from the start of the night. */
  plateauSoFar(): { start: NightTotals | undefined; end: NightTotals } {
    const windowCount = this.rows.length;
    const hasBegun = windowCount > this.#world.plan.plateauFrom;
    return {
      start: hasBegun ? this.plateauStart : undefined,
      end: this.plateauEnd ?? this.#totals(windowCount),
    };
  }

  /** Share of viewers' time in the window that stood still; stalls count once they have ended. */
  stalledRatio(window: number): number {
    const stalledUs = this.#counts.reduce((total, shard) => total + shard.stalledUs[window]!, 0);
    const watchedUs = this.rows[window]!.viewers * this.#world.plan.windowUs;
    return watchedUs === 0 ? 0 : Math.min(1, stalledUs / watchedUs);
  }

  /** Segments asked for so far. */
  get steps(): number {
    return this.#counts.reduce((total, { steps }) => total + steps[0]!, 0);
  }

  #egress(window: number, nth: number): { egressBits: number; capacityBits: number } {
    const { plan, windowBits, windowPeakBits, edgeBitsPerUs, edgeState } = this.#world;
    const inPlateau = window >= plan.plateauFrom && window < plan.plateauTo;
    let egressBits = 0;
    let capacityBits = 0;
    let fullEdges = 0;
    for (let edge = 0; edge < plan.edgeCount; edge++) {
      if (edgeState[edge] !== nodeState.up) continue;
      const at = edge * turnWindowsMax + nth;
      const bits = windowBits[at]!;
      egressBits += bits;
      const roomBits = edgeBitsPerUs[edge]! * plan.windowUs;
      capacityBits += roomBits;
      if (inPlateau) {
        this.edgePlateauBits[edge]! += bits;
        this.edgePlateauCapacityBits[edge]! += roomBits;
      }
      if (windowPeakBits[at]! >= 0.999 * edgeBitsPerUs[edge]! * plan.quantumUs) fullEdges++;
    }
    this.#noteFull(window, fullEdges);
    return { egressBits, capacityBits };
  }

  /** An event when the first edge runs full, and when none does any more. */
  #noteFull(window: number, fullEdges: number): void {
    const tSec = (window * this.#world.plan.windowUs) / 1e6;
    if (fullEdges > 0 && this.#fullEdges === 0)
      this.event(tSec, "edges-full", { count: fullEdges });
    if (fullEdges === 0 && this.#fullEdges > 0) this.event(tSec, "edges-relieved");
    this.#fullEdges = fullEdges;
  }

  /** What ended sessions and all bodies came to, added up edge by edge. */
  #sums(): NightTotals {
    const { plan, sums, rungSegments } = this.#world;
    const rungCount = plan.rungKbps.length;
    const total = (of: number): number => {
      let value = 0;
      for (let edge = 0; edge < plan.edgeCount; edge++) value += sums[edge * sumCount + of]!;
      return value;
    };
    const byRung = new Float64Array(rungCount);
    for (let row = 0; row < rungSegments.length; row++)
      byRung[row % rungCount]! += rungSegments[row]!;
    return {
      playedMs: total(sum.playedMs),
      stalledMs: total(sum.stalledMs),
      stalls: total(sum.stalls),
      switches: total(sum.switches),
      edgeBytes: total(sum.edgeBytes),
      peerBytes: total(sum.peerBytes),
      fillBytes: total(sum.fillBytes),
      requests: total(sum.requests),
      rungSegments: byRung,
    };
  }

  /** The sums with what open sessions have come to by the start of the window. */
  #totals(window: number): NightTotals {
    const world = this.#world;
    const { viewers, plan } = world;
    const nowMs = (window * plan.windowUs) / 1_000;
    const totals = this.#sums();
    for (let i = 0; i < plan.viewerCount; i++) {
      if (!isOpen(world, i)) continue;
      totals.playedMs += viewers.playedMs[i]!;
      totals.stalledMs += viewers.stalledMs[i]!;
      totals.stalls += viewers.stallCount[i]!;
      totals.switches += viewers.switchUpCount[i]! + viewers.switchDownCount[i]!;
      const aheadMs = Math.max(0, nowMs - viewers.clockMs[i]!);
      if (viewers.phase[i] === viewerPhase.stalled) totals.stalledMs += aheadMs;
      if (viewers.phase[i] !== viewerPhase.playing) continue;
      const playableMs = Math.min(aheadMs, viewers.bufferMs[i]!);
      totals.playedMs += playableMs;
      totals.stalledMs += aheadMs - playableMs;
    }
    return totals;
  }
}
