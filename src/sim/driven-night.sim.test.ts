/** A night that is told when its viewers come, against one that knows. */
import { expect, test } from "vitest";
import type { SimInput, SimOrder } from "../config/schema-sim-inputs.ts";
import type { ModelReport } from "../config/schema-model-report.ts";
import type { Scenario } from "../config/schema-scenario.ts";
import { arrivedRatio } from "../viewer/arrival-curve.ts";
import { gatherAudience } from "./audience.ts";
import { inputsProblem, orderProblem } from "./night-inputs.ts";
import { NightStates } from "./night-state.ts";
import { planOf } from "./plan.ts";
import { DrivenNight } from "./testing/driven-night.ts";
import { memoryOf, runNight } from "./testing/run-night.ts";
import { scenarioOf, type Settings } from "./testing/scenario-of.ts";

const settings: Settings = {
  durationSec: 240,
  plateau: { fromSec: 120, toSec: 240 },
  audience: {
    viewerCount: 6_000,
    arrivals: [
      { atSec: 0, ratio: 0.2 },
      { atSec: 30, ratio: 0.6 },
      { atSec: 50, ratio: 0.6 },
      { atSec: 80, ratio: 1 },
    ],
  },
  topology: { edges: 6, shields: 2, edgeKbpsPerViewer: 1_000 },
};
const scenario = scenarioOf(settings);

/** What k6 tells by the curve: at the end of each window whoever has come in it. */
function joinsOf({ audience, segment }: Scenario): SimInput[] {
  const windowSec = segment.durationMs / 1_000;
  const inputs: SimInput[] = [];
  let joined = 0;
  for (let window = 0; joined < audience.viewerCount; window++) {
    const ratio = arrivedRatio(audience.arrivals, window * windowSec);
    const upTo = Math.round(ratio * audience.viewerCount);
    if (upTo > joined) {
      inputs.push({ kind: "join", count: upTo - joined, atUs: window * 1e6 * windowSec });
    }
    joined = upTo;
  }
  return inputs;
}

function run(
  of: Scenario,
  inputs: readonly SimInput[],
  options: { capsKbps?: number[]; shardCount?: number; endSec?: number } = {},
): ModelReport {
  const { capsKbps = [], shardCount = 1, endSec = of.durationSec } = options;
  const night = new DrivenNight(of, { capsKbps, shardCount });
  night.runUntil(endSec, inputs);
  return night.finish();
}

const at = (atSec: number, order: SimOrder): SimInput => ({ ...order, atUs: 1e6 * atSec });

test("an audience that is told by the curve makes the plateau of one that comes by it", () => {
  const told = run(scenario, joinsOf(scenario)).headline;
  const own = runNight(scenario).report.headline;
  expect(told.viewers).toBe(own.viewers);
  expect(told.concurrentMean).toBeCloseTo(own.concurrentMean, -2);
  expect(told.egressGbpsMean / own.egressGbpsMean).toBeGreaterThan(0.99);
  expect(told.egressGbpsMean / own.egressGbpsMean).toBeLessThan(1.01);
});

test("nobody comes before the night is told so, and then only so many, within the window", () => {
  const { timeline } = run(scenario, [at(20, { kind: "join", count: 300 })]);
  expect(timeline.slice(0, 10).every(({ viewers }) => viewers === 0)).toBe(true);
  expect(timeline.slice(10).every(({ viewers }) => viewers === 300)).toBe(true);
  expect(timeline[9]!.egressGbps).toBe(0);
});

test("the curve plays no part: not in who comes, nor in how links are shared when many do", () => {
  // Capacity is short when the last of them come, long after either curve's end.
  const tight: Settings = { topology: { edgeKbpsPerViewer: 350 } };
  const late = scenarioOf(settings, tight);
  const early = scenarioOf(settings, tight, { audience: { arrivals: [{ atSec: 0, ratio: 1 }] } });
  const inputs = [at(20, { kind: "join", count: 1_500 }), at(180, { kind: "join", count: 4_500 })];
  const report = run(early, inputs);
  expect(report).toEqual(run(late, inputs));
  expect(report.conservation.overCapacityQuanta).toBe(0);
});

test("those come first who would have come first, whichever edge they are at", () => {
  const night = new DrivenNight(scenario, { capsKbps: [], shardCount: 1 });
  night.runUntil(4, [at(0, { kind: "join", count: 1_300 }), at(2, { kind: "join", count: 200 })]);
  const { session } = night.result.world;
  const came = [...session.keys()].filter((i) => session[i]! > 0);
  const { world } = memoryOf(planOf(scenario));
  gatherAudience(world);
  const byArrival = [...world.nextUs.keys()].sort((a, b) => world.nextUs[a]! - world.nextUs[b]!);
  expect(came).toHaveLength(1_500);
  // The curve has 1,200 come at the same instant, so that those have no order.
  expect(new Set(came)).toEqual(new Set(byArrival.slice(0, 1_500)));
});

test("of a weighted audience as many come as viewers stand for, whatever the batches", () => {
  const weighted = scenarioOf(settings, {
    audience: { viewerCount: 6_000, sampleWeight: 7, churnPerMinRatio: 0 },
  });
  const inputs = Array.from({ length: 60 }, (_, n) => at(2 * n, { kind: "join", count: 100 }));
  const { timeline } = run(weighted, inputs);
  expect(timeline[29]!.viewers / 3_000).toBeCloseTo(1, 2);
  expect(timeline.at(-1)!.viewers).toBe(7 * Math.round(6_000 / 7));
});

test("the result depends on what was told, not on the number of shards", () => {
  const inputs = [
    ...joinsOf(scenario),
    at(100, { kind: "edge-down", count: 2, detection: "silent" }),
    at(140, { kind: "cap", capKbps: 400 }),
    at(160, { kind: "edge-up", count: 2 }),
  ];
  const alone = JSON.stringify(run(scenario, inputs, { capsKbps: [400] }));
  for (const shardCount of [2, 4]) {
    expect(JSON.stringify(run(scenario, inputs, { capsKbps: [400], shardCount }))).toBe(alone);
  }
  const other = inputs.map((input, n) => (n === 3 ? { ...input, atUs: input.atUs + 2e6 } : input));
  expect(JSON.stringify(run(scenario, other, { capsKbps: [400] }))).not.toBe(alone);
});

test("a cap and a lost edge that are told are in the events and seen in the timeline", () => {
  const report = run(scenario, [
    ...joinsOf(scenario),
    at(140, { kind: "cap", capKbps: 300 }),
    at(180, { kind: "edge-down", count: 3, detection: "reset" }),
    at(200, { kind: "cap", capKbps: null }),
  ]);
  expect(report.events.filter(({ kind }) => kind !== "edges-full")).toMatchObject([
    { tSec: 140, kind: "cap", capKbps: 300 },
    { tSec: 180, kind: "edge-down", count: 3, detection: "reset" },
    { tSec: 200, kind: "cap", capKbps: null },
  ]);
  expect(JSON.stringify(report.events)).not.toContain("atUs");
  const row = (tSec: number) => report.timeline.find((one) => one.tSec === tSec)!;
  expect(row(138).kbpsPerViewer).toBeGreaterThan(350);
  expect(row(170).kbpsPerViewer).toBeLessThan(310);
  expect(row(170).rungShare["450"]).toBe(0);
  expect(row(190).edgeUtilisation).toBeGreaterThan(1.5 * row(170).edgeUtilisation);
  expect(row(230).rungShare["750"]).toBeGreaterThan(0);
});

test("the scenario's own events happen in a driven night too, at their times", () => {
  const events = [
    { kind: "cap", atSec: 130, capKbps: 300 },
    { kind: "cap", atSec: 150, capKbps: null },
  ];
  const own = scenarioOf(settings, { events });
  const told = joinsOf(scenario);
  const inputs = [...told, at(130, { kind: "cap", capKbps: 300 })];
  const asOrders = run(scenario, [...inputs, at(150, { kind: "cap", capKbps: null })]);
  expect(run(own, told)).toEqual({ ...asOrders, scenario: own.name });
});

test("a night that ends early has means over the part of its plateau that it had", () => {
  const whole = run(scenario, joinsOf(scenario));
  const { headline, timeline } = run(scenario, joinsOf(scenario), { endSec: 200 });
  expect(timeline).toEqual(whole.timeline.slice(0, 100));
  const plateau = timeline.slice(60).map(({ egressGbps }) => egressGbps);
  expect(headline.egressGbpsMean).toBeCloseTo(
    plateau.reduce((total, gbps) => total + gbps, 0) / plateau.length,
    6,
  );
  expect(headline.stallRatio).toBeLessThan(0.05);
});

test.each([100, 120])(
  "one that ends %i s into the night, without a plateau, counts all",
  (endSec) => {
    const { headline, timeline, conservation } = run(scenario, joinsOf(scenario), { endSec });
    const gbps = timeline.map(({ egressGbps }) => egressGbps);
    expect(headline.egressGbpsMean).toBeCloseTo(gbps.reduce((a, b) => a + b, 0) / gbps.length, 6);
    expect(headline.kbpsPerViewer).toBeGreaterThan(100);
    const { downloadedMs, playedMs, bufferedMs, discardedMs } = conservation;
    // Each of them is rounded by itself.
    const sum = Number(playedMs) + Number(bufferedMs) + Number(discardedMs);
    expect(Math.abs(Number(downloadedMs) - sum)).toBeLessThanOrEqual(2);
  },
);

test("the picture on the way ends at the report's own figures", () => {
  const night = new DrivenNight(scenario, { capsKbps: [], shardCount: 1 });
  const states = new NightStates(night.result);
  let state = states.at(night.runUntil(2, joinsOf(scenario)));
  for (let sec = 4; sec <= 240; sec += 2) state = states.at(night.runUntil(sec, joinsOf(scenario)));
  const { headline, timeline, conservation } = night.finish();
  // The report rounds each segment under way down to whole bytes.
  expect(state.egressBytes / Number(conservation.edgeEgressBytes)).toBeCloseTo(1, 6);
  expect(state.fillBytes).toBe(Number(conservation.edgeFillBytes));
  // Stalls count once they have ended, and those that are open end with the night.
  const { stalledRatio } = timeline.at(-1)!;
  expect(state.row.stalledRatio).toBeLessThan(stalledRatio);
  expect({ ...state.row, stalledRatio }).toEqual(timeline.at(-1));
  expect(state.egressGbpsMean).toBe(headline.egressGbpsMean);
  expect(state.egressGbpsPeak).toBe(headline.egressGbpsPeak);
  expect(state.stallRatio).toBe(headline.stallRatio);
  expect(state.startFailureRatio).toBeGreaterThan(0);
});

test("what a night cannot be told is refused with what it could be told", () => {
  const plan = planOf(scenario, { capsKbps: [400] });
  const check = (order: SimOrder, words: RegExp | undefined, joined = 5_900): void => {
    const problem = orderProblem(plan, joined, order);
    if (words === undefined) expect(problem).toBeUndefined();
    else expect(problem).toMatch(words);
  };
  check({ kind: "join", count: 100 }, undefined);
  check({ kind: "join", count: 101 }, /^count must be at most 100: 5900 .* of 6000 .* got 101$/);
  check({ kind: "cap", capKbps: 400 }, undefined);
  check({ kind: "cap", capKbps: null }, undefined);
  check(
    { kind: "cap", capKbps: 350 },
    /^capKbps must be one of null, 150, 300, 400, 450, 600, 750 .*, got 350$/,
  );
  check({ kind: "edge-down", count: 5, detection: "reset" }, undefined);
  check({ kind: "edge-down", count: 6, detection: "reset" }, /leave one of 6 edges up, got 6$/);
  check({ kind: "shield-down", count: 2, detection: "reset" }, /leave one of 2 shields up, got 2$/);
  const joins = [at(0, { kind: "join", count: 4_000 }), at(2, { kind: "join", count: 4_000 })];
  expect(inputsProblem(plan, joins)).toMatchObject({ index: 1 });
});
