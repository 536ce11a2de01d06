/** The engine against a night in steps of a millisecond, which does everything the plain way. */
import { expect, test } from "vitest";
import { runNight } from "./testing/run-night.ts";
import { scenarioOf, type Settings } from "./testing/scenario-of.ts";
import { steppedNight, type NightSums } from "./testing/stepped-night.ts";
import { sum, sumCount, type World } from "./world.ts";

/** The same sums of the engine's night. */
function sumsOf({ sums, rungSegments, plan }: World): NightSums {
  const total = (name: keyof typeof sum): number => {
    let value = 0;
    for (let at = sum[name]; at < sums.length; at += sumCount) value += sums[at]!;
    return value;
  };
  return {
    bytes: total("edgeBytes"),
    playedMs: total("playedMs"),
    stalledMs: total("stalledMs"),
    sessions: total("sessions"),
    rungSegments: plan.rungKbps.map((_, rung) =>
      rungSegments
        .filter((_n, row) => row % plan.rungKbps.length === rung)
        .reduce((a, b) => a + b, 0),
    ),
  };
}

/** Edges of 200 viewers and more may be ample; smaller ones share their links at all times. */
const night: Settings = {
  durationSec: 200,
  audience: {
    viewerCount: 420,
    arrivals: [
      { atSec: 0, ratio: 0.2 },
      { atSec: 30, ratio: 1 },
    ],
    churnPerMinRatio: 0.3,
  },
  topology: { edges: 2, shields: 1, edgeKbpsPerViewer: 3_000 },
};
const fastPaths = { pathShareMedian: 1, pathShareLogSigma: 0, pathNoiseLogSigma: 0 };

test.each<[string, Settings]>([
  ["links are ample", {}],
  ["edges are many and small", { topology: { edges: 7, edgeKbpsPerViewer: 1_200 } }],
  ["links are nearly full", { topology: { edgeKbpsPerViewer: 560 } }],
  ["links are full", { topology: { edgeKbpsPerViewer: 350 } }],
  [
    "links are full, and paths are not",
    { audience: fastPaths, topology: { edgeKbpsPerViewer: 484 } },
  ],
  [
    "players differ",
    {
      viewer: {
        abr: [
          { rule: "hlsjs", ratio: 0.4 },
          { rule: "throughput", ratio: 0.2 },
          { rule: "bolae", ratio: 0.2 },
          { rule: "move-like", ratio: 0.2 },
        ],
      },
    },
  ],
])("events and milliseconds come to the same when %s", (_what, settings) => {
  const scenario = scenarioOf(night, settings);
  const stepped = steppedNight(scenario);
  const events = sumsOf(runNight(scenario).world);
  expect(distance(events.bytes, stepped.bytes)).toBeLessThan(0.005);
  expect(distance(events.playedMs, stepped.playedMs)).toBeLessThan(0.002);
  expect(distance(events.sessions, stepped.sessions)).toBeLessThan(0.01);
  // A millisecond decides over single stalls, and who leaves of them; over six seeds the difference
  // is 0.0000 to 0.0001 in the mean, with a deviation of 0.0004.
  expect(Math.abs(stallRatio(events) - stallRatio(stepped))).toBeLessThan(0.0015);
  const [mix, expected] = [shares(events), shares(stepped)];
  const apart = mix.reduce((total, share, rung) => total + Math.abs(share - expected[rung]!), 0);
  // On full links bodies end up to 0.4 % late, which decides where an estimate is at a threshold: over
  // four seeds the mixes are 0.015 to 0.047 apart then, elsewhere up to 0.012.
  expect(apart).toBeLessThan(0.06);
});

function distance(value: number, expected: number): number {
  return Math.abs(value / expected - 1);
}

function stallRatio({ stalledMs, playedMs }: NightSums): number {
  return stalledMs / (stalledMs + playedMs);
}

function shares({ rungSegments }: NightSums): number[] {
  const total = rungSegments.reduce((sum, n) => sum + n, 0);
  return rungSegments.map((n) => n / total);
}
