import { expect, test } from "vitest";
import { modelSeedsSchema } from "../../src/config/schema-model-report.ts";
import { modelSeedsOf, spreadOf, studentQuantiles } from "./seed-figures.ts";
import { madeCommand, madeReport } from "./testing/made-report.ts";
import { textSeeds } from "./text-seeds.ts";

test.each([
  // Deviation √8, its error √8 / √2 = 2, t 12.706.
  [[10, 14], { mean: 12, halfWidth95: 25.412, min: 10, max: 14 }],
  // Squares 4 + 0 + 0 + 0 + 4, variance 2, error √(2/5) = 0.632456, t 2.776.
  [[2, 4, 4, 4, 6], { mean: 4, halfWidth95: 1.755_696_56, min: 2, max: 6 }],
  // What does not differ has no width, whatever the arithmetic.
  [[0.1, 0.1, 0.1], { mean: 0.1, halfWidth95: 0, min: 0.1, max: 0.1 }],
])("the spread of %j is as computed by hand", (values, expected) => {
  expect(spreadOf(values)).toEqual(expected);
});

test("a spread is of two values at least and of fifty at most", () => {
  expect(spreadOf(Array.from({ length: 50 }, (_, i) => i)).mean).toBe(24.5);
  for (const length of [0, 1, 51]) {
    expect(() => spreadOf(new Array<number>(length).fill(1))).toThrow(/2 to 50 values/);
  }
});

/** The integral of Student's density from 0 to t, with the density's own integral taken as 1. */
function studentShare(t: number, freedom: number): number {
  // With x = √n tan φ the density is cos^(n-1) φ, over -π/2 to π/2.
  const area = (to: number): number => {
    const steps = 2_000;
    let sum = 0;
    for (let i = 0; i < steps; i++) sum += Math.cos(((i + 0.5) * to) / steps) ** (freedom - 1);
    return (sum * to) / steps;
  };
  return 0.5 + area(Math.atan(t / Math.sqrt(freedom))) / (2 * area(Math.PI / 2));
}

test("95 of 100 lie within each quantile of Student's t", () => {
  expect(studentQuantiles).toHaveLength(49);
  studentQuantiles.forEach((t, i) => {
    // Three decimals of t are a few hundred-thousandths of the share.
    expect(Math.abs(studentShare(t, i + 1) - 0.975), `${i + 1}`).toBeLessThan(4e-5);
  });
});

const { headline } = madeReport();
const reports = [7, 8, 9].map((seed, i) =>
  madeReport({
    seed,
    headline: {
      ...headline,
      egressGbpsMean: headline.egressGbpsMean + i,
      edgesNeededAt10GbE: 33 + (i % 2),
      startupMsP50: 1_140 + i,
    },
  }),
);

test("several seeds are one object of the published form", () => {
  const seeds = modelSeedsOf(reports);
  expect(modelSeedsSchema.parse(seeds)).toEqual(seeds);
  expect(seeds).toMatchObject({ evidence: "modelled", scenario: "made-night", seeds: [7, 8, 9] });
  expect(Object.keys(seeds.figures).sort()).toEqual(
    Object.keys(headline)
      .filter((key) => key !== "rungShare")
      .sort(),
  );
  expect(seeds.figures.viewers).toEqual({ mean: 5e5, halfWidth95: 0, min: 5e5, max: 5e5 });
});

test("several seeds in text", async () => {
  const text = textSeeds(modelSeedsOf(reports), { ...madeCommand, settings: ["seed=7"] });
  const line = text.split("\n").find((one) => one.includes("Gbps"));
  expect(line).toMatch(/^modelled: .*scenario made-night, seeds 7, 8, 9, commit 0123456789ab/);
  await expect(text).toMatchFileSnapshot("golden/seeds.txt");
});

test("seeds whose sums do not balance are named", () => {
  const { conservation } = madeReport();
  const broken = madeReport({ seed: 8, conservation: { ...conservation, peerBytes: 1 } });
  expect(textSeeds(modelSeedsOf([madeReport(), broken]), madeCommand)).toContain(
    "DOES NOT BALANCE with seed 8,",
  );
});
