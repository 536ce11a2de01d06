/**
 * The metrics registry of one node: makes prom-client instruments from catalogue entries and renders
 * them for the admin port. Several nodes of one process have one each. What is counted on a hot path
 * stays where it is counted, and is read at each scrape (`totals`, `readings`, `histogramOf`).
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { HistogramSlots } from "../metrics/histogram-slots.ts";
import type { MetricSpec } from "../metrics/metric.ts";
import { readMetric, SlotHistogram, type LabelSet, type Line } from "./read-metrics.ts";

export type LabelsOf<S extends MetricSpec> = S extends {
  labels: readonly (infer L extends string)[];
}
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
  /** Has the series exist before its first observation. */
  zero(labels?: LabelsOf<S>): void;
}

type CounterSpec = MetricSpec & { type: "counter" };
type GaugeSpec = MetricSpec & { type: "gauge" };
type HistogramSpec = MetricSpec & { type: "histogram" };

export class Metrics {
  /** For `*metrics.ts` files that add families of prom-client's own. */
  readonly registry = new Registry();
  readonly #collectors: (() => void)[] = [];
  readonly #defaultLabels: LabelSet;

  constructor({ tier, node }: { tier: string; node: string }) {
    this.#defaultLabels = { tier, node };
    this.registry.setDefaultLabels({ tier, node });
  }

  counter<S extends CounterSpec>(spec: S): CounterHandle<S> {
    const counter = new Counter(this.#options(spec));
    return { add: (count, labels) => counter.inc(labels ?? {}, count) };
  }

  gauge<S extends GaugeSpec>(spec: S): GaugeHandle<S> {
    const gauge = new Gauge(this.#options(spec));
    return { set: (value, labels) => gauge.set(labels ?? {}, value) };
  }

  histogram<S extends HistogramSpec>(spec: S): HistogramHandle<S> {
    const histogram = new Histogram(this.#histogramOptions(spec));
    if (spec.labels === undefined) histogram.zero({});
    return {
      observe: (value, labels) => histogram.observe(labels ?? {}, value),
      zero: (labels) => histogram.zero(labels ?? {}),
    };
  }

  /** Series that never change: `read(n)` is what the n-th of `labelSets` stands at. */
  totals<S extends CounterSpec | GaugeSpec>(
    spec: S,
    labelSets: readonly LabelsOf<S>[],
    read: (index: number) => number,
  ): void {
    const lines = labelSets.map((labels): Line => {
      return { value: 0, labels: {}, sharedLabels: this.#whole(labels) };
    });
    this.#register(spec, () => {
      for (const [index, line] of lines.entries()) line.value = read(index);
      return lines;
    });
  }

  /** Series that come and go: those that `read` gives are exposed, and no others. */
  readings<S extends CounterSpec | GaugeSpec>(
    spec: S,
    read: () => readonly { labels: LabelsOf<S>; value: number }[],
  ): void {
    this.#register(spec, () =>
      read().map(({ labels, value }): Line => {
        return { value, labels: {}, sharedLabels: this.#whole(labels) };
      }),
    );
  }

  /** The first series of `slots`, one for each of `labelSets`. */
  histogramOf<S extends HistogramSpec>(
    spec: S,
    labelSets: readonly LabelsOf<S>[],
    slots: HistogramSlots,
  ): void {
    new SlotHistogram(this.#histogramOptions(spec), {
      slots,
      labelSets: labelSets.map((labels) => this.#whole(labels)),
    });
  }

  /** What a metric's series stand at; those that are copied at scrapes, at the last one. */
  async valuesOf({
    name,
  }: Pick<MetricSpec, "name">): Promise<
    { labels: Readonly<Record<string, string | number>>; value: number }[]
  > {
    const found = await this.registry.getSingleMetric(name)?.get();
    return (found?.values ?? []).map((line) => {
      const { sharedLabels = {} } = line as { sharedLabels?: LabelSet };
      return { labels: { ...sharedLabels, ...line.labels } as Line["labels"], value: line.value };
    });
  }

  /** Runs before each scrape. */
  onCollect(collector: () => void): void {
    this.#collectors.push(collector);
  }

  /** Media type of `text`. */
  get contentType(): string {
    return this.registry.contentType;
  }

  /** The exposition text for a scrape. */
  async text(): Promise<string> {
    for (const collect of this.#collectors) collect();
    return this.registry.metrics();
  }

  #register(spec: CounterSpec | GaugeSpec, read: () => readonly Line[]): void {
    readMetric(spec.type, this.#options(spec), read);
  }

  #whole(labels: LabelSet): LabelSet {
    return { ...labels, ...this.#defaultLabels };
  }

  #options(spec: MetricSpec) {
    return {
      name: spec.name,
      help: spec.help,
      labelNames: [...(spec.labels ?? [])],
      registers: [this.registry],
    };
  }

  #histogramOptions(spec: HistogramSpec) {
    return {
      ...this.#options(spec),
      ...(spec.buckets === undefined ? {} : { buckets: [...spec.buckets] }),
    };
  }
}
