/** The part of a scenario that is about people: who comes when, over what lines, with what players. */
import { z } from "zod";
import { flag, integer, ratio, real } from "./schema-parts.ts";
import { swarmParameters } from "./swarm-parameters.ts";

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

export const viewer = z.strictObject({
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
    .refine(sumsToOne, { error: "must have ratios that sum to 1" })
    .default([{ rule: "hlsjs", ratio: 1, parameters: [] }])
    .meta({ doc: "Which ABR rules the audience's players have." }),
  holdBackTargetDurations: real(
    3,
    { min: 1, max: 60 },
    "How far behind the live edge viewers start.",
  ),
  bufferMsMax: integer(30_000, { min: 2_000, max: 600_000 }, "Most media a player buffers."),
  blockingReload: flag(false, "Whether viewers hold playlist requests until there is news."),
});

export const audience = z.strictObject({
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
    .default([
      { atSec: 0, ratio: 0.2 },
      { atSec: 1_380, ratio: 0.7 },
      { atSec: 1_620, ratio: 1 },
    ])
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
    0.31,
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
  links: z
    .array(
      z.strictObject({
        ratio: z.number().gt(0).max(1).meta({ doc: "Share of the audience that has it." }),
        kbps: z.number().min(1).max(1e8).meta({ doc: "Median rate of the path, end to end." }),
      }),
    )
    .max(32)
    .refine((links) => links.length === 0 || sumsToOne(links), {
      error: "must have ratios that sum to 1",
    })
    .default([])
    .meta({
      doc: "Classes of paths in place of the distributions above; paths still vary over time; empty: those distributions.",
    }),
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

/** What src/swarm and the room go by is their figure here too (swarm-parameters.ts). */
export const swarm = z.strictObject({
  participationRatio: ratio(0, "Share of viewers who let others have their segments."),
  takeOnlyRatio: ratio(0, "Share of viewers who take segments from others and give none."),
  natSuccessRatio: ratio(0.8, "Share of both who can be reached through their routers."),
  // What src/swarm makes of a line in virtual time (src/sim/swarm-model.sim.test.ts).
  uploadUsableRatio: ratio(0.68, "Share of an upload line that can be used."),
  uploads: z
    .array(
      z.strictObject({
        ratio: z.number().gt(0).max(1).meta({ doc: "Share of the audience that has it." }),
        kbps: z.number().gt(0).max(1e8).meta({ doc: "Rate of the line." }),
      }),
    )
    .min(1)
    .max(20)
    .refine(sumsToOne, { error: "must have ratios that sum to 1" })
    .default([
      { ratio: 0.33, kbps: 128 },
      { ratio: 0.5, kbps: 384 },
      { ratio: 0.17, kbps: 1_200 },
    ])
    .meta({ doc: "Upload lines of the audience." }),
  uploadSlotCount: integer(
    swarmParameters.uploadSlotCount,
    { min: 1, max: 100 },
    "Segments that a viewer sends at a time.",
  ),
  urgentMs: integer(
    swarmParameters.safetyMs + swarmParameters.fetchMsFloor,
    { min: 0, max: 120_000 },
    "Kept free before a segment's deadline of what a peer is sending; what nobody sends is fetched from the edge about a segment's duration earlier.",
  ),
  // An assumption for the internet, where ICE goes through routers: 120 ms over loopback (bench
  // swarm-nodes).
  connectMs: integer(
    1_500,
    { min: 0, max: 600_000 },
    "How long a viewer is without peers after it has joined.",
  ),
  // It calls some when it comes, and about as many call it later.
  partnerCount: integer(
    2 * swarmParameters.dialCount,
    { min: 1, max: 200 },
    "Peers a viewer asks.",
  ),
  cellViewerCount: integer(
    swarmParameters.cellViewerCountMax,
    { min: 2, max: 10_000 },
    "Viewers who exchange segments.",
  ),
  seedCount: integer(
    swarmParameters.seedCount,
    { min: 1, max: swarmParameters.seedCountMax },
    "Viewers of a full cell who fetch a segment from the edge as soon as it is there; smaller cells have fewer in proportion, but one.",
  ),
  rttMs: integer(80, { min: 0, max: 5_000 }, "Round trip between peers."),
});

function sumsToOne(mix: readonly { ratio: number }[]): boolean {
  return Math.abs(mix.reduce((sum, one) => sum + one.ratio, 0) - 1) < 1e-9;
}

function rises(points: readonly { atSec: number; ratio: number }[]): boolean {
  const isRising = points.every((point, i) => {
    const before = points[i - 1];
    return before === undefined || (point.atSec >= before.atSec && point.ratio >= before.ratio);
  });
  return isRising && points.at(-1)?.ratio === 1;
}
