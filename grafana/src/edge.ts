/** Edges and shields: what they answer, how fast, how fresh, what they fetch, and what went wrong. */
import { edgeMetrics } from "../../src/metrics/edge.ts";
import type { BoardRow, BoardSpec } from "./board.ts";
import { feedState, feedStateLooks } from "./feed-states.ts";
import { graph, heat, timeline } from "./panels.ts";
import { processRow } from "./process-row.ts";
import { bucketsOf, promql, quantileOf, rateOf, ratesSeen } from "./promql.ts";

const m = edgeMetrics;
const ofNode = `tier=~"$tier",node=~"$node"`;
const ofFeed = `${ofNode},feed=~"$feed"`;

const answers: BoardRow = {
  question: "What do those below get?",
  height: 8,
  panels: [
    graph({
      title: "Answers, by outcome",
      description:
        "A second, all kinds. Good: hit and join, with a miss for each segment and rung, and wait where reloads are held. stale, unavailable and badGateway are trouble with parents; notFound and badRequest are what was asked.",
      unit: "reqps",
      width: 7,
      isStacked: true,
      queries: [
        { expr: ratesSeen(m.responses, { by: "outcome", where: ofNode }), legend: "{{outcome}}" },
      ],
    }),
    graph({
      title: "Answers, by kind",
      description:
        "A second. A viewer asks for a media playlist about every two seconds and for a segment every four.",
      unit: "reqps",
      width: 5,
      queries: [
        { expr: ratesSeen(m.responses, { by: "kind", where: ofNode }), legend: "{{kind}}" },
      ],
    }),
    graph({
      title: "Sent by each node",
      description:
        "Body bits a second, on a logarithmic scale. Dashed: what the node may send, where edge.capacityMbps says it. Good: below 85 % of it.",
      unit: "bps",
      width: 6,
      logFrom: 1e5,
      queries: [
        {
          expr: promql`8 * ${rateOf(m.egressBytes, { by: "node, to", where: ofNode })}`,
          legend: "{{node}} to {{to}}",
        },
        {
          expr: promql`max by (node) (live:node_egress_capacity:bits_per_second{${ofNode}})`,
          legend: "{{node}} capacity",
          isReference: true,
        },
      ],
    }),
    graph({
      title: "Viewers",
      description: "Of each node and the relays below it: do not add tiers up.",
      unit: "short",
      width: 3,
      queries: [
        {
          expr: promql`sum by (node, feed) (${m.viewers}{${ofFeed}})`,
          legend: "{{node}} {{feed}}",
        },
      ],
    }),
    graph({
      title: "Connections",
      description:
        "Open connections from viewers. Many more than viewers are strangers, or a leak.",
      unit: "short",
      width: 3,
      queries: [{ expr: promql`sum by (node) (${m.connections}{${ofNode}})`, legend: "{{node}}" }],
    }),
  ],
};

const speed: BoardRow = {
  question: "How fast?",
  height: 8,
  panels: [
    heat({
      title: "First byte, all answers",
      description:
        "How many answers took how long to begin; brighter is more. Held reloads are left out. Good: one band at the bottom. A second band above it is what parents take.",
      unit: "s",
      width: 7,
      queries: [{ expr: bucketsOf(m.firstByte, { where: ofNode }), legend: "{{le}}" }],
    }),
    graph({
      title: "First byte, by kind",
      description:
        "What 95 % of answers stay under. Good: media and segment under 50 ms. Bad: over 250 ms.",
      unit: "s",
      width: 6,
      levels: { good: "low", warn: 0.05, bad: 0.25 },
      queries: [
        { expr: quantileOf(m.firstByte, 0.95, { by: "kind", where: ofNode }), legend: "{{kind}}" },
      ],
    }),
    graph({
      title: "Fills",
      description:
        "From asking a parent for a segment to its last byte, half and 95 %. Good: well under the length of a segment. Above it the edge cannot keep up with live.",
      unit: "s",
      width: 6,
      levels: { good: "low", warn: 1, bad: 4 },
      queries: [
        {
          expr: quantileOf(m.fillSeconds, 0.5, { by: "node", where: ofNode }),
          legend: "{{node}} half",
        },
        {
          expr: quantileOf(m.fillSeconds, 0.95, { by: "node", where: ofNode }),
          legend: "{{node}} 95 %",
        },
      ],
    }),
    graph({
      title: "Fetched from parents",
      description:
        "Body bits a second from each parent, by its place in the configuration. About the sum of the rungs watched, however many watch.",
      unit: "bps",
      width: 5,
      queries: [
        {
          expr: promql`8 * ${rateOf(m.fillBytes, { by: "node, parent", where: ofNode })}`,
          legend: "{{node}} from {{parent}}",
        },
      ],
    }),
  ],
};

const freshness: BoardRow = {
  question: "Is it fresh?",
  height: 7,
  panels: [
    graph({
      title: "Age of playlists",
      description:
        "Of the oldest media playlist that is followed. Good: a sawtooth up to about 4 s. Past 6 s it counts as stale, past 12 s viewers get 503.",
      unit: "s",
      width: 7,
      levels: { good: "low", warn: 6, bad: 12 },
      queries: [
        {
          expr: promql`max by (node, feed) (${m.playlistAge}{${ofFeed}})`,
          legend: "{{node}} {{feed}}",
        },
      ],
    }),
    graph({
      title: "Stale playlists",
      description: "1 while a followed playlist of a live feed is stale. Good: 0.",
      unit: "none",
      width: 4,
      max: 1,
      levels: { good: "low", warn: 0.5, bad: 1 },
      queries: [
        {
          expr: promql`max by (node, feed) (${m.playlistStale}{${ofFeed}})`,
          legend: "{{node}} {{feed}}",
        },
      ],
    }),
    timeline(
      {
        title: "State of the feeds",
        description:
          "As each node knows it. Good: live. A node that differs from the others is cut off.",
        unit: "none",
        width: 7,
        queries: [
          {
            expr: feedState(m.feedState, { by: "node, feed", where: ofFeed }),
            legend: "{{node}} {{feed}}",
          },
        ],
      },
      feedStateLooks,
    ),
    graph({
      title: "Held requests",
      description:
        "Requests that wait for media. A sawtooth: they gather before a segment comes and are gone after it. What does not fall waits for media that does not come.",
      unit: "none",
      width: 6,
      queries: [{ expr: promql`sum by (node) (${m.waiters}{${ofNode}})`, legend: "{{node}}" }],
    }),
  ],
};

const relay: BoardRow = {
  question: "What does the relay do?",
  height: 8,
  panels: [
    graph({
      title: "Relay events",
      description:
        "A second, on a logarithmic scale. Good: hit, join, miss, fill, reload, prefetch. retry, hedge, parentTimeout and ejection are a parent in trouble; digestMismatch and parentRegressed one that is wrong; cacheFull and fillQueued limits.",
      unit: "eps",
      width: 10,
      logFrom: 0.01,
      queries: [
        { expr: ratesSeen(m.relayEvents, { by: "event", where: ofNode }), legend: "{{event}}" },
      ],
    }),
    graph({
      title: "Cache",
      description: "Media held. Level: it is bounded (cache.bytesMax), and old media goes.",
      unit: "bytes",
      width: 5,
      queries: [{ expr: promql`sum by (node) (${m.cacheBytes}{${ofNode}})`, legend: "{{node}}" }],
    }),
    graph({
      title: "Fills under way",
      description: "Good: few, and none for long. What stays up is a slow parent.",
      unit: "none",
      width: 4,
      queries: [{ expr: promql`sum by (node) (${m.fills}{${ofNode}})`, legend: "{{node}}" }],
    }),
    graph({
      title: "Slow bodies under way",
      description:
        "Answers whose client or fill is slower than this node. Grows with viewers on slow lines; a sudden rise for all is a slow parent or a full line.",
      unit: "none",
      width: 5,
      queries: [
        { expr: promql`sum by (node) (${m.slowResponses}{${ofNode}})`, legend: "{{node}}" },
      ],
    }),
  ],
};

const faults: BoardRow = {
  question: "What went wrong?",
  height: 7,
  panels: [
    graph({
      title: "Answers that did not end well",
      description:
        "A second. stalled: the client took too little; aborted: it went away; cut: wrong bytes, so the answer was broken off; malformed: no HTTP. Good: some aborted, no cut.",
      unit: "eps",
      width: 7,
      queries: [
        {
          expr: ratesSeen(m.brokenResponses, { by: "reason", where: ofNode }),
          legend: "{{reason}}",
        },
      ],
    }),
    graph({
      title: "Turned away by limits",
      description:
        "A second, by the configured limit that was reached. Good: 0. Else the node has more than it was meant for.",
      unit: "eps",
      width: 6,
      levels: { good: "low", warn: 1e-9, bad: 1 },
      queries: [
        { expr: ratesSeen(m.limitReached, { by: "limit", where: ofNode }), legend: "{{limit}}" },
      ],
    }),
    graph({
      title: "Parents left alone",
      description:
        "1 while a parent, by its place in the configuration, is left alone after failures. Good: 0. All of a node at once is a cut line.",
      unit: "none",
      width: 6,
      max: 1,
      levels: { good: "low", warn: 0.5, bad: 1 },
      queries: [
        {
          expr: promql`max by (node, parent) (${m.parentEjected}{${ofNode}})`,
          legend: "{{node}} parent {{parent}}",
        },
      ],
    }),
    graph({
      title: "Reports not taken",
      description:
        "In five minutes: viewer counts that a parent did not take, and health reports of children that this node did not take. Good: 0. Meanwhile the number of viewers on the page is too low.",
      unit: "none",
      width: 5,
      queries: [
        {
          expr: promql`sum by (node) (increase(${m.reportsFailed}{${ofNode}}[5m]))`,
          legend: "{{node}} viewers",
        },
        {
          expr: promql`sum by (node) (increase(${m.nodeReportsRefused}{${ofNode}}[5m]))`,
          legend: "{{node}} health",
        },
      ],
    }),
  ],
};

export const edge: BoardSpec = {
  name: "edge",
  title: "Fullhouse: edges and shields",
  description: "What relays answer, how fast, how fresh, and what went wrong. Measured.",
  choices: [
    { label: "tier", of: m.connections },
    { label: "node", of: m.connections, where: `tier=~"$tier"` },
    { label: "feed", of: m.feedState, where: ofNode },
  ],
  rows: [answers, speed, freshness, relay, faults, processRow(ofNode)],
};
