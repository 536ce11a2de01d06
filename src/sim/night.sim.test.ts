/**
 * Every scenario of the package, for a small audience and without its calm hours, and some that are
 * only for this: what must hold in all of them.
 */
import { expect, test, vi } from "vitest";
import type { Scenario } from "../config/schema-scenario.ts";
import { scenarioNames } from "../node/scenario-file.ts";
import { CheckAvailability } from "./testing/check-availability.ts";
import { CheckBytes } from "./testing/check-bytes.ts";
import { CheckCapacity } from "./testing/check-capacity.ts";
import { CheckPlayback } from "./testing/check-playback.ts";
import { CheckRecovery } from "./testing/check-recovery.ts";
import { CheckRelays } from "./testing/check-relays.ts";
import { CheckSessions } from "./testing/check-sessions.ts";
import { runNight } from "./testing/run-night.ts";
import { namedScenario, scenarioOf, type Settings } from "./testing/scenario-of.ts";
import type * as ViewerStep from "./viewer-step.ts";

vi.mock("./viewer-step.ts", async (original) => {
  const { watchedStep } = await import("./testing/watched-events.ts");
  return watchedStep(await original<typeof ViewerStep>());
});
vi.mock("./steady-sweep.ts", () => import("./testing/plain-sweep.ts"));

/** The scenario for a small audience on a few edges, in a twentieth of the time, or a fifth. */
function shortened(name: string): Scenario {
  const full = namedScenario(name);
  const sooner = full.durationSec > 2_000 ? 0.05 : 0.2;
  const at = <T extends { atSec: number }>(point: T): T => ({
    ...point,
    atSec: Math.round(sooner * point.atSec),
  });
  const { topology, audience, plateau } = full;
  // Where one edge is lost, the others have to be many. Links of fewer than 200 are always shared.
  const edges =
    topology.edges > 10 ? Math.min(8, 4 * Math.ceil(topology.edges / 100)) : topology.edges;
  return namedScenario(name, {
    durationSec: sooner * full.durationSec,
    plateau: { fromSec: sooner * plateau.fromSec, toSec: sooner * plateau.toSec },
    audience: {
      viewerCount: 240 * edges * audience.sampleWeight,
      arrivals: audience.arrivals.map(at),
    },
    topology: { edges, shields: Math.min(topology.shields, 2) },
    events: full.events.map(at),
  });
}

function problemsOf(scenario: Scenario): string[] {
  const checkers = {
    availability: new CheckAvailability(),
    bytes: new CheckBytes(),
    capacity: new CheckCapacity(),
    playback: new CheckPlayback(),
    recovery: new CheckRecovery(),
    relays: new CheckRelays(),
    sessions: new CheckSessions(),
  };
  const { report } = runNight(scenario, { watches: Object.values(checkers) });
  return Object.entries(checkers).flatMap(([name, checker]) =>
    checker.problems(report).map((problem) => `${name}: ${problem}`),
  );
}

test.each(scenarioNames())("%s breaks no law", (name) => {
  expect(problemsOf(shortened(name))).toEqual([]);
});

/** An audience on a few edges for four minutes, and something goes wrong. */
const small: Settings = {
  durationSec: 240,
  audience: {
    viewerCount: 630,
    arrivals: [
      { atSec: 0, ratio: 0 },
      { atSec: 20, ratio: 1 },
    ],
    churnPerMinRatio: 0.1,
  },
  topology: { edges: 3, shields: 2, edgeKbpsPerViewer: 1_500 },
};

test.each<[string, Settings]>([
  ["a shield refuses", { events: faults("shield-down", "shield-up", "reset") }],
  ["a shield falls silent", { events: faults("shield-down", "shield-up", "silent") }],
  ["an edge refuses", { events: faults("edge-down", "edge-up", "reset") }],
  ["an edge falls silent", { events: faults("edge-down", "edge-up", "silent") }],
  [
    "capacity goes and comes back",
    {
      events: [
        { kind: "capacity", atSec: 60, ratio: 0.2 },
        { kind: "capacity", atSec: 140, ratio: 1 },
      ],
    },
  ],
  [
    "links are shared and ample by turns while bodies flow",
    {
      audience: { churnPerMinRatio: 1, accessKbpsMedian: 800 },
      topology: { edgeKbpsPerViewer: 15_000 },
      // For 2 s all have 30 kbps; after each change links are shared for a window, and then ample.
      events: Array.from({ length: 18 }, (_, n) => 60 + 10 * n).flatMap((atSec) => [
        { kind: "capacity", atSec, ratio: 0.002 },
        { kind: "capacity", atSec: atSec + 2, ratio: 1 },
        { kind: "capacity", atSec: atSec + 6, ratio: 1 },
      ]),
    },
  ],
  [
    "the cap changes while links are full",
    {
      topology: { edges: 3, shields: 2, edgeKbpsPerViewer: 400 },
      events: [
        { kind: "cap", atSec: 80, capKbps: 300 },
        { kind: "cap", atSec: 160, capKbps: null },
      ],
    },
  ],
  [
    "a low cap ends where links do not carry the ladder",
    {
      audience: { viewerCount: 1_200 },
      topology: { edges: 3, shields: 2, edgeKbpsPerViewer: 500 },
      events: [
        { kind: "cap", atSec: 60, capKbps: 150 },
        { kind: "cap", atSec: 130, capKbps: null },
      ],
    },
  ],
  [
    "the viewers of two silent edges come to the third, late",
    {
      audience: { viewerCount: 1_200 },
      topology: { edges: 3, shields: 2, edgeKbpsPerViewer: 1_000, failoverMs: 5_000 },
      events: [{ kind: "edge-down", atSec: 90, count: 2, detection: "silent" }],
    },
  ],
  [
    "peers help each other while links are full",
    {
      topology: { edges: 3, shields: 2, edgeKbpsPerViewer: 350 },
      viewer: { holdBackTargetDurations: 6 },
      swarm: { participationRatio: 0.7 },
    },
  ],
  [
    "viewers hold their polls and edges let nobody in who does not fit",
    {
      viewer: { blockingReload: true },
      topology: { edges: 3, shields: 2, edgeKbpsPerViewer: 350, admissionRatio: 0.8 },
    },
  ],
  [
    "segments have measured sizes",
    {
      ladder: { rungsKbps: [150, 600] },
      segment: {
        sizesBytes: [
          [30_000, 140_000],
          [45_000, 170_000],
          [37_000, 150_000],
        ],
      },
    },
  ],
])("no law is broken when %s", (_what, settings) => {
  expect(problemsOf(scenarioOf(small, settings))).toEqual([]);
});

/** One of them is gone from the first minute to past the second. */
function faults(down: string, up: string, detection: string): Settings[] {
  return [
    { kind: down, atSec: 60, count: 1, detection },
    { kind: up, atSec: 140, count: 1 },
  ];
}
