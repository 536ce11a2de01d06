/** What more of something must not make less, by more than 2 %: small nights side by side. */
import { expect, test } from "vitest";
import type { ModelReport } from "../config/schema-model-report.ts";
import { runNight } from "./testing/run-night.ts";
import { scenarioOf, type Settings } from "./testing/scenario-of.ts";

const viewerCount = 1_200;
const night: Settings = {
  durationSec: 200,
  plateau: { fromSec: 80, toSec: 200 },
  audience: {
    viewerCount,
    arrivals: [
      { atSec: 0, ratio: 0.2 },
      { atSec: 50, ratio: 1 },
    ],
  },
  topology: { edges: 5, shields: 1, edgeKbpsPerViewer: 2_000 },
};
/** Paths that carry more than any rung, so that the link is what counts. */
const fastPaths = { pathShareMedian: 1, pathShareLogSigma: 0, pathNoiseLogSigma: 0 };

type Headline = ModelReport["headline"];

function headlineOf(...settings: Settings[]): Headline {
  const { report } = runNight(scenarioOf(night, ...settings));
  const { headline, conservation } = report;
  // No night sends more than everybody at the top rung, or than all links carry.
  expect(headline.egressGbpsMean).toBeLessThanOrEqual((headline.viewers * 750 * 1.02) / 1e6);
  expect(headline.egressGbpsPeak).toBeLessThanOrEqual(headline.edgeCapacityGbps * (1 + 1e-9));
  expect(conservation.overCapacityQuanta).toBe(0);
  return headline;
}

/** Each value against the one before. */
function expectRising(values: readonly number[], tolerance = 0.02): void {
  values.reduce((before, value, n) => {
    expect(value, `at ${n} of ${values.join(", ")}`).toBeGreaterThanOrEqual(
      before * (1 - tolerance),
    );
    return Math.max(before, value);
  });
}

test("a higher cap never sends less, and at last three times as much as the lowest", () => {
  const gbps = [150, 300, 450, 600, 750, null].map(
    (capKbps) => headlineOf({ ladder: { capKbps } }).egressGbpsMean,
  );
  expectRising(gbps);
  expect(gbps.at(-1)! / gbps[0]!).toBeGreaterThan(3);
});

test("a cap of 300 kbps takes 45 % off the night of 2008", () => {
  const kbps = [null, 300].map((capKbps) => headlineOf({ ladder: { capKbps } }).kbpsPerViewer);
  expect(kbps[1]! / kbps[0]!).toBeCloseTo(0.55, 1.3);
});

test("more capacity never sends less, and never makes viewers stand still for longer", () => {
  const headlines = [120, 200, 300, 484, 700, 1_000, 2_000].map((edgeKbpsPerViewer) =>
    headlineOf({ audience: fastPaths, topology: { edgeKbpsPerViewer } }),
  );
  expectRising(headlines.map(({ egressGbpsMean }) => egressGbpsMean));
  // Just below a rung that everybody would take, some try it: that costs 0.15 percentage points.
  headlines.reduce((before, headline) => {
    expect(headline.stallRatio).toBeLessThan(before.stallRatio + 0.002);
    return headline;
  });
  // Below the lowest rung links are full and nearly everybody stalls.
  expect(headlines[0]!.edgeUtilisation).toBeGreaterThan(0.95);
  expect(headlines[0]!.stallRatio).toBeGreaterThan(0.1);
  expect(headlines.at(-1)!.stallRatio).toBeLessThan(0.001);
});

test("faster lines never send less, up to the top rung for everybody", () => {
  const kbps = [400, 800, 1_600, 3_200, 25_600, 298_000].map(
    (accessKbpsMedian) => headlineOf({ audience: { accessKbpsMedian } }).kbpsPerViewer,
  );
  expectRising(kbps);
  expect(kbps.at(-1)! / 750).toBeCloseTo(1, 1.7);
});

test("more peers never make edges send more", () => {
  const headlines = [0, 0.25, 0.5, 0.75, 1].map((participationRatio) =>
    headlineOf({
      viewer: { holdBackTargetDurations: 6 },
      swarm: { participationRatio, natSuccessRatio: 1 },
    }),
  );
  expectRising(headlines.map(({ egressGbpsMean }) => 1 / egressGbpsMean));
  expectRising(headlines.map(({ p2pOffloadRatio }) => p2pOffloadRatio));
  expect(headlines[0]!.p2pOffloadRatio).toBe(0);
  // No more than what can be used of uploads of 438 kbps in the mean, of what a viewer gets.
  const { p2pOffloadRatio, kbpsPerViewer } = headlines.at(-1)!;
  expect(p2pOffloadRatio).toBeGreaterThan(0.25);
  expect(p2pOffloadRatio).toBeLessThan((0.68 * 438) / kbpsPerViewer);
});

test("each edge fetches each rung in use once: 2.25 Mbit/s an edge on the ladder of 2008", () => {
  for (const edges of [2, 8, 20]) {
    const { fillGbps } = headlineOf({
      audience: { viewerCount: 120 * edges },
      topology: { edges, edgeKbpsPerViewer: 1_000 },
    });
    expect(Math.abs(fillGbps / (edges * 0.002_25) - 1), `${edges} edges`).toBeLessThan(0.02);
  }
});
