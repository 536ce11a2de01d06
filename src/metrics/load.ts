/** A load test under way, as the command that runs it sees it. Everything here is measured. */
import type { MetricSpec } from "./metric.ts";

export const loadMetrics = {
  viewersPlanned: {
    name: "live_load_viewers_planned",
    type: "gauge",
    unit: "1",
    help: "Real viewers that the present run is to have.",
    labels: ["scenario"],
  },
  viewers: {
    name: "live_load_viewers",
    type: "gauge",
    unit: "1",
    help: "Real viewers now: as the edges count them, or k6 for somebody else's target.",
    labels: ["scenario"],
  },
  egressBytes: {
    name: "live_load_egress_bytes_total",
    type: "counter",
    unit: "bytes",
    help: "Payload that a tier under test sent since the load test began.",
    labels: ["scenario", "from"],
  },
  cpuSeconds: {
    name: "live_load_cpu_seconds_total",
    type: "counter",
    unit: "seconds",
    help: "CPU time of each program of the load test since it began.",
    labels: ["scenario", "process"],
  },
  residentMemory: {
    name: "live_load_resident_memory_bytes",
    type: "gauge",
    unit: "bytes",
    help: "Memory of each program of the load test.",
    labels: ["scenario", "process"],
  },
  machineBusy: {
    name: "live_load_machine_busy_ratio",
    type: "gauge",
    unit: "ratio",
    help: "Share of this machine's cores that was busy in the last second.",
    labels: ["scenario"],
  },
} as const satisfies Record<string, MetricSpec>;
