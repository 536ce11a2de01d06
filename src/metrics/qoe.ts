/** What our own pages report of playback (QoE), as an edge adds it up. Untrusted by nature. */
import type { MetricSpec } from "./metric.ts";

export const qoeMetrics = {
  beacons: {
    name: "live_qoe_beacons_total",
    type: "counter",
    unit: "1",
    help: "Beacons of pages that were taken.",
  },
  refused: {
    name: "live_qoe_refused_total",
    type: "counter",
    unit: "1",
    help: "Beacons that were not taken: malformed, too large, too often, too slow, of no session that watches, implausible, or more than are read.",
    labels: ["reason"],
  },
  sessions: {
    name: "live_qoe_sessions",
    type: "gauge",
    unit: "1",
    help: "Pages that reported within the last minute, by what they show.",
    labels: ["face"],
  },
  playSeconds: {
    name: "live_qoe_play_seconds_total",
    type: "counter",
    unit: "seconds",
    help: "Time that pages reported as playing.",
  },
  stallSeconds: {
    name: "live_qoe_stall_seconds_total",
    type: "counter",
    unit: "seconds",
    help: "Time that pages reported as standing still after the first picture.",
  },
  stalls: {
    name: "live_qoe_stalls_total",
    type: "counter",
    unit: "1",
    help: "Stalls after the first picture that pages reported.",
  },
  errors: {
    name: "live_qoe_errors_total",
    type: "counter",
    unit: "1",
    help: "Times that pages showed an error.",
  },
  startup: {
    name: "live_qoe_startup_seconds",
    type: "histogram",
    unit: "seconds",
    help: "From wanting a picture to the first one, as reported.",
    buckets: [0.25, 0.5, 1, 1.5, 2, 3, 5, 8, 13, 20],
  },
  latency: {
    name: "live_qoe_latency_seconds",
    type: "histogram",
    unit: "seconds",
    help: "How far behind the event pages played, as reported.",
    buckets: [2, 4, 6, 8, 10, 12, 15, 20, 30, 60],
  },
  mediaBytes: {
    name: "live_qoe_media_bytes_total",
    type: "counter",
    unit: "bytes",
    help: "Media played, by the rate of its rung: over the time played it is the mean bitrate.",
  },
  receivedBytes: {
    name: "live_qoe_received_bytes_total",
    type: "counter",
    unit: "bytes",
    help: "Media that pages received, from the edge or from peers.",
    labels: ["from"],
  },
  uploadedBytes: {
    name: "live_qoe_uploaded_bytes_total",
    type: "counter",
    unit: "bytes",
    help: "Media that pages gave to peers.",
  },
  frames: {
    name: "live_qoe_frames_total",
    type: "counter",
    unit: "1",
    help: "Frames that pages decoded: shown, or dropped because the device was too slow.",
    labels: ["outcome"],
  },
} as const satisfies Record<string, MetricSpec>;
