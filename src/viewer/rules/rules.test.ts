import { expect, test } from "vitest";
import { countSegment } from "../live-following.ts";
import { advancePlayback, appendSegment } from "../playback.ts";
import { sampleDownload } from "../throughput-estimator.ts";
import { createViewerLadder, type RungRule, type ViewerLadder } from "../viewer-ladder.ts";
import { createViewers, join, type Viewers } from "../viewers.ts";
import { bola, bolaAbandonTo } from "./bola.ts";
import { bolae, bolaeAbandonTo, bolaeAbandoned } from "./bolae.ts";
import { dynamicdash } from "./dynamicdash.ts";
import { fixed } from "./fixed.ts";
import { hlsjs } from "./hlsjs.ts";
import { moveLike } from "./move-like.ts";
import { abrNames, abrRules, type AbrName } from "./rule-table.ts";
import { throughput, throughputAbandonTo } from "./throughput.ts";

const rungKbps = [150, 300, 450, 600, 750];
const ladder = ladderOf(2_000, 2_000);

function ladderOf(segmentDurationMs: number, targetDurationMs: number): ViewerLadder {
  return createViewerLadder({
    peakBitsPerSec: rungKbps.map((kbps) => 1000 * kbps),
    averageBitsPerSec: rungKbps.map((kbps) => 1000 * kbps),
    segmentDurationMs,
    targetDurationMs,
  });
}

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

test("throughput takes the highest rung that its part of the estimate carries, waits included", () => {
  // 450 kbps for 1.92 s of each 2 s are 468.75 kbps, and those 0.9 of 520.8.
  expect(settle(throughput, 522, 0)).toBe(2);
  expect(settle(throughput, 520, 4)).toBe(1);
  expect(settle(throughput, 100, 4)).toBe(0);
  expect(settle(throughput, 585, 0, 0.8)).toBe(1);
  expect(settle(throughput, 587, 0, 0.8)).toBe(2);
});

test("throughput goes lower where the buffer might not outlast the segment", () => {
  const viewers = withEstimate(1_000);
  const at = (bufferMs: number) => {
    viewers.bufferMs[0] = bufferMs;
    return throughput(viewers, 0, ladder, 0);
  };
  // At first 0.9 of the estimate is counted on, in the end 0.5.
  expect(at(1_700)).toBe(4);
  for (let n = 0; n < 10; n++) at(1_700);
  expect([at(1_700), at(3_000), at(2_000), at(0)]).toEqual([1, 4, 2, 0]);
});

test("move-like starts lowest, goes up a rung at a time and down at once", () => {
  const viewers = withEstimate(5_000);
  viewers.rungIndex[0] = -1;
  const step = () => (viewers.rungIndex[0] = moveLike(viewers, 0, ladder));
  expect([step(), step(), step(), step(), step(), step()]).toEqual([0, 1, 2, 3, 4, 4]);
  viewers.estimateKbps[0] = 400;
  expect(step()).toBe(1);
  expect(settle(moveLike, 760, 0)).toBe(3);
  expect(settle(moveLike, 740, 4)).toBe(2);
});

test("fixed keeps its rung, or the top one of a shorter ladder", () => {
  expect(settle(fixed, 100, 0, 3)).toBe(3);
  expect(settle(fixed, 100, 0, 9)).toBe(4);
});

test.each(abrNames.filter((name) => name !== "fixed"))(
  "%s takes the lowest rung before it knows the connection, or what hls.js takes for granted",
  (name) => {
    const viewers = createViewers(1);
    join(viewers, 0, 90_000);
    const rung = abrRules[name].choose(viewers, 0, ladder, 90_000);
    expect(rung).toBe(name === "hlsjs" ? 2 : 0);
  },
);

/** A viewer who estimates `kbps` and no wait. */
function withEstimate(kbps: number): Viewers {
  const viewers = createViewers(1);
  viewers.estimateKbps[0] = kbps;
  viewers.segmentCount[0] = 100;
  return viewers;
}

test("bola's choice rises with the buffer, at most one rung above what the link sustains", () => {
  const deep = ladderOf(2_000, 20_000);
  const choices = (kbps: number) =>
    [0, 30_000, 36_000, 40_000, 44_000, 46_000, 58_000].map((bufferMs) => {
      const viewers = withEstimate(kbps);
      viewers.bufferMs[0] = bufferMs;
      return bola(viewers, 0, deep);
    });
  expect(choices(10_000)).toEqual([0, 0, 0, 1, 2, 3, 4]);
  expect(choices(310)).toEqual([0, 0, 0, 1, 2, 2, 2]);
});

test("bola plans with a small buffer at the start and before the end", () => {
  const deep = ladderOf(2_000, 20_000);
  const choose = (segmentCount: number, leftCount: number) => {
    const viewers = withEstimate(10_000);
    viewers.bufferMs[0] = 16_000;
    viewers.segmentCount[0] = segmentCount;
    viewers.nextMsn[0] = segmentCount;
    if (leftCount > 0) viewers.endMsn[0] = segmentCount + leftCount - 1;
    return bola(viewers, 0, deep);
  };
  expect([choose(100, 0), choose(24, 0), choose(6, 0)]).toEqual([0, 1, 4]);
  expect([choose(100, 90), choose(100, 24), choose(100, 6)]).toEqual([0, 1, 4]);
});

test("bola gives up a download that a lower rung beats, and remembers that rung", () => {
  const viewers = withEstimate(10_000);
  const abandon = (receivedBits: number, bufferMs: number) =>
    bolaAbandonTo(viewers, 0, ladder, 4, 1_500_000, receivedBits, 500, 80, bufferMs);
  expect(abandon(1_400_000, 100)).toBe(-1);
  expect(abandon(0, 100)).toBe(-1);
  expect(abandon(10_000, 20_000)).toBe(-1);
  expect(abandon(10_000, 100)).toBe(0);
  expect(viewers.ruleRung[0]).toBe(0);
});

test("throughput gives up a download that would last 1.8 segments, after half a second", () => {
  const viewers = withEstimate(1_000);
  const abandon = (rung: number, receivedBits: number, elapsedMs: number) =>
    throughputAbandonTo(viewers, 0, ladder, rung, 1_500_000, receivedBits, elapsedMs, 0);
  expect(abandon(4, 50_000, 499)).toBe(-1);
  expect(abandon(4, 180_000, 500)).toBe(1);
  expect(abandon(4, 250_000, 500)).toBe(-1);
  expect(abandon(4, 0, 500)).toBe(0);
  expect(abandon(0, 10_000, 500)).toBe(-1);
});

test("bolae counts waits as buffer, so that it goes up where the live edge keeps that short", () => {
  const viewers = withEstimate(2_000);
  viewers.bufferMs[0] = 3_000;
  expect(bolae(viewers, 0, ladder, 50_000)).toBe(4);
  const placeholderMs = viewers.rulePlaceholderMs[0]!;
  expect(placeholderMs).toBeGreaterThan(10_000);
  bolae(viewers, 0, ladder, 50_400);
  expect(viewers.rulePlaceholderMs[0]! - placeholderMs).toBeCloseTo(400, 6);
});

test("bolae gives up a slow download and is careful after it", () => {
  const viewers = withEstimate(2_000);
  viewers.bufferMs[0] = 3_000;
  bolae(viewers, 0, ladder, 0);
  viewers.rulePlaceholderMs[0] = 0;
  expect(bolaeAbandonTo(viewers, 0, ladder, 4, 1_500_000, 20_000, 500, 50, 500)).toBe(0);
  expect(bolaeAbandonTo(viewers, 0, ladder, 4, 1_500_000, 1_400_000, 500, 50, 500)).toBe(-1);
  viewers.rulePlaceholderMs[0] = 30_000;
  bolaeAbandoned(viewers, 0, ladder, 0, 4, 0);
  expect(viewers.rulePlaceholderMs[0]).toBe(7_000);
});

test("dynamicdash follows the throughput until the buffer is high, and again when it is low", () => {
  const viewers = withEstimate(480);
  // Full to BOLA-E, which then would have the top rung; the throughput rule has none but its own.
  const at = (bufferMs: number) => {
    viewers.bufferMs[0] = bufferMs;
    viewers.rulePlaceholderMs[0] = 30_000;
    return dynamicdash(viewers, 0, ladder, 0);
  };
  expect(at(2_300)).toBe(1);
  at(2_500);
  expect(at(6_000)).toBe(3);
  expect(at(1_100)).toBe(0);
  expect(at(2_300)).toBe(1);
});

/** The mean rate and the stalls of a live viewer of `n` segments over a link of constant rate. */
function watchLive(name: AbrName, kbps: number, targetMs: number) {
  const of = ladderOf(targetMs, targetMs);
  const viewers = createViewers(2);
  const startMs = 500_000;
  let nowMs = startMs;
  let sumKbps = 0;
  join(viewers, 1, startMs);
  viewers.nextMsn[1] = 0;
  for (let n = 0; n < 200; n++) {
    nowMs = Math.max(nowMs, startMs + (n - 2) * targetMs + 300);
    advancePlayback(viewers, 1, nowMs);
    const rung = abrRules[name].choose(viewers, 1, of, nowMs, ...(name === "fixed" ? [0] : []));
    const bits = rungKbps[rung]! * targetMs;
    const downloadMs = 80 + bits / kbps;
    nowMs += downloadMs;
    sampleDownload(viewers, 1, bits / 8, 80, downloadMs);
    countSegment(viewers, 1, rung, bits / 8);
    appendSegment(viewers, 1, nowMs, targetMs, 0);
    abrRules[name].downloaded?.(viewers, 1, of, nowMs, rung, downloadMs);
    sumKbps += rungKbps[rung]!;
  }
  return { kbps: Math.round(sumKbps / 200), stalledMs: viewers.stalledMs[1]! };
}

test.each([
  ["hlsjs", 300, 450, 750],
  ["throughput", 300, 600, 750],
  ["bolae", 300, 600, 750],
  ["dynamic", 300, 600, 750],
  ["dynamicdash", 300, 600, 750],
  ["move-like", 300, 450, 750],
] as const)("%s works at the live edge", (name, at400, at700, at5000) => {
  for (const targetMs of [2_000, 4_000]) {
    const want: [number, number][] = [
      [400, at400],
      [700, at700],
      [5_000, at5000],
    ];
    for (const [linkKbps, expectedKbps] of want) {
      const { kbps, stalledMs } = watchLive(name, linkKbps, targetMs);
      expect(Math.abs(kbps - expectedKbps) / expectedKbps).toBeLessThan(0.25);
      expect(stalledMs).toBe(0);
    }
  }
});
