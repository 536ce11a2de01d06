/**
 * Thresholds of k6 held once against the merged figures of a run's segments. A percentile is judged by
 * its upper bound: a run that keeps to it is good, one that does not may have been.
 */
import { AppError } from "../../../src/base/errors.ts";
import { isPercentile, type MergedMetric } from "./merge-summaries.ts";

export interface JudgedThreshold {
  metric: string;
  bound: string;
  value: number;
  /** Whether `value` is what the figure is at the most, and not the figure. */
  isUpperBound: boolean;
  ok: boolean;
}

const expression =
  /^(count|rate|value|avg|min|max|med|p\(\d+(?:\.\d+)?\))\s*(<=?|>=?|===?|!=)\s*(-?\d+(?:\.\d+)?)$/;
/** These only make sub-metrics: they cannot be missed. */
const always = /^count\s*>=\s*0$/;

/**
 * Each threshold that can be missed. As in k6, what has no samples counts as 0. Throws an AppError for
 * one that merged figures cannot answer.
 */
export function judgeMerged(
  metrics: Readonly<Record<string, MergedMetric>>,
  thresholds: Readonly<Record<string, readonly string[]>>,
): JudgedThreshold[] {
  return Object.entries(thresholds).flatMap(([metric, bounds]) =>
    bounds
      .filter((bound) => !always.test(bound))
      .map((bound) => judge(metric, bound, metrics[metric])),
  );
}

function judge(metric: string, bound: string, merged: MergedMetric | undefined): JudgedThreshold {
  const [, statistic, operator, limit] = expression.exec(bound) ?? [];
  if (statistic === undefined || operator === undefined) {
    throw new AppError("CONFIG_INVALID", `${metric}: no threshold of k6: ${bound}`);
  }
  const isUpperBound = isPercentile(statistic);
  if (isUpperBound && !operator.startsWith("<")) {
    throw new AppError(
      "CONFIG_INVALID",
      `${metric}: ${bound} asks for more than a percentile, of which segments give an upper bound only`,
    );
  }
  const value = isUpperBound
    ? merged?.percentileUpperBounds?.[statistic]
    : merged?.values[statistic];
  if (value === undefined && hasSamples(merged)) {
    throw new AppError(
      "CONFIG_INVALID",
      `${metric}: the summaries do not say ${statistic} (${bound})`,
    );
  }
  const judged = value ?? 0;
  return { metric, bound, value: judged, isUpperBound, ok: holds(judged, operator, Number(limit)) };
}

function hasSamples(merged: MergedMetric | undefined): boolean {
  return merged !== undefined && merged.values["count"] !== 0;
}

function holds(value: number, operator: string, limit: number): boolean {
  if (operator === "<") return value < limit;
  if (operator === "<=") return value <= limit;
  if (operator === ">") return value > limit;
  if (operator === ">=") return value >= limit;
  return (value === limit) === (operator !== "!=");
}
