/** A modelled night that runs on the simulation server. Everything here is modelled, never measured. */
import type { MetricSpec } from "./metric.ts";

export const simMetrics = {
  viewers: {
    name: "live_sim_viewers",
    type: "gauge",
    unit: "1",
    help: "Modelled: viewers watching.",
    labels: ["run", "scenario"],
  },
  egressBytes: {
    name: "live_sim_egress_bytes_total",
    type: "counter",
    unit: "bytes",
    help: "Modelled: payload that left the edges, in the time of the night.",
    labels: ["run", "scenario"],
  },
  fillBytes: {
    name: "live_sim_fill_bytes_total",
    type: "counter",
    unit: "bytes",
    help: "Modelled: payload that the edges fetched from their parents.",
    labels: ["run", "scenario"],
  },
  egressRate: {
    name: "live_sim_egress_bit_per_second",
    type: "gauge",
    unit: "bit_per_second",
    help: "Modelled: payload rate of the newest window, in the time of the night.",
    labels: ["run", "scenario"],
  },
  egressPeak: {
    name: "live_sim_egress_peak_bit_per_second",
    type: "gauge",
    unit: "bit_per_second",
    help: "Modelled: highest payload rate of a window so far.",
    labels: ["run", "scenario"],
  },
  viewerRate: {
    name: "live_sim_viewer_bit_per_second",
    type: "gauge",
    unit: "bit_per_second",
    help: "Modelled: payload rate of a playing viewer in the newest window.",
    labels: ["run", "scenario"],
  },
  edgeUtilisation: {
    name: "live_sim_edge_utilisation_ratio",
    type: "gauge",
    unit: "ratio",
    help: "Modelled: share of the edges' capacity in use in the newest window.",
    labels: ["run", "scenario"],
  },
  stalledRatio: {
    name: "live_sim_stalled_ratio",
    type: "gauge",
    unit: "ratio",
    help: "Modelled: share of the viewers that stand still in the newest window.",
    labels: ["run", "scenario"],
  },
  stallRatio: {
    name: "live_sim_stall_ratio",
    type: "gauge",
    unit: "ratio",
    help: "Modelled: stalled over stalled and played time, over the plateau so far.",
    labels: ["run", "scenario"],
  },
  startFailureRatio: {
    name: "live_sim_start_failure_ratio",
    type: "gauge",
    unit: "ratio",
    help: "Modelled: share of the sessions that never showed a picture.",
    labels: ["run", "scenario"],
  },
  nightSeconds: {
    name: "live_sim_night_seconds_total",
    type: "counter",
    unit: "seconds",
    help: "Modelled: time of the night that has been computed; its rate is the time ratio.",
    labels: ["run", "scenario"],
  },
  behind: {
    name: "live_sim_behind_seconds",
    type: "gauge",
    unit: "seconds",
    help: "Modelled: how far the night is behind its own pace.",
    labels: ["run", "scenario"],
  },
} as const satisfies Record<string, MetricSpec>;
