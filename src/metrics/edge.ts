/** Metrics of a relay, edge or shield. */
import type { MetricSpec } from "./metric.ts";

export const edgeMetrics = {
  responses: {
    name: "live_edge_responses_total",
    type: "counter",
    help: "Responses to viewers and child relays, by what was asked and what the look-up met.",
    labels: ["kind", "outcome"],
  },
} as const satisfies Record<string, MetricSpec>;
