/** Real viewers in the real k6, against a scripted feed behind edges that do what the test wants. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "vitest";
import { startScriptedOrigin, type ScriptedOrigin } from "../peers/scripted-origin.ts";
import { k6Entry } from "./k6-entry.ts";
import { runK6, thresholdsMissed, type K6Run } from "./run-k6.ts";
import type { WireRun } from "./scripts/wire-run.ts";
import { startFaultyEdge, type Fault, type FaultyEdge } from "./testing/faulty-edge.ts";
import { madeWireRun } from "./testing/made-wire-run.ts";

const script = join(import.meta.dirname, "scripts/wire.ts");
const testTimeoutMs = 300_000;
const rungs = [
  { kbps: 150, width: 320, height: 180 },
  { kbps: 300, width: 480, height: 270 },
  { kbps: 450, width: 640, height: 360 },
];

type FaultOf = (path: string, n: number) => Fault | undefined;

/** Segments of a second, so that a run of 12 s has a dozen. */
async function startFeed({ onTestFinished }: TestContext): Promise<ScriptedOrigin> {
  const origin = await startScriptedOrigin({ feed: "main", rungs, segmentDurationMs: 1_000 });
  onTestFinished(() => origin.close());
  return origin;
}

async function startEdge(context: TestContext, fault?: FaultOf): Promise<FaultyEdge> {
  const { url } = await startFeed(context);
  return edgeOf(url, context, fault);
}

async function edgeOf(
  origin: string,
  { onTestFinished }: TestContext,
  fault?: FaultOf,
): Promise<FaultyEdge> {
  const edge = await startFaultyEdge(origin, fault);
  onTestFinished(() => edge.close());
  return edge;
}

/** Ten viewers who come at once, stay for ever and are judged by nothing that slow lines can cause. */
function wireRun(targets: WireRun["targets"], more: Partial<WireRun> = {}): WireRun {
  return madeWireRun({
    targets,
    seed: 1,
    viewerCount: 10,
    durationSec: 12,
    arrivals: [{ atSec: 0, ratio: 1 }],
    startGraceSec: 0,
    startLeavePerSecRatio: 0,
    sampleEvery: 2,
    ...more,
  });
}

function run(of: WireRun, args: readonly string[] = [], file = script): Promise<K6Run> {
  return runK6(file, { WIRE: JSON.stringify(of) }, { args });
}

function missedIn({ metrics }: K6Run): string[] {
  return Object.entries(metrics)
    .filter(([, { thresholds = {} }]) => Object.values(thresholds).some(({ ok }) => !ok))
    .map(([name]) => name)
    .sort();
}

function countIn({ metrics }: K6Run, metric: string): number {
  return metrics[metric]?.values["count"] ?? 0;
}

const isSegment = (path: string): boolean => path.endsWith(".m4s");
const isPlaylist = (path: string): boolean => /\/\d+\/index\.m3u8$/.test(path);

/** Each plants one fault, which has to turn its own line red and no other. */
const faults: {
  name: string;
  fault: FaultOf;
  missed: string[];
  more?: Partial<WireRun>;
}[] = [
  { name: "nothing wrong", fault: () => undefined, missed: [] },
  {
    name: "an edge that refuses one segment in fifty",
    fault: (path, n) => (isSegment(path) && n % 50 === 49 ? { status: 503 } : undefined),
    missed: ["http_req_failed{scenario:viewers}"],
  },
  {
    name: "an edge that corrupts one segment in seven",
    fault: (path, n) => (isSegment(path) && n % 7 === 6 ? { isCorrupt: true } : undefined),
    missed: ["viewer_digest_failures"],
  },
  {
    name: "an edge that leaves digests out",
    fault: (path) => (isSegment(path) ? { isDigestMissing: true } : undefined),
    missed: ["viewer_digest_failures"],
  },
  {
    name: "an edge that stops to renew its playlists",
    fault: (path, n) => (isPlaylist(path) && n > 30 ? { isStale: true } : undefined),
    missed: ["viewer_playlist_age_seconds", "viewer_watch_seconds"],
    more: { durationSec: 20 },
  },
  {
    name: "an edge that answers one playlist of long ago",
    fault: (path, n) => (isPlaylist(path) && n === 60 ? { isOld: true } : undefined),
    missed: ["viewer_playlist_regressions"],
  },
  {
    name: "an edge with slow playlists",
    fault: (path) => (isPlaylist(path) ? { delayMs: 600 } : undefined),
    missed: ["viewer_playlist_seconds"],
  },
  {
    name: "an edge with slow segments",
    fault: (path) => (isSegment(path) ? { delayMs: 600 } : undefined),
    missed: ["viewer_segment_first_byte_seconds"],
  },
  {
    name: "an edge that begins segments and never sends the rest",
    fault: (path, n) => (isSegment(path) && n > 80 ? { isFrozen: true } : undefined),
    missed: ["http_req_failed{scenario:viewers}", "viewer_stall_seconds", "viewer_watch_seconds"],
    more: { durationSec: 16, judgedBy: "edges", sampleEvery: 2 },
  },
];

for (const { name, fault, missed, more } of faults) {
  test.concurrent(
    `${name} is seen for what it is`,
    async (context) => {
      const { url } = await startEdge(context, fault);
      const ran = await run(wireRun([[url]], more));
      context.expect(missedIn(ran), ran.stdout + ran.stderr).toEqual(missed);
      context.expect(ran.code).toBe(missed.length === 0 ? 0 : thresholdsMissed);
      context.expect(countIn(ran, "viewer_digest_checks")).toBeGreaterThan(10);
    },
    testTimeoutMs,
  );
}

test.concurrent(
  "a picture that stands until the run's end is booked as stalled up to then",
  async (context) => {
    const { expect } = context;
    const since = { frozenMs: 0 };
    const edge = await startEdge(context, (path, n) => {
      if (!isSegment(path) || n < 80) return undefined;
      if (since.frozenMs === 0) since.frozenMs = Date.now();
      return { isFrozen: true };
    });
    const startUnixMs = Date.now() + 4_000;
    const WIRE = JSON.stringify(wireRun([[edge.url]], { durationSec: 16 }));
    const ran = await runK6(script, { WIRE, START_UNIX_MS: String(startUnixMs) });
    const frozenSec = (startUnixMs + 16_000 - since.frozenMs) / 1_000;
    // A buffer is up to three segments; the rest of the time the picture stood.
    const stalled = countIn(ran, "viewer_stall_seconds");
    expect(stalled, ran.stdout + ran.stderr).toBeGreaterThan(10 * (frozenSec - 4.5));
    expect(stalled).toBeLessThan(10 * frozenSec);
    expect(countIn(ran, "viewer_stalls")).toBe(10);
  },
  testTimeoutMs,
);

test.concurrent(
  "a redirect is a failed request, and nobody follows it",
  async (context) => {
    const { expect } = context;
    const { url } = await startFeed(context);
    const other = await edgeOf(url, context);
    const edge = await edgeOf(url, context, (path) => ({ location: other.url + path }));
    const ran = await run(wireRun([[edge.url]], { viewerCount: 2, durationSec: 5 }));
    expect(missedIn(ran), ran.stdout + ran.stderr).toContain("http_req_failed{scenario:viewers}");
    expect(ran.metrics["http_req_failed"]?.values["rate"]).toBe(1);
    expect(other.sessions.size).toBe(0);
  },
  testTimeoutMs,
);

test.concurrent(
  "a segment of more than 64 MB is a failure, and is never read into memory",
  async (context) => {
    const { expect } = context;
    const edge = await startEdge(context, (path) =>
      isSegment(path) ? { paddingBytes: 64_000_000 } : undefined,
    );
    const more = { viewerCount: 1, durationSec: 5, sampleEvery: 1 };
    const ran = await run(wireRun([[edge.url]], more));
    expect(missedIn(ran), ran.stdout + ran.stderr).toContain("viewer_failures{layer:content}");
    expect(edge.countOf(".m4s")).toBeGreaterThan(1);
    expect(countIn(ran, "viewer_digest_checks")).toBe(0);
  },
  testTimeoutMs,
);

test.concurrent(
  "those who leave are counted, and others take their places at once",
  async (context) => {
    const { expect } = context;
    const edge = await startEdge(context);
    // Stays of 3 s on average.
    const ran = await run(wireRun([[edge.url]], { churnPerMinRatio: 20 }));
    const joins = countIn(ran, "viewer_joins");
    expect(joins, ran.stdout + ran.stderr).toBeGreaterThan(25);
    expect(joins).toBeLessThan(80);
    expect(joins - countIn(ran, "viewer_leaves")).toBe(10);
    expect(countIn(ran, "viewer_failures")).toBe(0);
    // Each session has a name of its own.
    expect(edge.sessions.size).toBe(joins);
    expect(countIn(ran, "viewer_watch_seconds")).toBeGreaterThan(90);
  },
  testTimeoutMs,
);

test.concurrent(
  "who waits too long for a picture has left when it comes, and is counted as a failed start",
  async (context) => {
    const { expect } = context;
    const edge = await startEdge(context, (path) =>
      isSegment(path) ? { delayMs: 3_000 } : undefined,
    );
    // After 0.5 s, two in three leave each 0.2 s.
    const patience = { startGraceSec: 0.5, startLeavePerSecRatio: 5 };
    const ran = await run(wireRun([[edge.url]], { ...patience, durationSec: 10 }));
    const leaves = countIn(ran, "viewer_leaves");
    // Ten places, each with a session every three seconds.
    expect(leaves, ran.stdout + ran.stderr).toBeGreaterThanOrEqual(20);
    expect(countIn(ran, "viewer_start_failures")).toBe(leaves);
    expect(countIn(ran, "viewer_watch_seconds")).toBe(0);
    // Nobody failed: they left.
    expect(countIn(ran, "viewer_failures")).toBe(0);
    expect(ran.metrics["http_req_failed"]?.values["rate"]).toBe(0);
  },
  testTimeoutMs,
);

test.concurrent(
  "blocking reloads are held: one a viewer and segment",
  async (context) => {
    const { expect } = context;
    const origin = await startFeed(context);
    const ran = await run(wireRun([[origin.url]], { viewerCount: 4, blockingReload: true }));
    const counts = [...origin.requestCounts].filter(([path]) => path.includes("/index.m3u8?"));
    expect(counts.length, ran.stdout + ran.stderr).toBeGreaterThan(8);
    for (const [path, count] of counts) expect(count, path).toBeLessThanOrEqual(4);
    // Whoever is told at once is behind by the hold-back alone: three segments, not up to four.
    const latencySec = ran.metrics["viewer_live_latency_seconds"]?.values["med"];
    expect(latencySec).toBeGreaterThan(2.9);
    expect(countIn(ran, "viewer_stalls")).toBe(0);
  },
  testTimeoutMs,
);

test.concurrent(
  "an edge that does not hold blocking reloads is not flooded",
  async (context) => {
    const edge = await startEdge(context, () => ({ isQueryIgnored: true }));
    const ran = await run(wireRun([[edge.url]], { viewerCount: 4, blockingReload: true }));
    context.expect(countIn(ran, "viewer_watch_seconds"), ran.stderr).toBeGreaterThan(40);
    // At most one after news and one after half a target duration without, of 12 s.
    context.expect(edge.countOf(".m3u8")).toBeLessThan(4 * 12 * 4);
  },
  testTimeoutMs,
);

test.concurrent(
  "a player asks as often as hls.js does, then its viewer leaves and another one tries",
  async (context) => {
    const { expect } = context;
    const edge = await startEdge(context, (path) =>
      isPlaylist(path) ? { status: 404 } : undefined,
    );
    const ran = await run(wireRun([[edge.url]], { viewerCount: 1, durationSec: 11 }));
    // At 0, 1 and 3 s: then it gives up. So four sessions in 11 s, and the last has failed twice.
    expect(countIn(ran, "viewer_joins"), ran.stdout + ran.stderr).toBe(4);
    expect(countIn(ran, "viewer_leaves")).toBe(3);
    expect(countIn(ran, "viewer_start_failures")).toBe(3);
    expect(countIn(ran, "viewer_failures")).toBe(11);
    expect(ran.code).toBe(thresholdsMissed);
  },
  testTimeoutMs,
);

test.concurrent(
  "segments of the test are parts of one audience, on the right lines and edges",
  async (context) => {
    const { expect } = context;
    const { url } = await startFeed(context);
    const viewerCount = 16;
    const runOf = async (args: readonly string[]): Promise<string[][]> => {
      const edges = await Promise.all([0, 1, 2, 3].map(() => edgeOf(url, context)));
      const [a, b, c, d] = edges.map((edge) => edge.url) as [string, string, string, string];
      const targets = [
        [a, b],
        [c, d],
      ];
      const more = { viewerCount, linkRatios: [0.25, 0.75], durationSec: 4 };
      const ran = await run(wireRun(targets, more), [...args, "--no-thresholds"]);
      expect(ran.code, ran.stdout + ran.stderr).toBe(0);
      return edges.map(({ sessions }) => [...sessions].sort());
    };
    const cuts = ["--execution-segment-sequence", "0,1/2,1"];
    const [whole, first, second] = await Promise.all([
      runOf([]),
      runOf(["--execution-segment", "0:1/2", ...cuts]),
      runOf(["--execution-segment", "1/2:1", ...cuts]),
    ]);
    const everybody = Array.from({ length: viewerCount }, (_, n) => `k6-1-${n}-1`).sort();
    expect(whole.flat().sort()).toEqual(everybody);
    expect(first.flat()).toHaveLength(viewerCount / 2);
    // Each is on the same line and at the same edge as in the whole.
    expect(whole).toEqual(whole.map((_, n) => [...first[n]!, ...second[n]!].sort()));
    const counts = whole.map(({ length }) => length);
    expect(counts[0]! + counts[1]!).toBe(viewerCount / 4);
    expect(counts[0]! + counts[2]!).toBe(viewerCount / 2);
  },
  testTimeoutMs,
);

for (const [how, file] of [
  ["in one piece, as in a checkout", "wire.js"],
  ["file by file, as in a package", "wire-entry.ts"],
] as const) {
  test.concurrent(
    `players have the rules that the audience has: ${how}`,
    async (context) => {
      const { expect, onTestFinished } = context;
      const folder = mkdtempSync(join(tmpdir(), "fullhouse-k6-entry-"));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const origin = await startFeed(context);
      const abr = [
        { rule: "fixed" as const, ratio: 0.5, parameters: [1] },
        { rule: "bolae" as const, ratio: 0.5, parameters: [] },
      ];
      expect(await k6Entry("wire", { abr, folder })).toBe(join(folder, "wire.js"));
      const of = wireRun([[origin.url]], { durationSec: 8 });
      const ran = await run(of, [], join(folder, file));
      expect(ran.code, ran.stdout + ran.stderr).toBe(0);
      const byRung = rungs.map(({ kbps }) =>
        [...origin.requestCounts]
          .filter(([path]) => path.includes(`/${kbps}/`) && isSegment(path))
          .reduce((sum, [, count]) => sum + count, 0),
      );
      // The five of the fixed rule never leave rung 1. BOLA-E begins at the lowest, and goes up.
      expect(byRung[0]).toBeGreaterThanOrEqual(5);
      expect(byRung[1]).toBeGreaterThan(5 * 5);
      expect(byRung[2]).toBeGreaterThan(5);
    },
    testTimeoutMs,
  );
}
