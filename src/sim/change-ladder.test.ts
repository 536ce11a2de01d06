import { expect, test } from "vitest";
import { changeLadder } from "./change-ladder.ts";
import { planOf } from "./plan.ts";
import { memoryOf, runNight } from "./testing/run-night.ts";
import { scenarioOf } from "./testing/scenario-of.ts";

/** Rungs 150 to 750; then up to 300; then 150, 300 and, at the cap itself, 400; then all again. */
const scenario = scenarioOf({
  audience: { viewerCount: 5 },
  topology: { edges: 1, shields: 1 },
  events: [
    { kind: "cap", atSec: 10, capKbps: 300 },
    { kind: "cap", atSec: 20, capKbps: 400 },
    { kind: "cap", atSec: 30, capKbps: null },
  ],
});
const plan = planOf(scenario);

/** Viewer i plays and follows rung i of the ladder in force, and gets a body of it. */
function worldAtTop() {
  const { world } = memoryOf(plan);
  for (let i = 0; i < 5; i++) {
    world.viewers.rungIndex[i] = i;
    world.viewers.playlistRung[i] = i;
    world.viewers.lastMsn[i] = 1_040;
    world.bodyRung[i] = i;
  }
  return world;
}

test("the plan knows every rung that is offered at some time", () => {
  expect(plan.rungKbps).toEqual([150, 300, 400, 450, 600, 750]);
  expect(plan.ladders.map(({ rungs }) => [...rungs])).toEqual([
    [0, 1, 3, 4, 5],
    [0, 1],
    [0, 1, 2],
    [0, 1, 3, 4, 5],
  ]);
});

test("a lower cap moves viewers to the highest rung that is left below theirs", () => {
  const world = worldAtTop();
  changeLadder(world, 1);
  expect(world.ladderIndex[0]).toBe(1);
  for (const column of [world.viewers.rungIndex, world.viewers.playlistRung, world.bodyRung]) {
    expect([...column]).toEqual([0, 1, 1, 1, 1]);
  }
  // Whose rung is still there keeps its playlist; the others have to ask for another one.
  expect([...world.viewers.lastMsn]).toEqual([1_040, 1_040, -1, -1, -1]);
});

test("a higher cap leaves viewers on their rungs, by rate and not by number", () => {
  const world = worldAtTop();
  changeLadder(world, 1);
  world.viewers.lastMsn.fill(1_041);
  changeLadder(world, 2);
  expect([...world.viewers.rungIndex]).toEqual([0, 1, 1, 1, 1]);
  expect([...world.viewers.lastMsn]).toEqual(Array(5).fill(1_041));
  world.viewers.rungIndex[4] = 2;
  changeLadder(world, 3);
  // 400 is gone again: the next lower one is 300.
  expect([...world.viewers.rungIndex]).toEqual([0, 1, 1, 1, 1]);
});

test("who has not begun to play stays so", () => {
  const world = worldAtTop();
  world.viewers.rungIndex[2] = -1;
  world.viewers.playlistRung[2] = -1;
  changeLadder(world, 1);
  expect([world.viewers.rungIndex[2], world.viewers.playlistRung[2]]).toEqual([-1, -1]);
});

test("during a night nobody gets a rung above the cap from its window on, and all return after", () => {
  const capped = scenarioOf({
    durationSec: 300,
    audience: {
      viewerCount: 200,
      arrivals: [{ atSec: 0, ratio: 1 }],
      accessKbpsMedian: 20_000,
      accessLogSigma: 0,
      pathNoiseLogSigma: 0,
      churnPerMinRatio: 0,
      pathShareMedian: 1,
      pathShareLogSigma: 0,
    },
    topology: { edges: 2, shields: 1, edgeKbpsPerViewer: 10_000 },
    events: [
      { kind: "cap", atSec: 100, capKbps: 300 },
      { kind: "cap", atSec: 200, capKbps: null },
    ],
  });
  const { timeline } = runNight(capped).report;
  const between = (fromSec: number, toSec: number) =>
    timeline.filter(({ tSec }) => tSec >= fromSec && tSec < toSec);
  for (const { rungShare } of between(60, 100)) expect(rungShare["750"]).toBe(1);
  for (const { rungShare } of between(102, 200)) expect(rungShare["300"]).toBe(1);
  for (const { rungShare } of between(230, 300)) expect(rungShare["750"]).toBe(1);
});
