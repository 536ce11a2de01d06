import fc from "fast-check";
import { expect, test } from "vitest";
import { addLoad, clearLoad, closeWindow } from "./load.ts";
import { planOf, quantaPerWindow, turnWindowsMax } from "./plan.ts";
import { memoryOf } from "./testing/run-night.ts";
import { scenarioOf } from "./testing/scenario-of.ts";
import { sum, sumCount, type World } from "./world.ts";

const plan = planOf(scenarioOf({ audience: { viewerCount: 2 }, topology: { edges: 2 } }));
const { windowUs, quantumUs } = plan;

function emptyWorld(bitsPerUsMax = Infinity): World {
  const { world } = memoryOf(plan);
  world.edgeBitsPerUs.fill(bitsPerUsMax);
  return world;
}

/** Bits and peak of the next windows of the edge, closed one after another. */
function closedWindows(world: World, edge: number, count: number) {
  return Array.from({ length: count }, (_, window) => {
    closeWindow(world, edge, window, window % turnWindowsMax);
    const at = edge * turnWindowsMax + (window % turnWindowsMax);
    return { bits: world.windowBits[at]!, peakBits: world.windowPeakBits[at]! };
  });
}

interface Flow {
  fromUs: number;
  lengthUs: number;
  bitsPerUs: number;
}

/** Bits of each quantum, flow by flow. */
function bruteForce(flows: readonly Flow[], quantumCount: number): number[] {
  return Array.from({ length: quantumCount }, (_, quantum) => {
    const startUs = quantum * quantumUs;
    return flows.reduce((bits, { fromUs, lengthUs, bitsPerUs }) => {
      const endUs = Math.min(startUs + quantumUs, fromUs + lengthUs);
      return bits + bitsPerUs * Math.max(0, endUs - Math.max(startUs, fromUs));
    }, 0);
  });
}

test("the load of each quantum is the mean of what flows in it, whatever the order", () => {
  const flow = fc.record({
    fromUs: fc.integer({ min: 0, max: 2 * windowUs }),
    lengthUs: fc.integer({ min: 0, max: 3 * windowUs }),
    bitsPerUs: fc.double({ min: 0.01, max: 50, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(flow, { maxLength: 12 }), (flows) => {
      const world = emptyWorld();
      for (const { fromUs, lengthUs, bitsPerUs } of flows) {
        addLoad(world, 1, fromUs, fromUs + lengthUs, bitsPerUs);
      }
      const windows = closedWindows(world, 1, 6);
      const expected = bruteForce(flows, 6 * quantaPerWindow);
      windows.forEach(({ bits, peakBits }, window) => {
        const quanta = expected.slice(window * quantaPerWindow, (window + 1) * quantaPerWindow);
        expect(bits).toBeCloseTo(
          quanta.reduce((total, one) => total + one, 0),
          3,
        );
        expect(peakBits).toBeCloseTo(Math.max(...quanta), 3);
      });
    }),
    { numRuns: 50 },
  );
});

test("edges do not see each other's load", () => {
  const world = emptyWorld();
  addLoad(world, 0, 0, windowUs, 1);
  expect(closedWindows(world, 1, 1)).toEqual([{ bits: 0, peakBits: 0 }]);
  expect(closedWindows(world, 0, 1)[0]!.bits).toBe(windowUs);
});

test("quanta above capacity are counted, and one that just reaches it is not", () => {
  const world = emptyWorld(3);
  addLoad(world, 0, 0, windowUs, 3);
  addLoad(world, 0, 0.5 * quantumUs, 1.5 * quantumUs, 0.001);
  closedWindows(world, 0, 1);
  expect(world.sums[sum.overCapacityQuanta]).toBe(2);
  expect(world.sums[sumCount + sum.overCapacityQuanta]).toBe(0);
});

test("a load that is cleared flows no further, and the other edge's does", () => {
  const world = emptyWorld();
  for (const edge of [0, 1]) addLoad(world, edge, 0, 3 * windowUs, 2);
  closedWindows(world, 0, 1);
  clearLoad(world, 0);
  closeWindow(world, 0, 1, 0);
  expect(world.windowBits[0]).toBe(0);
  expect(closedWindows(world, 1, 2)[1]!.bits).toBe(2 * windowUs);
});
