/** What viewers' players report of themselves (CMCD), as an edge adds it up. Untrusted by nature. */
import type { MetricSpec } from "./metric.ts";

export const cmcdMetrics = {
  reports: {
    name: "live_cmcd_reports_total",
    type: "counter",
    unit: "1",
    help: "CMCD reports taken: in the query of a request, or as an event of POST /cmcd.",
    labels: ["mode"],
  },
  refused: {
    name: "live_cmcd_refused_total",
    type: "counter",
    unit: "1",
    help: "CMCD that was not taken: malformed, too large, too often, too slow, without a session, of one session too many, or of nobody who watches.",
    labels: ["reason"],
  },
  sessions: {
    name: "live_cmcd_sessions",
    type: "gauge",
    unit: "1",
    help: "Sessions that reported within the last minute, by what their player does.",
    labels: ["state"],
  },
  rungSessions: {
    name: "live_cmcd_rung_sessions",
    type: "gauge",
    unit: "1",
    help: "Sessions by the rung they last said they play; other for a rate that is no rung of the feed.",
    labels: ["rung"],
  },
  stalls: {
    name: "live_cmcd_stalls_total",
    type: "counter",
    unit: "1",
    help: "Stalls after the first picture that sessions reported.",
  },
  stallSeconds: {
    name: "live_cmcd_stall_seconds_total",
    type: "counter",
    unit: "seconds",
    help: "Time that sessions reported as stalled.",
  },
  playSeconds: {
    name: "live_cmcd_play_seconds_total",
    type: "counter",
    unit: "seconds",
    help: "Time that sessions reported as playing.",
  },
  startFailures: {
    name: "live_cmcd_start_failures_total",
    type: "counter",
    unit: "1",
    help: "Sessions that ended, or fell silent, without a first picture.",
  },
  errors: {
    name: "live_cmcd_fatal_errors_total",
    type: "counter",
    unit: "1",
    help: "Fatal errors that players reported.",
  },
  startup: {
    name: "live_cmcd_startup_seconds",
    type: "histogram",
    unit: "seconds",
    help: "From the start of a session to its first picture, as reported.",
    buckets: [0.25, 0.5, 1, 2, 3, 5, 8, 13, 20],
  },
  buffer: {
    name: "live_cmcd_buffer_seconds",
    type: "histogram",
    unit: "seconds",
    help: "Media buffered ahead, as reported.",
    buckets: [0.5, 1, 2, 4, 6, 8, 10, 12, 16, 24],
  },
  throughput: {
    name: "live_cmcd_throughput_bit_per_second",
    type: "histogram",
    unit: "bit_per_second",
    help: "Throughput measured by players, as reported.",
    buckets: [150e3, 300e3, 450e3, 600e3, 750e3, 1e6, 2e6, 5e6, 10e6, 50e6],
  },
  latency: {
    name: "live_cmcd_latency_seconds",
    type: "histogram",
    unit: "seconds",
    help: "How far behind live players were, as reported.",
    buckets: [2, 4, 6, 8, 10, 12, 15, 20, 30, 60],
  },
} as const satisfies Record<string, MetricSpec>;
