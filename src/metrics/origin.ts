/** Metrics of the origin. */
import type { MetricSpec } from "./metric.ts";

export const originMetrics = {
  feedState: {
    name: "live_origin_feed_state",
    type: "gauge",
    help: "1 for the feed's present state, 0 for the others.",
    labels: ["feed", "state"],
  },
} as const satisfies Record<string, MetricSpec>;
