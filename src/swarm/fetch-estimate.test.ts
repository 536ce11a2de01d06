import { describe, expect, test } from "vitest";
import { FetchEstimate } from "./fetch-estimate.ts";

function expected(samples: [tookMs: number, bytes: number][], bytes: number): number {
  const estimate = new FetchEstimate();
  for (const [tookMs, sampleBytes] of samples) estimate.note({ tookMs, bytes: sampleBytes }, 0);
  return estimate.expectedMs(bytes);
}

test("before the first fetch a second is assumed", () => expect(expected([], 1)).toBe(1_000));

test("the worst of the latest counts, and none is expected to be very fast", () => {
  expect(
    expected(
      [
        [500, 1_000],
        [300, 1_000],
      ],
      1_000,
    ),
  ).toBe(500);
  expect(expected([[10, 1_000]], 1_000)).toBe(200);
  const later = Array.from({ length: 8 }, (): [number, number] => [300, 1_000]);
  expect(expected([[500, 1_000], ...later], 1_000)).toBe(300);
});

test("a longer segment takes longer in proportion, a shorter one no less", () => {
  expect(expected([[400, 1_000]], 2_000)).toBe(800);
  expect(expected([[400, 1_000]], 10)).toBe(400);
});

describe("it is the line that is slow", () => {
  /** Asks for the last of these instants whether two fetches of 600 ms or more say so. */
  function isSlow(fetches: readonly [tookMs: number, atMs: number][], nowMs: number): boolean {
    const estimate = new FetchEstimate();
    for (const [tookMs, atMs] of fetches) estimate.note({ tookMs, bytes: 1_000 }, atMs);
    return estimate.isSlow(600, nowMs);
  }

  test.each<[string, boolean, [tookMs: number, atMs: number][], number]>([
    [
      "when the last two fetches were",
      true,
      [
        [100, 0],
        [600, 1_000],
        [900, 2_000],
      ],
      2_000,
    ],
    [
      "not when one of them was not",
      false,
      [
        [900, 0],
        [900, 1_000],
        [599, 2_000],
      ],
      2_000,
    ],
    ["not after one alone", false, [[900, 0]], 0],
    [
      "as long as that is not long ago",
      true,
      [
        [900, 0],
        [900, 1_000],
      ],
      29_999,
    ],
    [
      "but no longer",
      false,
      [
        [900, 0],
        [900, 1_000],
      ],
      30_000,
    ],
  ])("%s", (_, expectation, fetches, nowMs) => {
    expect(isSlow(fetches, nowMs)).toBe(expectation);
  });

  test("not if anything has come fast since the first of them ended", () => {
    const estimate = new FetchEstimate();
    estimate.note({ tookMs: 900, bytes: 1_000 }, 0);
    estimate.noteFast(500);
    estimate.note({ tookMs: 900, bytes: 1_000 }, 1_000);
    expect(estimate.isSlow(600, 1_000)).toBe(false);
    estimate.note({ tookMs: 900, bytes: 1_000 }, 2_000);
    expect(estimate.isSlow(600, 2_000)).toBe(true);
  });
});
