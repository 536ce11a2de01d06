import fc from "fast-check";
import { expect, test } from "vitest";
import { gatherAudience } from "./audience.ts";
import { linkClassesOf, type LinkClass } from "./link-classes.ts";
import { planOf } from "./plan.ts";
import { memoryOf } from "./testing/run-night.ts";
import { namedScenario, scenarioOf, type Settings } from "./testing/scenario-of.ts";

/** Rates of all viewers as the simulator draws them, rising. */
function drawnKbps(audience: Settings): number[] {
  const plan = planOf(scenarioOf({ audience: { viewerCount: 20_000, ...audience } }));
  const { world } = memoryOf(plan);
  gatherAudience(world);
  return [...world.pathLog2].map((log2) => 1_000 * 2 ** log2).sort((a, b) => a - b);
}

function classesOf(audience: Settings, count: number): LinkClass[] {
  return linkClassesOf(scenarioOf({ audience }), count);
}

/** Geometric mean of the viewers whom each class stands for. */
function meansOf(kbps: readonly number[], classes: readonly LinkClass[]): number[] {
  let upTo = 0;
  return classes.map(({ ratio }) => {
    const from = Math.round(upTo * kbps.length);
    upTo += ratio;
    const part = kbps.slice(from, Math.round(upTo * kbps.length));
    return Math.exp(part.reduce((sum, one) => sum + Math.log(one), 0) / part.length);
  });
}

test.each([
  ["the default audience", {}],
  ["an audience with dial-up", { marginalRatio: 0.1 }],
  ["an audience of dial-up alone", { marginalRatio: 1 }],
])("classes of %s are means of the simulator's own viewers", (_what, audience) => {
  const kbps = drawnKbps(audience);
  for (const count of [1, 4, 8, 32]) {
    const classes = classesOf(audience, count);
    meansOf(kbps, classes).forEach((mean, n) => {
      // The slowest of 32 has 38 of the 20,000 viewers, whose place in the tail is chance.
      const tolerance = classes[n]!.ratio < 0.01 ? 0.08 : 0.03;
      expect(Math.abs(classes[n]!.kbps / mean - 1), `${n} of ${count}`).toBeLessThan(tolerance);
    });
  }
});

test("the slow end is told apart more finely than the fast one", () => {
  const ratios = classesOf({}, 8).map(({ ratio }) => ratio);
  expect(ratios[0]).toBeCloseTo(1 / 36, 12);
  expect(ratios[7]).toBeCloseTo(8 / 36, 12);
});

test("paths that are all alike have classes that are all alike", () => {
  const flat = { accessLogSigma: 0, pathShareMedian: 0.5, pathShareLogSigma: 0 };
  for (const { kbps } of classesOf({ ...flat, accessKbpsMedian: 2_000 }, 5)) {
    expect(kbps).toBeCloseTo(1_000, 6);
  }
});

test("ratios sum to 1 and rates rise, for any audience and count", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 32 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 2, noNaN: true }),
      (count, marginalRatio, accessLogSigma) => {
        const classes = classesOf({ marginalRatio, accessLogSigma }, count);
        expect(classes).toHaveLength(count);
        expect(classes.reduce((sum, { ratio }) => sum + ratio, 0)).toBeCloseTo(1, 12);
        classes.forEach(({ kbps }, n) => {
          expect(kbps).toBeGreaterThanOrEqual(n === 0 ? 0 : classes[n - 1]!.kbps * (1 - 1e-9));
        });
      },
    ),
    { numRuns: 20 },
  );
});

test("the mean of logarithms is the audience's, so that nothing is faster or slower in all", () => {
  const scenario = namedScenario("oprah-2008");
  const meanOf = (classes: readonly LinkClass[]): number =>
    classes.reduce((sum, { ratio, kbps }) => sum + ratio * Math.log(kbps), 0);
  const whole = meanOf(linkClassesOf(scenario, 1));
  expect(meanOf(linkClassesOf(scenario, 8))).toBeCloseTo(whole, 9);
});

const links = [
  { ratio: 0.25, kbps: 300 },
  { ratio: 0.75, kbps: 1_200 },
];

test("classes that the scenario names are taken as they are", () => {
  expect(classesOf({ links }, 8)).toEqual(links);
});

test("viewers have the rate of a class of the scenario, in the shares that it says", () => {
  for (const viewerCount of [200, 20_000]) {
    const kbps = drawnKbps({ links, viewerCount, marginalRatio: 0.5 });
    const slow = kbps.filter((one) => Math.abs(one - 300) < 1e-6).length / viewerCount;
    const fast = kbps.filter((one) => Math.abs(one - 1_200) < 1e-6).length / viewerCount;
    expect(slow + fast).toBe(1);
    expect(Math.abs(slow - 0.25)).toBeLessThan(viewerCount === 200 ? 0.01 : 0.001);
  }
});

test.each([
  ["ratios that do not sum to 1", [{ ratio: 0.5, kbps: 300 }]],
  ["a class without a rate", [{ ratio: 1, kbps: 0 }]],
  ["more than 32 classes", Array.from({ length: 33 }, () => ({ ratio: 1 / 33, kbps: 300 }))],
])("%s are refused", (_what, wrong) => {
  expect(() => scenarioOf({ audience: { links: wrong } })).toThrow("audience.links");
});
