import { expect, test } from "vitest";
import { gridFor } from "./grid.ts";
import { estimateFrameRate } from "./frame-rate.ts";

/** Decode times in whole ms, as encoders stamp them. */
function timestamps(frameRate: number, count = 30, dropped: readonly number[] = []): number[] {
  return Array.from({ length: count }, (_, index) =>
    Math.round((index * 1_000) / frameRate),
  ).filter((_, index) => !dropped.includes(index));
}

test.each([
  [24, 24],
  [23.976, 24],
  [25, 25],
  [29.97, 30],
  [30, 30],
  [50, 25],
  [59.94, 30],
  [60, 30],
  [15, 30],
  [48, 30],
])("a source of %d fps goes on the grid of %d, claim or not", (frameRate, gridRate) => {
  for (const count of [10, 30]) {
    for (const claims of [[], [frameRate], [undefined, frameRate]]) {
      const estimate = estimateFrameRate(timestamps(frameRate, count), claims);
      expect(gridFor(estimate).frameRate).toBe(gridRate);
    }
  }
});

test.each([
  ["a claim that agrees tells NTSC from its neighbour", timestamps(29.97), [29.97], 29.97],
  ["the first claim counts", timestamps(30), [30, 29.97], 30],
  ["a claim that disagrees is ignored", timestamps(25), [30, 24], 25],
  ["an absurd claim is ignored", timestamps(30), [90_000, Number.NaN, -1, 0], 30],
  ["dropped frames do not count", timestamps(30, 30, [3, 4, 5, 11, 20, 21]), [], 30],
  ["a burst of equal times does not count", [0, 0, 0, 40, 80, 120, 160, 200], [], 25],
  ["without any spacing the claim counts", [5], [25], 25],
  ["without anything it is 30", [], [], 30],
  ["an odd rate stays what it is", timestamps(12.5), [], 12.5],
])("%s", (_, timestampsMs, claims, expected) => {
  expect(estimateFrameRate(timestampsMs, claims)).toBeCloseTo(expected, 3);
});
