import fc from "fast-check";
import { expect, test } from "vitest";
import { HistogramSlots } from "./histogram-slots.ts";

function countsOf(slots: HistogramSlots, series: number): number[] {
  return Array.from({ length: slots.bounds.length + 1 }, (_, bucket) =>
    slots.countIn(series, bucket),
  );
}

test("a value counts in the first bucket whose bound it does not exceed, and above all in the last", () => {
  const slots = new HistogramSlots({ buckets: [1, 5, 10], seriesCount: 1 });
  for (const value of [0, 1, 1.5, 5, 10, 10.1, 1e9]) slots.observe(0, value);
  expect(countsOf(slots, 0)).toEqual([2, 2, 1, 2]);
  expect(slots.sumOf(0)).toBeCloseTo(1e9 + 27.6);
});

test("series do not touch each other", () => {
  const slots = new HistogramSlots({ buckets: [1], seriesCount: 3 });
  slots.observe(1, 2);
  expect([0, 1, 2].map((series) => countsOf(slots, series))).toEqual([
    [0, 0],
    [0, 1],
    [0, 0],
  ]);
  expect([0, 1, 2].map((series) => slots.sumOf(series))).toEqual([0, 2, 0]);
});

test("a series or bucket that there is not is a bug", () => {
  const slots = new HistogramSlots({ buckets: [1], seriesCount: 1 });
  expect(() => slots.countIn(1, 0)).toThrow("no such bucket");
  expect(() => slots.countIn(0, 2)).toThrow("no such bucket");
  expect(() => slots.sumOf(1)).toThrow("no such series");
});

test("every observation is in exactly one bucket, whatever the values are", () => {
  const bounds = fc.uniqueArray(fc.integer({ min: 0, max: 1_000 }), { minLength: 1 });
  fc.assert(
    fc.property(
      bounds,
      fc.array(fc.double({ min: 0, max: 2_000, noNaN: true })),
      (unsorted, values) => {
        const buckets = [...unsorted].sort((a, b) => a - b);
        const slots = new HistogramSlots({ buckets, seriesCount: 1 });
        for (const value of values) slots.observe(0, value);
        const counts = countsOf(slots, 0);
        for (const [bucket, bound] of buckets.entries()) {
          const upTo = counts.slice(0, bucket + 1).reduce((sum, count) => sum + count, 0);
          expect(upTo).toBe(values.filter((value) => value <= bound).length);
        }
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(values.length);
      },
    ),
  );
});
