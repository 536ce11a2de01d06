import { expect, test } from "vitest";
import { traitsOf } from "./viewer-traits.ts";

const crowd = {
  viewerCount: 40,
  uplinkKbps: { min: 400, max: 1_200 },
  unreachableRatio: 0.2,
  takeOnlyRatio: 0.3,
  faulty: { fault: "liar", count: 4 },
  seed: 7,
} as const;

test("shares are met exactly, faults fall on viewers who give, and lines have the mean in between", () => {
  const traits = traitsOf(crowd);
  expect(traits.filter(({ fault }) => fault === "unreachable")).toHaveLength(8);
  expect(traits.filter(({ share }) => share === "take")).toHaveLength(12);
  const liars = traits.filter(({ fault }) => fault === "liar");
  expect(liars.map(({ share }) => share)).toEqual(["both", "both", "both", "both"]);
  const kbps = traits.map(({ uplinkKbps }) => uplinkKbps);
  expect(kbps.reduce((sum, one) => sum + one, 0) / 40).toBeCloseTo(800, 6);
  expect([Math.min(...kbps), Math.max(...kbps)]).toEqual([410, 1_190]);
});

test("a seed says who is what; without limits lines are endless and nobody is at fault", () => {
  expect(traitsOf(crowd)).toEqual(traitsOf(crowd));
  expect(traitsOf({ ...crowd, seed: 8 })).not.toEqual(traitsOf(crowd));
  const free = { uplinkKbps: null, unreachableRatio: 0, takeOnlyRatio: 0, faulty: null };
  for (const viewer of traitsOf({ ...crowd, ...free })) {
    expect(viewer).toEqual({ uplinkKbps: Infinity, share: "both", fault: null });
  }
});
