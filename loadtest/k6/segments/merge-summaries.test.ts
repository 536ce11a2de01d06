/** Parts of one run, however it is cut, have the figures of the whole. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { AppError } from "../../../src/base/errors.ts";
import { mergeSummaries, type SegmentMetric } from "./merge-summaries.ts";

const summary = (metrics: Record<string, SegmentMetric>) => ({ metrics });
const merged = (...parts: SegmentMetric[]) =>
  mergeSummaries(parts.map((part) => summary({ figure: part })))["figure"];

test("counters add up, and so do their rates a second", () => {
  expect(
    merged(
      { type: "counter", values: { count: 30, rate: 3 } },
      { type: "counter", values: { count: 12, rate: 1.25 } },
    ),
  ).toEqual({ type: "counter", values: { count: 42, rate: 4.25 } });
});

test("a rate weighs each segment by how often it was asked", () => {
  expect(
    merged(
      { type: "rate", values: { rate: 0.5, passes: 1, fails: 1 } },
      { type: "rate", values: { rate: 0, passes: 0, fails: 98 } },
    ),
  ).toEqual({ type: "rate", values: { rate: 0.01, passes: 1, fails: 99 } });
});

test("numbers of VUs add up; other gauges keep only what they were between", () => {
  const parts = [3, 5].map((n) => ({
    type: "gauge" as const,
    values: { value: n, min: n, max: n },
  }));
  const all = mergeSummaries(parts.map((part) => summary({ vus_max: part, depth: part })));
  expect(all["vus_max"]!.values).toEqual({ value: 8, min: 8, max: 8 });
  expect(all["depth"]!.values).toEqual({ min: 3, max: 5 });
});

test("percentiles are no figures of the whole, but upper bounds and called so", () => {
  expect(
    merged(
      { type: "trend", values: { count: 1, avg: 9, min: 9, max: 9, med: 9, "p(99)": 9 } },
      { type: "trend", values: { count: 3, avg: 1, min: 0, max: 2, med: 1, "p(99)": 1.98 } },
    ),
  ).toEqual({
    type: "trend",
    values: { count: 4, avg: 3, min: 0, max: 9 },
    percentileUpperBounds: { med: 9, "p(99)": 9 },
  });
});

test("a segment without samples does not pull a mean or a minimum to zero", () => {
  const none = { count: 0, avg: 0, min: 0, max: 0, med: 0 };
  const some = { count: 2, avg: 5, min: 4, max: 6, med: 5 };
  const all = merged({ type: "trend", values: none }, { type: "trend", values: some });
  expect(all).toEqual(merged({ type: "trend", values: some }));
});

test("without counts there is no mean", () => {
  const part = { type: "trend" as const, values: { avg: 5, max: 6, "p(95)": 6 } };
  expect(merged(part, part)).toEqual({
    type: "trend",
    values: { max: 6 },
    percentileUpperBounds: { "p(95)": 6 },
  });
});

test("summaries that disagree about a metric are not of one run", () => {
  expect(() =>
    merged(
      { type: "counter", values: { count: 1, rate: 1 } },
      { type: "rate", values: { rate: 1, passes: 1, fails: 0 } },
    ),
  ).toThrow(AppError);
});

/** As k6 does: linear between the samples beside the rank. */
function percentile(sorted: readonly number[], ratio: number): number {
  const rank = ratio * (sorted.length - 1);
  const below = sorted[Math.floor(rank)]!;
  return below + (sorted[Math.ceil(rank)]! - below) * (rank % 1);
}

function trendOf(samples: readonly number[]): SegmentMetric {
  const sorted = [...samples].sort((a, b) => a - b);
  const total = samples.reduce((sum, sample) => sum + sample, 0);
  return {
    type: "trend",
    values: {
      count: samples.length,
      avg: total / samples.length,
      min: sorted[0]!,
      max: sorted.at(-1)!,
      "p(95)": percentile(sorted, 0.95),
    },
  };
}

const parts = fc.array(
  fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 60 }),
  {
    minLength: 1,
    maxLength: 8,
  },
);

test("the merged trend of any parts is that of the whole", () => {
  fc.assert(
    fc.property(parts, (samples) => {
      const { values } = merged(...samples.map(trendOf))!;
      const { avg, count, min, max } = trendOf(samples.flat()).values;
      expect(values["count"]).toBe(count);
      expect(values["avg"]).toBeCloseTo(avg!, 6);
      expect([values["min"], values["max"]]).toEqual([min, max]);
    }),
  );
});

test("no more samples lie above the upper bound than the percentile allows, and one a segment", () => {
  fc.assert(
    fc.property(parts, (samples) => {
      const bound = merged(...samples.map(trendOf))!.percentileUpperBounds!["p(95)"]!;
      const above = samples.flat().filter((sample) => sample > bound).length;
      expect(above).toBeLessThan(0.05 * samples.flat().length + samples.length);
    }),
  );
});

test("counters and rates of any parts are those of the whole", () => {
  fc.assert(
    fc.property(parts, (samples) => {
      const odd = (values: readonly number[]) => values.filter((value) => value % 2 === 1).length;
      const metricsOf = (values: readonly number[]) =>
        summary({
          counted: { type: "counter", values: { count: values.length, rate: values.length / 10 } },
          odd: {
            type: "rate",
            values: {
              rate: odd(values) / values.length,
              passes: odd(values),
              fails: values.length - odd(values),
            },
          },
        });
      const all = mergeSummaries(samples.map(metricsOf));
      const whole = metricsOf(samples.flat()).metrics;
      expect(all["odd"]).toEqual(whole["odd"]);
      expect(all["counted"]!.values["count"]).toBe(whole["counted"]!.values["count"]);
      expect(all["counted"]!.values["rate"]).toBeCloseTo(whole["counted"]!.values["rate"]!, 9);
    }),
  );
});

test("it does not matter which parts are merged first", () => {
  fc.assert(
    fc.property(parts, (samples) => {
      const all = merged(...samples.map(trendOf))!;
      const reversed = merged(...samples.map(trendOf).reverse())!;
      expect(reversed.percentileUpperBounds).toEqual(all.percentileUpperBounds);
      expect(reversed.values["avg"]).toBeCloseTo(all.values["avg"]!, 6);
    }),
  );
});
