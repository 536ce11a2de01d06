import fc from "fast-check";
import { expect, test } from "vitest";
import { peerShare } from "./swarm-pool.ts";

/** A swarm that time alone limits: all of each line, no round trips, everybody asks everybody. */
const boundless = {
  uploadUsableRatio: 1,
  urgentMs: 0,
  partnerCount: 200,
  cellViewerCount: 10_000,
  rttMs: 0,
};
const crowd = { count: 10_000, rungKbps: 500, segmentSec: 2 };

/** The share when uploads are `beta` times the rung and a segment can be handed on `hops` times. */
function timeBound(beta: number, hops: number): number {
  // A hop at the whole of the line takes the segment's duration over beta.
  const latencyMs = (1_000 * 2 * (hops + 0.5)) / beta;
  return peerShare(boundless, { ...crowd, uploadKbpsMean: beta * 500, latencyMs });
}

/** Research section 5.4: 1 - (1 + beta)^-G. */
test.each([
  [0.9, [0.474, 0.723, 0.854]],
  [2, [0.667, 0.889, 0.963]],
  [20, [0.952, 0.9977]],
])(
  "uploads of %d times the rung serve as many generations as there is time for",
  (beta, shares) => {
    expect(timeBound(beta, 0)).toBe(0);
    shares.forEach((share, n) => expect(timeBound(beta, n + 1)).toBeCloseTo(share, 3));
  },
);

/** The night of 2008: 484 kbps a viewer, uploads of 438 kbps in the mean, 12 s behind live. */
const of2008 = {
  count: 500,
  uploadKbpsMean: 0.33 * 128 + 0.5 * 384 + 0.17 * 1_200,
  rungKbps: 484,
  segmentSec: 2,
  latencyMs: 12_000,
};
const polite = {
  uploadUsableRatio: 0.5,
  urgentMs: 3_000,
  partnerCount: 8,
  cellViewerCount: 32,
  rttMs: 80,
};

test("polite uploads of 2008 carry a quarter of the night, greedy ones two thirds", () => {
  expect(0.7 * 0.8 * peerShare(polite, of2008)).toBeCloseTo(0.25, 2);
  const greedy = { ...polite, uploadUsableRatio: 0.9 };
  expect(0.8 * peerShare(greedy, of2008)).toBeCloseTo(0.65, 2);
});

test("the usual distance of three segments and a library's defaults leave nothing to peers", () => {
  expect(peerShare({ ...polite, urgentMs: 15_000 }, { ...of2008, latencyMs: 6_000 })).toBe(0);
  expect(peerShare(polite, { ...of2008, latencyMs: 3_000 })).toBe(0);
});

test("one viewer has nobody to ask, and n of them cannot spare the edge the first copy", () => {
  const modern = { ...of2008, uploadKbpsMean: 50_000 };
  const share = (count: number): number =>
    peerShare({ ...boundless, partnerCount: 8 }, { ...modern, count });
  expect([share(0), share(1)]).toEqual([0, 0]);
  expect(share(2)).toBe(0.5);
  expect(share(4)).toBe(0.75);
  // Eight partners, half of whom have the segment: one in 256 asks in vain.
  expect(share(10_000)).toBeCloseTo(1 - 1 / 256, 12);
});

test("a share lies within 0 and 1, and no better line, longer wait or larger crowd lowers it", () => {
  const amount = fc.double({ min: 1, max: 50_000, noNaN: true });
  fc.assert(
    fc.property(
      fc.record({ count: fc.nat(1_000), uploadKbpsMean: amount, latencyMs: amount }),
      fc.record({ rungKbps: amount, segmentSec: fc.double({ min: 0.5, max: 10, noNaN: true }) }),
      (swarm, media) => {
        const share = peerShare(polite, { ...swarm, ...media });
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThan(1);
        for (const key of ["count", "uploadKbpsMean", "latencyMs"] as const) {
          const better = peerShare(polite, { ...swarm, ...media, [key]: 2 * swarm[key] });
          expect(better, key).toBeGreaterThanOrEqual(share - 1e-12);
        }
      },
    ),
  );
});
