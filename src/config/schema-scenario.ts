/**
 * A scenario: the audience, the ladder, the network and the faults of one night, as the simulator
 * and the load test read it. Defaults are those of the calibrated night of 2008 (docs/scenarios.md).
 */
import { z } from "zod";
import { integer, real } from "./schema-parts.ts";
import { audience, swarm, viewer } from "./schema-scenario-audience.ts";
import { checkAcrossKeys } from "./schema-scenario-rules.ts";
import { wire } from "./schema-scenario-wire.ts";

const slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, {
  error: "must be 1 to 64 of a-z, 0-9 and -",
});

const segment = z.strictObject({
  durationMs: integer(2_000, { min: 500, max: 20_000 }, "Duration of every segment."),
  publishDelayMs: integer(
    300,
    { min: 0, max: 60_000 },
    "From the end of a segment's last frame to its listing at the origin.",
  ),
  playlistCount: integer(8, { min: 4, max: 60 }, "Segments a media playlist lists."),
  sizesBytes: z
    .array(z.array(z.int().min(1).max(1e9)).min(1).max(13))
    .max(100_000)
    .default([])
    .meta({
      doc: "Measured sizes, a row a segment and a column a rung, looped; empty: nominal rate times duration.",
    }),
});

const capKbps = z
  .int()
  .min(100, { error: "must be at least 100: below that no picture is worth sending" })
  .max(50_000)
  .nullable();

const ladder = z.strictObject({
  rungsKbps: z
    .array(z.int().min(100).max(50_000))
    .min(1)
    .max(12)
    .refine((rungs) => new Set(rungs).size === rungs.length, {
      error: "must not name the same rate twice",
    })
    .default([150, 300, 450, 600, 750])
    .meta({ doc: "Rates offered, audio included." }),
  averagesKbps: z.array(z.number().gt(0).max(50_000)).max(12).default([]).meta({
    doc: "AVERAGE-BANDWIDTH of each of them, where it is less than the rate; empty: they are equal.",
  }),
  capKbps: capKbps
    .default(null)
    .meta({ doc: "No rung above this is offered, and one at exactly this rate is; null: no cap." }),
});

const topology = z.strictObject({
  shields: integer(2, { min: 1, max: 64 }, "Shields between origin and edges."),
  edges: integer(100, { min: 1, max: 20_000 }, "Edges."),
  edgeKbpsPerViewer: z
    .number()
    .gt(0)
    .max(1e8)
    .default(1_000)
    .meta({ doc: "Capacity of all edges together, per viewer of viewerCount." }),
  assignment: z
    .enum(["stratified", "random"])
    .default("stratified")
    .meta({ doc: "How viewers are spread over edges: evenly, or each by chance." }),
  shieldRttMs: integer(20, { min: 0, max: 2_000 }, "Round trip between edge and shield."),
  originRttMs: integer(20, { min: 0, max: 2_000 }, "Round trip between shield and origin."),
  uplinkKbps: real(1_000_000, { min: 100, max: 1e9 }, "Rate of one fill of an edge or shield."),
  failoverMs: integer(
    500,
    { min: 0, max: 600_000 },
    "From noticing that an edge is gone to asking the next one.",
  ),
  admissionRatio: z
    .number()
    .gt(0)
    .max(10)
    .nullable()
    .default(null)
    .meta({ doc: "New viewers are refused where an edge's load is above this; null: never." }),
});

function instantSec(doc: string) {
  return z.number().min(0).max(1e6).meta({ doc });
}

const atSec = instantSec("When it happens.");
const detection = z.enum(["reset", "silent"]).default("reset").meta({
  doc: "How it ends: reset: connections break at once; silent: they hang until a timeout.",
});
const edgeCount = z.int().min(1).max(20_000);
const shieldCount = z.int().min(1).max(64);

/** What may happen during a night, by kind. */
export const scenarioEvent = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({
      kind: z.literal("edge-down").meta({ doc: "Edges end." }),
      atSec,
      count: edgeCount.meta({ doc: "How many: the first of them." }),
      detection,
    }),
    z.strictObject({
      kind: z.literal("edge-up").meta({ doc: "Edges come back." }),
      atSec,
      count: edgeCount.meta({ doc: "How many: the first of them." }),
    }),
    z.strictObject({
      kind: z.literal("shield-down").meta({ doc: "Shields end." }),
      atSec,
      count: shieldCount.meta({ doc: "How many: the first of them." }),
      detection,
    }),
    z.strictObject({
      kind: z.literal("shield-up").meta({ doc: "Shields come back." }),
      atSec,
      count: shieldCount.meta({ doc: "How many: the first of them." }),
    }),
    z.strictObject({
      kind: z.literal("capacity").meta({ doc: "The capacity of every edge changes." }),
      atSec,
      ratio: z.number().gt(0).max(100).meta({ doc: "Of what topology.edgeKbpsPerViewer says." }),
    }),
    z.strictObject({
      kind: z.literal("cap").meta({ doc: "The cap changes." }),
      atSec,
      capKbps: capKbps.meta({ doc: "As ladder.capKbps." }),
    }),
  ],
  {
    error: "must have a kind: edge-down, edge-up, shield-down, shield-up, capacity or cap",
  },
);

export const scenarioSchema = z
  .strictObject({
    name: slug.meta({ doc: "Name of the scenario; the file's own name where it is not given." }),
    title: z.string().max(200).default("").meta({ doc: "What it is, in a few words." }),
    seed: integer(1, { min: 0, max: 4_294_967_295 }, "Random numbers follow from it."),
    durationSec: z
      .number()
      .min(10)
      .max(200_000)
      .default(5_400)
      .meta({ doc: "Length of the run; the instants of a scenario count from its start." }),
    plateau: z.strictObject({
      fromSec: instantSec(
        "Start of the part that means are taken over; not given: 3 min after the last arrival, or a third of the run if it ends before.",
      ),
      toSec: instantSec("Its end; not given: the end of the run."),
    }),
    segment,
    ladder,
    viewer,
    audience,
    topology,
    swarm,
    wire,
    events: z.array(scenarioEvent).max(1_000).default([]).meta({ doc: "Faults and changes." }),
  })
  .superRefine(checkAcrossKeys, { when: () => true });

/** A scenario: complete, validated. */
export type Scenario = z.output<typeof scenarioSchema>;
export type ScenarioEvent = Scenario["events"][number];
