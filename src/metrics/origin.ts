/** Metrics of the origin. */
import type { MetricSpec } from "./metric.ts";

export const originMetrics = {
  feedState: {
    name: "live_origin_feed_state",
    type: "gauge",
    help: "1 for the feed's present state, 0 for the others.",
    labels: ["feed", "state"],
  },
  transcodeSpeed: {
    name: "live_origin_transcode_speed_ratio",
    type: "gauge",
    help: "Media time encoded per time passed, over the last 10 s; below 1 the encoder lags.",
    labels: ["feed"],
  },
  transcodeFrameRate: {
    name: "live_origin_transcode_frames_per_second",
    type: "gauge",
    help: "Pictures encoded a second, in each rung, over the last 10 s.",
    labels: ["feed"],
  },
  transcodeFramesDropped: {
    name: "live_origin_transcode_frames_dropped_total",
    type: "counter",
    help: "Pictures that the encoder dropped.",
    labels: ["feed"],
  },
  transcodeFramesDuplicated: {
    name: "live_origin_transcode_frames_duplicated_total",
    type: "counter",
    help: "Pictures shown twice because the publisher sent too few.",
    labels: ["feed"],
  },
  transcodeStarts: {
    name: "live_origin_transcode_starts_total",
    type: "counter",
    help: "Encoder processes started; one an epoch.",
    labels: ["feed"],
  },
  transcodeExits: {
    name: "live_origin_transcode_exits_total",
    type: "counter",
    help: "Encoder processes gone: ended (asked to), crashed, or stalled (no output, killed).",
    labels: ["feed", "reason"],
  },
  transcodeInputPauses: {
    name: "live_origin_transcode_input_pauses_total",
    type: "counter",
    help: "Times the encoder's input queue was full, so that the publisher had to wait.",
    labels: ["feed"],
  },
  transcodeLogLines: {
    name: "live_origin_transcode_log_lines_total",
    type: "counter",
    help: "Lines of complaint from the encoder, logged or not.",
    labels: ["feed"],
  },
  rtmpConnections: {
    name: "live_origin_rtmp_connections",
    type: "gauge",
    help: "Open RTMP connections: pending until they may publish, closing after their end.",
    labels: ["state"],
  },
  rtmpPublishers: {
    name: "live_origin_rtmp_publishers",
    type: "gauge",
    help: "1 while the feed has a publisher of this kind (main, standby), else 0.",
    labels: ["feed", "kind"],
  },
  rtmpEnds: {
    name: "live_origin_rtmp_ends_total",
    type: "counter",
    help: "RTMP connections that ended, by reason; all but unpublished, peer-closed, taken-over and closed are refusals.",
    labels: ["reason"],
  },
  rtmpReceived: {
    name: "live_origin_rtmp_received_bytes_total",
    type: "counter",
    help: "Bytes received from RTMP peers.",
  },
  rtmpTags: {
    name: "live_origin_rtmp_tags_total",
    type: "counter",
    help: "Media messages taken from publishers.",
    labels: ["kind"],
  },
  rtmpPauses: {
    name: "live_origin_rtmp_pauses_total",
    type: "counter",
    help: "Times a publisher's socket was paused because the encoder was behind.",
    labels: ["feed"],
  },
  rtmpLimits: {
    name: "live_origin_rtmp_limits_total",
    type: "counter",
    help: "RTMP connections turned away at the door, by the limit that was reached.",
    labels: ["limit"],
  },
} as const satisfies Record<string, MetricSpec>;
