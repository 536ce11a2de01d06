import { expect, test } from "vitest";
import { resolveScenario } from "../src/config/resolve-scenario.ts";
import type { Scenario } from "../src/config/schema-scenario.ts";
import { progressLine, workRatio } from "./simulation-progress.ts";

const now = {
  tSec: 1_800,
  durationSec: 6_900,
  viewers: 499_213,
  egressGbps: 241.83,
  stalledRatio: 0.0153,
};

test("the line says how far the work is, what the night is like and how long it takes yet", () => {
  expect(progressLine(now, { doneRatio: 0.25, elapsedMs: 30_000 })).toBe(
    "modelled ████░░░░░░░░░░░░ 25 % | 1:30 left | 241.8 Gbps | 499,213 viewers | 1.53 % stalled | at 30:00 of 1:55:00",
  );
  const one = progressLine({ ...now, viewers: 1 }, { doneRatio: 0.25, elapsedMs: 30_000 });
  expect(one).toContain("| 1 viewer |");
  expect(progressLine(now, { doneRatio: 0, elapsedMs: 1 })).toContain(" 0 % | … left");
  expect(progressLine(now, { doneRatio: 1, elapsedMs: 9_000 })).toContain("100 % | 0 s left");
});

function arriving(arrivals: { atSec: number; ratio: number }[]): Scenario {
  const values = { name: "night", durationSec: 1_000, audience: { arrivals } };
  const result = resolveScenario([{ source: "test", values }]);
  if (!result.ok) throw new Error("refused");
  return result.scenario;
}

test("work follows the audience", () => {
  const atOnce = arriving([{ atSec: 0, ratio: 1 }]);
  expect(workRatio(atOnce, 250)).toBeCloseTo(0.25);
  const slowly = arriving([
    { atSec: 0, ratio: 0 },
    { atSec: 500, ratio: 1 },
  ]);
  expect(workRatio(slowly, 0)).toBe(0);
  expect(workRatio(slowly, 250)).toBeCloseTo(62.5 / 750);
  expect(workRatio(slowly, 500)).toBeCloseTo(250 / 750);
  expect(workRatio(slowly, 1_000)).toBe(1);
  const jump = arriving([
    { atSec: 500, ratio: 0.2 },
    { atSec: 500, ratio: 1 },
  ]);
  expect(workRatio(jump, 750)).toBeCloseTo(0.5);
});
