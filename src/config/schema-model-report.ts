/**
 * The JSON that `fullhouse simulate --json` prints: what a model run came to. Nothing in it differs
 * between equal runs. Gbps are decimal and count media payload that leaves the edges; means are over
 * the scenario's plateau; ratios are from 0 to 1.
 */
import { z } from "zod";

const figure = z.number();
const count = z.int().min(0);
/** Exact whole numbers; a string above 2^53. */
const exact = z.union([z.int().min(0), z.string().regex(/^\d+$/)]);
const byRung = z.record(z.string().regex(/^\d+$/), z.number().min(0).max(1));

const headline = z.strictObject({
  /** The audience: `audience.viewerCount`, or what --viewers made of it. */
  viewers: count,
  /** Sessions open at an instant. */
  concurrentMean: figure,
  joinsPerSecPeak: figure,
  egressGbpsMean: figure,
  egressGbpsPeak: figure,
  /** All payload a playing viewer gets, from edges and peers. */
  kbpsPerViewer: figure,
  /** Share of viewing time a rung; sums to 1. */
  rungShare: byRung,
  /** Stalled / (stalled + played). */
  stallRatio: figure,
  stallsPerHour: figure,
  startupMsP50: figure,
  startupMsP95: figure,
  /** Sessions that never showed a frame. */
  startFailureRatio: figure,
  switchesPerMin: figure,
  latencyMsP50: figure,
  latencyMsP95: figure,
  /** What edges fetch from parents. */
  fillGbps: figure,
  edgeCount: count,
  edgeCapacityGbps: figure,
  edgeUtilisation: figure,
  /** Segments, playlists and repeats, at the edges. */
  requestsPerSec: figure,
  p2pOffloadRatio: figure,
  segmentDurationSec: figure,
  edgesNeededAt10GbE: count,
  edgesNeededAt25GbE: count,
});

const conservation = z.strictObject({
  viewerBytes: exact,
  edgeEgressBytes: exact,
  peerBytes: exact,
  edgeFillBytes: exact,
  uniqueFillBytes: exact,
  downloadedMs: exact,
  playedMs: exact,
  bufferedMs: exact,
  discardedMs: exact,
  /** Intervals of a fortieth of a segment in which an edge sent more than its capacity. */
  overCapacityQuanta: count,
});

/** One row a segment duration. */
const timelineRow = z.strictObject({
  tSec: figure,
  egressGbps: figure,
  kbpsPerViewer: figure,
  edgeUtilisation: figure,
  /** Share of the viewers in session whose picture stands. */
  stalledRatio: figure,
  viewers: count,
  /** Share of what viewers got in this interval that came from peers. */
  p2pRatio: figure,
  fillGbps: figure,
  /** Share of the segments fetched in this interval, by rung. */
  rungShare: byRung,
});

const distribution = z.strictObject({
  /** Upper bounds of the intervals, rising; the last interval is open. */
  upTo: z.array(z.number()),
  /** One more than bounds. */
  counts: z.array(count),
});

export const modelReportSchema = z.strictObject({
  evidence: z.literal("modelled"),
  /** Version of this form. */
  version: z.literal(1),
  scenario: z.string(),
  title: z.string(),
  seed: count,
  commit: z.string(),
  headline,
  conservation,
  timeline: z.array(timelineRow),
  /** Faults and changes as they happened, and edges that ran full. */
  events: z.array(z.looseObject({ tSec: figure, kind: z.string() })),
  distributions: z.strictObject({
    /** Sessions by time from joining to the first frame, ms. */
    startupMs: distribution,
    /** Viewers by share of their time that stood still, over the whole run. */
    stallRatio: distribution,
    /** Viewers by mean rate over the whole run, kbps. */
    viewerKbps: distribution,
    /** Edges by utilisation over the plateau. */
    edgeUtilisation: distribution,
  }),
  relay: z.strictObject({
    hitRatio: figure,
    joinRatio: figure,
    missCount: count,
    fillCount: count,
    retryCount: count,
  }),
});

export type ModelReport = z.output<typeof modelReportSchema>;
