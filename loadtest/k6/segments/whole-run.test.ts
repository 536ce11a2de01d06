/** Files of a run, from its parts to one judgement; what is not the whole run is refused. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { executionSegment, segmentArguments, segmentNumber } from "./execution-segments.ts";
import { wireHash, wireText, type NamedSummary } from "./segment-parts.ts";
import { readSummary } from "./summary-file.ts";
import { madeWireRun } from "../testing/made-wire-run.ts";
import { wholeRunOf } from "./whole-run.ts";
import { wholeRunText } from "./whole-run-text.ts";
import { readWireFile } from "./wire-file.ts";

const folder = mkdtempSync(join(tmpdir(), "fullhouse-segments-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function wrongUsage(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    expect(error).toMatchObject({ code: "USAGE" });
    return (error as Error).message.replace(`${folder}/`, "");
  }
  throw new Error("nothing was refused");
}

function fileOf(text: string): string {
  const path = join(folder, "file.json");
  writeFileSync(path, text);
  return path;
}

const run = madeWireRun();

const part = (number: number, watched: number, lateSec = 0.01): NamedSummary => ({
  name: `segment-${number}.json`,
  run: { wire: wireHash(run), ...executionSegment(number - 1, 3) },
  metrics: {
    vus_max: { type: "gauge", values: { value: 10, min: 10, max: 10 } },
    viewer_watch_seconds: { type: "counter", values: { count: watched, rate: 1 } },
    viewer_schedule_lag_seconds: {
      type: "trend",
      values: {
        count: 20,
        avg: 0.01,
        min: 0,
        med: 0.01,
        max: 1,
        "p(95)": lateSec,
        "p(99)": lateSec,
      },
    },
  },
  startedUnixMs: 5_000 + (number % 3) * 10,
});
const parts = [part(1, 100), part(2, 101), part(3, 102)] as const;

test("thresholds are held once, against the sums", () => {
  const whole = wholeRunOf(run, parts);
  expect(whole).toMatchObject({
    viewerCount: 30,
    segmentCount: 3,
    startSpreadMs: 20,
    verdict: "passed",
  });
  // No segment alone has watched enough for the run: 30 viewers of 14 s, 2 s and 4 s waiting, 70 %.
  expect(whole.thresholds).toContainEqual({
    metric: "viewer_watch_seconds",
    bound: "count>168",
    value: 303,
    isUpperBound: false,
    ok: true,
  });
});

test("the worst generator's percentile counts, and is said to be a bound", () => {
  const whole = wholeRunOf(run, [part(1, 100), part(2, 100), part(3, 100, 0.3)]);
  expect(whole.verdict).toBe("void");
  expect(wholeRunText(run, whole)).toMatch(/^VOID: a generator woke viewers late/);
  expect(wholeRunText(run, whole)).toContain(
    "MISSED             viewer_schedule_lag_seconds p(99)<0.25: at the most 0.3",
  );
});

test("a segment that is missing, or there twice, is no whole run", () => {
  expect(() => wholeRunOf(run, parts.slice(1))).toThrow(/^segment 1 of 3 is missing: give/);
  const again = { ...parts[0], name: "again.json" };
  expect(() => wholeRunOf(run, [...parts, again])).toThrow(
    /^segment-1\.json and again\.json are both segment 1 of 3: give each once$/,
  );
});

test("a generator that made not all of its viewers is no whole run", () => {
  const vus_max = { type: "gauge", values: { value: 9, min: 9, max: 9 } } as const;
  const short = { ...parts[1], metrics: { ...parts[1].metrics, vus_max } };
  expect(() => wholeRunOf(run, [parts[0], short, parts[2]])).toThrow(
    /of 29 viewers, and the run has 30/,
  );
});

test.each([
  ["of another seed", { seed: 8 }],
  ["of another length", { durationSec: 15 }],
  ["at other edges", { targets: [["http://127.0.0.1:8081"]] }],
])("a summary of a run %s is refused by its file's name", (_, change) => {
  const changed = madeWireRun(change);
  expect(() => wholeRunOf(changed, parts)).toThrow(/^segment-1\.json is of another run: merge/);
  const wire = wireHash(changed);
  const stray = { ...parts[1], run: { ...parts[1].run, wire } };
  expect(() => wholeRunOf(run, [parts[0], stray, parts[2]])).toThrow(/^segment-2\.json is of ano/);
});

test("segments of another number of them, and of another day, are refused", () => {
  const half = { ...parts[1], run: { ...parts[1].run, ...executionSegment(1, 2) } };
  expect(() => wholeRunOf(run, [parts[0], half, parts[2]])).toThrow(
    /^segment-2\.json is a segment of 2, and segment-1\.json of 3$/,
  );
  const late = { ...parts[1], startedUnixMs: 20_000 };
  expect(() => wholeRunOf(run, [parts[0], late, parts[2]])).toThrow(/began 15000 ms apart/);
});

test("a run has the same hash however its file orders the keys", () => {
  const entries = Object.entries(run).reverse();
  const turned = { ...(Object.fromEntries(entries) as unknown as typeof run) };
  expect(JSON.stringify(turned)).not.toBe(JSON.stringify(run));
  expect(wireHash(turned)).toBe(wireHash(run));
  expect(JSON.parse(wireText(run))).toEqual(run);
});

test("a segment has its number also where k6 has shortened the fractions", () => {
  expect(segmentNumber({ segment: "1/2:3/4", sequence: "0,1/4,1/2,3/4,1" })).toEqual({
    number: 3,
    count: 4,
  });
  expect(segmentNumber({ segment: "0:1", sequence: "0,1" })).toEqual({ number: 1, count: 1 });
  expect(segmentNumber({ segment: "1/3:1", sequence: "0,1/3,2/3,1" })).toBeUndefined();
});

test("segments meet where the one before ends, and cover everything", () => {
  const segmentOf = (n: number): string | undefined =>
    segmentArguments(n, 3)[segmentArguments(n, 3).indexOf("--execution-segment") + 1];
  expect([0, 1, 2].map(segmentOf)).toEqual(["0:1/3", "1/3:2/3", "2/3:1"]);
  expect(segmentArguments(1, 3)).toContain("0,1/3,2/3,1");
  expect(segmentArguments(0, 1)).toContain("0:1");
});

test("a summary is read from its file, and from the log of a runner that printed it", () => {
  const { metrics, startedUnixMs, run: of } = parts[0];
  const summary = { metrics, startedUnixMs, run: of };
  const text = JSON.stringify(summary);
  const read = { ...summary, name: fileOf(text) };
  expect(readSummary(fileOf(text))).toEqual(read);
  expect(readSummary(fileOf(JSON.stringify(summary, null, 2)))).toEqual(read);
  const log = `time="…" level=warning msg="{\\"metrics\\": none}"\n${text}\n`;
  expect(readSummary(fileOf(log))).toEqual(read);
  expect(() => readSummary(fileOf("level=error\n"))).toThrow(/holds no summary/);
  const old = JSON.stringify({ metrics, startedUnixMs });
  expect(() => readSummary(fileOf(old))).toThrow(/does not say which run it is of: run it again$/);
});

test.each([
  ["a summary", JSON.stringify(parts[0])],
  ["a list", "[]"],
  ["nothing", "null"],
])("%s is no wire.json, and that is one line that says who writes it", (_, text) => {
  expect(wrongUsage(() => readWireFile(fileOf(text)))).toBe(
    "file.json is no wire.json: fullhouse segments plan writes it",
  );
});

test("a file that is missing, a folder or no JSON is wrong usage, in one line", () => {
  const nowhere = join(folder, "nowhere.json");
  expect(wrongUsage(() => readWireFile(nowhere))).toBe("nowhere.json: there is no such file");
  expect(wrongUsage(() => readSummary(nowhere))).toBe("nowhere.json: there is no such file");
  expect(wrongUsage(() => readSummary(folder))).toMatch(/: is a folder, and must be a file$/);
  expect(wrongUsage(() => readWireFile(fileOf("hello\nworld")))).toBe("file.json: is no JSON");
});

test("a run is read from its file; what is wrong with it is named by its key", () => {
  expect(readWireFile(fileOf(JSON.stringify(run)))).toEqual(run);
  const wrong = { ...run, viewerCount: 0, targets: [["edge-1"]], wire: 1 };
  expect(() => readWireFile(fileOf(JSON.stringify(wrong)))).toThrow(
    /targets\.0\.0: .*\n.*viewerCount: .*\n.*"wire"/s,
  );
  expect(() => readWireFile(fileOf(JSON.stringify({ ...run, linkRatios: [0.5, 0.5] })))).toThrow(
    /linkRatios: must have one entry/,
  );
});
