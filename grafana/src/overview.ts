/**
 * The night on one screen: is the audience served, from what tier, how well, what is wrong or soon
 * will be, and what it costs. Measured only.
 */
import { cmcdMetrics } from "../../src/metrics/cmcd.ts";
import { edgeMetrics } from "../../src/metrics/edge.ts";
import { originMetrics } from "../../src/metrics/origin.ts";
import { processMetrics } from "../../src/metrics/process.ts";
import type { BoardRow, BoardSpec } from "./board.ts";
import { feedState, feedStateLooks } from "./feed-states.ts";
import { bars, figure, graph, listing, timeline } from "./panels.ts";
import { promql, quantileOf, rateOf } from "./promql.ts";

/** A player that has nothing to tell reports every 20 s. */
const atEdges = { where: `tier="edge"`, over: "1m" };

const served: BoardRow = {
  question: "Is the audience being served, and from what tier?",
  height: 5,
  panels: [
    figure({
      title: "Viewers",
      description:
        "People watching each feed now, over all edges, as the origin adds them up. A sudden fall while the feed is live is the first sign of trouble.",
      unit: "short",
      width: 4,
      queries: [{ expr: promql`live:viewers:sum`, legend: "{{feed}}" }],
    }),
    graph({
      title: "Sent, by tier",
      description:
        "What each tier hands down, on a logarithmic scale. Good: edges well below their capacity, shields and origin far below the edges. 242 Gbps is what 500,000 viewers took in 2008.",
      unit: "bps",
      width: 12,
      logFrom: 1e5,
      queries: [
        { expr: promql`live:egress:bits_per_second`, legend: "{{tier}}" },
        {
          expr: promql`live:egress_capacity:bits_per_second{tier="edge"}`,
          legend: "capacity of the edges",
          isReference: true,
        },
        { expr: promql`vector(242e9)`, legend: "242 Gbps", isReference: true },
      ],
    }),
    graph({
      title: "Served without asking the parent",
      description:
        "Hit: segments that edges had; join: those that came while others waited for them too. Offload: share of the viewers' bytes that edges did not fetch, or the origin did not send. Good: all but join near 1. Offload is low while there are fewer viewers than rungs.",
      unit: "percentunit",
      width: 8,
      max: 1,
      queries: [
        { expr: promql`live:hit:ratio{tier="edge"}`, legend: "hit" },
        { expr: promql`live:join:ratio{tier="edge"}`, legend: "join" },
        { expr: promql`live:parent_offload:ratio`, legend: "edge offload" },
        { expr: promql`live:origin_offload:ratio`, legend: "origin offload" },
      ],
    }),
  ],
};

const quality: BoardRow = {
  question: "How good is what they see? (reported by players, CMCD)",
  height: 4,
  panels: [
    graph({
      title: "Stall ratio",
      description:
        "Share of the viewing time that players stood still. Good: under 0.2 %. Bad: over 1 %: look at the edges' first byte and at the busiest edge.",
      unit: "percentunit",
      width: 6,
      levels: { good: "low", warn: 0.002, bad: 0.01 },
      queries: [{ expr: promql`live:stall:ratio`, legend: "stalled" }],
    }),
    graph({
      title: "Start-up",
      description:
        "From joining to the first picture, of those who joined in the last five minutes. Good: half of them under 2 s, 95 % under 5 s.",
      unit: "s",
      width: 6,
      levels: { good: "low", warn: 2, bad: 5 },
      queries: [{ expr: promql`live:startup:seconds`, legend: "quantile {{quantile}}" }],
    }),
    graph({
      title: "Buffer",
      description:
        "Media that players have ahead, by the reports of a minute. Good: the lowest tenth above 4 s. Bad: the lowest tenth near 0, for stalls are about to come.",
      unit: "s",
      width: 6,
      queries: [
        { expr: quantileOf(cmcdMetrics.buffer, 0.1, atEdges), legend: "lowest tenth" },
        { expr: quantileOf(cmcdMetrics.buffer, 0.5, atEdges), legend: "half" },
      ],
    }),
    graph({
      title: "Behind live",
      description:
        "How far players are behind what happens, by the reports of a minute. Good: 12 to 20 s with 4 s segments. What climbs for all at once is a feed that lags.",
      unit: "s",
      width: 6,
      levels: { good: "low", warn: 25, bad: 40 },
      queries: [
        { expr: quantileOf(cmcdMetrics.latency, 0.5, atEdges), legend: "half" },
        { expr: quantileOf(cmcdMetrics.latency, 0.95, atEdges), legend: "95 %" },
      ],
    }),
  ],
};

const wrong: BoardRow = {
  question: "What is wrong, and what will break next?",
  height: 5,
  panels: [
    listing(
      {
        title: "Alerts firing",
        description:
          "Each alert that fires, with the number of nodes or feeds it fires for; none when all is well. The runbook text stands in the alert (grafana/prometheus).",
        unit: "none",
        width: 7,
        queries: [
          {
            expr: promql`count by (alertname) (ALERTS{alertstate="firing"}) or
              (label_replace(vector(0), "alertname", "none", "", "")
              unless on () ALERTS{alertstate="firing"})`,
            legend: "{{alertname}}",
          },
        ],
      },
      { alertname: "Alert", Value: "Firing" },
    ),
    timeline(
      {
        title: "State of the feeds, by tier",
        description:
          "What origin, shields and edges hold a feed to be. Good: live everywhere. Bands that differ for more than some seconds show where the news stops.",
        unit: "none",
        width: 8,
        queries: [
          {
            expr: feedState(originMetrics.feedState, { by: "feed" }),
            legend: "{{feed}} at the origin",
          },
          {
            expr: feedState(edgeMetrics.feedState, {
              by: "feed, node",
              where: `tier=~"edge|shield"`,
            }),
            legend: "{{feed}} at {{node}}",
          },
        ],
      },
      feedStateLooks,
    ),
    figure({
      title: "Out of order",
      description:
        "Stale: playlists older than 1.5 target durations. Ejected: parents left alone after failures. Errors: answers that failed by our own fault. Breaches: segments above their BANDWIDTH in five minutes. Good: all 0.",
      unit: "none",
      width: 4,
      levels: { good: "low", warn: 1e-9, bad: 1 },
      queries: [
        { expr: promql`sum(${edgeMetrics.playlistStale}{tier=~"edge|shield"})`, legend: "stale" },
        { expr: promql`sum(${edgeMetrics.parentEjected}{tier=~"edge|shield"})`, legend: "ejected" },
        {
          expr: promql`${rateOf(edgeMetrics.responses, {
            where: `tier="edge",outcome=~"unavailable|badGateway"`,
          })} or vector(0)`,
          legend: "errors a second",
        },
        {
          expr: promql`sum(increase(${originMetrics.bandwidthBreaches}[5m])) or vector(0)`,
          legend: "breaches",
        },
      ],
    }),
    bars({
      title: "How near the limits are",
      description:
        "The busiest of each, as a share of what it may have: an edge's capacity (where edge.capacityMbps says it), a node's core, open files, and a rung's peak against its BANDWIDTH. The longest bar is what breaks next.",
      unit: "percentunit",
      width: 5,
      levels: { good: "low", warn: 0.7, bad: 0.9 },
      queries: [
        {
          expr: promql`max(live:node_egress_utilisation:ratio{tier="edge"})`,
          legend: "edge capacity",
        },
        {
          expr: promql`max(rate(${processMetrics.cpuSeconds}{tier=~"origin|shield|edge"}[$__rate_interval]))`,
          legend: "core of a node",
        },
        {
          expr: promql`max(${processMetrics.openDescriptors}{tier=~"origin|shield|edge"}
            / ${processMetrics.maxDescriptors}{tier=~"origin|shield|edge"})`,
          legend: "open files",
        },
        {
          expr: promql`max(${originMetrics.segmentPeak} / ${originMetrics.rungBandwidth})`,
          legend: "rung",
        },
      ],
    }),
  ],
};

const cost: BoardRow = {
  question: "What does it cost?",
  height: 4,
  panels: [
    graph({
      title: "CPU per Gbps",
      description:
        "Cores that a tier takes for each Gbps it sends; nothing is shown below 0.1 Mbps. A busy edge takes about 0.1. What climbs at the same load is a regression.",
      unit: "none",
      width: 8,
      queries: [
        {
          expr: promql`sum by (tier) (rate(${processMetrics.cpuSeconds}{tier=~"shield|edge"}[$__rate_interval]))
            / on (tier) (1e-9 * sum by (tier) (live:node_egress:bits_per_second{tier=~"shield|edge"}) > 1e-4)`,
          legend: "{{tier}}",
        },
      ],
    }),
    graph({
      title: "CPU",
      description: "Cores in use by each node, encoders not counted. A node is full at 1.",
      unit: "none",
      width: 8,
      levels: { good: "low", warn: 0.7, bad: 0.9 },
      queries: [
        {
          expr: rateOf(processMetrics.cpuSeconds, {
            by: "node",
            where: `tier=~"origin|shield|edge"`,
          }),
          legend: "{{node}}",
        },
      ],
    }),
    graph({
      title: "Memory",
      description: "Memory of each node. Level in a steady broadcast.",
      unit: "bytes",
      width: 8,
      queries: [
        {
          expr: promql`sum by (node) (${processMetrics.residentMemory}{tier=~"origin|shield|edge"})`,
          legend: "{{node}}",
        },
      ],
    }),
  ],
};

export const overview: BoardSpec = {
  name: "overview",
  title: "Fullhouse: overview",
  description:
    "The night on one screen. Everything here is measured; modelled nights are on the load test board.",
  choices: [],
  rows: [served, quality, wrong, cost],
};
