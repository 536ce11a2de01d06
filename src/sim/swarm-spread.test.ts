import { expect, test } from "vitest";
import { swarmParameters } from "../config/swarm-parameters.ts";
import { reachedByPeers, type SpreadOptions } from "./swarm-spread.ts";

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

/** With time for a fetch of the seeds and so many hops, and a little more. */
function after(hopCount: number, of: Partial<SpreadOptions> = {}): number {
  return reachedByPeers({ ...cell, ...of, latencySec: fetchSec + hopCount + 0.01 });
}

test("nobody has it from others who has no time for a hop, all but the seeds with enough", () => {
  expect(after(0.9)).toBe(0);
  expect(after(20)).toBeCloseTo(1 - seedRatio, 4);
});

test.each([1, 2, 3])(
  "handed on %d times it has reached at most twice as many each time",
  (hops) => {
    const most = seedRatio * 2 ** hops - seedRatio;
    expect(after(hops)).toBeLessThanOrEqual(most + 1e-9);
    expect(after(hops)).toBeGreaterThan(0.8 * most);
  },
);

test("who only takes hands nothing on: seeds alone give, one after the other", () => {
  expect(after(3, { giverRatio: 0 })).toBeLessThanOrEqual(3 * seedRatio + 1e-9);
  expect(after(3, { giverRatio: 0 })).toBeGreaterThan(0.8 * 3 * seedRatio);
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

test("crowds that hardly differ have the same, whoever asked before", () => {
  const night = (hopSec: number): number => after(3, { hopSec });
  const first = [0.6, 0.95, 1.4].map(night);
  expect([1.4, 0.95, 0.6].map(night).reverse()).toEqual(first);
  expect(new Set(first).size).toBe(3);
  expect(night(0.6004)).toBe(first[0]);
});
