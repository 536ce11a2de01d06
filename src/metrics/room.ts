/** The room: one WebSocket of each viewer at an edge. */
import type { MetricSpec } from "./metric.ts";

export const roomMetrics = {
  sockets: {
    name: "live_room_sockets",
    type: "gauge",
    unit: "1",
    help: "Viewers in the rooms of this edge.",
  },
  refused: {
    name: "live_room_refused_total",
    type: "counter",
    unit: "1",
    help: "Viewers who were not let in: the rooms were full, its address has as many as one may have (address), the page is of an origin that may not (origin), or they name no session that can be one (session).",
    labels: ["reason"],
  },
  closed: {
    name: "live_room_closed_total",
    type: "counter",
    unit: "1",
    help: "Viewers whom the room put out: too many messages, pings included (budget), too little taken of what was sent (backlog), no messages of ours (malformed), silent (idle), one of many of an address when the rooms were full (crowded).",
    labels: ["reason"],
  },
  messages: {
    name: "live_room_messages_total",
    type: "counter",
    unit: "1",
    help: "Messages from viewers (in) and to viewers (out).",
    labels: ["direction"],
  },
  bytes: {
    name: "live_room_bytes_total",
    type: "counter",
    unit: "bytes",
    help: "Bytes of these messages, about a hundredth of the media; not in live_edge_egress_bytes_total, which is compared with what viewers say they got.",
    labels: ["direction"],
  },
  signals: {
    name: "live_room_signals_total",
    type: "counter",
    unit: "1",
    help: "Signalling between viewers: relayed, refused (no way between the two, no data channel, an address that is not the sender's, too many), or dropped (more of all viewers than room.signalsPerSecMax).",
    labels: ["outcome"],
  },
} as const satisfies Record<string, MetricSpec>;
