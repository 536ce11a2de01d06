/**
 * What a driven night was told, in virtual time: `inputs.json` of a load test, which
 * `fullhouse simulate --replay` runs again to the same bytes. Rules that need the whole scenario
 * (edges there are, caps there may be) are src/sim/night-inputs.ts's.
 */
import { z } from "zod";
import { scenarioEvent, scenarioSchema } from "./schema-scenario.ts";

/** Bound of what a night is told: 500,000 viewers in batches of 250 are 2,000. */
export const inputCountMax = 100_000;

/** Tracks that a relay has for a feed. */
const rungCountMax = 13;

const [edgeDown, edgeUp, shieldDown, shieldUp, capacity, cap] = scenarioEvent.options;
const noInstant = { atSec: true } as const;
const kinds = [
  z.strictObject({
    kind: z.literal("join").meta({ doc: "Viewers come, spread over the window." }),
    count: z
      .int()
      .min(1)
      .max(100_000_000)
      .meta({ doc: "How many of the audience: the next ones in its order of arrival." }),
  }),
  edgeDown.omit(noInstant),
  edgeUp.omit(noInstant),
  shieldDown.omit(noInstant),
  shieldUp.omit(noInstant),
  capacity.omit(noInstant),
  cap.omit(noInstant),
] as const;
const kindRule = {
  error: "must have a kind: join, edge-down, edge-up, shield-down, shield-up, capacity or cap",
};
const atUs = z
  .int()
  .min(0)
  .meta({ doc: "When it happens: the start of a window (a segment duration), microseconds." });
const [join, ...events] = kinds;
const timed = [
  join.extend({ atUs }),
  events[0].extend({ atUs }),
  events[1].extend({ atUs }),
  events[2].extend({ atUs }),
  events[3].extend({ atUs }),
  events[4].extend({ atUs }),
  events[5].extend({ atUs }),
] as const;

/** What a driven night may be told, without its instant. */
export const simOrderSchema = z.discriminatedUnion("kind", kinds, kindRule);
export type SimOrder = z.output<typeof simOrderSchema>;

/** Caps that a driven night may be given beside its scenario's own. */
export const furtherCapsKbps = z.array(z.int().min(100).max(50_000)).max(12).default([]).meta({
  doc: "Caps that could be set beside none, the scenario's and those equal to its rungs.",
});

export const simInputsSchema = z.strictObject({
  version: z
    .literal(1, { error: "must be 1: a file of another version is read by the fullhouse it is of" })
    .meta({ doc: "Version of this form." }),
  commit: z.string().max(200).optional().meta({ doc: "The code that ran." }),
  scenario: scenarioSchema.meta({ doc: "The scenario, complete, as it ran." }),
  capsKbps: furtherCapsKbps,
  inputs: z
    .array(z.discriminatedUnion("kind", timed, kindRule))
    .max(inputCountMax)
    .meta({ doc: "What the night was told, in the order of its instants." }),
  endedUs: z.int().min(1).meta({ doc: "When it ended: the end of its last window." }),
});

/** A recorded night: complete, validated. */
export type SimInputs = z.output<typeof simInputsSchema>;
export type SimInput = SimInputs["inputs"][number];

/** The same with any scenario: that is checked with words of its own. */
export const simInputsEnvelope = simInputsSchema.extend({
  scenario: z.record(z.string(), z.unknown(), { error: "must be keys and values" }),
});

/** Undefined, or the rule that the caps together break. */
export function capsRule(
  { ladder, events }: z.output<typeof scenarioSchema>,
  capsKbps: readonly number[],
): string | undefined {
  const capsOfEvents = events.map((event) => (event.kind === "cap" ? event.capKbps : null));
  const rates = new Set([...ladder.rungsKbps, ladder.capKbps, ...capsOfEvents, ...capsKbps]);
  rates.delete(null);
  if (rates.size <= rungCountMax) return undefined;
  return `must make at most ${rungCountMax} different rates, the scenario's included`;
}

/** The form as JSON Schema, by the name of the file in docs/ that holds it. */
export function simInputsJsonSchemas(): Record<string, unknown> {
  return { "sim-inputs": z.toJSONSchema(simInputsSchema, { override: describe }) };
}

/** What a key means stands where readers of JSON Schema look for it. */
function describe({ jsonSchema }: { jsonSchema: Record<string, unknown> }): void {
  const { doc } = jsonSchema;
  if (typeof doc !== "string") return;
  delete jsonSchema["doc"];
  jsonSchema["description"] = doc;
}
