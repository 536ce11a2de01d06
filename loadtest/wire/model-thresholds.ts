/**
 * Thresholds on the modelled night, as people write them, for k6: an unknown metric would end k6 when
 * the whole broadcast stands. Pure.
 */
import { AppError } from "../../src/base/errors.ts";

/** What k6 knows of the model (referee.ts, audience.ts), and the aggregate that is bounded. */
const aggregates: Readonly<Record<string, "value" | "count">> = {
  sim_egress_gbps: "value",
  sim_egress_gbps_mean: "value",
  sim_egress_gbps_peak: "value",
  sim_fill_gbps: "value",
  sim_stalled_ratio: "value",
  sim_stall_ratio: "value",
  sim_start_failure_ratio: "value",
  sim_kbps_per_viewer: "value",
  sim_edge_utilisation: "value",
  sim_viewers: "value",
  sim_behind_seconds: "value",
  sim_behind_seconds_max: "value",
  sim_joined_viewers: "count",
};

/** The metrics that a threshold may be on. */
export const modelMetrics: readonly string[] = Object.keys(aggregates);

/** `sim_stall_ratio<0.02` as k6 takes it: by metric, `value<0.02`. Throws an AppError (USAGE). */
export function modelThresholds(texts: readonly string[]): Record<string, string[]> {
  const thresholds: Record<string, string[]> = {};
  for (const text of texts) {
    const [, metric, bound] =
      /^(sim_[a-z_]+)\s*((?:<=?|>=?|==|!=)\s*-?\d+(?:\.\d+)?)$/.exec(text) ?? [];
    if (metric === undefined || bound === undefined) {
      throw new AppError(
        "USAGE",
        `--threshold must be like 'sim_stall_ratio<0.02' (a metric of the model and a bound), got ${text}`,
      );
    }
    const aggregate = Object.hasOwn(aggregates, metric) ? aggregates[metric]! : undefined;
    if (aggregate === undefined) {
      throw new AppError(
        "USAGE",
        `--threshold knows no metric ${metric}; there are ${modelMetrics.join(", ")}`,
      );
    }
    (thresholds[metric] ??= []).push(`${aggregate}${bound}`);
  }
  return thresholds;
}
