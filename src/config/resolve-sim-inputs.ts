/** A recorded night from what a file holds: all problems at once, each with key, rule and value. */
import { resolveLayers, type SettingsProblem } from "./resolve-layers.ts";
import { resolveScenario } from "./resolve-scenario.ts";
import type { Scenario } from "./schema-scenario.ts";
import { capsRule, simInputsEnvelope, type SimInput, type SimInputs } from "./schema-sim-inputs.ts";

export type SimInputsResult =
  { ok: true; recorded: SimInputs } | { ok: false; problems: SettingsProblem[] };

export type ScenarioOfJson =
  { ok: true; scenario: Scenario } | { ok: false; problems: SettingsProblem[] };

/** `source` is where the values come from, for people. */
export function resolveSimInputs(values: Record<string, unknown>, source: string): SimInputsResult {
  const envelope = resolveLayers([{ source, values }], { schema: simInputsEnvelope, base: {} });
  const problems = envelope.ok ? [] : envelope.problems.map((one) => ({ ...one, source }));
  const night = scenarioOfJson(values["scenario"], source);
  // Where it is no object at all, the envelope has said so.
  const isTold = problems.some(({ key }) => key === "scenario");
  if (!night.ok && !isTold) problems.push(...night.problems);
  if (!envelope.ok || !night.ok) return { ok: false, problems };
  const recorded = { ...envelope.value, scenario: night.scenario };
  const broken = brokenRule(recorded);
  if (broken === undefined) return { ok: true, recorded };
  return { ok: false, problems: [{ ...broken, source }] };
}

/** A scenario within other JSON, under the key `scenario`. */
export function scenarioOfJson(value: unknown, source: string): ScenarioOfJson {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  const result = resolveScenario([
    { source, values: isObject ? (value as Record<string, unknown>) : {} },
  ]);
  if (result.ok) return result;
  const problems = result.problems.map((problem) => ({
    ...problem,
    key: problem.key === "" ? "scenario" : `scenario.${problem.key}`,
    source,
  }));
  return { ok: false, problems };
}

type BrokenRule = Omit<SettingsProblem, "source">;

/** The first rule over several keys that is broken. */
function brokenRule({ scenario, capsKbps, inputs, endedUs }: SimInputs): BrokenRule | undefined {
  const windowUs = scenario.segment.durationMs * 1_000;
  const windowCount = Math.ceil((scenario.durationSec * 1e6) / windowUs);
  const caps = capsRule(scenario, capsKbps);
  if (caps !== undefined) return { key: "capsKbps", rule: caps, got: JSON.stringify(capsKbps) };
  if (endedUs % windowUs !== 0 || endedUs > windowCount * windowUs) {
    const rule = `must be a multiple of ${windowUs} (a segment) within the scenario's duration`;
    return { key: "endedUs", rule, got: String(endedUs) };
  }
  const wrong = inputs.findIndex((input, n) => !isInPlace(input, inputs[n - 1]));
  if (wrong === -1) return undefined;
  const rule = `must be a multiple of ${windowUs} (a segment), not below the one before, and below endedUs`;
  return { key: `inputs.${wrong}.atUs`, rule, got: String(inputs[wrong]!.atUs) };

  function isInPlace({ atUs }: SimInput, before: SimInput | undefined): boolean {
    return atUs % windowUs === 0 && atUs < endedUs && atUs >= (before?.atUs ?? 0);
  }
}
