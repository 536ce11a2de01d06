/** What viewers' players report of themselves (CMCD, and our pages' beacons): who watches, starts, stalls, and how well. */
import { cmcdMetrics } from "../../src/metrics/cmcd.ts";
import { qoeMetrics } from "../../src/metrics/qoe.ts";
import type { BoardRow, BoardSpec } from "./board.ts";
import { graph, heat } from "./panels.ts";
import { bucketsOf, promql, quantileOf, rateOf, ratesSeen } from "./promql.ts";

const m = cmcdMetrics;
const q = qoeMetrics;
const where = `tier="edge",node=~"$node"`;
/** A player that has nothing to tell reports every 20 s: a shorter look has gaps. */
const reported = { where, over: "1m" };

const audience: BoardRow = {
  question: "Who reports, and what do their players do?",
  height: 7,
  panels: [
    graph({
      title: "Sessions, by what the player does",
      description:
        "Sessions that reported within the last minute. Good: nearly all play. Many that rebuffer or start are an audience in trouble.",
      unit: "short",
      width: 7,
      isStacked: true,
      queries: [{ expr: promql`sum by (state) (${m.sessions}{${where}})`, legend: "{{state}}" }],
    }),
    graph({
      title: "Sessions, by rung",
      description:
        "The rung that sessions last said they play, in kbps; other: a rate that is no rung. A shift downwards for all at once is a full line of ours, for some it is theirs.",
      unit: "short",
      width: 7,
      isStacked: true,
      queries: [{ expr: promql`sum by (rung) (${m.rungSessions}{${where}})`, legend: "{{rung}}" }],
    }),
    graph({
      title: "Reports taken",
      description:
        "A second: in queries of requests, and as events. What these boards say of viewers rests on them.",
      unit: "eps",
      width: 5,
      queries: [{ expr: rateOf(m.reports, { by: "mode", where }), legend: "{{mode}}" }],
    }),
    graph({
      title: "Reports refused",
      description:
        "A second, by reason. Anybody can send them: many refused ones cost nothing, and mean that somebody plays tricks or that a player is broken.",
      unit: "eps",
      width: 5,
      queries: [{ expr: ratesSeen(m.refused, { by: "reason", where }), legend: "{{reason}}" }],
    }),
  ],
};

const starts: BoardRow = {
  question: "Do they get a picture, and soon?",
  height: 7,
  panels: [
    heat({
      title: "Start-up, all sessions",
      description:
        "How many sessions took how long to their first picture; brighter is more. Good: one band under 2 s.",
      unit: "s",
      width: 8,
      queries: [{ expr: bucketsOf(m.startup, { where }), legend: "{{le}}" }],
    }),
    graph({
      title: "Start-up",
      description:
        "From joining to the first picture, of those who joined within a minute. Good: half under 2 s, 95 % under 5 s. Gaps: nobody joined.",
      unit: "s",
      width: 8,
      levels: { good: "low", warn: 2, bad: 5 },
      queries: [
        { expr: quantileOf(m.startup, 0.5, reported), legend: "half" },
        { expr: quantileOf(m.startup, 0.95, reported), legend: "95 %" },
      ],
    }),
    graph({
      title: "Never a picture, and fatal errors",
      description:
        "In five minutes: sessions that ended or fell silent without a picture, and fatal errors that players reported. Good: 0.",
      unit: "none",
      width: 8,
      queries: [
        {
          expr: promql`sum by (node) (increase(${m.startFailures}{${where}}[5m]))`,
          legend: "{{node}} no picture",
        },
        {
          expr: promql`sum by (node) (increase(${m.errors}{${where}}[5m]))`,
          legend: "{{node}} fatal errors",
        },
      ],
    }),
  ],
};

const smoothness: BoardRow = {
  question: "Does it run without standing still?",
  height: 7,
  panels: [
    graph({
      title: "Stall ratio",
      description:
        "Share of the viewing time that players of each edge stood still, over a minute. Good: under 0.2 %. Bad: over 1 %. One edge alone: look at that edge.",
      unit: "percentunit",
      width: 6,
      levels: { good: "low", warn: 0.002, bad: 0.01 },
      queries: [{ expr: promql`live:node_stall:ratio{${where}}`, legend: "{{node}}" }],
    }),
    graph({
      title: "Stalls",
      description: "In a minute, after the first picture. Good: under one for a hundred sessions.",
      unit: "none",
      width: 4,
      queries: [
        { expr: promql`60 * ${rateOf(m.stalls, { by: "node", ...reported })}`, legend: "{{node}}" },
      ],
    }),
    graph({
      title: "Watching and standing still",
      description:
        "Seconds reported for each second, over a minute: how many sessions play, and how many stand still. Good: the second far below the first.",
      unit: "none",
      width: 4,
      queries: [
        { expr: rateOf(m.playSeconds, reported), legend: "playing" },
        { expr: rateOf(m.stallSeconds, reported), legend: "stalled" },
      ],
    }),
    heat({
      title: "Buffer, all reports",
      description:
        "How much media players have ahead; brighter is more. Good: a band at 8 to 12 s. A second one at the bottom is about to stall.",
      unit: "s",
      width: 10,
      queries: [{ expr: bucketsOf(m.buffer, { where }), legend: "{{le}}" }],
    }),
  ],
};

const picture: BoardRow = {
  question: "With what line, and how far behind live?",
  height: 7,
  panels: [
    graph({
      title: "Buffer",
      description:
        "Media ahead, by the reports of a minute: the lowest tenth, half, and the highest tenth. Good: the lowest tenth above 4 s.",
      unit: "s",
      width: 8,
      queries: [
        { expr: quantileOf(m.buffer, 0.1, reported), legend: "lowest tenth" },
        { expr: quantileOf(m.buffer, 0.5, reported), legend: "half" },
        { expr: quantileOf(m.buffer, 0.9, reported), legend: "highest tenth" },
      ],
    }),
    graph({
      title: "Throughput",
      description:
        "What players measured while they fetched, by the reports of a minute: the lowest tenth, and half. Good: the lowest tenth above the second rung.",
      unit: "bps",
      width: 8,
      queries: [
        { expr: quantileOf(m.throughput, 0.1, reported), legend: "lowest tenth" },
        { expr: quantileOf(m.throughput, 0.5, reported), legend: "half" },
      ],
    }),
    graph({
      title: "Behind live",
      description:
        "By the reports of a minute. Good: 12 to 20 s with 4 s segments. What climbs for all at once is a feed that lags.",
      unit: "s",
      width: 8,
      levels: { good: "low", warn: 25, bad: 40 },
      queries: [
        { expr: quantileOf(m.latency, 0.5, reported), legend: "half" },
        { expr: quantileOf(m.latency, 0.95, reported), legend: "95 %" },
      ],
    }),
  ],
};

const pages: BoardRow = {
  question: "What do our own pages say?",
  height: 7,
  panels: [
    graph({
      title: "Pages, by what they show",
      description:
        "Pages of ours that reported within the last minute. Good: nearly all live. Stalled, error and full are viewers without a picture.",
      unit: "short",
      width: 6,
      isStacked: true,
      queries: [{ expr: promql`sum by (face) (${q.sessions}{${where}})`, legend: "{{face}}" }],
    }),
    graph({
      title: "Stall ratio, told twice",
      description:
        "By pages' beacons and by CMCD, over a minute. Good: both under 0.2 %, one upon the other. Apart: other players than ours watch, or beacons are refused.",
      unit: "percentunit",
      width: 6,
      levels: { good: "low", warn: 0.002, bad: 0.01 },
      queries: [
        { expr: promql`live:qoe_stall:ratio`, legend: "beacons" },
        { expr: promql`live:stall:ratio`, legend: "CMCD" },
      ],
    }),
    graph({
      title: "Bitrate watched",
      description:
        "Mean rate of the rungs that pages played, over a minute. Good: near the top of the ladder.",
      unit: "bps",
      width: 4,
      queries: [
        {
          expr: promql`8 * ${rateOf(q.mediaBytes, reported)} / (${rateOf(q.playSeconds, reported)} > 0)`,
          legend: "mean",
        },
      ],
    }),
    graph({
      title: "From other viewers, and frames dropped",
      description:
        "Share of the media received that came from peers, and of the frames decoded that devices were too slow to show, over a minute. Good: the second under 1 %.",
      unit: "percentunit",
      width: 4,
      queries: [
        { expr: promql`live:qoe_peer_offload:ratio`, legend: "from peers" },
        {
          expr: promql`${rateOf(q.frames, { where: `outcome="dropped",${where}`, over: "1m" })} / (${rateOf(q.frames, reported)} > 0)`,
          legend: "dropped",
        },
      ],
    }),
    graph({
      title: "Beacons",
      description:
        "A second: taken, and refused by reason. Implausible ones are somebody's tricks; no-session are pages that CMCD does not know.",
      unit: "eps",
      width: 4,
      queries: [
        { expr: rateOf(q.beacons, { where }), legend: "taken" },
        { expr: ratesSeen(q.refused, { by: "reason", where }), legend: "{{reason}}" },
      ],
    }),
  ],
};

const pagesStarts: BoardRow = {
  question: "What did pages see of starts, stalls and delay?",
  height: 7,
  panels: [
    graph({
      title: "Start-up of pages",
      description:
        "From wanting a picture to the first one, of pages that started within a minute. Good: 95 % under 2 s. Gaps: nobody started.",
      unit: "s",
      width: 6,
      levels: { good: "low", warn: 2, bad: 5 },
      queries: [
        { expr: quantileOf(q.startup, 0.5, reported), legend: "half" },
        { expr: quantileOf(q.startup, 0.95, reported), legend: "95 %" },
      ],
    }),
    graph({
      title: "Stalls and errors of pages",
      description:
        "In five minutes: stalls after the first picture, and times that a page showed an error. Good: 0.",
      unit: "none",
      width: 6,
      queries: [
        { expr: promql`sum (increase(${q.stalls}{${where}}[5m]))`, legend: "stalls" },
        { expr: promql`sum (increase(${q.errors}{${where}}[5m]))`, legend: "errors" },
      ],
    }),
    graph({
      title: "Pages behind live",
      description: "By the beacons of a minute. Good: 12 to 20 s with 4 s segments.",
      unit: "s",
      width: 6,
      levels: { good: "low", warn: 25, bad: 40 },
      queries: [
        { expr: quantileOf(q.latency, 0.5, reported), legend: "half" },
        { expr: quantileOf(q.latency, 0.95, reported), legend: "95 %" },
      ],
    }),
    graph({
      title: "Given to other viewers",
      description:
        "What pages sent to peers, over a minute. Good: close to what peers received; more is sent in vain.",
      unit: "bps",
      width: 6,
      queries: [
        { expr: promql`8 * ${rateOf(q.uploadedBytes, reported)}`, legend: "given" },
        {
          expr: promql`8 * ${rateOf(q.receivedBytes, { where: `from="peers",${where}`, over: "1m" })}`,
          legend: "received",
        },
      ],
    }),
  ],
};

export const viewers: BoardSpec = {
  name: "viewers",
  title: "Fullhouse: viewers (CMCD and QoE)",
  description:
    "What viewers' players report of themselves, added up by the edges. Measured by the players, and as little to be trusted as anything from outside.",
  choices: [{ label: "node", of: m.playSeconds, where: `tier="edge"` }],
  rows: [audience, starts, smoothness, picture, pages, pagesStarts],
};
