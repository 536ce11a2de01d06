/**
 * What k6 writes to Prometheus (remote write), as far as boards show it: names as that output makes
 * them of loadtest/k6/scripts, labels as its system tags and ours. A trend has one gauge for each of
 * the suffixes in `trendStats`, over the whole run so far. A counter that never rose has no series.
 */
import type { MetricSpec } from "../../src/metrics/metric.ts";

/** Endings of a trend's gauges, by K6_PROMETHEUS_RW_TREND_STATS. */
export const trendStats = ["p50", "p95", "p99", "max"] as const;

/** k6's scenarios: `viewers` are real, `audience` and `referee` drive the model. */
const own = ["scenario"];
const ofRequests = ["scenario", "name", "status", "error_code"];

function counter(name: string, help: string, labels: readonly string[] = own): MetricSpec {
  return { name: `k6_${name}_total`, type: "counter", unit: "1", help, labels };
}

function gauge(name: string, help: string, labels: readonly string[] = own): MetricSpec {
  return { name: `k6_${name}`, type: "gauge", unit: "1", help, labels };
}

export const k6Metrics = {
  vus: gauge("vus", "VUs that work now.", []),
  vusMax: gauge("vus_max", "VUs there are.", []),
  requests: counter("http_reqs", "Requests made.", ofRequests),
  dropped: counter("dropped_iterations", "Arrivals that k6 could not serve."),
};

export const k6ViewerMetrics = {
  joins: counter("viewer_joins", "Sessions begun."),
  leaves: counter("viewer_leaves", "Sessions ended before the run was over."),
  startFailures: counter("viewer_start_failures", "Sessions that never showed a frame."),
  watchSeconds: counter("viewer_watch_seconds", "Time played."),
  stallSeconds: counter("viewer_stall_seconds", "Time stalled."),
  stalls: counter("viewer_stalls", "Stalls."),
  switches: counter("viewer_rung_switches", "Changes of rung."),
  bytes: counter("viewer_bytes", "Bodies received.", ["scenario", "kind"]),
  segments: counter("viewer_segment_requests", "Segments received.", ["scenario", "cache"]),
  failures: counter("viewer_failures", "Answers that are no good.", ofRequests),
  regressions: counter("viewer_playlist_regressions", "Playlists that went back."),
  digestChecks: counter("viewer_digest_checks", "Segments verified."),
  digestFailures: counter("viewer_digest_failures", "Segments with wrong bytes."),
  ageFailures: counter("viewer_age_failures", "Segments with a wrong Age."),
  lateSegments: gauge("viewer_late_segments_rate", "Share of segments past their deadline."),
};

/** Of viewers, as gauges: each of these names with each of `trendStats`. */
export const k6TrendMetrics = {
  startup: gauge("viewer_startup_seconds", "From the intended join to the first segment."),
  rungKbps: gauge("viewer_rung_kbps", "Rung of each segment."),
  latency: gauge("viewer_live_latency_seconds", "Distance behind live."),
  playlist: gauge("viewer_playlist_seconds", "From when a poll was due to its last byte."),
  playlistAge: gauge("viewer_playlist_age_seconds", "Age of the newest segment listed."),
  firstByte: gauge("viewer_segment_first_byte_seconds", "From asking to the first byte."),
  scheduleLag: gauge("viewer_schedule_lag_seconds", "How late k6 woke a viewer."),
};

/** The model, as the referee read it from the simulation server. */
export const k6SimMetrics = {
  viewers: gauge("sim_viewers", "Modelled viewers watching."),
  joined: counter("sim_joined_viewers", "Modelled viewers that k6 let join."),
  egressGbps: gauge("sim_egress_gbps", "Modelled payload rate."),
  egressGbpsMean: gauge("sim_egress_gbps_mean", "Its mean over the plateau so far."),
  egressGbpsPeak: gauge("sim_egress_gbps_peak", "Its peak so far."),
  fillGbps: gauge("sim_fill_gbps", "Modelled rate from the edges' parents."),
  stallRatio: gauge("sim_stall_ratio", "Stalled over stalled and played time."),
  stalledRatio: gauge("sim_stalled_ratio", "Share of viewers that stand still."),
  startFailureRatio: gauge("sim_start_failure_ratio", "Sessions without a picture."),
  edgeUtilisation: gauge("sim_edge_utilisation", "Share of the edges' capacity in use."),
  behindSeconds: gauge("sim_behind_seconds", "How far the night is behind its pace."),
  ended: gauge("sim_ended", "1 once the night has ended."),
};
