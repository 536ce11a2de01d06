/** Every series that a board may name, with its labels: catalogue, recording rules, k6, alerts. */
import { knownSeries } from "../../prometheus/known-series.ts";
import { recordingRules } from "../../prometheus/rule-files.ts";
import {
  k6Metrics,
  k6SimMetrics,
  k6TrendMetrics,
  k6ViewerMetrics,
  trendStats,
} from "../k6-metrics.ts";
import { resultLabels, type SeriesLabels } from "./result-labels.ts";

/** Series name to label names. */
export const boardSeries: SeriesLabels = seriesOf();

function seriesOf(): SeriesLabels {
  const known = new Map(knownSeries([]));
  for (const { record, expr, labels = {} } of recordingRules) {
    known.set(record, new Set([...resultLabels(expr, known), ...Object.keys(labels)]));
  }
  known.set("ALERTS", new Set(["alertname", "alertstate", "severity", "tier", "node", "feed"]));
  for (const { name, labels = [] } of [k6Metrics, k6ViewerMetrics, k6SimMetrics].flatMap(
    (catalogue) => Object.values(catalogue),
  )) {
    known.set(name, new Set(labels));
  }
  for (const { name, labels = [] } of Object.values(k6TrendMetrics)) {
    for (const stat of trendStats) known.set(`${name}_${stat}`, new Set(labels));
  }
  return known;
}

/** Computed by the simulator, however it came to Prometheus. */
export function isModelled(series: string): boolean {
  return /^(live_sim_|live:sim:|k6_sim_)/.test(series);
}
