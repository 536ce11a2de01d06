/** The short way through a turn against the plain one: the same to the last bit. */
import { beforeEach, expect, test, vi } from "vitest";
import type * as SteadySweep from "./steady-sweep.ts";
import { runNight } from "./testing/run-night.ts";
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
  ["round trips last", { audience: { rttMs: 1_900 } }],
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
  const reportOf = (isPlain: boolean): string => {
    way.isPlain = isPlain;
    return JSON.stringify(runNight(scenarioOf(night, settings)).report);
  };
  const steady = reportOf(false);
  expect(way.turns).toBeGreaterThan(50);
  expect(steady).toBe(reportOf(true));
});
