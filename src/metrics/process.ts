/** What every program says of its own process, by the names that prom-client's users know. */
import type { MetricSpec } from "./metric.ts";

export const processMetrics = {
  cpuSeconds: {
    name: "process_cpu_seconds_total",
    type: "counter",
    unit: "seconds",
    help: "CPU time spent, user and system.",
  },
  residentMemory: {
    name: "process_resident_memory_bytes",
    type: "gauge",
    unit: "bytes",
    help: "Memory held by the process.",
  },
  startTime: {
    name: "process_start_time_seconds",
    type: "gauge",
    unit: "seconds",
    help: "Unix time at which the process started.",
  },
  openDescriptors: {
    name: "process_open_fds",
    type: "gauge",
    unit: "1",
    help: "File descriptors open.",
  },
  maxDescriptors: {
    name: "process_max_fds",
    type: "gauge",
    unit: "1",
    help: "File descriptors that the process may have open.",
  },
  loopLag: {
    name: "live_process_event_loop_lag_seconds",
    type: "gauge",
    unit: "seconds",
    help: "Lateness of the event loop since the scrape before, by quantile.",
    labels: ["quantile"],
  },
  gcSeconds: {
    name: "live_process_gc_seconds_total",
    type: "counter",
    unit: "seconds",
    help: "Time spent collecting garbage, by kind.",
    labels: ["kind"],
  },
  heapBytes: {
    name: "live_process_heap_bytes",
    type: "gauge",
    unit: "bytes",
    help: "Heap of the JavaScript engine: used, and beside it buffers outside of it.",
    labels: ["kind"],
  },
  buildInfo: {
    name: "live_process_build_info",
    type: "gauge",
    unit: "1",
    help: "1; the labels say which version and commit run.",
    labels: ["version", "commit"],
  },
} as const satisfies Record<string, MetricSpec>;
