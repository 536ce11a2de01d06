import { expect, test } from "vitest";
import type { MetricSpec } from "../../src/metrics/metric.ts";
import {
  bucketsOf,
  countsSeen,
  promql,
  quantileOf,
  rateOf,
  ratesSeen,
  stateNumber,
} from "./promql.ts";

const metric: MetricSpec = { name: "a_total", type: "counter", unit: "1", help: "", labels: ["b"] };

test("a metric stands for its name, and the expression for one line", () => {
  expect(promql`sum( ${metric}{b="c"}
    ) / ${2}`).toBe('sum(a_total{b="c"}) / 2');
});

test("rates, quantiles and buckets are over the interval that Grafana chooses", () => {
  expect(rateOf(metric)).toBe("sum (rate(a_total[$__rate_interval]))");
  expect(rateOf(metric, { by: "b", where: 'b="c"' })).toBe(
    'sum by (b) (rate(a_total{b="c"}[$__rate_interval]))',
  );
  expect(quantileOf(metric, 0.5, { by: "b" })).toBe(
    "histogram_quantile(0.5, sum by (le, b) (rate(a_total_bucket[$__rate_interval])))",
  );
  expect(bucketsOf(metric)).toBe("sum by (le) (increase(a_total_bucket[$__rate_interval]))");
});

test("of many kinds, only what was ever counted is shown, or that nothing was", () => {
  const none = 'or on () label_replace(vector(0), "b", "none", "", "")';
  expect(ratesSeen(metric, { by: "b", where: "" })).toBe(
    `sum by (b) (rate(a_total[$__rate_interval]) and a_total > 0) ${none}`,
  );
  expect(countsSeen(metric, { by: "b", where: 'c="d"' })).toBe(
    `sum by (b) (increase(a_total{c="d"}[5m]) and a_total{c="d"} > 0) ${none}`,
  );
});

test("a state is its place, from 1", () => {
  expect(stateNumber(metric, ["off", "on"], { by: "feed" })).toBe(
    'max by (feed) (1 * a_total{state="off"} or 2 * a_total{state="on"})',
  );
  expect(stateNumber(metric, ["off"], { by: "feed", where: 'node=~"$node"' })).toBe(
    'max by (feed) (1 * a_total{state="off",node=~"$node"})',
  );
});
