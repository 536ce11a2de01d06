/**
 * The model held against the wire: for each number of viewers, what was measured beside what a model
 * run of the same audience, lines and feed gives. Pure.
 */
import {
  validationFigure,
  validationViewersMin,
  type Gate,
} from "../../src/config/schema-load-report-rules.ts";
import type { LoadReport } from "../../src/config/schema-load-report.ts";
import type { ModelReport } from "../../src/config/schema-model-report.ts";
import type { FeedFacts } from "./feed-facts.ts";
import { tierBetween } from "./node-sums.ts";
import { steadySamples, steadySpan, type MeasuredRun } from "./measured-run.ts";
import { segmentBytesOf } from "./wire-section.ts";
import type { WireSetup } from "./wire-setup.ts";

type Validation = NonNullable<LoadReport["validation"]>;
export type ValidationRow = Validation["rows"][number];

const gates = {
  egress: { kind: "relative", bound: 0.05 },
  hitRatio: { kind: "absolute", bound: 0.01 },
  fill: { kind: "relative", bound: 0.1 },
  stallRatio: { kind: "absolute", bound: 0.005 },
} as const satisfies Record<string, Gate>;

/**
 * Compares one run on the wire with model runs of several seeds, whose figures are averaged. Of too
 * few viewers nothing is judged.
 */
export function validationRow(
  run: MeasuredRun,
  feed: FeedFacts,
  models: readonly ModelReport[],
): ValidationRow {
  const { setup, figures } = run;
  const gbpsOf = (bytes: number): number => (8 * bytes) / setup.durationSec / 1e9;
  const modelled = (of: (report: ModelReport) => number): number =>
    models.reduce((sum, report) => sum + of(report), 0) / models.length;
  const isJudged = setup.viewerCount >= validationViewersMin;
  const watch = figures.count("viewer_watch_seconds");
  const stall = figures.count("viewer_stall_seconds");
  const figure = (
    name: string,
    measured: number,
    of: (report: ModelReport) => number,
    gate: Gate | null,
  ) => validationFigure(name, { measured, modelled: modelled(of) }, isJudged ? gate : null);
  const requests = figures.count("viewer_segment_requests");
  const hits = figures.count("viewer_segment_requests", "cache:hit");
  return {
    viewers: setup.viewerCount,
    figures: [
      figure(
        "egress Gbps",
        gbpsOf(segmentBytesOf(run)),
        ({ conservation }) => gbpsOf(Number(conservation.viewerBytes)),
        gates.egress,
      ),
      figure("hit ratio", ratioOf(hits, requests), ({ relay }) => relay.hitRatio, gates.hitRatio),
      figure(
        "fill Gbps",
        fillGbpsOf(run, feed.segmentDurationMs),
        (report) => steadyFillGbps(report, run),
        gates.fill,
      ),
      figure(
        "stall ratio",
        ratioOf(stall, stall + watch),
        ({ headline }) => headline.stallRatio,
        gates.stallRatio,
      ),
      figure(
        "mean rung kbps",
        figures.trend("viewer_rung_kbps", "avg") ?? 0,
        ({ headline }) =>
          Object.entries(headline.rungShare).reduce((sum, [kbps, share]) => sum + +kbps * share, 0),
        null,
      ),
      figure(
        "never started, ratio",
        ratioOf(figures.count("viewer_start_failures"), figures.count("viewer_joins")),
        ({ headline }) => headline.startFailureRatio,
        null,
      ),
      figure(
        "start-up ms, median",
        1_000 * (figures.trend("viewer_startup_seconds", "med") ?? 0),
        ({ headline }) => headline.startupMsP50,
        null,
      ),
      figure(
        "latency ms, median",
        1_000 * (figures.trend("viewer_live_latency_seconds", "med") ?? 0),
        ({ headline }) => headline.latencyMsP50,
        null,
      ),
    ],
  };
}

/**
 * What edges fetched for each segment that the feed listed, at the rate segments come: once everybody
 * has arrived, because edges that are warm from a run before fetch less at the beginning.
 */
function fillGbpsOf(run: MeasuredRun, segmentDurationMs: number): number {
  const steady = steadySamples(run);
  const span = { before: steady[0]!, after: steady.at(-1)! };
  const { segmentsListed } = tierBetween(run.nodes, "origin", span);
  const bytes = tierBetween(run.nodes, "edge", span).fillBytes;
  return segmentsListed > 0 ? (8 * bytes) / segmentsListed / segmentDurationMs / 1e6 : 0;
}

/** The same of a model run: the mean of its windows, which are a segment long. */
function steadyFillGbps(report: ModelReport, run: MeasuredRun): number {
  const { fromSec, toSec } = steadySpan(run.setup);
  const rows = report.timeline.filter(({ tSec }) => tSec >= fromSec && tSec < toSec);
  return rows.reduce((sum, { fillGbps }) => sum + fillGbps, 0) / rows.length;
}

/** Both parameter sets, which differ only where the report says so. */
export function parameterSets(
  setup: WireSetup,
  feed: FeedFacts,
): Pick<Validation, "wireParameters" | "modelParameters"> {
  const shared = {
    segmentDurationMs: feed.segmentDurationMs,
    segmentBytesMeanByRung: Object.fromEntries(
      feed.rungs.map(({ peakKbps }, rung) => [
        String(peakKbps),
        feed.sizesBytes.reduce((sum, row) => sum + row[rung]!, 0) / feed.sizesBytes.length,
      ]),
    ),
    edges: setup.edgeCount,
    linkClasses: setup.links.map(({ ratio, kbps }) => ({ ratio, kbps })),
    rttMs: setup.rttMs,
    arrivals: `as the scenario's curve, all within ${round(setup.arrivals.at(-1)!.atSec)} s`,
    durationSec: setup.durationSec,
  };
  const { sharedEdgeKbps, viewerCount } = setup;
  const others = {
    targetDurationMs: feed.targetDurationMs,
    publishDelayMs: feed.publishDelayMs,
    playlistCount: feed.playlistCount,
    sharedEdgeKbpsPerViewer:
      sharedEdgeKbps === null
        ? "no limit"
        : round((sharedEdgeKbps * setup.edgeCount) / viewerCount),
  };
  return {
    wireParameters: { ...shared, sharedEdgeKbps: null, others },
    modelParameters: {
      ...shared,
      sharedEdgeKbps: null,
      others: { ...others, targetDurationMs: feed.segmentDurationMs },
    },
  };
}

function ratioOf(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}
