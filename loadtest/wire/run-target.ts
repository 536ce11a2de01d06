/** What real viewers are sent to: a broadcast of our own, started for it, or somebody else's. */
import type { Scenario } from "../../src/config/schema-scenario.ts";
import { ladderSettings } from "./ladder-settings.ts";
import { recordingOf } from "./recording.ts";
import type { WatchedNode, WatchedProcess } from "./sampler.ts";
import { startStack, type EdgeName, type Stack } from "./stack.ts";

export interface RunTarget {
  feed: string;
  /** Base URLs of the edges. */
  edgeUrls: readonly string[];
  /** Nodes whose counters can be read; empty for somebody else's. */
  nodes: readonly WatchedNode[];
  processes: readonly WatchedProcess[];
  isOwn: boolean;
  stop(): Promise<void>;
}

const feed = "main";
const liveMsMax = 60_000;

/** A broadcast with the scenario's ladder; resolves when the feed is live. */
export async function startTarget(
  scenario: Scenario,
  say: (line: string) => void,
): Promise<RunTarget> {
  const { wire, ladder } = scenario;
  const settings = ladderSettings(ladder);
  const isReplay = wire.source === "replay";
  const source = isReplay
    ? ["--no-testcard", "--set", `origin.source=replay:${await recordingOf(settings, say)}`]
    : [];
  say(`Starting an origin, a shield and ${wire.edges} edges ...`);
  const more = settings.flatMap((setting) => ["--set", setting]);
  const stack = await startStack([...source, ...more], { edgeCount: wire.edges });
  try {
    const edges = stack.nodes.filter((node): node is EdgeName => node.startsWith("edge-"));
    const edgeUrls = await Promise.all(edges.map((edge) => stack.edgeUrl(edge)));
    for (const url of edgeUrls) await feedIsLive(url);
    return {
      feed,
      edgeUrls,
      nodes: stack.nodes.map((name) => watchedNode(stack, name)),
      processes: stack.nodes.map((name) => ({ name, pid: stack.pidOf(name) })),
      isOwn: true,
      stop: async () => {
        await stack.stop();
      },
    };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

/** Somebody else's edge: `{base}/live/{feed}/index.m3u8`. */
export function foreignTarget(url: string): RunTarget {
  const { origin, pathname } = new URL(url);
  const named = /^\/live\/([a-z0-9-]{1,32})\//.exec(pathname)?.[1];
  return {
    feed: named ?? feed,
    edgeUrls: [origin],
    nodes: [],
    processes: [],
    isOwn: false,
    stop: () => Promise.resolve(),
  };
}

function watchedNode(stack: Stack, name: Stack["nodes"][number]): WatchedNode {
  const tier = name.startsWith("edge-") ? "edge" : (name as "origin" | "shield");
  return { name, tier, scrape: () => stack.metrics(name) };
}

/** Follows the edge's status, each change of which it is told at once. */
async function feedIsLive(url: string): Promise<void> {
  const deadlineMs = performance.now() + liveMsMax;
  for (let version = 0; ;) {
    const signal = AbortSignal.timeout(Math.max(1, Math.round(deadlineMs - performance.now())));
    const response = await fetch(`${url}/live/${feed}/status.json?v=${version}`, { signal });
    const status = (await response.json()) as { version: number; state: string };
    if (status.state === "live") return;
    version = status.version;
  }
}
