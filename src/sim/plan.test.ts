import { expect, test } from "vitest";
import { listedAtOriginUs, newestAtOrigin } from "./listing.ts";
import { msnAtStart, planOf, windowOf } from "./plan.ts";
import { scenarioOf } from "./testing/scenario-of.ts";

test.each([500, 999, 2_000, 2_002, 4_267, 7_001, 20_000])(
  "windows of %d ms begin at their first microsecond, however late in the night",
  (durationMs) => {
    const plan = planOf(scenarioOf({ segment: { durationMs } }));
    for (let window = 0; window < 20_000; window++) {
      const startUs = window * plan.windowUs;
      if (windowOf(plan, startUs) !== window || windowOf(plan, startUs - 1) !== window - 1) {
        expect.fail(`window ${window} begins at ${startUs}`);
      }
      const msn = msnAtStart + window;
      if (newestAtOrigin(plan, listedAtOriginUs(plan, msn)) !== msn) {
        expect.fail(`segment ${msn} is not there when it is listed`);
      }
    }
  },
);

test("capacity is per viewer, however many each simulated one stands for", () => {
  const of = (viewerCount: number, sampleWeight: number) =>
    planOf(scenarioOf({ audience: { viewerCount, sampleWeight }, topology: { edges: 10 } }));
  expect(of(1_000, 1).edgeBitsPerUs).toBe(100);
  expect(of(10_000, 10).edgeBitsPerUs).toBe(100);
  expect(of(10_000, 10).viewerCount).toBe(1_000);
  expect(of(10_000, 1).edgeBitsPerUs).toBe(1_000);
});

test("a night is whole windows, with the plateau among them", () => {
  const plan = planOf(
    scenarioOf({
      durationSec: 101,
      segment: { durationMs: 4_000 },
      plateau: { fromSec: 20, toSec: 80 },
    }),
  );
  expect([plan.windowCount, plan.plateauFrom, plan.plateauTo]).toEqual([26, 5, 20]);
});

test("segments have their nominal size, or their measured ones by rate", () => {
  const nominal = planOf(scenarioOf({ ladder: { rungsKbps: [300, 150] } }));
  expect(nominal.rungKbps).toEqual([150, 300]);
  expect([...nominal.sizeBytes]).toEqual([37_500, 75_000]);
  const measured = planOf(
    scenarioOf({
      ladder: { rungsKbps: [300, 150] },
      segment: {
        sizesBytes: [
          [75_001, 37_501],
          [80_000, 40_000],
        ],
      },
    }),
  );
  expect([...measured.sizeBytes]).toEqual([37_501, 75_001, 40_000, 80_000]);
  expect(measured.sizeRowCount).toBe(2);
});
