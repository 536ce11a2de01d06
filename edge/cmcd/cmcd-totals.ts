/** What all sessions of a node add up to; plain numbers, read at scrapes. */
import { HistogramSlots } from "../../src/metrics/histogram-slots.ts";
import { cmcdMetrics } from "../../src/metrics/cmcd.ts";

export class CmcdTotals {
  stallCount = 0;
  stallMs = 0;
  playMs = 0;
  startFailureCount = 0;
  errorCount = 0;
  /** Seconds, and bits a second, as the catalogue's buckets are. */
  readonly startup = new HistogramSlots({ ...cmcdMetrics.startup, seriesCount: 1 });
  readonly buffer = new HistogramSlots({ ...cmcdMetrics.buffer, seriesCount: 1 });
  readonly throughput = new HistogramSlots({ ...cmcdMetrics.throughput, seriesCount: 1 });
  readonly latency = new HistogramSlots({ ...cmcdMetrics.latency, seriesCount: 1 });
}
