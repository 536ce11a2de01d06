import fc from "fast-check";
import { expect, test } from "vitest";
import { swarm as swarmSchema } from "../config/schema-scenario-audience.ts";
import { swarmParameters } from "../config/swarm-parameters.ts";
import { cellsOf, peerShare } from "./swarm-model.ts";

/** Everybody reachable, no delay: what is left is cells, lines and time. */
const ideal = { ...swarmSchema.parse({}), natSuccessRatio: 1, rttMs: 0 };
const crowd = {
  count: 32,
  giverRatio: 1,
  uploadKbpsMean: 100_000,
  rungKbps: 500,
  segmentSec: 1,
  latencyMs: 10_000,
};

test("what the swarm, the room and the model go by is one figure", () => {
  const { dialCount, cellViewerCountMax, seedCount, uploadSlotCount } = swarmParameters;
  const { safetyMs, fetchMsFloor } = swarmParameters;
  expect(swarmSchema.parse({})).toMatchObject({
    partnerCount: 2 * dialCount,
    urgentMs: safetyMs + fetchMsFloor,
    cellViewerCount: cellViewerCountMax,
    seedCount,
    uploadSlotCount,
  });
});

test("cells fill up one after the other, and one in two is split when all are full", () => {
  const sizesOf = (viewerCount: number): number[] =>
    cellsOf(viewerCount, 32).flatMap(({ size, count }) => Array<number>(count).fill(size));
  expect([8, 32, 33, 48, 50, 64, 70, 100].map(sizesOf)).toEqual([
    [8],
    [32],
    [16, 17],
    [32, 16],
    [32, 18],
    [32, 32],
    [32, 16, 22],
    [32, 32, 16, 20],
  ]);
  fc.assert(
    fc.property(fc.nat(5_000), (viewerCount) => {
      const sum = cellsOf(viewerCount, 32).reduce((total, of) => total + of.size * of.count, 0);
      expect(sum).toBe(viewerCount);
    }),
  );
});

test.each([
  [4, 0.75],
  [20, 19 / 20],
  // Two seeds of 32, one of 16 and of 18.
  [32, 30 / 32],
  [50, 47 / 50],
  [100, 94 / 100],
])("%d viewers with free lines spare the edge all but the seeds' copies", (count, share) => {
  expect(peerShare(ideal, { ...crowd, count })).toBeCloseTo(share, 2);
});

test("one viewer has nobody to ask, and those who only take have nothing from each other", () => {
  expect(peerShare(ideal, { ...crowd, count: 0 })).toBe(0);
  expect(peerShare(ideal, { ...crowd, count: 1 })).toBe(0);
  expect(peerShare(ideal, { ...crowd, giverRatio: 0 })).toBe(0);
});

test("lines that carry half of the media carry less than half, however long viewers can wait", () => {
  const share = peerShare(ideal, { ...crowd, uploadKbpsMean: 250, latencyMs: 120_000 });
  expect(share).toBeLessThan(ideal.uploadUsableRatio * 0.5);
  expect(share).toBeGreaterThan(0.85 * ideal.uploadUsableRatio * 0.5);
});

test("those whom nobody reaches sit in cells and have the others fetch more seeds' copies", () => {
  const share = peerShare({ ...ideal, natSuccessRatio: 0.5 }, { ...crowd, count: 16 });
  expect(share).toBeCloseTo(1 - 2 / 16, 2);
});

test("the usual distance of three segments and a late urgency leave nothing to peers", () => {
  const of2008 = { ...crowd, uploadKbpsMean: 438, rungKbps: 484, segmentSec: 2 };
  expect(peerShare({ ...ideal, urgentMs: 15_000 }, { ...of2008, latencyMs: 6_000 })).toBe(0);
  expect(peerShare({ ...ideal, urgentMs: 3_000 }, { ...of2008, latencyMs: 4_000 })).toBe(0);
});

test("a share lies within 0 and 1, and no better line, longer wait or giver lowers it", () => {
  const amount = fc.double({ min: 1, max: 50_000, noNaN: true });
  const ratio = fc.double({ min: 0.05, max: 0.5, noNaN: true });
  fc.assert(
    fc.property(
      fc.record({ giverRatio: ratio, uploadKbpsMean: amount, latencyMs: amount }),
      fc.record({ rungKbps: amount, segmentSec: fc.double({ min: 0.5, max: 10, noNaN: true }) }),
      fc.nat(300),
      fc.double({ min: 1.005, max: 2, noNaN: true }),
      (viewers, media, count, factor) => {
        const of = { ...viewers, ...media, count };
        const share = peerShare(ideal, of);
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThan(1);
        for (const key of ["giverRatio", "uploadKbpsMean", "latencyMs"] as const) {
          const better = peerShare(ideal, { ...of, [key]: factor * of[key] });
          // Time goes in steps, and who fetches early because nobody sends helps the others.
          expect(better, key).toBeGreaterThanOrEqual(share - 0.01);
        }
      },
    ),
  );
});
