/** k6's thresholds as lines of the report: what was asked for in words, and what to look at when it is red. */
import type { LoadReport } from "../../src/config/schema-load-report.ts";
import { valueWords } from "../report/load-words.ts";
import { generatorMetrics } from "../k6/scripts/wire-thresholds.ts";
import type { K6Figures } from "./k6-figures.ts";
import type { MeasuredRun } from "./measured-run.ts";

type Check = LoadReport["checks"][number];

interface Words {
  name: string;
  what: string;
  lookAt: string;
  /** The same of somebody else's edge, which has no metrics and logs of ours; else lookAt. */
  lookThere?: string;
}

/** By metric. Those of the generator itself are its health, which makes a run void. */
const words: Readonly<Record<string, Words>> = {
  http_req_failed: {
    name: "failed requests",
    what: "Share of the requests that were not answered well",
    lookAt: "the edges' logs, and live_edge_responses_total by outcome",
    lookThere: "the edge's access log by status, and its error log",
  },
  viewer_failures: {
    name: "failures of viewers",
    what: "Answers that were no good, as broken playlists and segments without a length or over 64 MB",
    lookAt: "the edges' logs, and live_edge_broken_responses_total",
    lookThere: "the edge's error log, and what it gets from its origin",
  },
  viewer_playlist_regressions: {
    name: "playlists that went back",
    what: "Playlists that listed less than the one before at the same edge",
    lookAt: "the edge's parents, and live_edge_relay_events_total parentRegressed",
    lookThere: "whether several caches or origins answer in turn at that address",
  },
  viewer_playlist_age_seconds: {
    name: "stale playlists",
    what: "Age of the newest segment that a playlist lists",
    lookAt: "live_edge_playlist_age_seconds, and whether the origin makes segments in time",
    lookThere:
      "how long playlists stay in the edge's cache (half a target duration is much), then its origin",
  },
  viewer_playlist_seconds: {
    name: "slow playlists",
    what: "From the instant a poll was due to the playlist's last byte",
    lookAt: "the edge's CPU, and what stands before it",
    lookThere:
      "the edge's CPU and network, whether it keeps playlists for a second, and the path to it",
  },
  viewer_segment_first_byte_seconds: {
    name: "slow segments",
    what: "From the request of a segment to its first byte",
    lookAt: "the edge's CPU, its fills, and what stands before it",
    lookThere:
      "whether the edge caches segments, what it waits for when it lacks one, and the path to it",
  },
  viewer_late_segments: {
    name: "late segments",
    what: "Share of the segments that came after the buffer had run empty",
    lookAt: "stalls, and the edge's CPU",
    lookThere: "slow segments and stale playlists, and the network of the edge",
  },
  viewer_digest_failures: {
    name: "corrupt segments",
    what: "Sampled segments whose bytes are not what the origin made",
    lookAt: "what stands between origin and viewer: caches, proxies, memory",
  },
  viewer_age_failures: {
    name: "wrong ages",
    what: "Sampled segments whose Age header is missing or cannot be",
    lookAt: "caches and proxies: each has to say it (RFC 9111, 5.1)",
  },
  viewer_startup_seconds: {
    name: "slow starts",
    what: "From the instant a viewer meant to join to its first frame",
    lookAt: "the edge's CPU and fills",
    lookThere: "slow playlists and slow segments",
  },
  viewer_start_failures: {
    name: "failed starts",
    what: "Sessions that never showed a frame",
    lookAt: "failed requests, and slow starts",
  },
  viewer_stall_seconds: {
    name: "stalled seconds",
    what: "Seconds that pictures stood",
    lookAt: "late segments, and the lines of the scenario",
  },
  viewer_stalls: {
    name: "stalls",
    what: "Pictures that stood",
    lookAt: "late segments, and the lines of the scenario",
  },
  viewer_watch_seconds: {
    name: "watched seconds",
    what: "Seconds that were watched; too few mean that viewers did not play",
    lookAt: "failed starts and failed requests",
  },
  viewer_joins: {
    name: "joins",
    what: "Sessions that began",
    lookAt: "the generator's log",
  },
};

/** The tag of what real viewers asked for, beside the model's calls. */
const ofViewers = "scenario:viewers";

/** `isOwn`: the edges are ours, and what is to be looked at is theirs. */
export function checksOf(figures: K6Figures, { isOwn }: { isOwn: boolean }): Check[] {
  const thresholds = figures.thresholds().filter(({ metric }) => !generatorMetrics.has(metric));
  const names = new Map<string, number>();
  return thresholds.map(({ metric, bound, value, ok }) => {
    const [base = metric, tag] = metric.split(/[{}]/);
    const isModelled = base.startsWith("sim_");
    const said: Words = words[base] ?? {
      ...{ name: base, what: `The metric ${metric} of k6`, lookAt: base },
    };
    const statistic = bound.slice(0, bound.search(/[<>=!]/)).trim();
    const unit = unitOf(base, statistic);
    const isAll = tag === undefined || tag === ofViewers;
    const name = isAll ? said.name : `${said.name} (${tag})`;
    const times = (names.get(name) ?? 0) + 1;
    names.set(name, times);
    return {
      name: times === 1 ? name : `${name}, ${statistic}`,
      what: `${said.what}${statisticWords[statistic] ?? ""}`,
      evidence: isModelled ? ("modelled" as const) : ("measured" as const),
      // Without samples there was nothing to judge: k6 calls that kept.
      value: value ?? null,
      unit,
      bound: boundWords(bound.slice(statistic.length), unit),
      ok,
      lookAt: isOwn ? said.lookAt : (said.lookThere ?? said.lookAt),
    };
  });
}

/** Whether every program of ours lived through the run. */
export function restartCheck(run: MeasuredRun): Check {
  const which = run.restarts.map(({ node, atMs }) => {
    return `${node} at ${Math.round((atMs - run.startMs) / 1_000)} s`;
  });
  return {
    name: "nodes that ended",
    what: ["Programs that ended and were started again", ...which].join(", "),
    evidence: "measured",
    value: which.length,
    unit: "",
    bound: "none",
    ok: which.length === 0,
    lookAt: "the node's log; what it sent unseen is in no figure",
  };
}

/** Viewers are connections: fewer of them than planned, and the run had another size. */
const cameRatioMin = 0.95;

export function cameCheck({ setup }: Pick<MeasuredRun, "setup">, connectionsPeak: number): Check {
  const least = Math.ceil(cameRatioMin * setup.viewerCount);
  return {
    name: "viewers that came",
    what: "Most viewer connections that the edges had open at once",
    evidence: "measured",
    value: connectionsPeak,
    unit: "",
    bound: `at least ${least}`,
    ok: connectionsPeak >= least,
    lookAt: "live_edge_limit_reached_total, the limit of open files, and k6's own output",
  };
}

const statisticWords: Readonly<Record<string, string>> = {
  "p(95)": ", 95 in 100",
  "p(99)": ", 99 in 100",
  med: ", median",
  max: ", the most",
};

const comparisonWords: Readonly<Record<string, string>> = {
  ...{ "<": "under", "<=": "at most", ">": "over", ">=": "at least" },
  ...{ "==": "exactly", "===": "exactly", "!=": "anything but", "!==": "anything but" },
};

/** "under 6 s" of "<6"; what may not be at all is "none". */
function boundWords(bound: string, unit: string): string {
  const [, comparison = "", number = ""] = /^\s*([<>=!]+)\s*(.*)$/.exec(bound) ?? [];
  if (comparison === "<" && number === "1" && unit === "") return "none";
  return `${comparisonWords[comparison] ?? comparison} ${valueWords(Number(number), unit)}`;
}

function unitOf(metric: string, statistic: string): string {
  if (statistic === "rate") return "ratio";
  if (metric.endsWith("_ratio")) return "ratio";
  if (/_gbps(?:_|$)/.test(metric)) return "Gbps";
  if (/_kbps(?:_|$)/.test(metric)) return "kbps";
  return metric.endsWith("_seconds") ? "s" : "";
}
