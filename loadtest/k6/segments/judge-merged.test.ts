import { expect, test } from "vitest";
import { AppError } from "../../../src/base/errors.ts";
import { judgeMerged } from "./judge-merged.ts";
import type { MergedMetric } from "./merge-summaries.ts";

const metrics: Record<string, MergedMetric> = {
  joins: { type: "counter", values: { count: 30, rate: 3 } },
  failed: { type: "rate", values: { rate: 0.01, passes: 1, fails: 99 } },
  waits: {
    type: "trend",
    values: { count: 30, avg: 0.2, min: 0.1, max: 0.9 },
    percentileUpperBounds: { "p(95)": 0.5, med: 0.2 },
  },
  silent: { type: "trend", values: { count: 0 } },
};

test.each([
  ["joins", "count>29", { value: 30, isUpperBound: false, ok: true }],
  ["joins", "count>30", { value: 30, isUpperBound: false, ok: false }],
  ["joins", "count >= 30", { value: 30, isUpperBound: false, ok: true }],
  ["joins", "count==31", { value: 30, isUpperBound: false, ok: false }],
  ["joins", "count!=31", { value: 30, isUpperBound: false, ok: true }],
  ["failed", "rate<0.01", { value: 0.01, isUpperBound: false, ok: false }],
  ["failed", "rate<=0.01", { value: 0.01, isUpperBound: false, ok: true }],
  ["waits", "avg<0.3", { value: 0.2, isUpperBound: false, ok: true }],
  ["waits", "p(95)<0.51", { value: 0.5, isUpperBound: true, ok: true }],
  ["waits", "p(95)<0.5", { value: 0.5, isUpperBound: true, ok: false }],
  ["waits", "med<=0.2", { value: 0.2, isUpperBound: true, ok: true }],
  ["silent", "p(99)<1", { value: 0, isUpperBound: true, ok: true }],
  ["never", "count<1", { value: 0, isUpperBound: false, ok: true }],
  ["never", "count>1", { value: 0, isUpperBound: false, ok: false }],
])("%s %s is judged over the whole", (metric, bound, expected) => {
  expect(judgeMerged(metrics, { [metric]: [bound] })).toEqual([{ metric, bound, ...expected }]);
});

test("bounds that only make sub-metrics are no judgement", () => {
  expect(judgeMerged(metrics, { "joins{kind:a}": ["count>=0"] })).toEqual([]);
});

test.each([
  ["a percentile asked to be above something", "waits", "p(95)>0.1"],
  ["a statistic that the summaries lack", "waits", "p(99)<1"],
  ["a gauge of the whole", "waits", "value<1"],
  ["no threshold at all", "waits", "p95 below 1"],
])("%s is refused, not passed", (_, metric, bound) => {
  expect(() => judgeMerged(metrics, { [metric]: [bound] })).toThrow(AppError);
});
