import { expect, test } from "vitest";
import { takeOne, type BudgetLeft } from "./rate-budget.ts";

const budget = { perSec: 20, burst: 100 };

/** How many of `count` messages at this instant are let through. */
function taken(of: BudgetLeft, count: number, nowMs: number): number {
  return Array.from({ length: count }, () => takeOne(of, budget, nowMs)).filter(Boolean).length;
}

/** When, how many are sent, how many of these pass. */
type Step = [nowMs: number, sent: number, passed: number];
const burst: Step = [0, 150, 100];

test.each<[string, Step[]]>([
  ["at once, the burst", [burst]],
  ["after it, what a second gives", [burst, [1_000, 50, 20]]],
  ["after a long rest, no more than the burst", [burst, [60_000, 150, 100]]],
  ["one when there is one", [burst, [49, 1, 0], [50, 1, 1], [51, 1, 0]]],
  ["evenly, at the rate for ever", Array.from({ length: 200 }, (_, n) => [1_000 * n, 20, 20])],
])("%s", (_, steps) => {
  const viewer = { left: budget.burst, sinceMs: 0 };
  for (const [nowMs, sent, passed] of steps) {
    expect(taken(viewer, sent, nowMs), `at ${nowMs} ms`).toBe(passed);
  }
});

test("who asks too early again and again waits no longer for it", () => {
  const viewer = { left: 0, sinceMs: 0 };
  const times = Array.from({ length: 50 }, (_, n) => n + 1);
  expect(times.filter((nowMs) => takeOne(viewer, budget, nowMs))).toEqual([50]);
});
