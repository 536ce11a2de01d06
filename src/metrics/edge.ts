/** Metrics of a relay, edge or shield. */
import type { MetricSpec } from "./metric.ts";

export const edgeMetrics = {
  responses: {
    name: "live_edge_responses_total",
    type: "counter",
    help: "Responses to viewers and child relays, by what was asked and what the look-up met.",
    labels: ["kind", "outcome"],
  },
  egressBytes: {
    name: "live_edge_egress_bytes_total",
    type: "counter",
    help: "Bytes of bodies sent, to viewers or to child relays.",
    labels: ["to"],
  },
  fillBytes: {
    name: "live_edge_fill_bytes_total",
    type: "counter",
    help: "Bytes of bodies received from each parent, by its place in the configuration.",
    labels: ["parent"],
  },
  relayEvents: {
    name: "live_edge_relay_events_total",
    type: "counter",
    help: "What the relay did: hits, joins and misses asked of it, fills, reloads, hedges, retries, ejections, evictions, limits reached, parents caught wrong, feeds begun anew because all parents contradicted what was known.",
    labels: ["event"],
  },
  brokenResponses: {
    name: "live_edge_broken_responses_total",
    type: "counter",
    help: "Responses that did not end well: stalled (the client took too little), aborted by the client, cut (wrong bytes), malformed requests.",
    labels: ["reason"],
  },
  limitReached: {
    name: "live_edge_limit_reached_total",
    type: "counter",
    help: "Requests and connections turned away because a configured limit was reached.",
    labels: ["limit"],
  },
  connections: {
    name: "live_edge_connections",
    type: "gauge",
    help: "Open viewer connections.",
  },
  waiters: {
    name: "live_edge_waiters",
    type: "gauge",
    help: "Requests held until media comes.",
  },
  slowResponses: {
    name: "live_edge_responses_in_flight",
    type: "gauge",
    help: "Bodies under way whose client or fill is slower than this node.",
  },
  cacheBytes: {
    name: "live_edge_cache_bytes",
    type: "gauge",
    help: "Media held, fills under way included.",
  },
  fills: {
    name: "live_edge_fills",
    type: "gauge",
    help: "Fills of segments and init segments under way.",
  },
  viewers: {
    name: "live_edge_viewers",
    type: "gauge",
    help: "Viewers of this node and the relays below it.",
    labels: ["feed"],
  },
  playlistAge: {
    name: "live_edge_playlist_age_seconds",
    type: "gauge",
    help: "Age of the oldest media playlist of the feed that is followed; 0 when none is.",
    labels: ["feed"],
  },
  playlistStale: {
    name: "live_edge_playlist_stale",
    type: "gauge",
    help: "1 while a followed media playlist of a live feed is older than 1.5 target durations.",
    labels: ["feed"],
  },
  feedState: {
    name: "live_edge_feed_state",
    type: "gauge",
    help: "1 for the feed's present state as this node knows it, 0 for the others.",
    labels: ["feed", "state"],
  },
  parentEjected: {
    name: "live_edge_parent_ejected",
    type: "gauge",
    help: "1 while the parent is left alone after failures, by its place in the configuration.",
    labels: ["parent"],
  },
  reportsFailed: {
    name: "live_edge_viewer_reports_failed_total",
    type: "counter",
    help: "Viewer counts that a parent did not take.",
  },
} as const satisfies Record<string, MetricSpec>;
