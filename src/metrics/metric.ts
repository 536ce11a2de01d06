/** What the catalogue says of one metric. */
export interface MetricSpec {
  /** `live_…`, base unit last (`_seconds`, `_bytes`, `_bit_per_second`), counters end in `_total`. */
  name: string;
  type: "counter" | "gauge" | "histogram";
  /** The unit its name ends with; `1` for what is counted. */
  unit: MetricUnit;
  help: string;
  /** Label names; bounded values only, never a viewer's id. */
  labels?: readonly string[];
  /** Upper bounds of a histogram, in the metric's unit. */
  buckets?: readonly number[];
}

export type MetricUnit =
  "1" | "bytes" | "seconds" | "ratio" | "bit_per_second" | "frames_per_second";
