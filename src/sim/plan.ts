/**
 * A scenario made into what the engine counts with: whole microseconds, indices of rungs and edges,
 * rates in bits a microsecond. Pure arithmetic; the audience itself is in audience.ts.
 */
import type { Scenario } from "../config/schema-scenario.ts";
import { effectiveLadder } from "../govern/effective-ladder.ts";
import { gridFor } from "../media/grid.ts";
import { createViewerLadder, type ViewerLadder } from "../viewer/viewer-ladder.ts";

/** MSN of the segment that begins at instant 0: the feed was live before anybody came. */
export const msnAtStart = 1_000;
/** Intervals a segment duration in which an edge's load is looked at. */
export const quantaPerWindow = 40;

/** Most windows that edges run through without hearing of each other. */
export const turnWindowsMax = 8;

/** What is offered during one part of the night. */
export interface LadderPlan {
  viewerLadder: ViewerLadder;
  /** Index in `rungKbps` of each rung offered, rising. */
  rungs: Int32Array;
}

export interface SimPlan {
  scenario: Scenario;
  /** Simulated viewers: the audience divided by its weight. */
  viewerCount: number;
  edgeCount: number;
  shieldCount: number;
  /** A window is one segment duration: between windows parts of the model exchange what they know. */
  windowUs: number;
  windowCount: number;
  quantumUs: number;
  /** One over each: multiplying is quicker. */
  windowsPerUs: number;
  quantaPerUs: number;
  segmentMs: number;
  publishDelayUs: number;
  rttUs: number;
  shieldRttUs: number;
  originRttUs: number;
  uplinkBitsPerUs: number;
  /** Of one edge, at capacity ratio 1. */
  edgeBitsPerUs: number;
  /** Every rung that is offered at some time, rising. */
  rungKbps: readonly number[];
  /** Bytes of a segment: row `msn` modulo rows, column of `rungKbps`. */
  sizeBytes: Float64Array;
  sizeRowCount: number;
  /** The ladder at the start, and after each `cap` event; in a driven night, those of further caps. */
  ladders: readonly LadderPlan[];
  /** The cap of each of the ladders. */
  capsKbps: readonly (number | null)[];
  /** Whether viewers come only when inputs say so, and inputs may change the cap. */
  isDriven: boolean;
  /** First and last window (exclusive) of the plateau. */
  plateauFrom: number;
  plateauTo: number;
}

/** The window that an instant falls into; half a microsecond keeps the first one of it there. */
export function windowOf(plan: SimPlan, atUs: number): number {
  return Math.floor((atUs + 0.5) * plan.windowsPerUs);
}

/** How a night is driven from outside. */
export interface Driving {
  /** Caps that may be set beside none, those of the scenario and those equal to its rungs. */
  capsKbps: readonly number[];
}

/** Without `driving` the night goes by its scenario alone. */
export function planOf(scenario: Scenario, driving?: Driving): SimPlan {
  const { audience, topology, segment, plateau } = scenario;
  const viewerCount = Math.max(1, Math.round(audience.viewerCount / audience.sampleWeight));
  const windowUs = segment.durationMs * 1_000;
  const caps = capsOf(scenario, driving);
  const offers = caps.map((capKbps) => offeredKbps(scenario, capKbps));
  const rungKbps = [...new Set(offers.flat())].sort((a, b) => a - b);
  const windowCount = Math.ceil((scenario.durationSec * 1e6) / windowUs);
  const toWindow = (sec: number): number => Math.round((sec * 1e6) / windowUs);
  // At least one window, however short the plateau is.
  const plateauFrom = Math.min(windowCount - 1, toWindow(plateau.fromSec));
  return {
    scenario,
    viewerCount,
    edgeCount: topology.edges,
    shieldCount: topology.shields,
    windowUs,
    windowCount,
    quantumUs: windowUs / quantaPerWindow,
    windowsPerUs: 1 / windowUs,
    quantaPerUs: quantaPerWindow / windowUs,
    segmentMs: segment.durationMs,
    publishDelayUs: segment.publishDelayMs * 1_000,
    rttUs: audience.rttMs * 1_000,
    shieldRttUs: topology.shieldRttMs * 1_000,
    originRttUs: topology.originRttMs * 1_000,
    uplinkBitsPerUs: topology.uplinkKbps / 1_000,
    edgeBitsPerUs: (topology.edgeKbpsPerViewer * viewerCount) / topology.edges / 1_000,
    rungKbps,
    ...sizesOf(scenario, rungKbps),
    ladders: offers.map((kbps) => ladderOf(scenario, rungKbps, kbps)),
    capsKbps: caps,
    isDriven: driving !== undefined,
    plateauFrom,
    plateauTo: Math.min(windowCount, Math.max(plateauFrom + 1, toWindow(plateau.toSec))),
  };
}

/** The scenario's caps in their order; caps equal to rungs add no rung. */
function capsOf({ ladder, events }: Scenario, driving: Driving | undefined): (number | null)[] {
  const caps = [ladder.capKbps];
  for (const event of events) if (event.kind === "cap") caps.push(event.capKbps);
  if (driving === undefined) return caps;
  return [...new Set([...caps, null, ...ladder.rungsKbps, ...driving.capsKbps])];
}

/** What viewers are offered under a cap, by the origin's own rule. */
function offeredKbps(scenario: Scenario, capKbps: number | null): number[] {
  const rungs = effectiveLadder({
    ladder: {
      preset: "oprah-2008",
      // Sizes of pictures do not matter here.
      rungs: scenario.ladder.rungsKbps.map((kbps) => ({ kbps, width: 320, height: 180 })),
      capKbps,
      audioRung: false,
      encoderPreset: "superfast",
    },
    grid: gridFor(30),
  });
  return rungs.map(({ kbps }) => kbps);
}

function sizesOf(
  scenario: Scenario,
  rungKbps: readonly number[],
): { sizeBytes: Float64Array; sizeRowCount: number } {
  const { sizesBytes, durationMs } = scenario.segment;
  if (sizesBytes.length === 0) {
    const nominal = rungKbps.map((kbps) => Math.round((kbps * durationMs) / 8));
    return { sizeBytes: Float64Array.from(nominal), sizeRowCount: 1 };
  }
  const columns = [...scenario.ladder.rungsKbps].sort((a, b) => a - b);
  const rows = sizesBytes.map((row) => {
    const byRate = scenario.ladder.rungsKbps.map((kbps, i) => [kbps, row[i]!] as const);
    byRate.sort(([x], [y]) => x - y);
    // A rung that a later cap makes has no measured size: its neighbour's, by rate.
    return rungKbps.map((kbps) => {
      const near = Math.max(
        0,
        columns.findLastIndex((column) => column <= kbps),
      );
      const [rate, bytes] = byRate[near]!;
      return Math.round((bytes * kbps) / rate);
    });
  });
  return { sizeBytes: Float64Array.from(rows.flat()), sizeRowCount: rows.length };
}

function ladderOf(
  scenario: Scenario,
  rungKbps: readonly number[],
  offered: readonly number[],
): LadderPlan {
  const { durationMs } = scenario.segment;
  const { rungsKbps, averagesKbps } = scenario.ladder;
  const averageOf = (kbps: number): number => averagesKbps[rungsKbps.indexOf(kbps)] ?? kbps;
  return {
    rungs: Int32Array.from(offered, (kbps) => rungKbps.indexOf(kbps)),
    viewerLadder: createViewerLadder({
      peakBitsPerSec: offered.map((kbps) => kbps * 1_000),
      averageBitsPerSec: offered.map((kbps) => averageOf(kbps) * 1_000),
      segmentDurationMs: durationMs,
      targetDurationMs: durationMs,
      bufferMsTarget: scenario.viewer.holdBackTargetDurations * durationMs,
    }),
  };
}
