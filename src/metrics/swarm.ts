/** What viewers do for each other, as they report it in the room of an edge. Untrusted by nature. */
import type { MetricSpec } from "./metric.ts";

export const swarmMetrics = {
  on: {
    name: "live_swarm_on",
    type: "gauge",
    unit: "1",
    help: "1 while viewers of the feed may pass segments on to each other at this edge, by all that decides about it.",
    labels: ["feed"],
  },
  cells: {
    name: "live_swarm_cells",
    type: "gauge",
    unit: "1",
    help: "Cells of viewers who exchange segments.",
  },
  members: {
    name: "live_swarm_members",
    type: "gauge",
    unit: "1",
    help: "Viewers in cells.",
  },
  waiting: {
    name: "live_swarm_waiting",
    type: "gauge",
    unit: "1",
    help: "Viewers who are to come to a cell and wait their turn: so many a second may (room.joinsPerSecMax).",
  },
  bans: {
    name: "live_swarm_bans_total",
    type: "counter",
    unit: "1",
    help: "Viewers shut out of the swarm because others had wrong bytes from them.",
  },
  receivedBytes: {
    name: "live_swarm_received_bytes_total",
    type: "counter",
    unit: "bytes",
    help: "Whole, checked segments that members got, from the edge or from peers, as they report.",
    labels: ["feed", "from"],
  },
  uploadedBytes: {
    name: "live_swarm_uploaded_bytes_total",
    type: "counter",
    unit: "bytes",
    help: "Segments that members gave to others, as they report; what a receiver gave up is in it.",
    labels: ["feed"],
  },
  refusedSegments: {
    name: "live_swarm_refused_segments_total",
    type: "counter",
    unit: "1",
    help: "Segments from peers whose digest was not the announced one, as members report; none of them was played.",
    labels: ["feed"],
  },
  lateSegments: {
    name: "live_swarm_late_segments_total",
    type: "counter",
    unit: "1",
    help: "Segments asked of peers and fetched from the edge in the end, as members report.",
    labels: ["feed"],
  },
} as const satisfies Record<string, MetricSpec>;
