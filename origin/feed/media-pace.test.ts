import { expect, test } from "vitest";
import { MediaPace } from "./media-pace.ts";

/** Whether a publisher of this speed is ever told to wait within so many seconds. */
function check(options: { speed: number; sec: number; gapSec?: number }, expected: boolean): void {
  const { speed, sec, gapSec = 0 } = options;
  const pace = new MediaPace(0);
  pace.begin(0, 0);
  let waited = false;
  for (let nowMs = 0; nowMs <= sec * 1000; nowMs += 50) {
    // Nothing comes during the gap, then all that was held at once.
    if (nowMs < gapSec * 1000) continue;
    if (pace.take(nowMs * speed, nowMs)) waited = true;
  }
  expect(waited).toBe(expected);
}

test("who sends in real time is never held up, by a fast clock and a burst neither", () => {
  check({ speed: 1, sec: 3_600 }, false);
  check({ speed: 1.000_2, sec: 36_000 }, false);
  check({ speed: 0.9, sec: 600 }, false);
  check({ speed: 1, sec: 60, gapSec: 8 }, false);
});

test("who sends faster is held up", () => {
  check({ speed: 1.2, sec: 20 }, true);
  check({ speed: 1.05, sec: 100 }, true);
  check({ speed: 50, sec: 1 }, true);
});

test("what is ahead has passed before more is taken, also over a change of epoch", () => {
  const pace = new MediaPace(0);
  pace.begin(0, 0);
  expect(pace.take(2_000, 0)).toBe(false);
  expect(pace.take(2_001, 0)).toBe(true);
  expect(pace.holds(400)).toBe(true);
  expect(pace.holds(600)).toBe(false);
  pace.begin(0, 600);
  expect(pace.take(700, 600)).toBe(true);
});
