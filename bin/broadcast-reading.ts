/** Asks the running nodes what they do, over the ports that operators and tiers use. */
import type { LadderDocument } from "../src/hls/ladder-document.ts";
import type { FeedStatus } from "../src/hls/status.ts";
import { edgeMetrics } from "../src/metrics/edge.ts";
import { originMetrics } from "../src/metrics/origin.ts";
import type { ReadyPorts } from "../src/node/ready.ts";
import { tierSecretHeader } from "../src/node/tier-server.ts";
import { readExposition, sumOf, type Sample } from "../src/node/exposition.ts";
import type { BroadcastReading } from "./status-line.ts";

/** A node that takes longer does not answer, as far as a status line goes. */
const answerTimeoutMs = 1_500;

export interface ReadingTargets {
  feed: string;
  tierSecret: string;
  origin: ReadyPorts | undefined;
  edges: readonly (ReadyPorts | undefined)[];
}

export async function readBroadcast(targets: ReadingTargets): Promise<BroadcastReading> {
  const tier = (name: string) => ({
    port: targets.origin?.tier,
    path: `/live/${targets.feed}/${name}`,
    headers: { [tierSecretHeader]: targets.tierSecret },
  });
  const [status, ladder, publisher, ...edges] = await Promise.all([
    ask(tier("status.json")),
    ask(tier("ladder.json")),
    readPublisher(targets),
    ...targets.edges.map((ports) => readMetrics(ports)),
  ]);
  const samples = edges.flatMap((scrape) => scrape ?? []);
  const feedStatus = status === undefined ? undefined : (JSON.parse(status) as FeedStatus);
  const document = ladder === undefined ? undefined : (JSON.parse(ladder) as LadderDocument);
  const { hitCount, lookupCount } = lookupsIn(samples);
  return {
    atMs: performance.now(),
    state: feedStatus?.state,
    publisher,
    rungs: (document?.variants ?? []).map(({ rung }) => rung),
    viewers: feedStatus?.viewers,
    egressBytes: sumOf(samples, edgeMetrics.egressBytes.name, { to: "viewers" }),
    hitCount,
    lookupCount,
  };
}

/** Who publishes the feed, by the origin's metrics; undefined when it does not answer. */
export async function readPublisher(
  targets: Pick<ReadingTargets, "origin" | "feed">,
): Promise<BroadcastReading["publisher"]> {
  const samples = await readMetrics(targets.origin);
  if (samples === undefined) return undefined;
  const count = (kind: string) =>
    sumOf(samples, originMetrics.rtmpPublishers.name, { feed: targets.feed, kind });
  if (count("main") > 0) return "main";
  return count("standby") > 0 ? "test card" : "none";
}

/** Look-ups of media: a hit or a join costs the parent nothing, a miss does. */
function lookupsIn(samples: readonly Sample[]): { hitCount: number; lookupCount: number } {
  const count = (outcome: string) =>
    sumOf(samples, edgeMetrics.responses.name, { kind: "segment", outcome });
  const hitCount = count("hit") + count("join");
  return { hitCount, lookupCount: hitCount + count("miss") };
}

async function readMetrics(ports: ReadyPorts | undefined): Promise<Sample[] | undefined> {
  const text = await ask({ port: ports?.admin, path: "/metrics", headers: {} });
  return text === undefined ? undefined : readExposition(text);
}

async function ask(request: {
  port: number | undefined;
  path: string;
  headers: Record<string, string>;
}): Promise<string | undefined> {
  if (request.port === undefined) return undefined;
  try {
    const answer = await fetch(`http://127.0.0.1:${request.port}${request.path}`, {
      headers: request.headers,
      signal: AbortSignal.timeout(answerTimeoutMs),
    });
    const text = await answer.text();
    return answer.ok ? text : undefined;
  } catch {
    // A node that is being restarted: the reading says "no answer".
    return undefined;
  }
}
