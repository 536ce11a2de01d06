/** One relay in virtual time, between scripted parents. */
import { expect, test } from "vitest";
import { countIndex, type CountName } from "../relay/counts.ts";
import { listedAtOriginUs, newestAtOrigin, recentSlot } from "./listing.ts";
import { originView } from "./parent-views.ts";
import { msnAtStart, planOf } from "./plan.ts";
import { scenarioOf } from "./testing/scenario-of.ts";
import { TierNode, type ParentView } from "./tier-node.ts";
import { recentCount } from "./world.ts";

const plan = planOf(scenarioOf({ ladder: { rungsKbps: [150, 300] } }));
const { windowUs } = plan;
const segmentBytes = [37_500, 75_000];
const rttUs = 20_000;

/** A parent that has everything as soon as the origin has, and answers as it is told to. */
class ScriptedParent implements ParentView {
  now: "up" | "reset" | "silent" = "up";
  readonly #origin = originView(plan);

  state(): "up" | "reset" | "silent" {
    return this.now;
  }

  listedUs(rung: number, msn: number): number {
    return this.#origin.listedUs(rung, msn);
  }

  readyUs(rung: number, msn: number): number {
    return this.#origin.readyUs(rung, msn);
  }
}

interface Rig {
  node: TierNode;
  parents: ScriptedParent[];
  /** MSN listed at the end of each window so far, of rung 1. */
  newest: number[];
  listedUs: Float64Array;
  readyUs: Float64Array;
  count(name: CountName): number;
  /** Runs so many windows, with viewers of rung 1 in each. */
  run(windowCount: number, viewers?: number): void;
}

function rigWith(parentCount: number): Rig {
  const parents = Array.from({ length: parentCount }, () => new ScriptedParent());
  const newestMsn = new Float64Array(2);
  const listedUs = new Float64Array(2 * recentCount);
  const readyUs = new Float64Array(2 * recentCount);
  const columns = { row: 0, newestMsn, listedUs, readyUs };
  const node = new TierNode({ plan, parents, columns, rttUs, jitterSeed: 1 });
  const newest: number[] = [];
  const run = (windowCount: number, viewers = 10): void => {
    for (let n = 0; n < windowCount; n++) {
      const startUs = newest.length * windowUs;
      node.run(startUs, startUs + windowUs);
      if (viewers > 0) node.demand(1, viewers, startUs + windowUs);
      newest.push(newestMsn[1]!);
    }
  };
  const count = (name: CountName): number => node.counts[countIndex[name]]!;
  return { node, parents, newest, listedUs, readyUs, count, run };
}

test("a rung that nobody asks for is neither followed nor fetched", () => {
  const rig = rigWith(1);
  rig.run(10, 0);
  expect(rig.newest).toEqual(Array(10).fill(-1));
  expect(rig.node.fillBytes).toBe(0);
});

test("each segment is listed half a round trip after the parent, and fetched once", () => {
  const rig = rigWith(1);
  rig.run(30);
  const last = rig.newest.at(-1)!;
  expect(last).toBe(newestAtOrigin(plan, 30 * windowUs));
  for (let msn = last - 10; msn <= last; msn++) {
    const slot = recentSlot(1, msn);
    const atOriginUs = listedAtOriginUs(plan, msn);
    expect(rig.listedUs[slot]).toBe(atOriginUs + rttUs / 2);
    // Asked for as soon as it is listed: a round trip and 75,000 bytes at 1 Gbit/s.
    expect(rig.readyUs[slot]).toBeCloseTo(atOriginUs + 1.5 * rttUs + 600, 6);
  }
  expect(rig.node.fillBytes % segmentBytes[1]!).toBe(0);
  const filled = rig.node.fillBytes / segmentBytes[1]!;
  expect(rig.count("fill")).toBe(filled);
  expect(rig.node.uniqueFillBytes).toBe(rig.node.fillBytes);
  // Those since the start, and the few before it that viewers start with.
  expect(filled).toBeGreaterThanOrEqual(last - msnAtStart);
  expect(filled).toBeLessThanOrEqual(last - msnAtStart + 4);
  expect(rig.count("retry") + rig.count("hedge") + rig.count("fillFailed")).toBe(0);
});

test("ten thousand viewers make as many fills as ten", () => {
  const [few, many] = [rigWith(1), rigWith(1)];
  few.run(20, 10);
  many.run(20, 10_000);
  expect(many.node.fillBytes).toBe(few.node.fillBytes);
  expect(many.count("fill")).toBe(few.count("fill"));
  expect(many.count("hit") + many.count("join")).toBeGreaterThan(100_000);
});

test("a rung that nobody wants any more lists nothing after a while", () => {
  const rig = rigWith(1);
  rig.run(10);
  rig.run(20, 0);
  expect(rig.newest.at(-1)).toBe(-1);
  const { fillBytes } = rig.node;
  rig.run(5, 0);
  expect(rig.node.fillBytes).toBe(fillBytes);
  rig.run(2);
  expect(rig.newest.at(-1)).toBe(newestAtOrigin(plan, 37 * windowUs));
});

test.each(["reset", "silent"] as const)(
  "when the parent turns %s the node goes on with the next one, and fetches nothing twice",
  (state) => {
    const rig = rigWith(2);
    rig.run(10);
    rig.parents[0]!.now = state;
    rig.run(20);
    // Late by no more than one window at first, and soon in time again.
    rig.newest.slice(10).forEach((msn, n) => {
      const onTime = newestAtOrigin(plan, (11 + n) * windowUs);
      expect(msn, `window ${10 + n}`).toBeGreaterThanOrEqual(onTime - 1);
      if (n > 2) expect(msn).toBe(onTime);
    });
    // A refused request is repeated elsewhere; beside one that hangs, another one is sent.
    expect(rig.count("retry") > 0).toBe(state === "reset");
    expect(rig.count("hedge") > 0).toBe(state === "silent");
    expect(rig.count("ejection")).toBeGreaterThan(0);
    expect(rig.node.uniqueFillBytes).toBe(rig.node.fillBytes);
  },
);

test.each(["reset", "silent"] as const)(
  "with every parent %s the node goes on once one is back, and MSNs never go back",
  (state) => {
    const rig = rigWith(2);
    rig.run(10);
    for (const parent of rig.parents) parent.now = state;
    rig.run(5);
    const stuckAt = rig.newest.at(-1)!;
    for (const parent of rig.parents) parent.now = "up";
    rig.run(8);
    rig.newest.reduce((before, msn) => {
      expect(msn).toBeGreaterThanOrEqual(before);
      return msn;
    });
    expect(stuckAt).toBeLessThan(newestAtOrigin(plan, 15 * windowUs));
    expect(rig.newest.at(-1)).toBe(newestAtOrigin(plan, 23 * windowUs));
    expect(rig.count("ejection") + rig.count("parentTimeout")).toBeGreaterThan(0);
  },
);
