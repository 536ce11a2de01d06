/** One night in one thread and in several: the report is the same to the byte. */
import { expect, test } from "vitest";
import { resolveScenario } from "../../src/config/resolve-scenario.ts";
import type { Scenario } from "../../src/config/schema-scenario.ts";
import type { SimulationProgress } from "../../src/sim/simulation.ts";
import { runSimulation } from "./run-simulation.ts";

/** Everything that happens to several edges at once: faults, full links, a cap, peers, refusals. */
const values = {
  name: "busy",
  durationSec: 160,
  plateau: { fromSec: 50, toSec: 150 },
  viewer: {
    holdBackTargetDurations: 6,
    abr: [
      { rule: "hlsjs", ratio: 0.7 },
      { rule: "dynamic", ratio: 0.3 },
    ],
  },
  audience: {
    viewerCount: 2_200,
    arrivals: [
      { atSec: 0, ratio: 0.3 },
      { atSec: 40, ratio: 1 },
    ],
    churnPerMinRatio: 0.2,
    failedSessionRatio: 0.05,
    pathShareMedian: 0.6,
  },
  topology: {
    edges: 10,
    shields: 3,
    edgeKbpsPerViewer: 420,
    assignment: "random",
    admissionRatio: 0.95,
  },
  swarm: { participationRatio: 0.4 },
  events: [
    { kind: "shield-down", atSec: 45, count: 1, detection: "silent" },
    { kind: "edge-down", atSec: 60, count: 3, detection: "silent" },
    { kind: "capacity", atSec: 70, ratio: 0.5 },
    { kind: "cap", atSec: 80, capKbps: 300 },
    { kind: "edge-up", atSec: 100, count: 2 },
    { kind: "capacity", atSec: 105, ratio: 3 },
    { kind: "shield-up", atSec: 110, count: 1 },
    { kind: "cap", atSec: 120, capKbps: null },
  ],
};

/** The same without peers and in ample capacity: edges run many windows at a time. */
const calm = {
  ...values,
  name: "calm",
  viewer: {},
  swarm: {},
  topology: { edges: 7, shields: 2, edgeKbpsPerViewer: 3_000 },
  events: [{ kind: "edge-down", atSec: 71, count: 1 }],
};

function scenarioOf(of: Record<string, unknown>): Scenario {
  const result = resolveScenario([{ source: "test", values: of }]);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.scenario;
}

async function reportOf(scenario: Scenario, workerCount: number): Promise<string> {
  const { report } = await runSimulation({ scenario, commit: "test", workerCount });
  return JSON.stringify(report);
}

test.each([values, calm])("$name: one, two and four threads make the same report", async (of) => {
  const scenario = scenarioOf(of);
  const alone = await reportOf(scenario, 1);
  expect(await reportOf(scenario, 2)).toBe(alone);
  expect(await reportOf(scenario, 4)).toBe(alone);
  expect(await reportOf(scenario, 1)).toBe(alone);
});

test("another seed makes another report of the same night", async () => {
  const [one, other] = await Promise.all(
    [1, 2].map((seed) => reportOf(scenarioOf({ ...values, seed }), 1)),
  );
  expect(other).not.toBe(one!.replace('"seed":1', '"seed":2'));
  const gbps = [one!, other!].map(
    (text) =>
      (JSON.parse(text) as { headline: { egressGbpsMean: number } }).headline.egressGbpsMean,
  );
  expect(gbps[1]! / gbps[0]!).toBeCloseTo(1, 1);
});

test("no more threads are started than there are edges, and the run says how many", async () => {
  const few = { ...calm, topology: { ...calm.topology, edges: 2 } };
  const { run } = await runSimulation({
    scenario: scenarioOf(few),
    commit: "test",
    workerCount: 8,
  });
  expect(run.workerCount).toBe(2);
  expect(run.steps).toBeGreaterThan(100_000);
});

test("a run that is called off ends with the reason, after it has told how far it came", async () => {
  const told: SimulationProgress[] = [];
  const controller = new AbortController();
  const run = runSimulation({
    scenario: scenarioOf({ ...values, durationSec: 5_000, plateau: { fromSec: 50, toSec: 5_000 } }),
    commit: "test",
    workerCount: 2,
    signal: controller.signal,
    onProgress: (progress) => {
      told.push(progress);
      if (told.length === 2) controller.abort(new Error("enough"));
    },
  });
  await expect(run).rejects.toThrow("enough");
  expect(told.length).toBe(2);
  expect(told[1]!.tSec).toBeGreaterThan(told[0]!.tSec);
  expect(told[1]!.steps).toBeGreaterThan(told[0]!.steps);
  expect(told[1]!.durationSec).toBe(5_000);
});
