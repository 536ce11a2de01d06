import fc from "fast-check";
import { expect, test } from "vitest";
import { advancePlayback, appendSegment, liveLatencyMs } from "./playback.ts";
import { createViewers, join, viewerPhase } from "./viewers.ts";

/** Viewer 1 of 3, so that an index mixed up shows. */
function joined(atMs = 1_000) {
  const viewers = createViewers(3);
  join(viewers, 1, atMs);
  viewers.nextMsn[1] = 10;
  return viewers;
}

test("start-up lasts from the intended join to the first segment, and is no stall", () => {
  const viewers = joined(1_000);
  advancePlayback(viewers, 1, 1_500);
  expect(viewers.startupMs[1]).toBe(-1);
  expect(appendSegment(viewers, 1, 1_800, 4_000, 0)).toBe(0);
  expect(viewers.startupMs[1]).toBe(800);
  expect([viewers.phase[1], viewers.stalledMs[1]]).toEqual([viewerPhase.playing, 0]);
  expect([viewers.startupMs[0], viewers.startupMs[2]]).toEqual([-1, -1]);
});

test("a segment that comes after the buffer ran empty is late by the length of the stall", () => {
  const viewers = joined(0);
  appendSegment(viewers, 1, 0, 4_000, 0);
  advancePlayback(viewers, 1, 4_500);
  expect(viewers.phase[1]).toBe(viewerPhase.stalled);
  expect(appendSegment(viewers, 1, 5_250, 4_000, 0)).toBe(1_250);
  expect([viewers.playedMs[1], viewers.stalledMs[1]]).toEqual([4_000, 1_250]);
  expect([viewers.stallCount[1], viewers.bufferMs[1]]).toEqual([1, 4_000]);
});

test("a buffer that lasts to the instant is no stall", () => {
  const viewers = joined(0);
  appendSegment(viewers, 1, 0, 4_000, 0);
  expect(appendSegment(viewers, 1, 4_000, 4_000, 0)).toBe(0);
  expect(viewers.stallCount[1]).toBe(0);
});

test("the head of the first segment before the start position is discarded", () => {
  const viewers = joined(0);
  viewers.skipMs[1] = 800;
  appendSegment(viewers, 1, 0, 4_000, 0);
  appendSegment(viewers, 1, 10, 4_000, 0);
  expect([viewers.discardedMs[1], viewers.bufferMs[1]]).toEqual([800, 7_190]);
});

test("playing out after the feed's last segment ends the viewing and stalls nobody", () => {
  const viewers = joined(0);
  viewers.endMsn[1] = 10;
  appendSegment(viewers, 1, 0, 4_000, 0);
  advancePlayback(viewers, 1, 9_000);
  expect([viewers.phase[1], viewers.stallCount[1]]).toEqual([viewerPhase.ended, 0]);
  expect(viewers.playedMs[1]).toBe(4_000);
});

test("latency is the distance from playhead to now on the feed's time line", () => {
  const viewers = joined(0);
  expect(liveLatencyMs(viewers, 1, 5_000)).toBe(0);
  appendSegment(viewers, 1, 50_000, 4_000, 42_000);
  expect(liveLatencyMs(viewers, 1, 50_000)).toBe(12_000);
});

test("every millisecond since the first frame is played or stalled, and no media is lost", () => {
  const step = fc.record({
    waitMs: fc.integer({ min: 0, max: 9_000 }),
    durationMs: fc.integer({ min: 500, max: 5_000 }),
    arrives: fc.boolean(),
  });
  const check = (steps: { waitMs: number; durationMs: number; arrives: boolean }[]) => {
    const viewers = joined(0);
    let nowMs = 0;
    let fetchedMs = 0;
    for (const { waitMs, durationMs, arrives } of steps) {
      nowMs += waitMs;
      if (arrives) {
        appendSegment(viewers, 1, nowMs, durationMs, 0);
        fetchedMs += durationMs;
      } else {
        advancePlayback(viewers, 1, nowMs);
      }
    }
    const { playedMs, stalledMs, bufferMs, discardedMs, startupMs } = viewers;
    expect(playedMs[1]! + bufferMs[1]! + discardedMs[1]!).toBe(fetchedMs);
    if (startupMs[1]! >= 0) expect(playedMs[1]! + stalledMs[1]!).toBe(nowMs - startupMs[1]!);
  };
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), check));
});
