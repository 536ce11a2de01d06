import { expect, test } from "vitest";
import { ViewerCount } from "./viewer-count.ts";

const segmentMs = 4_267;

function newCount(connections = 1_000_000, sessionCountMax = 1_000) {
  const time = { nowMs: 50_000 };
  const count = new ViewerCount({
    feedCount: 2,
    targetDurationMs: 4_000,
    sessionCountMax,
    nowMs: () => time.nowMs,
    segmentDurationMs: () => segmentMs,
    connectionCount: () => connections,
  });
  return { count, time };
}

const session = (id: string): string => `CMCD=sf%3Dh%2Csid%3D%22${id}%22`;

test("sessions are counted exactly, for as long as they fetch playlists, and by feed", () => {
  const { count, time } = newCount();
  for (const id of ["a", "b", "a"]) count.note(0, session(id), time.nowMs);
  count.note(1, session("c"), time.nowMs);
  expect([count.count(0), count.count(1)]).toEqual([2, 1]);
  time.nowMs += 5_000;
  count.note(0, session("b"), time.nowMs);
  time.nowMs += 3_001;
  expect([count.count(0), count.count(1)]).toEqual([1, 0]);
});

test("viewers without a session are estimated from one fetch a segment each", () => {
  for (const viewers of [1, 10, 200]) {
    const { count, time } = newCount();
    const startMs = time.nowMs;
    for (let fetch = 0; fetch < viewers * 20; fetch++) {
      time.nowMs = startMs + (fetch / viewers) * segmentMs;
      count.note(0, "", time.nowMs);
    }
    expect(Math.abs(count.count(0) - viewers) / viewers, String(viewers)).toBeLessThan(0.15);
    time.nowMs += 8_500;
    expect(count.count(0)).toBe(0);
  }
});

test("there are never more viewers without a session than connections", () => {
  const { count, time } = newCount(3);
  for (let fetch = 0; fetch < 10_000; fetch++) count.note(0, "", time.nowMs);
  expect(count.count(0)).toBe(3);
});

test("made-up sessions do not grow it", () => {
  const { count, time } = newCount(5, 100);
  for (let id = 0; id < 10_000; id++) count.note(0, session(`x${id}`), time.nowMs);
  expect(count.count(0)).toBeLessThanOrEqual(105);
});
