/** The rows of the load test's board about what was measured: by k6, and by the command itself. */
import { loadMetrics } from "../../src/metrics/load.ts";
import type { MetricSpec } from "../../src/metrics/metric.ts";
import type { BoardRow } from "./board.ts";
import { k6Metrics, k6TrendMetrics, k6ViewerMetrics, type trendStats } from "./k6-metrics.ts";
import { figure, graph, type Query } from "./panels.ts";
import { promql, rateOf } from "./promql.ts";

const m = loadMetrics;
const k6 = { ...k6ViewerMetrics, ...k6TrendMetrics };
const ofScenario = `scenario=~"$scenario"`;
/** k6's own scenario of that name: its viewers are real. */
const real = `scenario="viewers"`;

/** A rate of a counter that has no series before it rises. */
function rateOrZero(counter: MetricSpec): string {
  return promql`(${rateOf(counter, { where: real })} or vector(0))`;
}

/** Quantiles of a trend of k6, over the run so far. */
function trendOf(trend: MetricSpec, stats: readonly (typeof trendStats)[number][]): Query[] {
  return stats.map((stat) => ({
    expr: promql`max(${trend}_${stat}{${real}})`,
    legend: stat === "p50" ? "half" : stat === "max" ? "worst" : `${stat.slice(1)} %`,
  }));
}

const generator: BoardRow = {
  question: "Measured: does the generator keep up, so that the rest counts?",
  height: 7,
  panels: [
    graph({
      title: "How late k6 wakes viewers (measured)",
      description:
        "Of all wake-ups of the run so far. Good: 99 % under 0.1 s. Past 0.25 s the run is void: take fewer viewers.",
      unit: "s",
      width: 6,
      levels: { good: "low", warn: 0.1, bad: 0.25 },
      queries: trendOf(k6.scheduleLag, ["p50", "p99", "max"]),
    }),
    graph({
      title: "VUs of k6 (measured)",
      description: "VUs that work, and those there are. A real viewer takes one.",
      unit: "short",
      width: 5,
      queries: [
        { expr: promql`sum(${k6Metrics.vus})`, legend: "working" },
        { expr: promql`sum(${k6Metrics.vusMax})`, legend: "there are" },
      ],
    }),
    graph({
      title: "Arrivals dropped (measured)",
      description:
        "Arrivals a second that k6 could not serve, with the model's join batches. Good: 0. One makes the run void.",
      unit: "cps",
      width: 4,
      levels: { good: "low", warn: 1e-9, bad: 0.01 },
      queries: [{ expr: promql`${rateOf(k6Metrics.dropped)} or vector(0)`, legend: "dropped" }],
    }),
    figure({
      title: "Machine busy (measured)",
      description:
        "Share of this machine's cores in use in the last second. Good: under 0.8. Above it each program is slower than alone.",
      unit: "percentunit",
      width: 3,
      levels: { good: "low", warn: 0.8, bad: 0.95 },
      queries: [{ expr: promql`max(${m.machineBusy}{${ofScenario}})`, legend: "busy" }],
    }),
    graph({
      title: "CPU of each program (measured)",
      description:
        "Cores in use. A node answers on one core: near 1 it is full. k6 and the emulator of lines must not be what is full.",
      unit: "none",
      width: 6,
      levels: { good: "low", warn: 0.7, bad: 0.9 },
      queries: [
        {
          expr: rateOf(m.cpuSeconds, { by: "process", where: ofScenario }),
          legend: "{{process}}",
        },
      ],
    }),
  ],
};

const served: BoardRow = {
  question: "Measured: what do real viewers get?",
  height: 7,
  panels: [
    graph({
      title: "Real viewers (measured)",
      description:
        "Viewers now, as the edges count them. Dashed: those the run is to have. Good: they meet after the arrivals.",
      unit: "short",
      width: 5,
      queries: [
        { expr: promql`sum(${m.viewers}{${ofScenario}})`, legend: "viewers" },
        {
          expr: promql`sum(${m.viewersPlanned}{${ofScenario}})`,
          legend: "planned",
          isReference: true,
        },
      ],
    }),
    graph({
      title: "Sent, by tier (measured)",
      description:
        "Payload that each tier under test sent. Good: shield and origin far below the edges once there are more viewers than rungs.",
      unit: "bps",
      width: 6,
      queries: [
        {
          expr: promql`8 * ${rateOf(m.egressBytes, { by: "from", where: ofScenario })}`,
          legend: "{{from}}",
        },
      ],
    }),
    graph({
      title: "Stall ratio (measured)",
      description:
        "Share of the viewing time that real viewers stood still. With emulated slow lines some do; what the model says of the same lines stands below.",
      unit: "percentunit",
      width: 4,
      levels: { good: "low", warn: 0.01, bad: 0.05 },
      queries: [
        {
          expr: promql`${rateOrZero(k6.stallSeconds)}
            / (${rateOrZero(k6.stallSeconds)} + ${rateOf(k6.watchSeconds, { where: real })} > 0)`,
          legend: "stalled",
        },
      ],
    }),
    graph({
      title: "Start-up (measured)",
      description:
        "From the instant a viewer meant to join to its first segment, of the run so far. Good: half under 2 s.",
      unit: "s",
      width: 4,
      queries: trendOf(k6.startup, ["p50", "p95"]),
    }),
    graph({
      title: "Behind live (measured)",
      description: "Of the run so far. Good: 12 to 20 s with 4 s segments.",
      unit: "s",
      width: 5,
      queries: trendOf(k6.latency, ["p50", "p95"]),
    }),
  ],
};

const watching: BoardRow = {
  question: "Measured: who comes and goes, and what do they watch?",
  height: 7,
  panels: [
    graph({
      title: "Sessions (measured)",
      description:
        "A second: begun, ended early, and ended without a picture. Good: the last at 0.",
      unit: "cps",
      width: 6,
      queries: [
        { expr: rateOrZero(k6.joins), legend: "begun" },
        { expr: rateOrZero(k6.leaves), legend: "ended" },
        { expr: rateOrZero(k6.startFailures), legend: "no picture" },
      ],
    }),
    graph({
      title: "Rung of the segments (measured)",
      description: "In kbps, of the run so far.",
      unit: "none",
      width: 5,
      queries: trendOf(k6.rungKbps, ["p50", "p95"]),
    }),
    graph({
      title: "Stalls and changes of rung (measured)",
      description:
        "A second, over all viewers. Good: few. Many changes with few stalls are busy lines.",
      unit: "cps",
      width: 6,
      queries: [
        { expr: rateOrZero(k6.stalls), legend: "stalls" },
        { expr: rateOrZero(k6.switches), legend: "changes of rung" },
      ],
    }),
    graph({
      title: "Received, by kind (measured)",
      description:
        "Bodies that viewers received, by kind of object. Good: nearly all of it segments.",
      unit: "bps",
      width: 7,
      isStacked: true,
      queries: [
        { expr: promql`8 * ${rateOf(k6.bytes, { by: "kind", where: real })}`, legend: "{{kind}}" },
      ],
    }),
  ],
};

const correctness: BoardRow = {
  question: "Measured: are the answers right, and in time?",
  height: 7,
  panels: [
    graph({
      title: "Requests of viewers (measured)",
      description: "A second, by what was asked and the status. Good: 200 and 304 only.",
      unit: "reqps",
      width: 6,
      queries: [
        {
          expr: rateOf(k6Metrics.requests, { by: "name, status", where: real }),
          legend: "{{name}} {{status}}",
        },
      ],
    }),
    graph({
      title: "Playlists (measured)",
      description:
        "From the instant a poll was due to the playlist's last byte, and the age of the newest segment in it; 95 %, of the run so far. Good: under 0.5 s and two round trips, and under 6 s.",
      unit: "s",
      width: 5,
      queries: [
        { expr: promql`max(${k6.playlist}_p95{${real}})`, legend: "took" },
        { expr: promql`max(${k6.playlistAge}_p95{${real}})`, legend: "age" },
      ],
    }),
    graph({
      title: "First byte of segments (measured)",
      description: "Of the run so far. Good: 95 % under 0.5 s and two round trips.",
      unit: "s",
      width: 4,
      queries: trendOf(k6.firstByte, ["p50", "p95", "p99"]),
    }),
    graph({
      title: "Segments, by X-Cache (measured)",
      description: "A second. Good: nearly all hits once there are more viewers than rungs.",
      unit: "reqps",
      width: 5,
      isStacked: true,
      queries: [{ expr: rateOf(k6.segments, { by: "cache", where: real }), legend: "{{cache}}" }],
    }),
    graph({
      title: "Wrong answers (measured)",
      description:
        "A second: answers that are no good, playlists that went back, wrong bytes, wrong ages. Good: all 0. Segments late is a share of all, of the run so far.",
      unit: "none",
      width: 4,
      queries: [
        { expr: rateOrZero(k6.failures), legend: "no good" },
        { expr: rateOrZero(k6.regressions), legend: "went back" },
        { expr: rateOrZero(k6.digestFailures), legend: "wrong bytes" },
        { expr: rateOrZero(k6.ageFailures), legend: "wrong age" },
        { expr: promql`max(${k6.lateSegments}{${real}})`, legend: "late (share)" },
      ],
    }),
  ],
};

const cost: BoardRow = {
  question: "Measured: what does it cost?",
  height: 7,
  panels: [
    graph({
      title: "CPU of the edges per Gbps (measured)",
      description:
        "Cores of all edges for each Gbps they send; nothing is shown below 0.1 Mbps. A busy edge takes about 0.1.",
      unit: "none",
      width: 8,
      queries: [
        {
          expr: promql`${rateOf(m.cpuSeconds, { where: `${ofScenario},process=~"edge.*"` })}
            / (8e-9 * ${rateOf(m.egressBytes, { where: `${ofScenario},from="edge"` })} > 1e-4)`,
          legend: "cores per Gbps",
        },
      ],
    }),
    graph({
      title: "Memory of each program (measured)",
      description: "Level once everybody has arrived. k6 takes about 0.5 MB a viewer.",
      unit: "bytes",
      width: 8,
      queries: [
        {
          expr: promql`sum by (process) (${m.residentMemory}{${ofScenario}})`,
          legend: "{{process}}",
        },
      ],
    }),
    graph({
      title: "Segments verified (measured)",
      description:
        "Segments a second whose bytes were read and held against their digest: what the line about wrong bytes rests on.",
      unit: "cps",
      width: 8,
      queries: [{ expr: rateOrZero(k6.digestChecks), legend: "verified" }],
    }),
  ],
};

export const measuredRows: readonly BoardRow[] = [generator, served, watching, correctness, cost];
