/**
 * The JSON that `fullhouse simulate --json` prints: what a model run came to. Nothing in it differs
 * between equal runs. Gbps are decimal and count media payload that leaves the edges; means are over
 * the scenario's plateau, starts and peaks over the whole run; ratios are from 0 to 1.
 */
import { z } from "zod";
import { byRung, count, figure } from "./schema-report-parts.ts";

/** Exact whole numbers; a string above 2^53. */
function exact(description: string) {
  return z.union([z.int().min(0), z.string().regex(/^\d+$/)]).describe(description);
}

const headline = z.strictObject({
  viewers: count("The audience: audience.viewerCount, or what --viewers made of it."),
  concurrentMean: figure("Sessions open at an instant."),
  joinsPerSecPeak: figure("Most joins in a second, over the whole run."),
  egressGbpsMean: figure("Media payload that leaves the edges; peers are not counted."),
  egressGbpsPeak: figure("The most of it in one row of the timeline, over the whole run."),
  kbpsPerViewer: figure("All payload a playing viewer gets, from edges and peers."),
  rungShare: byRung("Share of viewing time by rung (kbps); sums to 1, or to 0 when nobody plays."),
  stallRatio: figure("Stalled / (stalled + played)."),
  stallsPerHour: figure("Stalls an hour and viewer."),
  startupMsP50: figure(
    "From joining to the first frame, over the whole run: half of the sessions are faster; 0 when none starts.",
  ),
  startupMsP95: figure("The same, over the whole run: 95 in 100 are faster."),
  startFailureRatio: figure("Share of the sessions that never showed a frame, over the whole run."),
  switchesPerMin: figure("Changes of the rung, a minute and viewer."),
  latencyMsP50: figure("From the feed's live instant to what a viewer sees: median."),
  latencyMsP95: figure("The same: 95 in 100 are nearer."),
  fillGbps: figure("What edges fetch from their parents."),
  edgeCount: count("Edges."),
  edgeCapacityGbps: figure("Capacity of all edges together."),
  edgeUtilisation: figure("Mean egress / capacity."),
  requestsPerSec: figure("Segments, playlists and repeats, at the edges."),
  p2pOffloadRatio: figure("Share of what viewers get that comes from peers."),
  segmentDurationSec: figure("Duration of a segment."),
  edgesNeededAt10GbE: count("ceil(peak Gbps × 1.06 / (0.8 × 10)): room for protocols and a fifth."),
  edgesNeededAt25GbE: count("The same with 25."),
});

const conservation = z.strictObject({
  viewerBytes: exact("What viewers got: edgeEgressBytes + peerBytes."),
  edgeEgressBytes: exact("What edges sent."),
  peerBytes: exact("What peers sent."),
  edgeFillBytes: exact("What edges fetched from parents: uniqueFillBytes."),
  uniqueFillBytes: exact("Bytes of every (edge, rung, segment) once."),
  downloadedMs: exact("Media fetched: playedMs + bufferedMs + discardedMs."),
  playedMs: exact("Media played."),
  bufferedMs: exact("Media in buffers at the end."),
  discardedMs: exact("Media fetched and never played."),
  overCapacityQuanta: count(
    "Intervals of a fortieth of a segment in which an edge sent more than its capacity.",
  ),
});

const timelineRow = z.strictObject({
  tSec: figure("Start of the interval, which is a segment's duration long."),
  egressGbps: figure("Payload that leaves the edges."),
  kbpsPerViewer: figure("What a viewer gets."),
  edgeUtilisation: figure("Egress / capacity."),
  stalledRatio: figure("Share of the viewers in session whose picture stands."),
  viewers: count("Sessions open."),
  p2pRatio: figure("Share of what viewers got in this interval that came from peers."),
  fillGbps: figure("What edges fetch from their parents."),
  rungShare: byRung("Share of the segments fetched in this interval, by rung."),
});

function distribution(description: string) {
  return z
    .strictObject({
      upTo: z
        .array(z.number())
        .describe("Upper bounds of the intervals, rising; the last is open."),
      counts: z.array(count("Entries of the interval.")).describe("One more than bounds."),
    })
    .describe(description);
}

export const modelReportSchema = z.strictObject({
  evidence: z.literal("modelled").describe("Nothing in a report was measured."),
  version: z.literal(1).describe("Version of this form."),
  scenario: z.string().describe("Name of the scenario."),
  title: z.string().describe("What it is, in a few words."),
  seed: count("Random numbers follow from it."),
  commit: z.string().describe("The code that ran."),
  headline: headline.describe("Over the plateau, unless a figure says otherwise."),
  conservation: conservation.describe("Sums over the whole run that have to balance."),
  timeline: z.array(timelineRow),
  events: z
    .array(z.looseObject({ tSec: figure("When."), kind: z.string().describe("What.") }))
    .describe("Faults and changes as they happened, and edges that ran full."),
  distributions: z.strictObject({
    startupMs: distribution("Sessions by time from joining to the first frame, ms."),
    stallRatio: distribution(
      "Sessions that played, by share of their time that stood still, over the run.",
    ),
    sessionKbps: distribution(
      "Sessions that played, by mean rate over the run, kbps: all that was downloaded in it, unplayed buffer included.",
    ),
    edgeUtilisation: distribution("Edges by utilisation over the plateau."),
  }),
  relay: z
    .strictObject({
      hitRatio: figure("Requests for segments that the edge had."),
      joinRatio: figure("Requests that joined a fill under way."),
      missCount: count("Requests that began a fill."),
      fillCount: count("Fills of edges."),
      retryCount: count("Fills that were asked of another parent."),
    })
    .describe("What the edges' relays decided."),
});

export type ModelReport = z.output<typeof modelReportSchema>;

export const modelComparisonSchema = z.strictObject({
  evidence: z.literal("modelled").describe("Nothing in a report was measured."),
  version: z.literal(1).describe("Version of this form."),
  scenarios: z.array(modelReportSchema).min(2).describe("In the order they were named."),
});

/** What `fullhouse simulate --compare … --json` prints. */
export type ModelComparison = z.output<typeof modelComparisonSchema>;

/** What a figure came to over several seeds. */
const spread = z.strictObject({
  mean: figure("Mean of the seeds."),
  halfWidth95: z
    .number()
    .min(0)
    .describe("Half the width of the 95 % confidence interval of the mean, by Student's t."),
  min: figure("The least."),
  max: figure("The most."),
});

export const modelSeedsSchema = z.strictObject({
  evidence: z.literal("modelled").describe("Nothing in a report was measured."),
  version: z.literal(1).describe("Version of this form."),
  scenario: z.string().describe("Name of the scenario."),
  seeds: z.array(count("A seed.")).min(2).max(50).describe("In the order they ran."),
  commit: z.string().describe("The code that ran."),
  figures: z
    .record(headline.omit({ rungShare: true }).keyof(), spread)
    .describe("Every figure of the reports' headlines that is one number, by its key."),
  reports: z.array(modelReportSchema).min(2).max(50).describe("One for each seed, in their order."),
});

/** What `fullhouse simulate --seeds … --json` prints. */
export type ModelSeeds = z.output<typeof modelSeedsSchema>;

/** The forms as JSON Schema, by the name of the file in docs/ that holds it. */
export function modelReportJsonSchemas(): Record<string, unknown> {
  return {
    "model-report": z.toJSONSchema(modelReportSchema),
    "model-comparison": z.toJSONSchema(modelComparisonSchema),
    "model-seeds": z.toJSONSchema(modelSeedsSchema),
  };
}
