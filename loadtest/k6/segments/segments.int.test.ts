/**
 * One run of viewers in the real k6, whole and in three segments: the same viewers come, and what the
 * segments say adds up to what the server saw. That the parts are the whole, not how fast they are.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { k6Path } from "../build/build.mjs";
import { startScriptedOrigin, type ScriptedOrigin } from "../../peers/scripted-origin.ts";
import { runK6, type K6Run } from "../run-k6.ts";
import type { SegmentSummary } from "./merge-summaries.ts";
import { readSummary } from "./summary-file.ts";
import { madeWireRun } from "../testing/made-wire-run.ts";
import { wholeRunOf, type WholeRun } from "./whole-run.ts";
import { readWireFile } from "./wire-file.ts";

const launcher = resolve(import.meta.dirname, "../../../bin/fullhouse.mjs");
const script = resolve(import.meta.dirname, "../scripts/wire.ts");
const folder = mkdtempSync(join(tmpdir(), "fullhouse-segments-"));
const wireFile = join(folder, "wire.json");
const planFolder = join(folder, "plan");
const segmentFiles = [1, 2, 3].map((n) => join(folder, `segment-${n}.json`));
const viewerCount = 30;
const testTimeoutMs = 300_000;

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

let wholeOrigin: ScriptedOrigin;
let origin: ScriptedOrigin;
let unsegmented: K6Run;
let segmented: Ended;
let planned: Ended;

beforeAll(async () => {
  // Built before it runs twice at once.
  await k6Path((line) => console.error(line));
  const feed = {
    feed: "main",
    rungs: [
      { kbps: 150, width: 256, height: 144 },
      { kbps: 300, width: 426, height: 240 },
    ],
    segmentDurationMs: 2_000,
  };
  [wholeOrigin, origin] = await Promise.all([startScriptedOrigin(feed), startScriptedOrigin(feed)]);
  const at = (url: string) => JSON.stringify(madeWireRun({ viewerCount, targets: [[url]] }));
  writeFileSync(wireFile, at(origin.url));
  planned = await fullhouse(
    ...["plan", "ci", "--edge", origin.url, "--viewers", "500000", "--out", planFolder],
  );
  const planScript = join(planFolder, "wire.js");
  [unsegmented, segmented] = await Promise.all([
    runK6(script, { WIRE: at(wholeOrigin.url) }),
    fullhouse("run", wireFile, "--segments", "3", "--script", planScript, "--out", folder),
  ]);
}, testTimeoutMs);

afterAll(async () => {
  await Promise.all([wholeOrigin.close(), origin.close()]);
  rmSync(folder, { recursive: true, force: true });
});

async function fullhouse(...args: string[]): Promise<Ended> {
  return endOf(started(args));
}

function started(args: readonly string[]) {
  return spawn(process.execPath, [launcher, "segments", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function endOf(child: ReturnType<typeof started>): Promise<Ended> {
  const ended = { code: null as number | null, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (ended.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (ended.stderr += text));
  [ended.code] = (await once(child, "close")) as [number | null];
  return ended;
}

function summaryOf(path: string): SegmentSummary {
  return JSON.parse(readFileSync(path, "utf8")) as SegmentSummary;
}

function wholeIn(dir: string): WholeRun {
  return JSON.parse(readFileSync(join(dir, "whole.json"), "utf8")) as WholeRun;
}

function counted(requests: ScriptedOrigin["requestCounts"], path: RegExp): number {
  return [...requests].reduce((sum, [name, count]) => sum + (path.test(name) ? count : 0), 0);
}

test("three segments pass together where the whole passes", () => {
  expect(unsegmented.stderr).not.toContain("level=error");
  expect(unsegmented.code).toBe(0);
  expect(segmented.stderr).not.toContain("fullhouse:");
  expect(segmented.code).toBe(0);
  expect(segmented.stdout).toMatch(
    /^PASSED\nmeasured: 30 viewers on real sockets, 3 generators, 14 s\n/,
  );
});

test("segments bring exactly the viewers that one generator brings", () => {
  const everybody = Array.from({ length: viewerCount }, (_, index) => `k6-7-${index}-1`).sort();
  expect([...wholeOrigin.sessions].sort()).toEqual(everybody);
  expect([...origin.sessions].sort()).toEqual(everybody);
});

test("VUs of the segments sum to the target, and none has another's", () => {
  const vus = segmentFiles.map((file) => summaryOf(file).metrics["vus_max"]!.values["max"]);
  expect(vus).toEqual([10, 10, 10]);
  expect(wholeIn(folder).metrics["vus_max"]!.values["max"]).toBe(viewerCount);
  expect(unsegmented.metrics["vus_max"]!.values["max"]).toBe(viewerCount);
});

test("counters of the segments sum to what the server counted", () => {
  const { metrics, startSpreadMs } = wholeIn(folder);
  const count = (metric: string) => metrics[metric]!.values["count"];
  expect(count("viewer_joins")).toBe(origin.sessions.size);
  expect(count("http_reqs")).toBe(counted(origin.requestCounts, /^/));
  expect(count("viewer_segment_requests")).toBe(counted(origin.requestCounts, /\/\d+-\d+\.m4s$/));
  expect(startSpreadMs).toBe(0);
});

test("segments watch as much as the whole", () => {
  const parts = wholeIn(folder).metrics["viewer_watch_seconds"]!.values["count"]!;
  const together = unsegmented.metrics["viewer_watch_seconds"]!.values["count"]!;
  // 30 viewers who all stay: what differs is when the first segment of each came.
  expect(Math.abs(parts / together - 1)).toBeLessThan(0.1);
});

test("files collected from several machines give the same judgement", async () => {
  const again = join(folder, "again");
  const merged = await fullhouse("merge", wireFile, ...segmentFiles, "--out", again);
  expect(merged.code).toBe(0);
  expect(merged.stdout).toBe(segmented.stdout);
  expect(wholeIn(again)).toEqual(wholeIn(folder));
});

test("a plan is of the scenario's night, at the edges and with the viewers that were asked for", () => {
  expect(planned).toMatchObject({ code: 0, stdout: "" });
  expect(readdirSync(planFolder).sort()).toEqual(["wire.js", "wire.json", "wire.tar"]);
  expect(readWireFile(join(planFolder, "wire.json"))).toMatchObject({
    viewerCount: 500_000,
    durationSec: 80,
    targets: [[origin.url]],
    linkRatios: [1],
    judgedBy: "edges",
  });
});

test(
  "machines that each run one segment from the same instant make one run",
  async () => {
    const file = join(folder, "two.json");
    const run = madeWireRun({ viewerCount: 4, durationSec: 6, targets: [[origin.url]] });
    writeFileSync(file, JSON.stringify(run));
    const start = new Date(Date.now() + 6_000).toISOString();
    const machines = ["1", "2"].map((only) => join(folder, `machine-${only}`));
    const ends = await Promise.all(
      machines.map((out, n) =>
        fullhouse(
          ...["run", file, "--segments", "2", "--only", String(n + 1)],
          ...["--start", start, "--out", out],
        ),
      ),
    );
    expect(ends.map(({ code, stdout }) => [code, stdout])).toEqual([
      [0, ""],
      [0, ""],
    ]);
    const files = machines.map((out, n) => join(out, `segment-${n + 1}.json`));
    const whole = wholeRunOf(run, files.map(readSummary));
    expect(whole).toMatchObject({ viewerCount: 4, startSpreadMs: 0 });
    expect(whole.metrics["viewer_joins"]!.values["count"]).toBe(4);
  },
  testTimeoutMs,
);

test("a generator that is late for the start ends the run, which measured nothing", async () => {
  const file = join(folder, "late-run.json");
  const run = madeWireRun({ viewerCount: 4_000, targets: [[origin.url]] });
  writeFileSync(file, JSON.stringify(run));
  const runIn = (aheadMs: number) => {
    const start = new Date(Date.now() + aheadMs).toISOString();
    return fullhouse(
      ...["run", file, "--segments", "1", "--only", "1", "--start", start, "--out", folder],
    );
  };
  let late = await runIn(1_500);
  // On a busy machine the command itself may not begin in time: that is another error.
  for (let aheadMs = 3_000; late.stderr.includes("has passed") && aheadMs < 10_000; aheadMs *= 2) {
    late = await runIn(aheadMs);
  }
  expect(late.code).toBe(1);
  expect(late.stderr).toContain("segment 1 of 1 had not made its viewers when the run began");
});

test("an interrupted run stops its generators and reports nothing", async () => {
  const child = started(["run", wireFile, "--segments", "2"]);
  child.stderr.once("data", () => child.kill("SIGINT"));
  const ended = await endOf(child);
  expect(ended).toMatchObject({ code: 130, stdout: "" });
  expect(ended.stderr).toContain(
    "interrupted; what was started is stopped, and nothing is reported",
  );
});

test("summaries of another run are refused by name, and a forgotten wire.json is wrong usage", async () => {
  const changed = join(folder, "changed.json");
  const run = madeWireRun({ viewerCount, targets: [[origin.url]], seed: 8, durationSec: 20 });
  writeFileSync(changed, JSON.stringify(run));
  const stale = await fullhouse("merge", changed, ...segmentFiles);
  expect(stale).toMatchObject({ code: 1, stdout: "" });
  expect(stale.stderr).toMatch(/^fullhouse: \S+segment-1\.json is of another run: [^\n]+\n$/);
  const forgotten = await fullhouse("merge", ...segmentFiles);
  expect(forgotten.code).toBe(2);
  expect(forgotten.stderr).toMatch(/segment-1\.json is no wire\.json: fullhouse segments plan/);
});

test("edges with a password are wrong usage, and it is not repeated", async () => {
  const edge = ["--edge", "http://alice:s3cret@edge"];
  const refused = await fullhouse("plan", "ci", ...edge, "--viewers", "3", "--out", planFolder);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/^fullhouse: --edge must have no user name or password/);
  expect(refused.stderr).not.toContain("s3cret");
});

test("a missing segment is exit code 1, wrong usage 2, and a missed threshold 99", async () => {
  const [first, second] = segmentFiles as [string, string, string];
  const missing = await fullhouse("merge", wireFile, first, second);
  expect(missing).toMatchObject({ code: 1, stdout: "" });
  expect(missing.stderr).toContain("segment 3 of 3 is missing");
  const past = await fullhouse(
    ...["run", wireFile, "--segments", "3", "--only", "1", "--out", folder],
    ...["--start", "2020-01-01T00:00:00Z"],
  );
  expect(past.code).toBe(2);
  expect(past.stderr).toContain("has passed");
  const late = summaryOf(first);
  const metrics = {
    ...late.metrics,
    viewer_digest_failures: { type: "counter", values: { count: 1, rate: 0.1 } },
  };
  const lateFile = join(folder, "late.json");
  writeFileSync(lateFile, JSON.stringify({ ...late, metrics }));
  const missed = await fullhouse("merge", wireFile, lateFile, ...segmentFiles.slice(1));
  expect(missed.code).toBe(99);
  expect(missed.stdout).toContain("MISSED             viewer_digest_failures count<1: 1\n");
});
