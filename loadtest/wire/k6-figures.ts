/** Reads figures of a run from the end-of-test metrics of k6, by metric, tag and statistic. */

interface K6Metric {
  type: "counter" | "gauge" | "rate" | "trend";
  values: Readonly<Record<string, number>>;
  thresholds?: Readonly<Record<string, { ok: boolean }>>;
}

export type K6Metrics = Readonly<Record<string, K6Metric>>;

export class K6Figures {
  readonly #metrics: K6Metrics;

  constructor(metrics: K6Metrics) {
    this.#metrics = metrics;
  }

  /** Sum of a counter; 0 when nothing was counted. `tag` as in `kind:segment`. */
  count(metric: string, tag?: string): number {
    return this.#value(metric, "count", tag) ?? 0;
  }

  /** Share of a rate; 0 when nothing was counted. */
  rate(metric: string, tag?: string): number {
    return this.#value(metric, "rate", tag) ?? 0;
  }

  /** A statistic of a trend, such as "med" or "p(99)"; undefined without samples. */
  trend(metric: string, statistic: string): number | undefined {
    return this.#value(metric, statistic);
  }

  /** Last value of a gauge, or its "min" or "max". */
  gauge(metric: string, statistic: "value" | "min" | "max" = "value"): number | undefined {
    return this.#value(metric, statistic);
  }

  /** Every threshold that can be missed: those at the least possible value only make sub-metrics. */
  thresholds(): { metric: string; bound: string; value: number | undefined; ok: boolean }[] {
    return Object.entries(this.#metrics).flatMap(([metric, { thresholds = {} }]) =>
      Object.entries(thresholds)
        .filter(([bound]) => !/>=\s*0$/.test(bound))
        .map(([bound, { ok }]) => ({ metric, bound, value: this.#bounded(metric, bound), ok })),
    );
  }

  #bounded(metric: string, bound: string): number | undefined {
    return this.#metrics[metric]?.values[bound.slice(0, bound.search(/[<>=!]/)).trim()];
  }

  #value(metric: string, statistic: string, tag?: string): number | undefined {
    const name = tag === undefined ? metric : `${metric}{${tag}}`;
    return this.#metrics[name]?.values[statistic];
  }
}
