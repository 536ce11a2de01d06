/**
 * A scenario: the audience, the ladder, the network and the faults of one night, as the simulator
 * and the load test read it. Defaults are those of the calibrated night of 2008 (docs/scenarios.md).
 */
import { z } from "zod";
import { flag, integer } from "./schema-parts.ts";

const slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, {
  error: "must be 1 to 64 of a-z, 0-9 and -",
});

/** A number that need not be whole. */
function real(defaultValue: number, { min, max }: { min: number; max: number }, doc: string) {
  return z.number().min(min).max(max).default(defaultValue).meta({ doc });
}

function ratio(defaultValue: number, doc: string) {
  return real(defaultValue, { min: 0, max: 1 }, doc);
}

function atLeast(min: number, doc: string) {
  return z.number().min(min).max(1e9).meta({ doc });
}

/** Names of the ABR rules in src/viewer/rules. */
export const abrRuleNames = [
  "hlsjs",
  "throughput",
  "bola",
  "bola-basic",
  "bolae",
  "dynamic",
  "dynamicdash",
  "move-like",
  "fixed",
] as const;

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
  capKbps: z
    .int()
    .min(100, { error: "must be at least 100: below that no picture is worth sending" })
    .max(50_000)
    .nullable()
    .default(null)
    .meta({ doc: "No rung above this is offered, and one at exactly this rate is; null: no cap." }),
});

const viewer = z.strictObject({
  abr: z
    .array(
      z.strictObject({
        rule: z.enum(abrRuleNames).meta({ doc: "ABR rule." }),
        ratio: z
          .number()
          .gt(0)
          .max(1)
          .default(1)
          .meta({ doc: "Share of the audience that has it." }),
        parameters: z
          .array(z.number())
          .max(4)
          .default([])
          .meta({ doc: "The rule's own numbers; empty: its defaults." }),
      }),
    )
    .min(1)
    .max(9)
    .refine((mix) => Math.abs(mix.reduce((sum, one) => sum + one.ratio, 0) - 1) < 1e-9, {
      error: "must have ratios that sum to 1",
    })
    .meta({ doc: "Which ABR rules the audience's players have." }),
  holdBackTargetDurations: integer(
    3,
    { min: 1, max: 60 },
    "How far behind the live edge viewers start.",
  ),
  bufferMsMax: integer(30_000, { min: 2_000, max: 600_000 }, "Most media a player buffers."),
  blockingReload: flag(false, "Whether viewers hold playlist requests until there is news."),
});

const audience = z.strictObject({
  viewerCount: integer(500_000, { min: 1, max: 100_000_000 }, "Viewers once all have arrived."),
  sampleWeight: integer(
    1,
    { min: 1, max: 10_000 },
    "Viewers that each simulated one stands for; edges have their capacity divided by it.",
  ),
  arrivals: z
    .array(
      z.strictObject({
        atSec: z.number().min(0).max(1e6).meta({ doc: "Instant of the scenario." }),
        ratio: z.number().min(0).max(1).meta({ doc: "Share of the audience arrived by then." }),
      }),
    )
    .min(1)
    .max(1_000)
    .refine(rises, { error: "must rise in atSec and ratio, and end with ratio 1" })
    .meta({ doc: "Cumulative arrival curve, linear between its points." }),
  churnPerMinRatio: ratio(
    0.01,
    "Share of viewers who leave each minute; others take their places.",
  ),
  accessKbpsMedian: real(2_592, { min: 1, max: 1e8 }, "Median rate of the viewers' lines."),
  accessLogSigma: real(
    0.781,
    { min: 0, max: 4 },
    "Spread of the lines' rates (sigma of their ln).",
  ),
  pathShareMedian: real(
    0.32,
    { min: 0.001, max: 1 },
    "Median share of a line that a download gets end to end.",
  ),
  pathShareLogSigma: real(0.5, { min: 0, max: 4 }, "Spread of that share between viewers."),
  pathNoiseLogSigma: real(0.3, { min: 0, max: 3 }, "Variation of a path over time (sigma of ln)."),
  pathNoiseCorrelationSec: real(
    19,
    { min: 0.1, max: 10_000 },
    "How long that variation lasts: its correlation falls to 1/e in this time.",
  ),
  marginalRatio: ratio(0, "Share of viewers on dial-up, satellite and the like."),
  marginalKbpsMedian: real(180, { min: 1, max: 1e6 }, "Median rate of those, end to end."),
  marginalLogSigma: real(0.5, { min: 0, max: 4 }, "Spread of those."),
  rttMs: integer(80, { min: 0, max: 5_000 }, "Round trip between viewer and edge."),
  failedSessionRatio: ratio(0, "Share of the audience whose player never starts and keeps trying."),
  startGraceSec: real(2, { min: 0, max: 600 }, "How long nobody gives up waiting for a picture."),
  startLeavePerSecRatio: ratio(0.058, "Share of those still waiting who leave each second after."),
  stallLeaveSecPerSec: real(
    5,
    { min: 0, max: 1_000 },
    "Seconds by which each second of stalling shortens a viewer's stay.",
  ),
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

const swarm = z.strictObject({
  participationRatio: ratio(0, "Share of viewers who let others have their segments."),
  natSuccessRatio: ratio(0.8, "Share of those who can be reached through their routers."),
  uploadUsableRatio: ratio(0.5, "Share of an upload line that can be used."),
  uploads: z
    .array(z.strictObject({ ratio: z.number().gt(0).max(1), kbps: z.number().gt(0).max(1e8) }))
    .min(1)
    .max(20)
    .refine((mix) => Math.abs(mix.reduce((sum, one) => sum + one.ratio, 0) - 1) < 1e-9, {
      error: "must have ratios that sum to 1",
    })
    .meta({ doc: "Upload lines of the audience." }),
  urgentMs: integer(
    3_000,
    { min: 0, max: 120_000 },
    "Nearer to its deadline a segment is fetched from the edge.",
  ),
  partnerCount: integer(8, { min: 1, max: 200 }, "Peers a viewer asks."),
  cellViewerCount: integer(32, { min: 2, max: 10_000 }, "Viewers who exchange segments."),
  rttMs: integer(80, { min: 0, max: 5_000 }, "Round trip between peers."),
});

const atSec = z.number().min(0).max(1e6).meta({ doc: "When it happens." });
const event = z.discriminatedUnion("kind", [
  z.strictObject({
    atSec,
    kind: z.literal("edge-down"),
    /** The first `count` edges. */
    count: z.int().min(1).max(20_000),
    detection: z.enum(["reset", "silent"]).default("reset"),
  }),
  z.strictObject({ atSec, kind: z.literal("edge-up"), count: z.int().min(1).max(20_000) }),
  z.strictObject({
    atSec,
    kind: z.literal("shield-down"),
    count: z.int().min(1).max(64),
    detection: z.enum(["reset", "silent"]).default("reset"),
  }),
  z.strictObject({ atSec, kind: z.literal("shield-up"), count: z.int().min(1).max(64) }),
  z.strictObject({ atSec, kind: z.literal("capacity"), ratio: z.number().gt(0).max(100) }),
  z.strictObject({
    atSec,
    kind: z.literal("cap"),
    capKbps: z.int().min(100).max(50_000).nullable(),
  }),
]);

export const scenarioSchema = z
  .strictObject({
    name: slug.meta({ doc: "Name of the scenario." }),
    title: z.string().max(200).default("").meta({ doc: "What it is, in a few words." }),
    seed: integer(1, { min: 0, max: 4_294_967_295 }, "Random numbers follow from it."),
    durationSec: z.number().min(10).max(200_000).default(5_400).meta({ doc: "Length of the run." }),
    plateau: z
      .strictObject({ fromSec: atLeast(0, "Its start."), toSec: atLeast(0, "Its end.") })
      .meta({ doc: "The part of the night that means are taken over." }),
    segment,
    ladder,
    viewer,
    audience,
    topology,
    swarm,
    events: z.array(event).max(1_000).default([]).meta({ doc: "Faults and changes." }),
  })
  .superRefine((scenario, context) => {
    const { plateau, durationSec, topology, events, segment, ladder } = scenario;
    const wrong = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: "custom", path, message });
    if (plateau.toSec > durationSec) wrong(["plateau", "toSec"], "must be within durationSec");
    if (plateau.fromSec >= plateau.toSec) wrong(["plateau", "fromSec"], "must be before toSec");
    if (segment.sizesBytes.some((row) => row.length !== ladder.rungsKbps.length)) {
      wrong(["segment", "sizesBytes"], "must have a column for each of ladder.rungsKbps");
    }
    if (segment.sizesBytes.length > 0 && ladder.capKbps !== null) {
      wrong(
        ["segment", "sizesBytes"],
        "cannot be combined with ladder.capKbps: sizes of the rung at the cap are unknown",
      );
    }
    events.forEach((one, index) => {
      if (one.kind === "edge-down" && one.count >= topology.edges) {
        wrong(["events", index, "count"], "must leave an edge up");
      }
      if (one.kind === "shield-down" && one.count >= topology.shields) {
        wrong(["events", index, "count"], "must leave a shield up");
      }
      if (one.atSec > durationSec) wrong(["events", index, "atSec"], "must be within durationSec");
    });
  });

/** A scenario: complete, validated. */
export type Scenario = z.output<typeof scenarioSchema>;
export type ScenarioEvent = Scenario["events"][number];

function rises(points: readonly { atSec: number; ratio: number }[]): boolean {
  const isRising = points.every((point, i) => {
    const before = points[i - 1];
    return before === undefined || (point.atSec >= before.atSec && point.ratio >= before.ratio);
  });
  return isRising && points.at(-1)?.ratio === 1;
}
