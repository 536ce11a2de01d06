import { expect, test } from "vitest";
import { Pace } from "./pace.ts";

/** Windows of 2 s, 200 ms each of the wall clock. */
const pace = new Pace({ windowSec: 2, windowCount: 30, timeRatio: 10 });

test("a window may begin when as many as are before it have passed", () => {
  expect(pace.waitMs(0, 0)).toBe(0);
  expect(pace.waitMs(3, 0)).toBe(600);
  expect(pace.waitMs(3, 599.5)).toBeCloseTo(0.5);
  expect(pace.waitMs(3, 10_000)).toBe(0);
});

test("what is told falls into the next window by the clock, never into one that may have begun", () => {
  expect(pace.nextWindow(0)).toBe(1);
  expect(pace.nextWindow(199.9)).toBe(1);
  expect(pace.nextWindow(200)).toBe(2);
  for (const elapsedMs of [0, 1, 199, 200, 201, 777]) {
    expect(pace.waitMs(pace.nextWindow(elapsedMs), elapsedMs)).toBeGreaterThan(0);
  }
});

test("an engine that runs each window while it lasts is not behind; one that does not, is", () => {
  expect(pace.behindSec(0, 200)).toBe(0);
  expect(pace.behindSec(4, 1_000)).toBe(0);
  expect(pace.behindSec(0, 300)).toBeCloseTo(1);
  expect(pace.behindSec(10, 3_000)).toBeCloseTo(8);
});

test("nobody falls further behind than the night is long", () => {
  expect(pace.behindSec(20, 1e9)).toBe(18);
  expect(pace.behindSec(30, 1e9)).toBe(0);
});
