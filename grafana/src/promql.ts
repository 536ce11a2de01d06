/**
 * Expressions as the boards write them: metrics are catalogue entries, so that a name which is not
 * in the catalogue does not compile. Says nothing about what an expression means.
 */
import type { MetricSpec } from "../../src/metrics/metric.ts";

/** PromQL on one line; a metric stands for its name. */
export function promql(
  parts: TemplateStringsArray,
  ...values: readonly (string | number | MetricSpec)[]
): string {
  const words = values.map((value) => (typeof value === "object" ? value.name : String(value)));
  return parts
    .reduce((text, part, index) => text + words[index - 1]! + part)
    .replaceAll(/\s+/g, " ")
    .replaceAll(/([({]) | (?=[)}])/g, "$1")
    .trim();
}

/** The shortest that holds some scrapes, as Grafana reckons it for what is shown. */
const shortest = "$__rate_interval";

/**
 * What happens a second; `where` are matchers and `by` labels, as PromQL has them. `over` is longer
 * for what comes seldom.
 */
export function rateOf(metric: MetricSpec, { by = "", where = "", over = shortest } = {}): string {
  return promql`sum ${byClause(by)}(rate(${metric}${matchers(where)}[${over}]))`;
}

/**
 * As `rateOf`, for a counter with many labels' values, most of which are zero for ever: only those
 * that were ever counted, and `none` while there are none.
 */
export function ratesSeen(counter: MetricSpec, options: { by: string; where: string }): string {
  return seen(counter, { ...options, change: "rate", range: shortest });
}

/** The same as counts in the last five minutes. */
export function countsSeen(counter: MetricSpec, options: { by: string; where: string }): string {
  return seen(counter, { ...options, change: "increase", range: "5m" });
}

function seen(
  counter: MetricSpec,
  of: { by: string; where: string; change: "rate" | "increase"; range: string },
): string {
  const { by, where, change, range } = of;
  const label = by.split(", ").at(-1)!;
  const series = promql`${counter}${matchers(where)}`;
  return promql`sum by (${by}) (${change}(${series}[${range}]) and ${series} > 0)
    or on () label_replace(vector(0), "${label}", "none", "", "")`;
}

/** A quantile (0-1) of a histogram, over what was observed in the interval. */
export function quantileOf(
  histogram: MetricSpec,
  quantile: number,
  { by = "", where = "", over = shortest } = {},
): string {
  const labels = by === "" ? "le" : `le, ${by}`;
  const rates = promql`rate(${histogram}_bucket${matchers(where)}[${over}])`;
  return promql`histogram_quantile(${quantile}, sum by (${labels}) (${rates}))`;
}

/** How many observations fell in each bucket of a histogram, for a heat map. */
export function bucketsOf(histogram: MetricSpec, { where = "" } = {}): string {
  return promql`sum by (le) (increase(${histogram}_bucket${matchers(where)}[$__rate_interval]))`;
}

/** Feed states as one number for each label set: the place in `states`, from 1. */
export function stateNumber(
  metric: MetricSpec,
  states: readonly string[],
  { by, where = "" }: { by: string; where?: string },
): string {
  const others = where === "" ? "" : `,${where}`;
  const terms = states.map(
    (state, index) => `${index + 1} * ${metric.name}{state="${state}"${others}}`,
  );
  return `max by (${by}) (${terms.join(" or ")})`;
}

function byClause(labels: string): string {
  return labels === "" ? "" : `by (${labels}) `;
}

function matchers(where: string): string {
  return where === "" ? "" : `{${where}}`;
}
