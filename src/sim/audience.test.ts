import { expect, test } from "vitest";
import type { Scenario } from "../config/schema-scenario.ts";
import { gatherAudience } from "./audience.ts";
import { normalQuantile } from "./normal.ts";
import { planOf } from "./plan.ts";
import { memoryOf } from "./testing/run-night.ts";
import { scenarioOf, type Settings } from "./testing/scenario-of.ts";
import type { World } from "./world.ts";

function gathered(...layers: Settings[]): World {
  const { world } = memoryOf(planOf(scenarioOf(...layers)));
  gatherAudience(world);
  return world;
}

function rates(world: World): number[] {
  return [...world.pathLog2].map((log2) => 1_000 * 2 ** log2);
}

/** The largest difference between the shares of `values` below each of them and `shareBelow`. */
function distance(values: readonly number[], shareBelow: (value: number) => number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.max(
    ...sorted.map((value, n) => Math.abs((n + 0.5) / sorted.length - shareBelow(value))),
  );
}

function viewersByEdge(world: World): number[] {
  const counts = new Array<number>(world.plan.edgeCount).fill(0);
  for (const edge of world.edge) counts[edge]!++;
  return counts;
}

const linesOnly = { pathShareMedian: 1, pathShareLogSigma: 0 };

test("stratified assignment gives no edge more than one viewer more than another", () => {
  for (const viewerCount of [1, 17, 200, 1_003]) {
    const world = gathered({ audience: { viewerCount }, topology: { edges: 20 } });
    const counts = viewersByEdge(world);
    expect(counts.reduce((total, n) => total + n, 0)).toBe(viewerCount);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  }
});

test("every run of arrivals is dealt to all edges, so that none fills up first", () => {
  const world = gathered({ audience: { viewerCount: 1_000 }, topology: { edges: 10 } });
  const byArrival = [...world.nextUs.keys()].sort((a, b) => world.nextUs[a]! - world.nextUs[b]!);
  for (let first = 0; first < 1_000; first += 250) {
    const counts = new Array<number>(10).fill(0);
    for (const i of byArrival.slice(first, first + 250)) counts[world.edge[i]!]!++;
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(4);
  }
});

test("random assignment leaves edges as uneven as chance does", () => {
  const world = gathered({
    audience: { viewerCount: 50_000 },
    topology: { edges: 100, assignment: "random" },
  });
  const counts = viewersByEdge(world);
  const variance = counts.reduce((total, n) => total + (n - 500) ** 2, 0) / counts.length;
  // Poisson: 500, give or take four times its own spread, sqrt(2 / 100).
  expect(variance / 500).toBeGreaterThan(1 - 4 * Math.sqrt(0.02));
  expect(variance / 500).toBeLessThan(1 + 4 * Math.sqrt(0.02));
});

test("viewers of an edge are neighbours in memory", () => {
  for (const assignment of ["stratified", "random"]) {
    const world = gathered({
      audience: { viewerCount: 500 },
      topology: { edges: 7, assignment },
    });
    const edges = [...world.edge];
    expect(edges).toEqual(edges.toSorted((a, b) => a - b));
    expect([...world.homeEdge]).toEqual(edges);
  }
});

test("viewers arrive along the curve", () => {
  const world = gathered({ audience: { viewerCount: 1_000 } });
  const arrivedBy = (sec: number): number =>
    [...world.nextUs].filter((atUs) => atUs <= 1e6 * sec).length / 1_000;
  // The default curve: 20 % at the door, 70 % by 1,380 s, all by 1,620 s, linear in between.
  for (const [sec, share] of [
    [0, 0.2],
    [690, 0.45],
    [1_380, 0.7],
    [1_500, 0.85],
    [1_620, 1],
  ] as const) {
    expect(Math.abs(arrivedBy(sec) - share), `at ${sec} s`).toBeLessThanOrEqual(0.002);
  }
});

test("lines have the scenario's distribution, in a small audience as in a large one", () => {
  const medianKbps = 2_592;
  const shareBelow = (kbps: number): number => {
    // The inverse of the quantile, by halving.
    const sigmas = Math.log(kbps / medianKbps) / 0.781;
    let [low, high] = [0, 1];
    for (let n = 0; n < 40; n++) {
      const middle = (low + high) / 2;
      if (normalQuantile(middle) < sigmas) low = middle;
      else high = middle;
    }
    return low;
  };
  const small = gathered({ audience: { viewerCount: 500, ...linesOnly } });
  const large = gathered({ audience: { viewerCount: 20_000, ...linesOnly } });
  // Chance alone would make 0.06 and 0.0096 of it.
  expect(distance(rates(small), shareBelow)).toBeLessThan(0.01);
  expect(distance(rates(large), shareBelow)).toBeLessThan(0.001);
});

test("a path never carries more than its line, and its median is the product of both medians", () => {
  const audience = { viewerCount: 5_000, accessLogSigma: 0.781, pathShareMedian: 0.32 };
  const sorted = rates(gathered({ audience })).sort((a, b) => a - b);
  // Shares above 1 are cut: they do not move the median.
  expect(sorted[2_500]! / (2_592 * 0.32)).toBeCloseTo(1, 1.5);
  const wide = gathered({
    audience: { ...audience, accessLogSigma: 0, pathShareLogSigma: 2 },
  });
  expect(Math.max(...rates(wide))).toBeCloseTo(2_592, 3);
});

test("marginal lines take their share of the audience and have rates of their own", () => {
  const world = gathered({
    audience: {
      viewerCount: 4_000,
      ...linesOnly,
      accessLogSigma: 0,
      marginalRatio: 0.1,
      marginalKbpsMedian: 180,
      marginalLogSigma: 0,
    },
  });
  const marginal = rates(world).filter((kbps) => Math.abs(kbps - 180) < 1).length;
  const ordinary = rates(world).filter((kbps) => Math.abs(kbps - 2_592) < 1).length;
  expect(marginal + ordinary).toBe(4_000);
  expect(Math.abs(marginal - 400)).toBeLessThan(4 * Math.sqrt(400 * 0.9));
});

test("players and upload lines have the scenario's mix", () => {
  const world = gathered({
    audience: { viewerCount: 4_000 },
    viewer: {
      abr: [
        { rule: "hlsjs", ratio: 0.5 },
        { rule: "bola", ratio: 0.3 },
        { rule: "fixed", ratio: 0.2, parameters: [1] },
      ],
    },
    swarm: { participationRatio: 0.7, natSuccessRatio: 0.8 },
  });
  const shareOf = (column: ArrayLike<number>, value: number): number =>
    Array.from(column).filter((one) => one === value).length / 4_000;
  expect([0, 1, 2].map((rule) => shareOf(world.rule, rule))).toEqual([
    expect.closeTo(0.5, 2),
    expect.closeTo(0.3, 2),
    expect.closeTo(0.2, 2),
  ]);
  // 0.7 × 0.8 can be reached, of whom 33 % have 128 kbps, 50 % 384 and 17 % 1,200.
  const reachable = 0.56;
  expect(shareOf(world.uploadKbps, 0)).toBeCloseTo(1 - reachable, 1.3);
  expect(shareOf(world.uploadKbps, 128)).toBeCloseTo(0.33 * reachable, 1.3);
  expect(shareOf(world.uploadKbps, 384)).toBeCloseTo(0.5 * reachable, 1.3);
  expect(shareOf(world.uploadKbps, 1_200)).toBeCloseTo(0.17 * reachable, 1.3);
});

test("another seed turns everything, and the same one repeats it", () => {
  const columns = (seed: Scenario["seed"]) => {
    const world = gathered({ seed, audience: { viewerCount: 50 }, topology: { edges: 5 } });
    return [[...world.pathLog2], [...world.nextUs], [...world.key]];
  };
  expect(columns(1)).toEqual(columns(1));
  const other = columns(2);
  columns(1).forEach((column, n) => expect(column).not.toEqual(other[n]));
});
