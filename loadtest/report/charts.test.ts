import { expect, test } from "vitest";
import { intervalsOf, intervalWords } from "./bar-chart.ts";
import { timeTicks, valueTicks } from "./chart-scale.ts";
import { keepExtremes, stretches } from "./downsample.ts";

test("ticks of values are round and reach the greatest", () => {
  expect(valueTicks(245, 5)).toEqual([0, 50, 100, 150, 200, 250]);
  expect(valueTicks(0.3, 3)).toEqual([0, 0.1, 0.2, 0.3]);
  expect(valueTicks(1, 4)).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect(valueTicks(31_560, 5)).toEqual([0, 10_000, 20_000, 30_000, 40_000]);
  expect(valueTicks(0, 5)).toEqual([0, 1]);
});

test("ticks of time are at steps that clocks have, and not too many", () => {
  expect(timeTicks(6_900, 6)).toEqual([0, 1_200, 2_400, 3_600, 4_800, 6_000]);
  expect(timeTicks(600, 6)).toEqual([0, 120, 240, 360, 480, 600]);
  expect(timeTicks(10, 6)).toEqual([0, 2, 4, 6, 8, 10]);
  expect(timeTicks(200_000, 6).length).toBeLessThanOrEqual(7);
});

test("a long line keeps its extremes in their order, and its ends near", () => {
  const points = Array.from({ length: 100_000 }, (_, x) => ({ x, y: x === 54_321 ? 99 : x % 7 }));
  const kept = keepExtremes(points, 1_000);
  expect(kept.length).toBeLessThanOrEqual(1_000);
  expect(kept).toContainEqual({ x: 54_321, y: 99 });
  expect(kept.every(({ x }, i) => i === 0 || x > kept[i - 1]!.x)).toBe(true);
  const short = points.slice(0, 10);
  expect(keepExtremes(short, 1_000)).toEqual(short);
});

test("stretches cover everything once", () => {
  expect(stretches([1, 2, 3, 4, 5], 2)).toEqual([
    [1, 2],
    [3, 4, 5],
  ]);
  expect(stretches([1, 2], 5)).toEqual([[1], [2]]);
  expect(stretches([], 5)).toEqual([]);
});

test("a distribution loses its empty end, and joins what would be too many bars", () => {
  const few = intervalsOf({ upTo: [1, 2, 3], counts: [5, 0, 2, 0] });
  expect(few).toEqual([
    { from: undefined, to: 1, count: 5 },
    { from: 1, to: 2, count: 0 },
    { from: 2, to: 3, count: 2 },
  ]);
  expect(few.map((interval) => intervalWords(interval, String))).toEqual([
    "below 1",
    "1 to 2",
    "2 to 3",
  ]);
  const bounds = Array.from({ length: 110 }, (_, i) => i + 1);
  const many = intervalsOf({ upTo: bounds, counts: [...bounds, 1].map(() => 1) });
  expect(many).toHaveLength(24);
  expect(many.reduce((sum, { count }) => sum + count, 0)).toBe(111);
  expect(intervalWords(many.at(-1)!, String)).toMatch(/ or more$/);
  expect(intervalsOf({ upTo: [1], counts: [0, 0] })).toEqual([]);
});
