/** The scenarios that come with the package: complete, in step with their names, and sourced. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Scenario } from "../../src/config/schema-scenario.ts";
import { loadScenario, scenarioNames } from "../../src/node/scenario-file.ts";

const names = scenarioNames();

function load(scenario: string): Scenario {
  return loadScenario({ scenario, settings: [] }).scenario;
}

function linesOf(name: string): string[] {
  return readFileSync(join(import.meta.dirname, `${name}.yaml`), "utf8").split("\n");
}

/** Lines that state a number and say neither on them nor right above them where it is from. */
function unsourced(lines: readonly string[]): string[] {
  return lines.filter((line, index) => {
    const [, value = ""] = /^[^#]*?: (?!"|\S*[a-z])(.*)$/.exec(line) ?? [];
    const isComment = /^\s*#/.test(line);
    if (isComment || !/\d/.test(value)) return false;
    const above = lines[index - 1] ?? "";
    return !/#\s*\S/.test(line) && !/^\s*#/.test(above);
  });
}

test("the nights that the documentation names are all there", () => {
  expect(names).toEqual([
    ...["capacity-halved", "ci", "edge-loss", "flash-crowd", "oprah-2008", "oprah-2008-cap-300"],
    ...["oprah-2008-cap-450", "oprah-2008-failures", "oprah-2008-p2p", "oprah-2008-saturated"],
    ...["oprah-2008-tiers", "t20-2026", "today"],
  ]);
});

test.each(names)("%s is valid, is named after its file and has a title", (name) => {
  const scenario = load(name);
  expect(scenario.name).toBe(name);
  expect(scenario.title).not.toBe("");
  expect(linesOf(name)).toContain(`name: ${name}`);
});

test.each(names)("every number of %s says where it is from", (name) => {
  expect(unsourced(linesOf(name))).toEqual([]);
});

test("a number without a source would be found", () => {
  const lines = [
    "# why",
    "a: 1",
    "b: 2",
    "c: 3 # measured",
    "  - { kind: cap, atSec: 4 }",
    "d: x-5",
  ];
  expect(unsourced(lines)).toEqual(["b: 2", "  - { kind: cap, atSec: 4 }"]);
});

/** What a scenario states differently from the night of 2008, by key. */
function differences(name: string): Record<string, unknown> {
  const base = flat("", load("oprah-2008"));
  const own = flat("", load(name));
  const differing = [...own].filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(base.get(key)),
  );
  return Object.fromEntries(differing.filter(([key]) => !["name", "title"].includes(key)));
}

function flat(prefix: string, value: unknown): Map<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return new Map([[prefix, value]]);
  }
  return new Map(
    Object.entries(value).flatMap(([name, below]) => [
      ...flat(prefix === "" ? name : `${prefix}.${name}`, below),
    ]),
  );
}

const noDerating = {
  "audience.pathShareMedian": 1,
  "audience.pathShareLogSigma": 0,
  "audience.pathNoiseLogSigma": 0,
};
const quickRamp = [
  { atSec: 0, ratio: 0 },
  { atSec: 300, ratio: 1 },
];

test.each<[string, Record<string, unknown>]>([
  ["oprah-2008-saturated", { ...noDerating, "topology.edgeKbpsPerViewer": 484 }],
  ["oprah-2008-failures", { ...noDerating, "audience.failedSessionRatio": 0.32 }],
  ["oprah-2008-cap-300", { "ladder.capKbps": 300 }],
  ["oprah-2008-cap-450", { "ladder.capKbps": 450 }],
  [
    "oprah-2008-p2p",
    {
      "viewer.holdBackTargetDurations": 6,
      "swarm.participationRatio": 0.7,
      "swarm.uploadUsableRatio": 0.5,
      "swarm.urgentMs": 2_000,
    },
  ],
  ["oprah-2008-tiers", { "topology.edges": 1_000, "topology.shields": 10 }],
  [
    "capacity-halved",
    {
      ...noDerating,
      "topology.edgeKbpsPerViewer": 484,
      durationSec: 1_200,
      "plateau.fromSec": 660,
      "plateau.toSec": 1_200,
      "audience.arrivals": quickRamp,
      events: [{ kind: "capacity", atSec: 600, ratio: 0.5 }],
    },
  ],
  [
    "edge-loss",
    {
      durationSec: 1_200,
      "plateau.fromSec": 420,
      "plateau.toSec": 1_200,
      "audience.arrivals": quickRamp,
      "topology.edges": 10,
      "topology.edgeKbpsPerViewer": 605,
      events: [
        { kind: "edge-down", atSec: 600, count: 1, detection: "silent" },
        { kind: "edge-up", atSec: 900, count: 1 },
      ],
    },
  ],
  [
    "flash-crowd",
    {
      durationSec: 600,
      "plateau.fromSec": 120,
      "plateau.toSec": 600,
      "audience.arrivals": [
        { atSec: 0, ratio: 0 },
        { atSec: 60, ratio: 1 },
      ],
    },
  ],
  [
    "today",
    {
      "audience.accessKbpsMedian": 298_000,
      "audience.pathShareMedian": 1,
      "audience.pathShareLogSigma": 0,
    },
  ],
  [
    "t20-2026",
    {
      "audience.viewerCount": 65_200_000,
      "audience.sampleWeight": 130,
      "topology.edges": 650,
      "topology.shields": 13,
      "wire.joinBatchViewerCount": 50_000,
    },
  ],
])(
  "%s differs from the night of 2008 in what it is about, and in nothing else",
  (name, expected) => {
    expect(differences(name)).toEqual(expected);
  },
);
