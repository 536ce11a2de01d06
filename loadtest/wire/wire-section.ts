/** The measured half of a load test's report, from one run of real viewers. Pure. */
import { costGbpsMin } from "../../src/config/schema-load-report-rules.ts";
import type { LoadReport } from "../../src/config/schema-load-report.ts";
import { coresBetween, coresPeak } from "./cpu-cores.ts";
import { generatorName, modelName, steadySamples, type MeasuredRun } from "./measured-run.ts";
import { gbpsBetween, tierBetween } from "./node-sums.ts";
import type { Sample } from "./sampler.ts";

type WireSection = LoadReport["wire"];

/** Of what viewers asked for: k6 counts calls to the model too. */
const viewersTag = "scenario:viewers";
/** Over this long k6 must keep its cores below the bound. Arbitrary: two segments. */
const busySpanMs = 8_000;

export function wireSection(run: MeasuredRun): WireSection {
  const { setup, nodes } = run;
  const steady = steadySamples(run);
  const span = { before: steady[0]!, after: steady.at(-1)! };
  return {
    viewers: setup.viewerCount,
    connectionsPeak: connectionsPeak(run),
    durationSec: (span.after.atMs - span.before.atMs) / 1_000,
    edges: nodes.filter(({ tier }) => tier === "edge").length,
    linkClasses: setup.links.map(({ ratio, kbps }) => ({ ratio, kbps })),
    sharedEdgeKbps: setup.sharedEdgeKbps,
    timeline: timelineOf(run),
    quality: { ...qualityOf(run), kbpsPerViewer: kbpsPerViewer(run, steady) },
    cache: cacheOf(run),
    tiers: tiersOf(run, span),
    processes: processesOf(run, span),
  };
}

/** Most viewer connections at once over all edges; null where nobody can be asked. */
export function connectionsPeak({ nodes, samples }: MeasuredRun): number | null {
  if (nodes.length === 0) return null;
  const counts = samples.map((sample) => {
    return tierBetween(nodes, "edge", { before: sample, after: sample }).connections;
  });
  return Math.max(0, ...counts);
}

function timelineOf(run: MeasuredRun): WireSection["timeline"] {
  const { samples, nodes, startMs, processes } = run;
  return samples.slice(1).flatMap((after, index) => {
    const before = samples[index]!;
    const tSec = (before.atMs - startMs) / 1_000;
    if (tSec < 0 || tSec >= run.setup.durationSec) return [];
    const span = { before, after };
    const edge = tierBetween(nodes, "edge", span);
    const shield = tierBetween(nodes, "shield", span);
    const hasNodes = nodes.length > 0;
    return [
      {
        tSec,
        egressGbps: gbpsBetween(hasNodes ? edge.egressBytes : receivedBytes(span), span),
        fillGbps: hasNodes ? gbpsBetween(edge.fillBytes, span) : null,
        shieldFillGbps: hasNodes ? gbpsBetween(shield.fillBytes, span) : null,
        viewers: hasNodes ? edge.viewers : (after.viewers?.watching ?? 0),
        stalledRatio: null,
        cpu: Object.fromEntries(
          processes.map((name) => [name, coresBetween(before, after, name) ?? 0]),
        ),
      },
    ];
  });
}

/** What viewers got between two samples, by the generator; 0 where it did not say. */
function receivedBytes({ before, after }: { before: Sample; after: Sample }): number {
  if (after.viewers === undefined) return 0;
  return after.viewers.receivedBytes - (before.viewers?.receivedBytes ?? 0);
}

/** While everybody watches: a whole run's bytes hold what was buffered and not played yet. */
function kbpsPerViewer({ nodes }: MeasuredRun, steady: readonly Sample[]): number {
  const span = { before: steady[0]!, after: steady.at(-1)! };
  const hasNodes = nodes.length > 0;
  const watching = steady.map((sample) =>
    hasNodes
      ? tierBetween(nodes, "edge", { before: sample, after: sample }).viewers
      : (sample.viewers?.watching ?? 0),
  );
  const viewers = watching.reduce((sum, count) => sum + count, 0) / steady.length;
  const bytes = hasNodes ? tierBetween(nodes, "edge", span).egressBytes : receivedBytes(span);
  return ratioOf(1e6 * gbpsBetween(bytes, span), viewers);
}

function qualityOf({ figures }: MeasuredRun): Omit<WireSection["quality"], "kbpsPerViewer"> {
  const played = figures.count("viewer_watch_seconds");
  const stalled = figures.count("viewer_stall_seconds");
  const watched = played + stalled;
  // Without a sample there is no figure, and 0 would be a good one.
  const ms = (metric: string, statistic: string): number | null => {
    const seconds = figures.trend(metric, statistic);
    return seconds === undefined ? null : 1_000 * seconds;
  };
  const started = figures.count("viewer_joins");
  return {
    startupMsP50: ms("viewer_startup_seconds", "med"),
    startupMsP95: ms("viewer_startup_seconds", "p(95)"),
    startFailureRatio: ratioOf(figures.count("viewer_start_failures"), started),
    stallRatio: ratioOf(stalled, watched),
    stallsPerHour: ratioOf(3_600 * figures.count("viewer_stalls"), watched),
    switchesPerMin: ratioOf(60 * figures.count("viewer_rung_switches"), watched),
    latencyMsP50: ms("viewer_live_latency_seconds", "med"),
    latencyMsP95: ms("viewer_live_latency_seconds", "p(95)"),
    rungShare: null,
    requests: figures.count("http_reqs", viewersTag),
    failedRatio: figures.rate("http_req_failed", viewersTag),
    lateSegmentRatio: figures.rate("viewer_late_segments"),
    playlistMsP99: ms("viewer_playlist_seconds", "p(99)"),
    playlistAgeMsP99: ms("viewer_playlist_age_seconds", "p(99)"),
    digestChecks: figures.count("viewer_digest_checks"),
    digestFailures: figures.count("viewer_digest_failures"),
  };
}

/** Media payload that viewers got over the whole run. */
export function segmentBytesOf({ figures }: Pick<MeasuredRun, "figures">): number {
  return figures.count("viewer_bytes", "kind:segment");
}

function cacheOf({ figures }: MeasuredRun): WireSection["cache"] {
  const metric = "viewer_segment_requests";
  const all = figures.count(metric);
  if (all === 0) return null;
  const share = (outcome: string): number => figures.count(metric, `cache:${outcome}`) / all;
  const known = share("hit") + share("join") + share("miss") + share("stale");
  // A target that sends no X-Cache says nothing of it.
  if (known === 0) return null;
  return {
    hitRatio: share("hit"),
    joinRatio: share("join"),
    missRatio: share("miss"),
    staleRatio: share("stale"),
  };
}

function tiersOf(run: MeasuredRun, span: { before: Sample; after: Sample }): WireSection["tiers"] {
  const tiers = ["edge", "shield", "origin"] as const;
  return tiers.flatMap((tier) => {
    const nodes = run.nodes.filter((node) => node.tier === tier).length;
    if (nodes === 0) return [];
    const sums = tierBetween(run.nodes, tier, span);
    const isOrigin = tier === "origin";
    return [
      {
        tier,
        nodes,
        egressBytes: sums.egressBytes,
        fillBytes: isOrigin ? null : sums.fillBytes,
        egressGbps: gbpsBetween(sums.egressBytes, span),
        hitRatio:
          isOrigin || sums.mediaResponses === 0 ? null : sums.mediaHits / sums.mediaResponses,
      },
    ];
  });
}

/** What each process cost for what it sent; the generator, and what stands before the edges, received it. */
function processesOf(
  run: MeasuredRun,
  span: { before: Sample; after: Sample },
): WireSection["processes"] {
  const hasNodes = run.nodes.length > 0;
  const edges = tierBetween(run.nodes, "edge", span);
  const received = hasNodes ? edges.egressBytes : receivedBytes(span);
  return run.processes.flatMap((name) => {
    const cores = coresBetween(span.before, span.after, name);
    if (cores === undefined) return [];
    const node = run.nodes.filter((one) => one.name === name);
    const bytes = node.length > 0 ? tierBetween(node, node[0]!.tier, span).egressBytes : received;
    const gbps = gbpsBetween(bytes, span);
    return [
      {
        name,
        cpuSec: (cores * (span.after.atMs - span.before.atMs)) / 1_000,
        cores,
        // The model sends nothing real.
        cpuCoresPerGbps: gbps >= costGbpsMin && name !== modelName ? cores / gbps : null,
        rssBytesMax: rssMax(run.samples, name),
      },
    ];
  });
}

export function generatorSection(run: MeasuredRun, k6Version: string): LoadReport["generator"] {
  const { samples, startMs, cores, figures, setup } = run;
  const during = samples.filter(({ atMs }) => atMs >= startMs);
  const rssBytes = rssMax(samples, generatorName);
  const [first, last] = [during[0] ?? samples[0]!, during.at(-1) ?? samples.at(-1)!];
  const machine = last.machine.all - first.machine.all;
  return {
    k6Version,
    cores,
    busyRatio: coresPeak(during, generatorName, busySpanMs) / cores,
    scheduleLagMsP99: 1_000 * (figures.trend("viewer_schedule_lag_seconds", "p(99)") ?? 0),
    droppedIterations: figures.count("dropped_iterations"),
    vus: figures.gauge("vus_max", "max") ?? setup.viewerCount,
    rssBytes,
    bytesPerViewer: rssBytes / setup.viewerCount,
    machineBusyRatio: ratioOf(last.machine.busy - first.machine.busy, machine),
  };
}

function rssMax(samples: readonly Sample[], name: string): number {
  return samples.reduce((max, { rssBytes }) => Math.max(max, rssBytes.get(name) ?? 0), 0);
}

function ratioOf(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}
