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
  wire: {},
  events: [],
};

/** Length of a run for which a scenario states none: the schema's own default. */
const durationSecDefault = 5_400;

/** When the last of the default audience arrives, and how long after it the plateau may begin. */
const arrivedSecDefault = 1_620;
const joiningSec = 180;
/** A plateau that nobody states is at least this share of the run. */
const plateauRatioMin = 0.05;

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

/**
 * Where it is not stated, the plateau begins when everybody has arrived and joined, and lasts to the
 * end of the run; of a run that is too short for that it is the last two thirds.
 */
function complete(merged: Record<string, unknown>): Record<string, unknown> {
  const { durationSec = durationSecDefault, plateau } = merged;
  if (typeof plateau !== "object" || plateau === null || Array.isArray(plateau)) return merged;
  const stated = plateau as { fromSec?: unknown; toSec?: unknown };
  return {
    ...merged,
    plateau: { fromSec: plateauFromSec(durationSec, merged), toSec: durationSec, ...stated },
  };
}

function plateauFromSec(durationSec: unknown, merged: Record<string, unknown>): number {
  if (typeof durationSec !== "number") return 0;
  const settledSec = arrivedSec(merged) + joiningSec;
  return settledSec <= (1 - plateauRatioMin) * durationSec ? settledSec : durationSec / 3;
}

/** When the last viewer arrives; of settings that are not checked yet. */
function arrivedSec({ audience }: Record<string, unknown>): number {
  const { arrivals } = (audience ?? {}) as { arrivals?: unknown };
  const last: unknown = Array.isArray(arrivals) ? arrivals.at(-1) : undefined;
  const { atSec } = (last ?? {}) as { atSec?: unknown };
  return typeof atSec === "number" && Number.isFinite(atSec) ? atSec : arrivedSecDefault;
}
