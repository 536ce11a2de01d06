/**
 * prom-client's instruments over numbers that are counted elsewhere, and read at each scrape. The
 * library has no call to set a counter or a histogram's buckets; a copy of them (reset and add) takes
 * 0.3 µs a series, and the text of labels, which is made once here, most of the rest of a scrape.
 */
import { Counter, Gauge, Histogram } from "prom-client";
import type { HistogramSlots } from "../metrics/histogram-slots.ts";

export type LabelSet = Readonly<Record<string, string>>;

/** A sample as the registry prints it: the text of `sharedLabels` is kept for as long as the object. */
export interface Line {
  value: number;
  labels: Record<string, string | number>;
  sharedLabels: LabelSet;
  metricName?: string;
}

type CounterOptions = ConstructorParameters<typeof Counter>[0];
type HistogramOptions = ConstructorParameters<typeof Histogram>[0];
type Exported<M extends { get: () => unknown }> = Awaited<ReturnType<M["get"]>>;

/** A counter or gauge whose lines `read` gives at each scrape. */
export function readMetric(
  type: "counter" | "gauge",
  options: CounterOptions,
  read: () => readonly Line[],
): void {
  const metric = type === "counter" ? new Counter(options) : new Gauge(options);
  Object.assign(metric, { get: () => exported({ ...options, type, values: read() }) });
}

/** Exports the first series of the slots: as many as there are label sets. */
export class SlotHistogram extends Histogram {
  readonly #options: HistogramOptions;
  readonly #slots: HistogramSlots;
  readonly #series: readonly (readonly Line[])[];

  constructor(
    options: HistogramOptions,
    { slots, labelSets }: { slots: HistogramSlots; labelSets: readonly LabelSet[] },
  ) {
    super(options);
    this.#options = options;
    this.#slots = slots;
    this.#series = labelSets.map((labels) => histogramLines(options.name, slots, labels));
  }

  override get(): Promise<Exported<Histogram>> {
    return exported({ ...this.#options, type: "histogram", values: this.#read() });
  }

  /** What the registry calls in place of `get` where there is one. */
  getForPromString(): Promise<Exported<Histogram>> {
    return this.get();
  }

  #read(): Line[] {
    const { bounds } = this.#slots;
    for (const [series, lines] of this.#series.entries()) {
      let count = 0;
      for (let bucket = 0; bucket <= bounds.length; bucket++) {
        count += this.#slots.countIn(series, bucket);
        lines[bucket]!.value = count;
      }
      lines[bounds.length + 1]!.value = this.#slots.sumOf(series);
      lines[bounds.length + 2]!.value = count;
    }
    return this.#series.flat();
  }
}

function histogramLines(name: string, { bounds }: HistogramSlots, sharedLabels: LabelSet): Line[] {
  const line = (suffix: string, labels: Line["labels"]): Line => {
    return { value: 0, labels, sharedLabels, metricName: `${name}_${suffix}` };
  };
  return [
    ...Array.from(bounds, (bound) => line("bucket", { le: bound })),
    line("bucket", { le: "+Inf" }),
    line("sum", {}),
    line("count", {}),
  ];
}

/** The registry needs name, help, type and values; the library's types ask for more. */
function exported<T>(family: {
  name: string;
  help: string;
  type: "counter" | "gauge" | "histogram";
  values: readonly Line[];
}): Promise<T> {
  return Promise.resolve(family as unknown as T);
}
