/** What real viewers are sent to: a broadcast of our own, started for it, or somebody else's. */
import { AppError } from "../../src/base/errors.ts";
import type { Scenario } from "../../src/config/schema-scenario.ts";
import { things } from "../report/number-format.ts";
import { ladderSettings } from "./ladder-settings.ts";
import { recordingOf } from "./recording.ts";
import { rssBytesOf } from "./process-usage.ts";
import type { WatchedNode, WatchedProcess } from "./sampler.ts";
import { startStack, type EdgeName, type Stack } from "./stack.ts";

export interface RunTarget {
  feed: string;
  /** As its playlists say; undefined of our own, whose segments are of 4 s. */
  targetDurationMs?: number | undefined;
  /** Base URLs of the edges. */
  edgeUrls: readonly string[];
  /** Nodes whose counters can be read; empty for somebody else's. */
  nodes: readonly WatchedNode[];
  processes: readonly WatchedProcess[];
  isOwn: boolean;
  /** Resident memory of each process before anybody came, by name. */
  idleBytes: ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

const feed = "main";
const liveMsMax = 60_000;

/** A broadcast with the scenario's ladder; resolves when the feed is live, rejects on an abort. */
export async function startTarget(
  scenario: Scenario,
  { say, signal }: { say: (line: string) => void; signal?: AbortSignal | undefined },
): Promise<RunTarget> {
  const { wire, ladder } = scenario;
  const settings = ladderSettings(ladder);
  const isReplay = wire.source === "replay";
  const source = isReplay
    ? ["--no-testcard", "--set", `origin.source=replay:${await recordingOf(settings, say, signal)}`]
    : [];
  say(`Starting an origin, a shield and ${things(wire.edges, "edge")} ...`);
  const more = settings.flatMap((setting) => ["--set", setting]);
  const stack = await startStack([...source, ...more], { edgeCount: wire.edges, signal });
  try {
    const edges = stack.nodes.filter((node): node is EdgeName => node.startsWith("edge-"));
    const edgeUrls = await Promise.all(edges.map((edge) => stack.edgeUrl(edge)));
    for (const url of edgeUrls) await feedIsLive(url, signal);
    return {
      feed,
      edgeUrls,
      nodes: stack.nodes.map((name) => watchedNode(stack, name)),
      processes: stack.nodes.map((name) => ({ name, pid: stack.pidOf(name) })),
      isOwn: true,
      idleBytes: new Map(stack.nodes.map((name) => [name, rssBytesOf(stack.pidOf(name))])),
      stop: async () => {
        await stack.stop();
      },
    };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

/**
 * Somebody else's edge: `{base}/live/{feed}/index.m3u8`, or its base alone. Throws an AppError (USAGE)
 * for an address that real viewers here cannot be sent to.
 */
export function foreignTarget(
  url: string,
  { linkClassCount }: Pick<Scenario["wire"], "linkClassCount">,
): RunTarget {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  // Not repeated: it would be a secret in a log.
  if (parsed !== undefined && parsed.username + parsed.password !== "") {
    throw wrongTarget("must have no user name or password, which viewers do not send");
  }
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    throw wrongTarget(`must be a URL such as http://host:8080, got ${url}`);
  }
  const { origin, pathname, search, protocol } = parsed;
  const found = /^\/(?:live\/([a-z0-9-]{1,32})\/index\.m3u8)?$/.exec(pathname + search);
  if (found === null) {
    throw wrongTarget(
      `must have no path, or /live/FEED/index.m3u8 with a FEED of a-z, 0-9 and -, got ${pathname + search}`,
    );
  }
  if (protocol === "https:" && linkClassCount > 0) {
    throw wrongTarget(
      `cannot be https while viewers' lines are emulated: add --set wire.linkClassCount=0, or take http`,
    );
  }
  return {
    feed: found[1] ?? feed,
    edgeUrls: [origin],
    nodes: [],
    processes: [],
    isOwn: false,
    idleBytes: new Map(),
    stop: () => Promise.resolve(),
  };
}

function wrongTarget(why: string): AppError {
  return new AppError("USAGE", `--target ${why}`);
}

function watchedNode(stack: Stack, name: Stack["nodes"][number]): WatchedNode {
  const tier = name.startsWith("edge-") ? "edge" : (name as "origin" | "shield");
  return { name, tier, scrape: () => stack.metrics(name), pid: () => stack.pidOf(name) };
}

/** Follows the edge's status, each change of which it is told at once. */
async function feedIsLive(url: string, abort: AbortSignal | undefined): Promise<void> {
  const late = AbortSignal.timeout(liveMsMax);
  const signal = abort === undefined ? late : AbortSignal.any([abort, late]);
  for (let version = 0; ;) {
    const response = await fetch(`${url}/live/${feed}/status.json?v=${version}`, { signal });
    const status = (await response.json()) as { version: number; state: string };
    if (status.state === "live") return;
    version = status.version;
  }
}
