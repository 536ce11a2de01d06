/**
 * The metrics registry of one process: makes prom-client instruments from catalogue entries and
 * renders them for the admin port. The only importer of prom-client.
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { MetricSpec } from "../metrics/metric.ts";

type LabelsOf<S extends MetricSpec> = S extends { labels: readonly (infer L extends string)[] }
  ? Record<L, string>
  : Record<string, never>;

export interface CounterHandle<S extends MetricSpec> {
  add(count: number, labels?: LabelsOf<S>): void;
}
export interface GaugeHandle<S extends MetricSpec> {
  set(value: number, labels?: LabelsOf<S>): void;
}
export interface HistogramHandle<S extends MetricSpec> {
  observe(value: number, labels?: LabelsOf<S>): void;
}

export class Metrics {
  readonly #registry = new Registry();
  readonly #collectors: (() => void)[] = [];

  constructor({ tier, node }: { tier: string; node: string }) {
    this.#registry.setDefaultLabels({ tier, node });
  }

  counter<S extends MetricSpec & { type: "counter" }>(spec: S): CounterHandle<S> {
    const counter = new Counter({ ...this.#options(spec) });
    return { add: (count, labels) => counter.inc(labels ?? {}, count) };
  }

  gauge<S extends MetricSpec & { type: "gauge" }>(spec: S): GaugeHandle<S> {
    const gauge = new Gauge({ ...this.#options(spec) });
    return { set: (value, labels) => gauge.set(labels ?? {}, value) };
  }

  histogram<S extends MetricSpec & { type: "histogram" }>(spec: S): HistogramHandle<S> {
    const histogram = new Histogram({
      ...this.#options(spec),
      ...(spec.buckets === undefined ? {} : { buckets: [...spec.buckets] }),
    });
    return { observe: (value, labels) => histogram.observe(labels ?? {}, value) };
  }

  /** Runs before each scrape: copies hot-path counters, kept in typed arrays, into instruments. */
  onCollect(collector: () => void): void {
    this.#collectors.push(collector);
  }

  /** The exposition text for a scrape. */
  async text(): Promise<string> {
    for (const collect of this.#collectors) collect();
    return this.#registry.metrics();
  }

  #options(spec: MetricSpec) {
    return {
      name: spec.name,
      help: spec.help,
      labelNames: [...(spec.labels ?? [])],
      registers: [this.#registry],
    };
  }
}
