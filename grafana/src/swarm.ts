/** Viewers who help each other: whether they may, what it saves, what goes wrong, and their room. */
import { roomMetrics } from "../../src/metrics/room.ts";
import { swarmMetrics } from "../../src/metrics/swarm.ts";
import type { BoardRow, BoardSpec } from "./board.ts";
import { graph } from "./panels.ts";
import { promql, rateOf, ratesSeen } from "./promql.ts";

const m = swarmMetrics;
const ofNode = `tier="edge",node=~"$node"`;
const ofFeed = `${ofNode},feed=~"$feed"`;
/** Viewers report every 10 s: a shorter look has gaps. */
const reported = { where: ofFeed, over: "1m" };

const effect: BoardRow = {
  question: "What do viewers take off the edges?",
  height: 8,
  panels: [
    graph({
      title: "From peers, of what members get",
      description:
        "Share of the media of viewers in cells that came from other viewers, over a minute. Good: 85 % and more with whole cells, 75 % with four viewers. Under 10 % for long is SwarmNoHelp.",
      unit: "percentunit",
      width: 8,
      max: 1,
      levels: { good: "high", warn: 0.5, bad: 0.1 },
      queries: [
        { expr: promql`live:node_swarm_offload:ratio{${ofNode}}`, legend: "{{node}}" },
        {
          expr: promql`live:peer_offload:ratio`,
          legend: "of what all viewers of all edges get",
          isReference: true,
        },
      ],
    }),
    graph({
      title: "Where members have it from",
      description:
        "Media bits a second over a minute, as members report: what edges sent them, and what they gave each other. The sum is what edges would send without the swarm.",
      unit: "bps",
      width: 8,
      isStacked: true,
      queries: [
        {
          expr: promql`8 * ${rateOf(m.receivedBytes, { by: "from", ...reported })}`,
          legend: "from {{from}}",
        },
      ],
    }),
    graph({
      title: "Given to others",
      description:
        "Media bits a second that viewers of each edge upload, over a minute. Good: about what peers are said to give, or more: a viewer may give up what is on its way.",
      unit: "bps",
      width: 8,
      queries: [
        {
          expr: promql`8 * ${rateOf(m.uploadedBytes, { by: "node", ...reported })}`,
          legend: "{{node}}",
        },
      ],
    }),
  ],
};

const members: BoardRow = {
  question: "May they, and who takes part?",
  height: 7,
  panels: [
    graph({
      title: "Whether they may",
      description:
        "1 while viewers of the feed may help each other at the edge. 0: the origin forbids it, or the mode of the edge is off, or it is auto and the load is low; its admin port says which (/api/swarm).",
      unit: "none",
      width: 8,
      max: 1,
      queries: [
        { expr: promql`max by (node, feed) (${m.on}{${ofFeed}})`, legend: "{{node}} {{feed}}" },
      ],
    }),
    graph({
      title: "Viewers in cells",
      description:
        "Viewers who exchange segments, by edge. As many as let others have theirs. Waiting: those who are to come and wait their turn (room.joinsPerSecMax), for a minute or so when the swarm goes on.",
      unit: "short",
      width: 8,
      queries: [
        { expr: promql`sum by (node) (${m.members}{${ofNode}})`, legend: "{{node}}" },
        { expr: promql`sum by (node) (${m.waiting}{${ofNode}})`, legend: "{{node}} waiting" },
      ],
    }),
    graph({
      title: "Viewers of a cell",
      description:
        "The mean. Good: 16 to 32. Fewer where a rung has fewer viewers: then there are fewer to ask.",
      unit: "none",
      width: 8,
      queries: [
        {
          expr: promql`sum by (node) (${m.members}{${ofNode}}) / (sum by (node) (${m.cells}{${ofNode}}) > 0)`,
          legend: "{{node}}",
        },
      ],
    }),
  ],
};

const faults: BoardRow = {
  question: "What goes wrong between them?",
  height: 7,
  panels: [
    graph({
      title: "Wrong and late segments",
      description:
        "A second over a minute. Wrong: the digest was not the announced one, so that it was neither played nor passed on. Late: asked of peers, fetched from the edge in the end. Good: none, and few.",
      unit: "eps",
      width: 9,
      queries: [
        {
          expr: rateOf(m.refusedSegments, { by: "node", ...reported }),
          legend: "{{node}} wrong",
        },
        { expr: rateOf(m.lateSegments, { by: "node", ...reported }), legend: "{{node}} late" },
      ],
    }),
    graph({
      title: "Shut out",
      description: "Viewers shut out of the swarm for wrong bytes, in five minutes. Good: 0.",
      unit: "none",
      width: 6,
      queries: [
        {
          expr: promql`sum by (node) (increase(${m.bans}{${ofNode}}[5m]))`,
          legend: "{{node}}",
        },
      ],
    }),
    graph({
      title: "Signalling",
      description:
        "A second, what viewers say to each other through the edge to connect. A burst when many come, then little. Many refused: viewers come through a proxy, so that their addresses are not their sockets', or somebody plays tricks.",
      unit: "eps",
      width: 9,
      queries: [
        {
          expr: rateOf(roomMetrics.signals, { by: "node, outcome", where: ofNode }),
          legend: "{{node}} {{outcome}}",
        },
      ],
    }),
  ],
};

const rooms: BoardRow = {
  question: "Are the rooms well?",
  height: 7,
  panels: [
    graph({
      title: "Viewers in rooms",
      description:
        "Open WebSockets of viewers, by edge. About its viewers with a page of ours; they fall back to asking for the status where the room is full.",
      unit: "short",
      width: 5,
      queries: [
        { expr: promql`sum by (node) (${roomMetrics.sockets}{${ofNode}})`, legend: "{{node}}" },
      ],
    }),
    graph({
      title: "Messages",
      description: "A second, from viewers and to them. To them: one for each segment and member.",
      unit: "mps",
      width: 5,
      queries: [
        {
          expr: rateOf(roomMetrics.messages, { by: "node, direction", where: ofNode }),
          legend: "{{node}} {{direction}}",
        },
      ],
    }),
    graph({
      title: "Bytes",
      description:
        "A second, of these messages. About a hundredth of the media, which is not in it. Good: even, but when many come.",
      unit: "Bps",
      width: 4,
      queries: [
        {
          expr: rateOf(roomMetrics.bytes, { by: "node, direction", where: ofNode }),
          legend: "{{node}} {{direction}}",
        },
      ],
    }),
    graph({
      title: "Not let in",
      description:
        "A second. full: room.socketCountMax is reached. address: one address has room.addressSocketCountMax. origin: pages of other sites, which room.allowedOrigins can let in.",
      unit: "eps",
      width: 5,
      queries: [
        {
          expr: ratesSeen(roomMetrics.refused, { by: "reason", where: ofNode }),
          legend: "{{reason}}",
        },
      ],
    }),
    graph({
      title: "Put out",
      description:
        "A second. budget and malformed: somebody floods or plays tricks. backlog: a line too slow for its messages. idle: a viewer who is gone. crowded: the rooms were full, and one address had most of them.",
      unit: "eps",
      width: 5,
      queries: [
        {
          expr: ratesSeen(roomMetrics.closed, { by: "reason", where: ofNode }),
          legend: "{{reason}}",
        },
      ],
    }),
  ],
};

export const swarm: BoardSpec = {
  name: "swarm",
  title: "Fullhouse: viewers help each other",
  description:
    "Rooms and swarm of the edges. What members get and give is what they report of themselves, and as little to be trusted as anything from outside.",
  choices: [
    { label: "node", of: m.on, where: `tier="edge"` },
    { label: "feed", of: m.on, where: ofNode },
  ],
  rows: [effect, members, faults, rooms],
};
