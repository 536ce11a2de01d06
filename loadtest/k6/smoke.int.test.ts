/** The smoke script in the real k6, against a scripted feed: that it watches, counts and can fail. */
import { join } from "node:path";
import { test, type TestContext } from "vitest";
import { startScriptedOrigin, type ScriptedOrigin } from "../peers/scripted-origin.ts";
import { runK6, thresholdsMissed } from "./run-k6.ts";

const script = join(import.meta.dirname, "scripts/smoke.ts");
const testTimeoutMs = 300_000;
const rungs = [
  { kbps: 150, width: 320, height: 180 },
  { kbps: 300, width: 480, height: 270 },
];

/** Segments of a second, so that a run of 12 s has a dozen. */
async function startFeed({ onTestFinished }: TestContext): Promise<ScriptedOrigin> {
  const origin = await startScriptedOrigin({ feed: "main", rungs, segmentDurationMs: 1_000 });
  onTestFinished(() => origin.close());
  return origin;
}

test.concurrent(
  "viewers start, climb to the top rung and watch without a stall",
  async (context) => {
    const { expect } = context;
    const origin = await startFeed(context);
    const run = await runK6(script, { EDGES: origin.url, VIEWERS: "20", SECONDS: "12" });
    expect(run.code, run.stdout + run.stderr).toBe(0);
    expect(run.stdout).toContain("measured: 20 viewers on real sockets, 12 s, 1 edges");
    const { metrics } = run;
    expect(metrics["viewer_stalls"]?.values["count"] ?? 0).toBe(0);
    expect(metrics["viewer_rung_kbps"]?.values["med"]).toBe(300);
    // The start is 3 target durations behind the end of a playlist that is up to a segment old.
    const latencySec = metrics["viewer_live_latency_seconds"]?.values["med"];
    expect(latencySec).toBeGreaterThan(3);
    expect(latencySec).toBeLessThan(4.2);
  },
  testTimeoutMs,
);

test.concurrent(
  "segments are asked for once by each viewer, and nothing that is not listed",
  async (context) => {
    const { expect } = context;
    const origin = await startFeed(context);
    const run = await runK6(script, { EDGES: origin.url, VIEWERS: "5", SECONDS: "8" });
    expect(run.code, run.stdout + run.stderr).toBe(0);
    const counts = [...origin.requestCounts];
    const segments = counts.filter(([path]) => path.endsWith(".m4s"));
    expect(segments.length).toBeGreaterThan(8);
    for (const [path, count] of segments) expect(count, path).toBeLessThanOrEqual(5);
    expect(run.metrics["http_req_failed"]?.values["rate"]).toBe(0);
    // The first download of a viewer shows what the link carries, so all inits are of one rung.
    expect(counts.filter(([path]) => path.includes("init-")).map(([, count]) => count)).toEqual([
      5,
    ]);
  },
  testTimeoutMs,
);

test.concurrent(
  "a feed that stands still stalls its viewers and misses the thresholds",
  async (context) => {
    const { expect } = context;
    const origin = await startFeed(context);
    const timer = setTimeout(() => origin.freeze(), 5_000);
    const run = await runK6(script, { EDGES: origin.url, VIEWERS: "5", SECONDS: "14" });
    clearTimeout(timer);
    expect(run.code, run.stdout + run.stderr).toBe(thresholdsMissed);
    expect(run.stdout).toContain("MISSED             viewer_stall_seconds");
    expect(run.metrics["viewer_stalls"]?.values["count"]).toBe(5);
  },
  testTimeoutMs,
);

test.concurrent(
  "an edge that is gone is left for the next one, and that it failed is not hidden",
  async (context) => {
    const { expect } = context;
    const { url } = await startFeed(context);
    const gone = "http://127.0.0.1:9";
    const run = await runK6(script, { EDGES: `${gone},${url}`, VIEWERS: "4", SECONDS: "9" });
    expect(run.code, run.stdout + run.stderr).toBe(thresholdsMissed);
    expect(run.stdout).toContain("MISSED             viewer_failures count<1");
    // The two viewers of the lost edge each fail twice before they move, and then watch.
    expect(run.metrics["viewer_failures"]?.values["count"]).toBe(4);
    expect(run.metrics["viewer_watch_seconds"]?.values["count"]).toBeGreaterThan(4 * 3);
  },
  testTimeoutMs,
);
