import { expect, test } from "vitest";
import { nextStep, type SearchPlan, type TriedStep } from "./knee-search.ts";

const plan: SearchPlan = {
  from: 100,
  ceiling: 100_000,
  stepCountMax: 16,
  durationMsMax: 1_200_000,
  stepMs: 40_000,
};

/** The whole search on a machine that carries so many viewers; each step takes what it should. */
function search(carried: number, more: Partial<SearchPlan> = {}): { tried: number[]; why: string } {
  const own = { ...plan, ...more };
  const steps: TriedStep[] = [];
  for (;;) {
    const next = nextStep(steps, own, steps.length * own.stepMs);
    const tried = steps.map(({ viewers }) => viewers);
    if (next.kind === "end") return { tried, why: next.why };
    steps.push({ viewers: next.viewers, broken: next.viewers > carried ? ["too many"] : [] });
  }
}

test.each<[string, number, Partial<SearchPlan>, { tried: number[]; why: string }]>([
  [
    "doubles until a step breaks, then halves the interval three times",
    1_130,
    {},
    { tried: [100, 200, 400, 800, 1_600, 1_200, 1_000, 1_100], why: "knee" },
  ],
  [
    "stops halving when the interval is narrow",
    10,
    { from: 9 },
    { tried: [9, 18, 14, 12, 11], why: "knee" },
  ],
  ["ends at the first step when that one breaks", 99, {}, { tried: [100], why: "first" }],
  [
    "tries the ceiling itself, and ends there when it is good",
    1e6,
    { ceiling: 250 },
    { tried: [100, 200, 250], why: "ceiling" },
  ],
  [
    "halves below a ceiling that breaks",
    240,
    { ceiling: 250 },
    { tried: [100, 200, 250, 225, 238, 244], why: "knee" },
  ],
  [
    "takes one step when it begins at the ceiling",
    1e6,
    { ceiling: 100 },
    { tried: [100], why: "ceiling" },
  ],
  [
    "ends when no step is left",
    1e6,
    { stepCountMax: 3 },
    { tried: [100, 200, 400], why: "limits" },
  ],
  [
    "begins no step that would not end in time",
    1e6,
    { durationMsMax: 100_000 },
    { tried: [100, 200], why: "limits" },
  ],
  [
    "takes the first step whatever time there is",
    1e6,
    { durationMsMax: 1 },
    { tried: [100], why: "limits" },
  ],
])("the search %s", (_, carried, more, expected) => {
  expect(search(carried, more)).toEqual(expected);
});

test("whatever the machine carries, the knee is below it by no more than the interval", () => {
  for (let carried = 100; carried < 20_000; carried += 137) {
    const { tried, why } = search(carried);
    expect(why).toBe("knee");
    const good = Math.max(...tried.filter((viewers) => viewers <= carried));
    expect(carried / good, `${carried} carried, ${good} found`).toBeLessThan(1.125);
  }
});
