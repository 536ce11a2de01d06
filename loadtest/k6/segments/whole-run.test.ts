/** Files of a run, from its parts to one judgement; what is not the whole run is refused. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { SegmentSummary } from "./merge-summaries.ts";
import { segmentArguments } from "./execution-segments.ts";
import { readSummary } from "./summary-file.ts";
import { madeWireRun } from "../testing/made-wire-run.ts";
import { wholeRunOf } from "./whole-run.ts";
import { wholeRunText } from "./whole-run-text.ts";
import { readWireFile } from "./wire-file.ts";

const folder = mkdtempSync(join(tmpdir(), "fullhouse-segments-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(text: string): string {
  const path = join(folder, "file.json");
  writeFileSync(path, text);
  return path;
}

const part = (watched: number, startedUnixMs: number, lateSec = 0.01): SegmentSummary => ({
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
  startedUnixMs,
});
const run = madeWireRun();
const parts = [part(100, 5_000), part(101, 5_020), part(102, 5_007)];

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
  const whole = wholeRunOf(run, [part(100, 1), part(100, 2), part(100, 3, 0.3)]);
  expect(whole.verdict).toBe("void");
  expect(wholeRunText(run, whole)).toMatch(/^VOID: a generator woke viewers late/);
  expect(wholeRunText(run, whole)).toContain(
    "MISSED             viewer_schedule_lag_seconds p(99)<0.25: at the most 0.3",
  );
});

test("a segment that is missing, or there twice, is no whole run", () => {
  expect(() => wholeRunOf(run, parts.slice(1))).toThrow(/of 20 viewers, and the run has 30/);
  expect(() => wholeRunOf(run, [parts[0]!, parts[1]!, parts[0]!])).toThrow(/1 and 3 are the same/);
});

test("segments meet where the one before ends, and cover everything", () => {
  const segmentOf = (n: number): string | undefined =>
    segmentArguments(n, 3)[segmentArguments(n, 3).indexOf("--execution-segment") + 1];
  expect([0, 1, 2].map(segmentOf)).toEqual(["0:1/3", "1/3:2/3", "2/3:1"]);
  expect(segmentArguments(1, 3)).toContain("0,1/3,2/3,1");
  expect(segmentArguments(0, 1)).toContain("0:1");
});

test("a summary is read from its file, and from the log of a runner that printed it", () => {
  const text = JSON.stringify(parts[0]);
  expect(readSummary(fileOf(text))).toEqual(parts[0]);
  expect(readSummary(fileOf(JSON.stringify(parts[0], null, 2)))).toEqual(parts[0]);
  const log = `time="…" level=warning msg="{\\"metrics\\": none}"\n${text}\n`;
  expect(readSummary(fileOf(log))).toEqual(parts[0]);
  expect(() => readSummary(fileOf("level=error\n"))).toThrow(/holds no summary/);
  expect(() => readSummary(join(folder, "nowhere"))).toThrow(/nowhere: ENOENT/);
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
