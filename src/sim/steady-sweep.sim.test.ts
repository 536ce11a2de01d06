/** The short way through a turn against the plain one: the same to the last bit. */
import { beforeEach, expect, test, vi } from "vitest";
import type * as SteadySweep from "./steady-sweep.ts";
import { runNight, type Night } from "./testing/run-night.ts";
import { scenarioOf, type Settings } from "./testing/scenario-of.ts";

const way = vi.hoisted(() => ({ isPlain: false, turns: 0 }));

vi.mock("./steady-sweep.ts", async (original) => {
  const steady = await original<typeof SteadySweep>();
  const plain = await import("./testing/plain-sweep.ts");
  const runSteadily: typeof steady.runSteadily = (...of) => {
    way.turns++;
    (way.isPlain ? plain : steady).runSteadily(...of);
  };
  return { runSteadily };
});

beforeEach(() => {
  way.turns = 0;
});

const night: Settings = {
  durationSec: 400,
  plateau: { fromSec: 101, toSec: 350 },
  audience: {
    viewerCount: 1_200,
    arrivals: [{ atSec: 30, ratio: 1 }],
    churnPerMinRatio: 0.2,
  },
  topology: { edges: 4, shields: 2, edgeKbpsPerViewer: 2_000 },
};

test.each<[string, Settings]>([
  ["nothing happens", {}],
  ["paths are bad and vary", { audience: { accessKbpsMedian: 700, pathNoiseLogSigma: 0.9 } }],
  ["round trips last nearly a segment", { audience: { rttMs: 1_990 } }],
  ["round trips last longer than that", { audience: { rttMs: 2_300 } }],
  [
    "lines are faster than a player believes",
    {
      audience: { accessKbpsMedian: 4e6, pathShareMedian: 1, rttMs: 10 },
      topology: { edgeKbpsPerViewer: 100_000 },
    },
  ],
  [
    "segments are too short to be weighed",
    {
      segment: { durationMs: 500 },
      audience: {
        accessKbpsMedian: 100_000,
        pathNoiseLogSigma: 1.5,
        churnPerMinRatio: 0.5,
      },
      topology: { edgeKbpsPerViewer: 1_000_000 },
    },
  ],
  ["the first pictures are of before the night", { segment: { publishDelayMs: 8_000 } }],
  ["buffers are short", { viewer: { bufferMsMax: 2_000 } }],
  [
    "edges and shields are lost and the cap changes",
    {
      events: [
        { kind: "shield-down", atSec: 120, count: 1, detection: "silent" },
        { kind: "edge-down", atSec: 150, count: 1 },
        { kind: "cap", atSec: 200, capKbps: 300 },
        { kind: "edge-up", atSec: 220, count: 1 },
        { kind: "shield-up", atSec: 240, count: 1 },
        { kind: "cap", atSec: 260, capKbps: null },
      ],
    },
  ],
  [
    "segments are long and of measured sizes",
    {
      segment: {
        durationMs: 4_000,
        sizesBytes: [
          [70_000, 290_000],
          [90_000, 350_000],
        ],
      },
      ladder: { rungsKbps: [150, 600] },
    },
  ],
])("steady viewers fare as by the plain way when %s", (_what, settings) => {
  const nightOf = (isPlain: boolean): Night => {
    way.isPlain = isPlain;
    return runNight(scenarioOf(night, settings));
  };
  const steady = nightOf(false);
  expect(way.turns).toBeGreaterThan(50);
  const plain = nightOf(true);
  expect(JSON.stringify(steady.report)).toBe(JSON.stringify(plain.report));
  // Reports are rounded; all columns are in one piece of memory.
  const [steadyBytes, plainBytes] = [steady, plain].map(({ world }) =>
    Buffer.from(world.nextUs.buffer),
  );
  expect(steadyBytes!.equals(plainBytes!)).toBe(true);
  expect(Number(steady.report.conservation.viewerBytes)).toBeGreaterThan(0);
});
