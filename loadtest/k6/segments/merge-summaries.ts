/**
 * Figures of k6 processes that each ran a segment of one test, made into the figures of the whole.
 * Counters, rates and numbers of VUs add up exactly, and so do the count, mean, least and greatest of
 * trends. Percentiles do not: the greatest of the segments' is given instead, as an upper bound.
 */
import { AppError } from "../../../src/base/errors.ts";
import type { ExecutionSegment } from "./execution-segments.ts";

export interface SegmentMetric {
  type: "counter" | "gauge" | "rate" | "trend";
  values: Readonly<Record<string, number>>;
}

/** What wire.ts writes to the file that SUMMARY names. */
export interface SegmentSummary {
  metrics: Readonly<Record<string, SegmentMetric>>;
  startedUnixMs: number;
  /** Which run it is of, by the SHA-256 of its WIRE, and which segment. */
  run: ExecutionSegment & { wire: string };
}

export interface MergedMetric extends SegmentMetric {
  /**
   * Of a trend: the greatest of the segments' percentiles, which that of the whole does not exceed,
   * but for one sample a segment, between which k6 interpolates.
   */
  percentileUpperBounds?: Readonly<Record<string, number>>;
}

/** Gauges of k6 that say how many: those of several processes add up. */
const countingGauges: readonly string[] = ["vus", "vus_max"];

/** Throws an AppError when a metric is not of the same kind in all of them. */
export function mergeSummaries(
  parts: readonly Pick<SegmentSummary, "metrics">[],
): Record<string, MergedMetric> {
  const names = new Set(parts.flatMap(({ metrics }) => Object.keys(metrics)));
  return Object.fromEntries(
    [...names].sort().map((name) => {
      const metrics = parts.flatMap(({ metrics: { [name]: metric } }) => metric ?? []);
      return [name, mergeMetric(name, metrics)];
    }),
  );
}

function mergeMetric(name: string, parts: readonly SegmentMetric[]): MergedMetric {
  const { type } = parts[0]!;
  if (parts.some((part) => part.type !== type)) {
    throw new AppError(
      "CONFIG_INVALID",
      `${name} is a ${type} in one summary and not in another: they are not of one run`,
    );
  }
  const values = parts.map((part) => part.values);
  if (type === "counter") return { type, values: mergeCounter(values) };
  if (type === "rate") return { type, values: mergeRate(values) };
  if (type === "gauge") return { type, values: mergeGauge(name, values) };
  return mergeTrend(values);
}

type Values = SegmentMetric["values"];

/** `rate` is a second: those of processes that run side by side add up. */
function mergeCounter(parts: readonly Values[]): Values {
  return { count: sum(parts, "count"), rate: sum(parts, "rate") };
}

function mergeRate(parts: readonly Values[]): Values {
  const [passes, fails] = [sum(parts, "passes"), sum(parts, "fails")];
  return { rate: passes + fails > 0 ? passes / (passes + fails) : 0, passes, fails };
}

/** Other gauges have no value of the whole, only what it was between. */
function mergeGauge(name: string, parts: readonly Values[]): Values {
  if (countingGauges.includes(name)) {
    return { value: sum(parts, "value"), min: sum(parts, "min"), max: sum(parts, "max") };
  }
  return { min: least(parts, "min"), max: greatest(parts, "max") };
}

function mergeTrend(all: readonly Values[]): MergedMetric {
  // Without samples its values are zeros, which are nobody's.
  const parts = all.filter(({ count }) => count !== 0);
  if (parts.length === 0) return { type: "trend", values: { count: 0 } };
  const given = (statistic: string): boolean => parts.every((part) => statistic in part);
  const percentiles = Object.keys(parts[0]!).filter(
    (statistic) => isPercentile(statistic) && given(statistic),
  );
  const count = given("count") ? sum(parts, "count") : undefined;
  const total = parts.reduce((all, { avg = 0, count: n = 0 }) => all + avg * n, 0);
  return {
    type: "trend",
    values: {
      ...(count === undefined ? {} : { count }),
      ...(count === undefined || !given("avg") ? {} : { avg: total / count }),
      ...(given("min") ? { min: least(parts, "min") } : {}),
      ...(given("max") ? { max: greatest(parts, "max") } : {}),
    },
    percentileUpperBounds: Object.fromEntries(
      percentiles.map((statistic) => [statistic, greatest(parts, statistic)]),
    ),
  };
}

/** The median is one. */
export function isPercentile(statistic: string): boolean {
  return statistic === "med" || statistic.startsWith("p(");
}

function sum(parts: readonly Values[], key: string): number {
  return parts.reduce((total, part) => total + (part[key] ?? 0), 0);
}

function least(parts: readonly Values[], key: string): number {
  return Math.min(...parts.map((part) => part[key] ?? Infinity));
}

function greatest(parts: readonly Values[], key: string): number {
  return Math.max(...parts.map((part) => part[key] ?? -Infinity));
}
