import { expect, test } from "vitest";
import { runSwarm } from "./swarm-run.ts";

const crowd = {
  kbps: 360,
  segmentDurationMs: 1_000,
  viewerCount: 8,
  latencyMs: 6_000,
  uplinkKbps: null,
  unreachableRatio: 0,
  takeOnlyRatio: 0,
  faulty: null,
  replaceEveryMs: 0,
  joinMs: 1_000,
  settleMs: 7_000,
  measuredMs: 8_000,
  seed: 1,
} as const;

test("8 viewers have most of their segments from each other, and nobody stalls", async () => {
  const { measured, total, ...run } = await runSwarm(crowd);
  // One of them fetches each segment from the edge: 7 of 8 at most.
  expect(measured.offloadRatio).toBeGreaterThan(0.6);
  expect(measured.offloadRatio).toBeLessThanOrEqual(7 / 8 + 0.02);
  expect([total.stallCount, total.refusedCount, total.bannedCount]).toEqual([0, 0, 0]);
  expect(total.segmentCount).toBeGreaterThan(8 * 12);
  // What one gets another gave, but for the last one under way; on the loopback a second copy may be
  // whole before it is called off.
  const underWayBytes = (crowd.viewerCount * crowd.kbps * crowd.segmentDurationMs) / 8;
  expect(total.uploadedBytes).toBeGreaterThanOrEqual(total.receivedBytes - underWayBytes);
  expect(total.uploadedBytes).toBeLessThan(1.5 * total.receivedBytes);
  expect(total.receivedBytes).toBeGreaterThanOrEqual(total.peerBytes);
  // The edge counts as its viewers do.
  expect(run.edgeBodyBytes).toBe(run.httpBodyBytes);
  expect(run.httpBodyBytes).toBeGreaterThan(total.httpBytes + total.startupBytes);
  expect(run.corruptPlayedCount).toBe(0);
  expect(Object.keys(run.played).length).toBeGreaterThan(12);
}, 60_000);

test("viewers who cannot be reached or lie: nobody plays a wrong byte or stalls", async () => {
  const { measured, total, ...run } = await runSwarm({
    ...crowd,
    unreachableRatio: 0.25,
    faulty: { fault: "liar", count: 2 },
  });
  expect([total.stallCount, run.corruptPlayedCount]).toEqual([0, 0]);
  // They did try, and were found out.
  expect(run.lieCount).toBeGreaterThan(0);
  expect(total.refusedCount).toBeGreaterThan(0);
  expect(run.liesPerConnectionMax).toBeLessThanOrEqual(3);
  expect(measured.connectedCount).toBeLessThanOrEqual(6);
  expect(run.edgeBodyBytes).toBe(run.httpBodyBytes);
}, 60_000);
