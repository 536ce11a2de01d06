import { beforeEach, expect, test } from "vitest";
import {
  listedAtOriginUs,
  newestAtEdge,
  newestAtOrigin,
  newestAtShield,
  readyAtEdge,
  recentSlot,
} from "./listing.ts";
import { msnAtStart, planOf } from "./plan.ts";
import { memoryOf } from "./testing/run-night.ts";
import { scenarioOf } from "./testing/scenario-of.ts";
import { recentCount, type World } from "./world.ts";

const plan = planOf(
  scenarioOf({ audience: { viewerCount: 10 }, topology: { edges: 2, shields: 1 } }),
);
const row = 3;
let world: World;

beforeEach(() => {
  ({ world } = memoryOf(plan));
  world.newestMsn.fill(-1);
  world.shieldNewestMsn.fill(-1);
});

/** The edge lists segments up to `msn`, each of them `lateUs` after the origin. */
function listUpTo(msn: number, lateUs: number): void {
  world.newestMsn[row] = msn;
  for (let one = msn - recentCount + 1; one <= msn; one++) {
    world.listedUs[recentSlot(row, one)] = listedAtOriginUs(plan, one) + lateUs;
    world.readyUs[recentSlot(row, one)] = listedAtOriginUs(plan, one) + lateUs + 1_000;
  }
}

test("the origin lists a segment once it has ended and was published", () => {
  // The segment that begins at 0 ends after 2 s and is published 0.3 s later.
  expect(listedAtOriginUs(plan, msnAtStart)).toBe(2_300_000);
  expect(newestAtOrigin(plan, 2_299_999)).toBe(msnAtStart - 1);
  expect(newestAtOrigin(plan, 2_300_000)).toBe(msnAtStart);
  expect(newestAtOrigin(plan, 0)).toBe(msnAtStart - 2);
});

test("an edge lists nothing of a rung that it does not follow", () => {
  expect(newestAtEdge(world, row, 1e9)).toBe(-1);
  expect(newestAtShield(world, row, 1e9)).toBe(-1);
  expect(readyAtEdge(world, row, msnAtStart)).toBeNaN();
});

test("an edge lists at each instant what had come by then", () => {
  const msn = msnAtStart + 40;
  listUpTo(msn, 25_000);
  const atUs = listedAtOriginUs(plan, msn) + 25_000;
  expect(newestAtEdge(world, row, atUs)).toBe(msn);
  expect(newestAtEdge(world, row, atUs - 1)).toBe(msn - 1);
  expect(newestAtEdge(world, row, atUs - 5 * plan.windowUs)).toBe(msn - 5);
  expect(newestAtEdge(world, row, atUs + 60e6)).toBe(msn);
});

test("what an edge will list later does not hide that it knows nothing of long ago", () => {
  listUpTo(msnAtStart + 40, 3_600e6);
  expect(newestAtEdge(world, row, listedAtOriginUs(plan, msnAtStart + 40))).toBe(-1);
});

test("a segment is there when it came, and unknown before it is listed or once it is forgotten", () => {
  const msn = msnAtStart + 40;
  listUpTo(msn, 25_000);
  expect(readyAtEdge(world, row, msn - 3)).toBe(listedAtOriginUs(plan, msn - 3) + 26_000);
  expect(readyAtEdge(world, row, msn + 1)).toBeNaN();
  expect(readyAtEdge(world, row, msn - recentCount)).toBeNaN();
});
