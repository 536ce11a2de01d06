import { expect, test } from "vitest";
import { LineBudget } from "./line-budget.ts";

test("a line of a kind is taken in ten seconds, and says how many were left out", () => {
  const budget = new LineBudget();
  const takes: [string, number, number | undefined][] = [
    ["key", 0, 0],
    ["key", 1, undefined],
    ["not-rtmp", 2, 0],
    ["key", 9_999, undefined],
    ["key", 10_000, 2],
    ["key", 10_001, undefined],
    ["key", 30_000, 1],
    ["key", 40_000, 0],
  ];
  for (const [kind, nowMs, expected] of takes) expect(budget.take(kind, nowMs)).toBe(expected);
});
