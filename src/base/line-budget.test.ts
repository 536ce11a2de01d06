import { expect, test } from "vitest";
import { LineBudget, type LineBudgetOptions } from "./line-budget.ts";

type Take = [kind: string, nowMs: number, expected: number | undefined];

function check(options: LineBudgetOptions, takes: readonly Take[]): void {
  const budget = new LineBudget(options);
  const got = takes.map(([kind, nowMs]) => [kind, nowMs, budget.take(kind, nowMs)]);
  expect(got).toEqual(takes);
}

test("a line of a kind is taken in ten seconds, and says how many were left out", () => {
  check({}, [
    ["key", 0, 0],
    ["key", 1, undefined],
    ["not-rtmp", 2, 0],
    ["key", 9_999, undefined],
    ["key", 10_000, 2],
    ["key", 10_001, undefined],
    ["key", 30_000, 1],
    ["key", 40_000, 0],
  ]);
});

test("several lines of a kind may be taken in an interval, and the next one's first says the rest", () => {
  check({ lineCountMax: 2, intervalMs: 100 }, [
    ["key", 0, 0],
    ["key", 10, 0],
    ["key", 20, undefined],
    ["key", 99, undefined],
    ["key", 100, 2],
    ["key", 101, 0],
    ["key", 102, undefined],
  ]);
});
