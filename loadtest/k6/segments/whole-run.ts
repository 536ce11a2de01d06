/** The result of a run whose segments are all there: merged figures, judged once. */
import { AppError } from "../../../src/base/errors.ts";
import { generatorMetrics, wireThresholds } from "../scripts/wire-thresholds.ts";
import type { WireRun } from "../scripts/wire-run.ts";
import { judgeMerged, type JudgedThreshold } from "./judge-merged.ts";
import { mergeSummaries, type MergedMetric } from "./merge-summaries.ts";
import { requireParts, type NamedSummary } from "./segment-parts.ts";

export interface WholeRun {
  evidence: "measured";
  viewerCount: number;
  segmentCount: number;
  /** Between the first and the last generator's start: 0 where they shared an instant. */
  startSpreadMs: number;
  /** Void: a generator was late, so that it says nothing of the edges. */
  verdict: "passed" | "missed" | "void";
  thresholds: readonly JudgedThreshold[];
  metrics: Readonly<Record<string, MergedMetric>>;
}

/** Throws an AppError when the parts are not the segments of this run, each once. */
export function wholeRunOf(run: WireRun, parts: readonly NamedSummary[]): WholeRun {
  requireParts(run, parts);
  const metrics = mergeSummaries(parts);
  const viewerCount = metrics["vus_max"]?.values["max"] ?? 0;
  if (viewerCount !== run.viewerCount) {
    throw new AppError(
      "CONFIG_INVALID",
      `the summaries are of ${viewerCount} viewers, and the run has ${run.viewerCount}: ` +
        `a generator did not make all of its own`,
    );
  }
  const starts = parts.map(({ startedUnixMs }) => startedUnixMs);
  const startSpreadMs = Math.round(Math.max(...starts) - Math.min(...starts));
  if (startSpreadMs > 1_000 * run.durationSec) {
    throw new AppError(
      "CONFIG_INVALID",
      `the generators began ${startSpreadMs} ms apart, and the run takes ${run.durationSec} s: ` +
        `give the summaries of one run`,
    );
  }
  const thresholds = judgeMerged(metrics, wireThresholds(run));
  return {
    evidence: "measured",
    viewerCount,
    segmentCount: parts.length,
    startSpreadMs,
    verdict: verdictOf(thresholds),
    thresholds,
    metrics,
  };
}

function verdictOf(thresholds: readonly JudgedThreshold[]): WholeRun["verdict"] {
  const missed = thresholds.filter(({ ok }) => !ok);
  if (missed.length === 0) return "passed";
  return missed.some(({ metric }) => generatorMetrics.has(metric)) ? "void" : "missed";
}
