import { expect, test } from "vitest";
import { swarmParameters } from "../config/swarm-parameters.ts";
import { reachedByPeers, rounded, spread, type SpreadOptions } from "./swarm-spread.ts";

/** A second a hop, deadlines of all at once, and nothing kept free before them. */
const cell: SpreadOptions = {
  cellViewerCount: 32,
  seedCount: 2,
  giverRatio: 1,
  partnerCount: 31,
  uploadSlotCount: 1,
  hopSec: 1,
  segmentSec: 0.001,
  latencySec: 60,
  urgentSec: swarmParameters.graceMs / 1_000,
};
const seedRatio = cell.seedCount / cell.cellViewerCount;
const fetchSec = swarmParameters.fetchMsFloor / 1_000;

/** With time for a fetch of the seeds and so many hops, and for the first of them to be begun. */
function after(hopCount: number, of: Partial<SpreadOptions> = {}): number {
  return reachedByPeers({ ...cell, ...of, latencySec: fetchSec + hopCount + 0.35 });
}

test("nobody has it from others who has no time for a hop, all but the seeds with enough", () => {
  expect(after(0.6)).toBe(0);
  expect(after(20)).toBeCloseTo(1 - seedRatio, 4);
});

/**
 * Seeds begin at once, who has it from them when it has come, seeds again half a hop after they have
 * ended: at 0, 1, 1.5 and 2 hops.
 */
test.each([
  [1, 1],
  [2, 2],
  [3, 4],
])("with time for %d hops it has reached %d times as many as there are seeds", (hops, times) => {
  expect(after(hops) / seedRatio).toBeCloseTo(times, 1);
});

test("who only takes hands nothing on: seeds alone give, one after the other", () => {
  expect(after(3, { giverRatio: 0 }) / seedRatio).toBeCloseTo(2, 1);
});

test("several uploads at a time spread it sooner", () => {
  expect(after(2, { uploadSlotCount: 2 })).toBeGreaterThan(1.5 * after(2));
});

test("who has not been begun to be sent it a segment's duration before it is due fetches it", () => {
  const latencySec = 4 + 8 + fetchSec;
  const at = (segmentSec: number): number => reachedByPeers({ ...cell, latencySec, segmentSec });
  expect(at(1)).toBeGreaterThan(0.9);
  expect(at(6)).toBeLessThan(0.75 * at(1));
  expect(at(6)).toBeGreaterThan(0.25 * at(1));
});

test("what is kept free for a slow fetch is not there for hops", () => {
  const of = { latencySec: 5, segmentSec: 0.5 };
  const shares = [0.7, 1.7, 2.7, 5].map((urgentSec) =>
    reachedByPeers({ ...cell, ...of, urgentSec }),
  );
  expect(shares).toEqual([...shares].sort((one, other) => other - one));
  expect(shares[0]).toBeGreaterThan(2 * shares[2]!);
  expect(shares[3]).toBe(0);
});

test("what is kept for others to ask is what the rounded crowd has, whoever asked first", () => {
  const crowds = [0.6004, 0.6, 0.95, 1.4].map((hopSec) => ({
    ...{ ...cell, segmentSec: 1, latencySec: 4 },
    hopSec,
  }));
  const shares = crowds.map(reachedByPeers);
  expect(crowds.map((of) => spread(rounded(of)))).toEqual(shares);
  expect([...crowds].reverse().map(reachedByPeers).reverse()).toEqual(shares);
  expect(spread(crowds[0]!)).not.toBe(shares[0]);
  expect(new Set(shares).size).toBe(3);
});

test("who has to fetch before the seeds have it hands it on as soon as they do", () => {
  const of = { ...cell, segmentSec: 2, hopSec: 0.5, urgentSec: 0.9 };
  const early = reachedByPeers({ ...of, latencySec: 4 });
  // Half of the groups give up at once: with twelve holders and more the rest need few hops.
  expect(early).toBeGreaterThan(0.25);
});

test("a line that is a little better never brings much less", () => {
  for (const [segmentSec, latencySec] of [
    [1, 4],
    [2, 6],
    [4, 12],
  ] as const) {
    const shares = Array.from({ length: 200 }, (_, n) => {
      const hopSec = 0.05 + 0.01 * n;
      return spread({ ...cell, segmentSec, latencySec, hopSec, urgentSec: 0.9 });
    });
    for (const [index, share] of shares.entries()) {
      expect(share - (shares[index - 1] ?? 1), `hop ${index}`).toBeLessThan(0.01);
    }
  }
});
