/** A scenario, from layers of settings: files that extend one another, then the command line. */
import {
  resolveLayers,
  type SettingsLayer,
  type SettingsProblem,
  type SettingsSources,
} from "./resolve-layers.ts";
import { scenarioSchema, type Scenario } from "./schema-scenario.ts";

export type ScenarioResult =
  | { ok: true; scenario: Scenario; sources: SettingsSources }
  | { ok: false; problems: SettingsProblem[] };

const emptyBase = {
  plateau: {},
  segment: {},
  ladder: {},
  viewer: {},
  audience: {},
  topology: {},
  swarm: {},
  events: [],
};

/** Length of a run for which a scenario states none: the schema's own default. */
const durationSecDefault = 5_400;

/** Where the plateau begins at the latest when a scenario does not say: the audience is in by then. */
const plateauFromSecMax = 1_800;

/** Merges the layers over the defaults; lists are replaced, not joined. */
export function resolveScenario(layers: readonly SettingsLayer[]): ScenarioResult {
  const result = resolveLayers(layers, { schema: scenarioSchema, base: emptyBase, complete });
  return result.ok ? { ok: true, scenario: result.value, sources: result.sources } : result;
}

/**
 * The layer of `--viewers`: the same night for another audience, every viewer simulated. Arrivals
 * are ratios and capacity is per viewer, so both scale; edges stay.
 */
export function viewersLayer(viewerCount: number): SettingsLayer {
  return { source: "--viewers", values: { audience: { viewerCount, sampleWeight: 1 } } };
}

/** The plateau follows the length of the run where it is not stated. */
function complete(merged: Record<string, unknown>): Record<string, unknown> {
  const { durationSec = durationSecDefault, plateau } = merged;
  if (typeof plateau !== "object" || plateau === null || Array.isArray(plateau)) return merged;
  const stated = plateau as { fromSec?: unknown; toSec?: unknown };
  const fromSec =
    typeof durationSec === "number" ? Math.min(plateauFromSecMax, durationSec / 3) : 0;
  return { ...merged, plateau: { fromSec, toSec: durationSec, ...stated } };
}
