/**
 * What every program says of its own process. All but the last are prom-client's own families, with
 * its names and words; the rest of what it offers is taken out (src/node/process-metrics.ts).
 */
import type { MetricSpec } from "./metric.ts";

export const processMetrics = {
  cpuUserSeconds: {
    name: "process_cpu_user_seconds_total",
    type: "counter",
    unit: "seconds",
    help: "Total user CPU time spent in seconds.",
  },
  cpuSystemSeconds: {
    name: "process_cpu_system_seconds_total",
    type: "counter",
    unit: "seconds",
    help: "Total system CPU time spent in seconds.",
  },
  cpuSeconds: {
    name: "process_cpu_seconds_total",
    type: "counter",
    unit: "seconds",
    help: "Total user and system CPU time spent in seconds.",
  },
  startTime: {
    name: "process_start_time_seconds",
    type: "gauge",
    unit: "seconds",
    help: "Start time of the process since unix epoch in seconds.",
  },
  residentMemory: {
    name: "process_resident_memory_bytes",
    type: "gauge",
    unit: "bytes",
    help: "Resident memory size in bytes.",
  },
  openDescriptors: {
    name: "process_open_fds",
    type: "gauge",
    unit: "1",
    help: "Number of open file descriptors.",
  },
  maxDescriptors: {
    name: "process_max_fds",
    type: "gauge",
    unit: "1",
    help: "Maximum number of open file descriptors.",
  },
  loopLag: {
    name: "nodejs_eventloop_lag_seconds",
    type: "gauge",
    unit: "seconds",
    help: "Lag of event loop in seconds.",
  },
  loopLagMean: {
    name: "nodejs_eventloop_lag_mean_seconds",
    type: "gauge",
    unit: "seconds",
    help: "The mean of the recorded event loop delays.",
  },
  loopLagP50: {
    name: "nodejs_eventloop_lag_p50_seconds",
    type: "gauge",
    unit: "seconds",
    help: "The 50th percentile of the recorded event loop delays.",
  },
  loopLagP90: {
    name: "nodejs_eventloop_lag_p90_seconds",
    type: "gauge",
    unit: "seconds",
    help: "The 90th percentile of the recorded event loop delays.",
  },
  loopLagP99: {
    name: "nodejs_eventloop_lag_p99_seconds",
    type: "gauge",
    unit: "seconds",
    help: "The 99th percentile of the recorded event loop delays.",
  },
  loopLagMax: {
    name: "nodejs_eventloop_lag_max_seconds",
    type: "gauge",
    unit: "seconds",
    help: "The maximum recorded event loop delay.",
  },
  heapTotal: {
    name: "nodejs_heap_size_total_bytes",
    type: "gauge",
    unit: "bytes",
    help: "Process heap size from Node.js in bytes.",
  },
  heapUsed: {
    name: "nodejs_heap_size_used_bytes",
    type: "gauge",
    unit: "bytes",
    help: "Process heap size used from Node.js in bytes.",
  },
  externalMemory: {
    name: "nodejs_external_memory_bytes",
    type: "gauge",
    unit: "bytes",
    help: "Node.js external memory size in bytes.",
  },
  gcDuration: {
    name: "nodejs_gc_duration_seconds",
    type: "histogram",
    unit: "seconds",
    help: "Garbage collection duration by kind, one of major, minor, incremental or weakcb.",
    labels: ["kind"],
    buckets: [0.001, 0.01, 0.1, 1],
  },
  nodeVersion: {
    name: "nodejs_version_info",
    type: "gauge",
    unit: "1",
    help: "Node.js version info.",
    labels: ["version", "major", "minor", "patch"],
  },
  buildInfo: {
    name: "live_process_build_info",
    type: "gauge",
    unit: "1",
    help: "1; the labels say which version and commit run.",
    labels: ["version", "commit"],
  },
} as const satisfies Record<string, MetricSpec>;
