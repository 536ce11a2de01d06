/** The committed boards: their rules, and that they show all there is to see. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { namesIn } from "../prometheus/expressions.ts";
import { recordingRules } from "../prometheus/rule-files.ts";
import { readBoards, shownPanels, substituted } from "./testing/board-json.ts";
import { formRules, queryRules } from "./testing/board-rules.ts";
import { boardSeries } from "./testing/board-series.ts";

const root = join(import.meta.dirname, "../..");
const rules = [...formRules, ...queryRules];
const names = [...readBoards().keys()];

/** Not on any board, each for its reason. */
const unseen = new Set([
  // The two halves of process_cpu_seconds_total.
  "process_cpu_user_seconds_total",
  "process_cpu_system_seconds_total",
  // Beside the percentile and the maximum that are shown.
  "nodejs_eventloop_lag_seconds",
  "nodejs_eventloop_lag_mean_seconds",
  "nodejs_eventloop_lag_p50_seconds",
  "nodejs_eventloop_lag_p90_seconds",
  "nodejs_heap_size_total_bytes",
  // Shown by Prometheus' own `up`, and read by people.
  "process_start_time_seconds",
  "nodejs_version_info",
]);

test("there is a board for each view of the night", () => {
  expect(names.sort()).toEqual(["edge", "loadtest", "origin", "overview", "swarm", "viewers"]);
});

describe.each(names)("board %s", (name) => {
  test.each(rules)("$says", ({ problems }) => {
    expect(problems(readBoards().get(name)!)).toEqual([]);
  });
});

test.each(rules)("a board that breaks this is found: $says", ({ problems, spoil }) => {
  const board = readBoards().get("overview")!;
  spoil(board);
  expect(problems(board)).not.toEqual([]);
});

test("the overview fits on one screen of 1080 lines", () => {
  const { panels } = readBoards().get("overview")!;
  const bottom = Math.max(...panels.map(({ gridPos }) => gridPos.y + gridPos.h));
  expect(bottom).toBeLessThanOrEqual(22);
});

test("every metric of the catalogue is on a board, by itself or recorded", () => {
  const recorded = new Map(recordingRules.map(({ record, expr }) => [record, expr]));
  const seen = new Set<string>();
  const see = (expr: string): void => {
    for (const { series } of namesIn(expr).selectors) {
      if (seen.has(series)) continue;
      seen.add(series);
      see(recorded.get(series) ?? "vector(0)");
    }
  };
  for (const board of readBoards().values()) {
    for (const { targets = [] } of shownPanels(board)) {
      for (const { expr } of targets) see(substituted(expr));
    }
  }
  const stem = (series: string): string => series.replace(/_(bucket|sum|count)$/, "");
  const stems = new Set([...seen].map(stem));
  const ofPrograms = [...boardSeries.keys()].filter((series) =>
    /^(live|process|nodejs)_/.test(series),
  );
  const missing = new Set(ofPrograms.map(stem).filter((name) => !stems.has(name)));
  expect([...missing].sort()).toEqual([...unseen].sort());
});

test("the metrics of k6 are those that its scripts report", () => {
  const scripts = ["viewer-metrics", "audience", "referee"].map((name) =>
    readFileSync(join(root, `loadtest/k6/scripts/${name}.ts`), "utf8"),
  );
  const text = scripts.join("\n");
  const snake = (word: string): string =>
    word.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace("_sec", "_seconds");
  const gauges = /const figures =\n([^;]+);/
    .exec(text)![1]!
    .match(/\w+/g)!
    .map((word) => `sim_${snake(word)}`);
  const reported = new Set([
    ...gauges,
    ...[...text.matchAll(/new Counter\("(\w+)"\)/g)].map(([, name]) => `${name}_total`),
    ...[...text.matchAll(/new Rate\("(\w+)"\)/g)].map(([, name]) => `${name}_rate`),
    ...[...text.matchAll(/new (?:Trend|Gauge)\("(\w+)"\)/g)].map(([, name]) => name!),
  ]);
  const shown = [...boardSeries.keys()]
    .filter((series) => /^k6_(viewer|sim)_/.test(series))
    .map((series) => series.replace(/^k6_/, "").replace(/_(p50|p95|p99|max)$/, ""));
  expect(shown.filter((name) => !reported.has(name))).toEqual([]);
});
