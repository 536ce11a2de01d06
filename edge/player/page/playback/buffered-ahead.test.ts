import { expect, test } from "vitest";
import { bufferedAheadSec } from "./buffered-ahead.ts";

type Range = readonly [startSec: number, endSec: number];

function check({ ranges, at }: { ranges: readonly Range[]; at: number }, expected: number): void {
  const buffered = {
    length: ranges.length,
    start: (index: number) => ranges[index]![0],
    end: (index: number) => ranges[index]![1],
  };
  expect(bufferedAheadSec({ buffered, currentTime: at })).toBeCloseTo(expected, 6);
}

test.each<[string, readonly Range[], number, number]>([
  ["nothing is buffered", [], 5, 0],
  ["within a range", [[0, 12]], 5, 7],
  ["at the end of one", [[0, 12]], 12, 0],
  [
    "before what comes after a gap",
    [
      [0, 6],
      [8, 20],
    ],
    5,
    1,
  ],
  [
    "in a gap",
    [
      [0, 6],
      [8, 20],
    ],
    7,
    0,
  ],
  [
    "after a gap",
    [
      [0, 6],
      [8, 20],
    ],
    9,
    11,
  ],
  [
    "across a seam that playback steps over",
    [
      [0, 6],
      [6.05, 20],
    ],
    5,
    15,
  ],
  ["a moment before the first range", [[10.04, 20]], 10, 10],
  ["behind all that is kept", [[0, 6]], 30, 0],
])("%s", (_, ranges, at, expected) => check({ ranges, at }, expected));
