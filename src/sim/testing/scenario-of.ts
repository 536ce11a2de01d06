/** Scenarios for tests: from the defaults, or from those that come with the package. */
import { assert } from "../../base/assert.ts";
import { resolveScenario } from "../../config/resolve-scenario.ts";
import type { Scenario } from "../../config/schema-scenario.ts";
import { loadScenario } from "../../node/scenario-file.ts";

export type Settings = Record<string, unknown>;

/** The defaults, with each of the layers over those before it. */
export function scenarioOf(...layers: Settings[]): Scenario {
  const result = resolveScenario(
    layers.map((values, n) => ({ source: `layer ${n}`, values: { name: "test", ...values } })),
  );
  assert(result.ok, result.ok ? "" : JSON.stringify(result.problems));
  return result.scenario;
}

/** A scenario of the package, with each of the layers over it. */
export function namedScenario(scenario: string, ...layers: Settings[]): Scenario {
  const options = layers.map((values, n) => ({ source: `layer ${n}`, values }));
  return loadScenario({ scenario, options, settings: [] }).scenario;
}
