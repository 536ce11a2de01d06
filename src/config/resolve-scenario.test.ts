import { expect, test } from "vitest";
import type { SettingsLayer } from "./resolve-layers.ts";
import { resolveScenario, viewersLayer } from "./resolve-scenario.ts";
import type { Scenario } from "./schema-scenario.ts";

function layer(values: Record<string, unknown>, source = "file"): SettingsLayer {
  return { source, values: { name: "night", ...values } };
}

function scenarioOf(...layers: SettingsLayer[]): Scenario {
  const result = resolveScenario(layers);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.scenario;
}

function check(values: Record<string, unknown>, expected: string[]): void {
  const result = resolveScenario([layer(values)]);
  const problems = result.ok ? [] : result.problems;
  expect(problems.map(({ key, rule, got }) => `${key} ${rule}, got ${got}`)).toEqual(expected);
}

test("a name is enough: everything else has a default, and sections may be empty", () => {
  const scenario = scenarioOf(layer({ ladder: null, events: null }));
  expect(scenario.audience.viewerCount).toBe(500_000);
  expect(scenario.audience.arrivals.at(-1)).toEqual({ atSec: 1_620, ratio: 1 });
  expect(scenario.viewer.abr).toEqual([{ rule: "hlsjs", ratio: 1, parameters: [] }]);
  expect(scenario.events).toEqual([]);
});

test("the plateau that is not stated lies within the run", () => {
  expect(scenarioOf(layer({})).plateau).toEqual({ fromSec: 1_800, toSec: 5_400 });
  expect(scenarioOf(layer({ durationSec: 60 })).plateau).toEqual({ fromSec: 20, toSec: 60 });
  const arrivals = [{ atSec: 90, ratio: 1 }];
  const soon = layer({ durationSec: 600, audience: { arrivals } });
  expect(scenarioOf(soon).plateau).toEqual({ fromSec: 270, toSec: 600 });
  const stated = { durationSec: 600, plateau: { fromSec: 500 } };
  expect(scenarioOf(layer(stated)).plateau).toEqual({ fromSec: 500, toSec: 600 });
});

test("--viewers is another audience on the same edges, each of it simulated", () => {
  const file = layer({ audience: { viewerCount: 65_200_000, sampleWeight: 130, rttMs: 30 } });
  const { audience, topology } = scenarioOf(file, viewersLayer(200));
  expect(audience).toMatchObject({ viewerCount: 200, sampleWeight: 1, rttMs: 30 });
  expect(topology).toEqual(scenarioOf(file).topology);
});

test("a single key that is wrong is named with its rule and what it got", () => {
  check({ ladder: { capKbps: 99 } }, [
    "ladder.capKbps must be at least 100: below that no picture is worth sending, got 99",
  ]);
  check({ topology: { edges: 0 } }, ["topology.edges must be at least 1, got 0"]);
  check({ topology: { edges: 1.5 } }, ["topology.edges must be a whole number, got 1.5"]);
  check({ topology: { edgeKbpsPerViewer: 0 } }, [
    "topology.edgeKbpsPerViewer must be above 0, got 0",
  ]);
  check({ audience: { churnPerMinRatio: -1 } }, [
    "audience.churnPerMinRatio must be at least 0, got -1",
  ]);
  check({ audience: { accessKbpsMedian: Number.NaN } }, [
    "audience.accessKbpsMedian must be a number, got NaN",
  ]);
  check({ audience: { rttMs: "fast" } }, ['audience.rttMs must be a number, got "fast"']);
  check({ colour: "red" }, ['colour is not a known key, got "red"']);
  check({ topology: 5 }, ["topology must be keys and values, got 5"]);
  check({ events: 5 }, ["events must be a list, got 5"]);
  check({ topology: { assignment: "best" } }, [
    'topology.assignment must be stratified or random, got "best"',
  ]);
  check({ name: "My Night" }, ['name must be 1 to 64 of a-z, 0-9 and -, got "My Night"']);
  const arrivals = [{ atSec: 0, ratio: 0.5 }];
  check({ audience: { arrivals } }, [
    'audience.arrivals must rise in atSec and ratio, and end with ratio 1, got [{"atSec":0,"ratio":0.5}]',
  ]);
  check({ swarm: { uploads: [{ ratio: 0.5, kbps: 100 }] } }, [
    'swarm.uploads must have ratios that sum to 1, got [{"ratio":0.5,"kbps":100}]',
  ]);
});

test("keys that contradict one another are named", () => {
  check({ durationSec: 60, plateau: { toSec: 61 } }, [
    "plateau.toSec must be within durationSec, got 61",
  ]);
  check({ plateau: { fromSec: 900, toSec: 900 } }, [
    "plateau.fromSec must be before plateau.toSec, got 900",
  ]);
  check({ segment: { sizesBytes: [[1, 2]] } }, [
    "segment.sizesBytes must have a column for each of ladder.rungsKbps, got [[1,2]]",
  ]);
  check({ segment: { sizesBytes: [[1]] }, ladder: { rungsKbps: [300], capKbps: 300 } }, [
    "segment.sizesBytes cannot be combined with ladder.capKbps: sizes of the rung at the cap are unknown, got [[1]]",
  ]);
  check({ swarm: { participationRatio: 0.7, takeOnlyRatio: 0.4 } }, [
    "swarm.takeOnlyRatio must be at most 1 together with swarm.participationRatio, got 0.4",
  ]);
  check({ viewer: { holdBackTargetDurations: 9 } }, [
    "viewer.holdBackTargetDurations must be within the playlist (segment.playlistCount), got 9",
  ]);
  const events = [
    { kind: "edge-down", atSec: 1, count: 100 },
    { kind: "shield-down", atSec: 1, count: 2 },
    { kind: "edge-up", atSec: 9_999, count: 100 },
  ];
  check({ events }, [
    "events.0.count must leave an edge up, got 100",
    "events.1.count must leave a shield up, got 2",
    "events.2.atSec must be within durationSec, got 9999",
  ]);
});

test("everything that is wrong is listed at once, contradictions between sound keys too", () => {
  check(
    {
      durationSec: 600,
      plateau: { fromSec: 0, toSec: 601 },
      ladder: { capKbps: 50, colour: "red" },
      topology: { edges: -1 },
      events: [{ kind: "fire", atSec: 1 }, null, { kind: "cap", atSec: 700, capKbps: 50 }],
    },
    [
      "ladder.capKbps must be at least 100: below that no picture is worth sending, got 50",
      'ladder.colour is not a known key, got "red"',
      "topology.edges must be at least 1, got -1",
      'events.0.kind must have a kind: edge-down, edge-up, shield-down, shield-up, capacity or cap, got "fire"',
      "events.1 must have a kind: edge-down, edge-up, shield-down, shield-up, capacity or cap, got null",
      "events.2.capKbps must be at least 100: below that no picture is worth sending, got 50",
      "plateau.toSec must be within durationSec, got 601",
      "events.2.atSec must be within durationSec, got 700",
    ],
  );
});

test("a contradiction is not reported of a key that is wrong by itself", () => {
  check({ durationSec: "long", plateau: { fromSec: 0, toSec: 600 } }, [
    'durationSec must be a number, got "long"',
  ]);
  const events = [{ kind: "edge-down", atSec: 1, count: 5 }];
  check({ topology: { edges: 0 }, events }, ["topology.edges must be at least 1, got 0"]);
});
