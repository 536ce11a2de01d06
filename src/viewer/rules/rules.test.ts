import { expect, test } from "vitest";
import { sampleDownload } from "../throughput-estimator.ts";
import { createViewerLadder, type RungRule } from "../viewer-ladder.ts";
import { createViewers } from "../viewers.ts";
import { fixed } from "./fixed.ts";
import { hlsjs } from "./hlsjs.ts";
import { throughput } from "./throughput.ts";

const ladder = createViewerLadder({
  peakBitsPerSec: [150_000, 300_000, 450_000, 600_000, 750_000],
  averageBitsPerSec: [150_000, 300_000, 450_000, 600_000, 750_000],
  segmentDurationMs: 2_000,
  targetDurationMs: 2_000,
});

/** Where the rule settles on a link of constant rate, from the rung `from`. */
function settle(rule: RungRule, kbps: number, from: number, ...parameters: number[]): number {
  const viewers = createViewers(1);
  viewers.rungIndex[0] = from;
  for (let n = 0; n < 40; n++) {
    const bytes = ladder.peakBitsPerSec[viewers.rungIndex[0]]! / 4;
    const downloadMs = (bytes * 8) / kbps;
    sampleDownload(viewers, 0, bytes, 80, 80 + downloadMs);
    viewers.bufferMs[0] = 5_000;
    viewers.rungIndex[0] = rule(viewers, 0, ladder, 0, ...parameters);
  }
  return viewers.rungIndex[0];
}

/** Thresholds of the real hls.js on this ladder: up at 429, 643, 858, 1072; stay at 316, 474 ... */
test.each([
  ["stays low just below the threshold up", 428, 0, 0],
  ["goes up just above it", 430, 0, 1],
  ["holds the rung down to its rate over 0.95", 317, 1, 1],
  ["drops it below that", 315, 1, 0],
  ["takes the top with room to spare", 1_100, 0, 4],
  ["needs 1072 kbps for the top", 1_060, 0, 3],
])("hlsjs %s", (_what, kbps, from, expected) => {
  expect(settle(hlsjs, kbps, from)).toBe(expected);
});

test("throughput takes the highest rung within its part of the estimate", () => {
  expect(settle(throughput, 570, 0, 0.8)).toBe(2);
  expect(settle(throughput, 555, 4, 0.8)).toBe(1);
  expect(settle(throughput, 100, 4, 0.8)).toBe(0);
});

test("fixed keeps its rung, or the top one of a shorter ladder", () => {
  expect(settle(fixed, 100, 0, 3)).toBe(3);
  expect(settle(fixed, 100, 0, 9)).toBe(4);
});
