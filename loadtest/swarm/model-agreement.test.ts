import { expect, test } from "vitest";
import { modelledOffloadRatio } from "./model-agreement.ts";

const quiet = {
  kbps: 360,
  segmentDurationMs: 1_000,
  uplinkKbps: { min: 400, max: 1_200 },
  unreachableRatio: 0,
  takeOnlyRatio: 0,
  faulty: null,
  replaceEveryMs: 0,
  joinMs: 6_000,
  settleMs: 10_000,
  measuredMs: 30_000,
};
const hardship = { unreachableRatio: 0.2, takeOnlyRatio: 0.3, latencyMs: 10_000 };
/** From joining to the first connection, in those runs. */
const connectMs = 120;

/** Measured by `bench swarm-nodes`: 2 cores of an EPYC, Debian 12, Node 20.20, 29 November 2026. */
test.each([
  [0.94, { ...quiet, viewerCount: 50, latencyMs: 6_000, uplinkKbps: null }],
  [0.911, { ...quiet, viewerCount: 40, latencyMs: 6_000 }],
  [0.742, { ...quiet, ...hardship, viewerCount: 40, replaceEveryMs: 2_000 }],
  [0.725, { ...quiet, ...hardship, viewerCount: 100, replaceEveryMs: 800 }],
])("real viewers had %d of their segments from peers, and the model says so", (measured, crowd) => {
  expect(Math.abs(modelledOffloadRatio(crowd, connectMs) - measured)).toBeLessThan(0.05);
});
