/**
 * One thread's part of the world: some edges, their viewers, and what it counts while it runs them.
 * What shards count are whole numbers, so that their sums do not depend on who counted what.
 */
import { exp, log } from "../base/float.ts";
import type { Scenario } from "../config/schema-scenario.ts";
import { loadMsMax, requested } from "../viewer/retry-policy.ts";
import { abrRules, type AbrRule } from "../viewer/rules/rule-table.ts";
import type { RungRule, ViewerLadder } from "../viewer/viewer-ladder.ts";
import type { Arena } from "./arena.ts";
import { histogramSlots } from "./histogram.ts";
import type { SimPlan } from "./plan.ts";
import type { World } from "./world.ts";

/** What one shard counts, over shared memory; the coordinator adds the shards up. */
export interface ShardCounts {
  /** Sessions by time to the first frame, ms. */
  readonly startupMs: Float64Array;
  /** Samples of the distance from the live edge within the plateau, ms. */
  readonly latencyMs: Float64Array;
  /** Sessions that played, by stalled share of their time in 1/10,000. */
  readonly stallPer10000: Float64Array;
  /** Sessions that played, by mean rate in kbps. */
  readonly sessionKbps: Float64Array;
  /** A window each: microseconds that pictures stood, sessions open at its end less at its start. */
  readonly stalledUs: Float64Array;
  readonly openChange: Float64Array;
  /** A second each: sessions begun. */
  readonly joins: Float64Array;
  /** Steps: segments asked for. */
  readonly steps: Float64Array;
}

export function layOutCounts(plan: SimPlan, arena: Arena): ShardCounts {
  return {
    startupMs: arena.float64(histogramSlots),
    latencyMs: arena.float64(histogramSlots),
    stallPer10000: arena.float64(histogramSlots),
    sessionKbps: arena.float64(histogramSlots),
    stalledUs: arena.float64(plan.windowCount + 1),
    openChange: arena.float64(plan.windowCount + 1),
    joins: arena.float64(Math.ceil((plan.windowCount * plan.windowUs) / 1e6) + 1),
    steps: arena.float64(1),
  };
}

/** What a viewer's step needs beside the world. */
export interface Shard {
  readonly world: World;
  readonly plan: SimPlan;
  readonly counts: ShardCounts;
  readonly rungCount: number;
  readonly holdBackMs: number;
  readonly bufferMsMax: number;
  readonly loadTimeoutUs: number;
  /** By index in `scenario.viewer.abr`. */
  readonly rules: readonly AbrRule[];
  /** Their choices, with the numbers that the scenario gives or else their own. */
  readonly choose: readonly RungRule[];
  /** Kept and added share of the path's deviation after n windows. */
  readonly noiseKept: Float64Array;
  readonly noiseAdded: Float64Array;
  /** Of the binary logarithm of a path's rate. */
  readonly noiseSigma: number;
  readonly hasPeers: boolean;
  /** Whether viewers hold their polls until there is news. */
  readonly isBlocking: boolean;
  /** Whether viewers of the first arrival are still to come. */
  hasArrivals: boolean;
  /** Whether the short way of steady-sweep.ts may be taken; it changes nothing but the time taken. */
  isSteady: boolean;
  /** The turn under way: some windows through which each edge runs by itself. */
  turnStart: number;
  turnEnd: number;
  turnEndUs: number;
  inPlateau: boolean;
  /** Whether the link of the edge at hand is shared out. */
  isShared: boolean;
  ladder: ViewerLadder;
  ladderRungs: Int32Array;
}

/** After this many windows nothing is left of a path's deviation. */
const noiseWindows = 256;
const hlsjsLoadTimeoutUs = 1_000 * loadMsMax[requested.segment];
/** Bodies end within the part of the night that edges' loads are kept for. */
const loadWindowsMax = 40;

/** The rule itself where the scenario gives it no numbers: a call with rest parameters is slow. */
function choiceOf({ rule, parameters }: Scenario["viewer"]["abr"][number]): RungRule {
  const { choose } = abrRules[rule];
  if (parameters.length === 0) return choose;
  return (viewers, i, ladder, nowMs) => choose(viewers, i, ladder, nowMs, ...parameters);
}

export function createShard(world: World, counts: ShardCounts): Shard {
  const { plan } = world;
  const { viewer, audience, swarm } = plan.scenario;
  const perWindow = exp(-plan.windowUs / 1e6 / audience.pathNoiseCorrelationSec);
  const noiseKept = new Float64Array(noiseWindows + 1);
  const noiseAdded = new Float64Array(noiseWindows + 1);
  for (let n = 0, kept = 1; n < noiseWindows; n++, kept *= perWindow) {
    noiseKept[n] = kept;
    noiseAdded[n] = Math.sqrt(1 - kept * kept);
  }
  noiseAdded[noiseWindows] = 1;
  return {
    world,
    plan,
    counts,
    rungCount: plan.rungKbps.length,
    holdBackMs: viewer.holdBackTargetDurations * plan.segmentMs,
    bufferMsMax: viewer.bufferMsMax,
    loadTimeoutUs: Math.min(hlsjsLoadTimeoutUs, loadWindowsMax * plan.windowUs),
    rules: viewer.abr.map(({ rule }) => abrRules[rule]),
    choose: viewer.abr.map(choiceOf),
    noiseKept,
    noiseAdded,
    noiseSigma: audience.pathNoiseLogSigma / log(2),
    isBlocking: viewer.blockingReload,
    hasPeers: swarm.participationRatio > 0,
    hasArrivals: true,
    isSteady:
      viewer.abr.every(({ rule }) => rule === "hlsjs") &&
      !viewer.blockingReload &&
      swarm.participationRatio === 0,
    turnStart: 0,
    turnEnd: 0,
    turnEndUs: 0,
    inPlateau: false,
    isShared: false,
    ladder: plan.ladders[0]!.viewerLadder,
    ladderRungs: plan.ladders[0]!.rungs,
  };
}
