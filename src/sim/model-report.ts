/** The report of a night that is over: the log's figures weighted, averaged and named. */
import { networkCardsNeeded } from "../base/network-cards.ts";
import type { ModelReport } from "../config/schema-model-report.ts";
import { countIndex, countSlots, type CountName } from "../relay/counts.ts";
import { countsBetween, histogramSlots, quantileOf } from "./histogram.ts";
import type { NightLog, NightTotals, WindowRow } from "./night-log.ts";
import type { SimPlan } from "./plan.ts";
import type { ShardCounts } from "./shard.ts";
import { sum, sumCount, type World } from "./world.ts";

const startupBoundsMs = [
  250, 500, 1_000, 1_500, 2_000, 3_000, 5_000, 8_000, 12_000, 20_000, 30_000,
];
const stallBounds = [0.0001, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];
const kbpsStep = 50;
const utilisationBounds = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99];

export interface NightResult {
  plan: SimPlan;
  world: World;
  counts: readonly ShardCounts[];
  log: NightLog;
  commit: string;
}

export function modelReportOf(night: NightResult): ModelReport {
  const { plan, log, commit } = night;
  const { scenario } = plan;
  return {
    evidence: "modelled",
    version: 1,
    scenario: scenario.name,
    title: scenario.title,
    seed: scenario.seed,
    commit,
    headline: headlineOf(night),
    conservation: conservationOf(night),
    timeline: log.rows.map((row, window) => timelineRowOf(night, row, window)),
    events: log.events.map((event) => ({ ...event })),
    distributions: distributionsOf(night),
    relay: relayOf(night.world),
  };
}

function headlineOf(night: NightResult): ModelReport["headline"] {
  const { plan, log, world, counts } = night;
  const { scenario } = plan;
  const weight = scenario.audience.sampleWeight;
  const plateau = log.plateauRows;
  const change = changeOf(log);
  const watchedMs = change.playedMs + change.stalledMs;
  const mediaBytes = change.edgeBytes + change.peerBytes;
  const plateauSec = (plateau.length * plan.windowUs) / 1e6;
  const gbpsOf = (row: WindowRow): number => (weight * row.egressBits) / plan.windowUs / 1_000;
  const egressGbpsPeak = largest(log.rows.map(gbpsOf));
  const sessions = totalOf(world, sum.sessions);
  const startup = addedUp(counts, "startupMs");
  const latency = addedUp(counts, "latencyMs");
  const joins = addedUp(counts, "joins");
  return {
    viewers: scenario.audience.viewerCount,
    concurrentMean: rounded(weight * mean(plateau.map(({ viewers }) => viewers))),
    joinsPerSecPeak: weight * largest(joins),
    egressGbpsMean: rounded(mean(plateau.map(gbpsOf))),
    egressGbpsPeak: rounded(egressGbpsPeak),
    kbpsPerViewer: rounded(ratio(8 * mediaBytes, watchedMs)),
    rungShare: sharesOf(plan, change.rungSegments),
    stallRatio: rounded(ratio(change.stalledMs, watchedMs)),
    stallsPerHour: rounded(ratio(change.stalls, watchedMs / 3.6e6)),
    startupMsP50: Math.round(quantileOf(startup, 0.5)),
    startupMsP95: Math.round(quantileOf(startup, 0.95)),
    startFailureRatio: rounded(ratio(totalOf(world, sum.failedSessions), sessions)),
    switchesPerMin: rounded(ratio(change.switches, watchedMs / 60_000)),
    latencyMsP50: Math.round(quantileOf(latency, 0.5)),
    latencyMsP95: Math.round(quantileOf(latency, 0.95)),
    fillGbps: rounded((8 * change.fillBytes) / plateauSec / 1e9),
    edgeCount: plan.edgeCount,
    edgeCapacityGbps: rounded(
      (weight * mean(plateau.map(({ capacityBits }) => capacityBits))) / plan.windowUs / 1_000,
    ),
    edgeUtilisation: rounded(mean(plateau.map((row) => ratio(row.egressBits, row.capacityBits)))),
    requestsPerSec: rounded((weight * change.requests) / plateauSec),
    p2pOffloadRatio: rounded(ratio(change.peerBytes, mediaBytes)),
    segmentDurationSec: plan.segmentMs / 1_000,
    edgesNeededAt10GbE: networkCardsNeeded(egressGbpsPeak, 10),
    edgesNeededAt25GbE: networkCardsNeeded(egressGbpsPeak, 25),
  };
}

/** One window of the timeline. */
export function timelineRowOf(
  night: NightResult,
  row: WindowRow,
  window: number,
): ModelReport["timeline"][number] {
  const { plan, log } = night;
  const weight = plan.scenario.audience.sampleWeight;
  const windowSec = plan.windowUs / 1e6;
  const bits = row.egressBits + 8 * row.peerBytes;
  return {
    tSec: (window * plan.windowUs) / 1e6,
    egressGbps: rounded((weight * row.egressBits) / windowSec / 1e9),
    kbpsPerViewer: rounded(ratio(bits, row.viewers * windowSec * 1_000)),
    edgeUtilisation: rounded(ratio(row.egressBits, row.capacityBits)),
    stalledRatio: rounded(log.stalledRatio(window)),
    viewers: weight * row.viewers,
    p2pRatio: rounded(ratio(row.peerBytes, row.peerBytes + row.edgeBytes)),
    fillGbps: rounded((8 * row.fillBytes) / windowSec / 1e9),
    rungShare: sharesOf(plan, row.rungSegments),
  };
}

function conservationOf({ plan, world }: NightResult): ModelReport["conservation"] {
  const weight = plan.scenario.audience.sampleWeight;
  const weighted = (of: number): number | string => exact(weight * totalOf(world, of));
  const whole = (of: number): number | string => exact(weight * Math.round(totalOf(world, of)));
  return {
    viewerBytes: weighted(sum.viewerBytes),
    edgeEgressBytes: weighted(sum.edgeBytes),
    peerBytes: weighted(sum.peerBytes),
    edgeFillBytes: exact(totalOf(world, sum.fillBytes)),
    uniqueFillBytes: exact(totalOf(world, sum.uniqueFillBytes)),
    downloadedMs: whole(sum.downloadedMs),
    playedMs: whole(sum.playedMs),
    bufferedMs: whole(sum.bufferedMs),
    discardedMs: whole(sum.discardedMs),
    overCapacityQuanta: totalOf(world, sum.overCapacityQuanta),
  };
}

function distributionsOf({ plan, log, counts }: NightResult): ModelReport["distributions"] {
  const topKbps = plan.rungKbps.at(-1)!;
  const kbpsBounds = Array.from(
    { length: Math.ceil(topKbps / kbpsStep) },
    (_, n) => (n + 1) * kbpsStep,
  );
  // Edges that were down all the while have none.
  const utilisations = [...log.edgePlateauBits]
    .map((bits, edge) => bits / log.edgePlateauCapacityBits[edge]!)
    .filter((utilisation) => !Number.isNaN(utilisation));
  const per10000 = stallBounds.map((bound) => 10_000 * bound);
  const weight = plan.scenario.audience.sampleWeight;
  const weighted = (all: number[]): number[] => all.map((count) => weight * count);
  return {
    startupMs: {
      upTo: startupBoundsMs,
      counts: weighted(countsBetween(addedUp(counts, "startupMs"), startupBoundsMs)),
    },
    stallRatio: {
      upTo: stallBounds,
      counts: weighted(countsBetween(addedUp(counts, "stallPer10000"), per10000)),
    },
    sessionKbps: {
      upTo: kbpsBounds,
      counts: weighted(countsBetween(addedUp(counts, "sessionKbps"), kbpsBounds)),
    },
    edgeUtilisation: {
      upTo: utilisationBounds,
      counts: countsOf(utilisations, utilisationBounds),
    },
  };
}

function relayOf(world: World): ModelReport["relay"] {
  const { relayCounts } = world;
  const total = (name: CountName): number => {
    let value = 0;
    for (let at = countIndex[name]; at < relayCounts.length; at += countSlots) {
      value += relayCounts[at]!;
    }
    return value;
  };
  const asked = totalOf(world, sum.asked);
  const joined = totalOf(world, sum.joined);
  const misses = total("miss");
  return {
    hitRatio: rounded(ratio(Math.max(0, asked - joined - misses), asked)),
    joinRatio: rounded(ratio(joined, asked)),
    missCount: misses,
    fillCount: total("fill"),
    retryCount: total("retry"),
  };
}

/** What happened between the bounds of the plateau. */
function changeOf({ plateauStart, plateauEnd }: NightLog): NightTotals {
  const end = plateauEnd!;
  const start = plateauStart;
  if (start === undefined) return end;
  return {
    playedMs: end.playedMs - start.playedMs,
    stalledMs: end.stalledMs - start.stalledMs,
    stalls: end.stalls - start.stalls,
    switches: end.switches - start.switches,
    edgeBytes: end.edgeBytes - start.edgeBytes,
    peerBytes: end.peerBytes - start.peerBytes,
    fillBytes: end.fillBytes - start.fillBytes,
    requests: end.requests - start.requests,
    rungSegments: end.rungSegments.map((n, rung) => n - start.rungSegments[rung]!),
  };
}

function sharesOf(plan: SimPlan, segments: Float64Array): Record<string, number> {
  const total = segments.reduce((all, n) => all + n, 0);
  return Object.fromEntries(
    plan.rungKbps.map((kbps, rung) => [String(kbps), rounded(ratio(segments[rung]!, total))]),
  );
}

/** A sum of all edges; `of` is an offset of `sum`. */
export function totalOf({ sums, plan }: World, of: number): number {
  let total = 0;
  for (let edge = 0; edge < plan.edgeCount; edge++) total += sums[edge * sumCount + of]!;
  return total;
}

/** A histogram or series of all shards together. */
function addedUp(
  counts: readonly ShardCounts[],
  name: "startupMs" | "latencyMs" | "stallPer10000" | "sessionKbps" | "joins",
): Float64Array {
  const total = new Float64Array(counts[0]?.[name].length ?? histogramSlots);
  for (const shard of counts) {
    for (let n = 0; n < total.length; n++) total[n]! += shard[name][n]!;
  }
  return total;
}

function countsOf(values: readonly number[], upTo: readonly number[]): number[] {
  const counts = new Array<number>(upTo.length + 1).fill(0);
  for (const value of values) {
    const interval = upTo.findIndex((bound) => value < bound);
    counts[interval === -1 ? upTo.length : interval]!++;
  }
  return counts;
}

function mean(values: readonly number[]): number {
  return ratio(
    values.reduce((total, value) => total + value, 0),
    values.length,
  );
}

/** Of any number of values; 0 of none. */
function largest(values: Iterable<number>): number {
  let found = 0;
  for (const value of values) found = Math.max(found, value);
  return found;
}

/** 0 where there is nothing to divide by. */
export function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** Nine significant digits: enough for anybody, and no noise of arithmetic. */
export function rounded(value: number): number {
  return Number(value.toPrecision(9));
}

/** Numbers above 2^53 are not exact as numbers; their sums were, up to there. */
function exact(value: number): number | string {
  return Number.isSafeInteger(value) ? value : BigInt(value).toString();
}
