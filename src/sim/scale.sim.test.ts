/** A small audience tells what a large one does, and so does a large one by a sample of it. */
import { beforeAll, expect, test } from "vitest";
import { runNight, type Night } from "./testing/run-night.ts";
import { namedScenario, type Settings } from "./testing/scenario-of.ts";
import { sum, sumCount, type World } from "./world.ts";

/** The sizes that are compared; a night of 50,000 against one of 500,000 takes minutes. */
const smallCount = 4_000;
const times = 10;
const edges = 10;
/** Deviations of the mean that a ratio may be off; at four, one test in 16,000 fails by chance. */
const sigmas = 4;

function night(viewerCount: number, more: Settings = {}): Night {
  return runNight(
    namedScenario("oprah-2008", {
      durationSec: 360,
      plateau: { fromSec: 120, toSec: 360 },
      topology: { edges },
      audience: {
        viewerCount,
        arrivals: [
          { atSec: 0, ratio: 0.2 },
          { atSec: 90, ratio: 1 },
        ],
        ...more,
      },
    }),
  );
}

let small: Night;
let large: Night;
let sampled: Night;

beforeAll(() => {
  small = night(smallCount);
  large = night(times * smallCount);
  sampled = night(times * smallCount, { sampleWeight: times });
}, 60_000);

function total(world: World, edge: number, names: readonly (keyof typeof sum)[]): number {
  return names.reduce((value, name) => value + world.sums[edge * sumCount + sum[name]]!, 0);
}

/** The ratio of sums over all edges, and how far chance moves it: edges are so many small samples. */
function ratioOf(
  world: World,
  part: readonly (keyof typeof sum)[],
  whole: readonly (keyof typeof sum)[],
): { ratio: number; sigma: number } {
  const parts = Array.from({ length: edges }, (_, edge) => total(world, edge, part));
  const wholes = Array.from({ length: edges }, (_, edge) => total(world, edge, whole));
  const add = (values: number[]): number => values.reduce((one, other) => one + other, 0);
  const ratio = add(parts) / add(wholes);
  const squares = parts.map((value, edge) => (value / wholes[edge]! - ratio) ** 2);
  return { ratio, sigma: Math.sqrt(add(squares) / (edges - 1) / edges) };
}

test("the rate of a viewer and of all viewers do not depend on how many are simulated", () => {
  const [few, many] = [small.report.headline, large.report.headline];
  expect(Math.abs(few.kbpsPerViewer / many.kbpsPerViewer - 1)).toBeLessThan(0.01);
  expect(Math.abs((times * few.egressGbpsMean) / many.egressGbpsMean - 1)).toBeLessThan(0.01);
  for (const [kbps, share] of Object.entries(many.rungShare)) {
    expect(Math.abs(few.rungShare[kbps]! - share), `${kbps} kbps`).toBeLessThan(0.01);
  }
});

test.each<[string, (keyof typeof sum)[], (keyof typeof sum)[]]>([
  ["time that stood still", ["stalledMs"], ["stalledMs", "playedMs"]],
  ["sessions without a picture", ["failedSessions"], ["sessions"]],
  ["switches a minute", ["switches"], ["playedMs"]],
  ["stalls an hour", ["stalls"], ["playedMs"]],
])("the share of %s differs by no more than chance", (_what, part, whole) => {
  const [few, many] = [ratioOf(small.world, part, whole), ratioOf(large.world, part, whole)];
  const sigma = Math.hypot(few.sigma, many.sigma);
  expect(Math.abs(few.ratio - many.ratio)).toBeLessThan(sigmas * sigma);
  // The tolerance itself is small enough to tell anything.
  expect(sigma).toBeLessThan(0.2 * many.ratio);
});

test("a sample of one in ten is the small night in all that is a ratio", () => {
  const [one, ten] = [small.report, sampled.report];
  const same = ["kbpsPerViewer", "stallRatio", "startupMsP50", "switchesPerMin", "rungShare"];
  for (const name of [...same, "startFailureRatio", "edgeUtilisation", "fillGbps"] as const) {
    const key = name as keyof typeof one.headline;
    expect(ten.headline[key], name).toEqual(one.headline[key]);
  }
});

test("a sample of one in ten stands for ten times the viewers and bytes, but not for more edges", () => {
  const [one, ten, all] = [small.report, sampled.report, large.report].map((of) => of.headline);
  expect(ten!.viewers).toBe(all!.viewers);
  expect(ten!.egressGbpsMean / one!.egressGbpsMean).toBeCloseTo(times, 6);
  expect(ten!.concurrentMean / one!.concurrentMean).toBeCloseTo(times, 6);
  expect(ten!.requestsPerSec / one!.requestsPerSec).toBeCloseTo(times, 6);
  expect(ten!.edgeCapacityGbps).toBeCloseTo(all!.edgeCapacityGbps, 6);
  expect(ten!.edgeCount).toBe(one!.edgeCount);
  // Each edge fetches a segment once, for however many viewers.
  expect(ten!.fillGbps).toBe(one!.fillGbps);
  expect(Math.abs(all!.fillGbps / one!.fillGbps - 1)).toBeLessThan(0.01);
  const { conservation } = sampled.report;
  expect(conservation.edgeEgressBytes).toBe(
    times * Number(small.report.conservation.edgeEgressBytes),
  );
  expect(conservation.edgeFillBytes).toBe(small.report.conservation.edgeFillBytes);
});
