/** The origin: from what the publisher sends to what the relays fetch. */
import { originMetrics } from "../../src/metrics/origin.ts";
import type { BoardRow, BoardSpec } from "./board.ts";
import { feedState, feedStateLooks } from "./feed-states.ts";
import { encoder, ladder, segments } from "./origin-media.ts";
import { graph, timeline } from "./panels.ts";
import { processRow } from "./process-row.ts";
import { countsSeen, promql, rateOf, ratesSeen } from "./promql.ts";

const m = originMetrics;
const ofNode = `node=~"$node"`;
const ofFeed = `node=~"$node",feed=~"$feed"`;

const ingest: BoardRow = {
  question: "Does the publisher send what it should?",
  height: 7,
  panels: [
    timeline(
      {
        title: "State of the feeds",
        description:
          "Good: live. Waiting: the publisher is gone and has its grace to come back. Offline: nobody publishes.",
        unit: "none",
        width: 6,
        queries: [
          { expr: feedState(m.feedState, { by: "feed", where: ofFeed }), legend: "{{feed}}" },
        ],
      },
      feedStateLooks,
    ),
    graph({
      title: "Received from publishers",
      description:
        "Bits a second from RTMP peers. Steady while somebody publishes; a sawtooth or gaps mean a bad line at the venue.",
      unit: "bps",
      width: 6,
      queries: [
        {
          expr: promql`8 * ${rateOf(m.rtmpReceived, { by: "node", where: ofNode })}`,
          legend: "{{node}}",
        },
      ],
    }),
    graph({
      title: "Media messages",
      description:
        "Video frames, audio frames and data that publishers send a second. Video falls below the frame rate where the publisher's machine is too slow.",
      unit: "eps",
      width: 4,
      queries: [{ expr: rateOf(m.rtmpTags, { by: "kind", where: ofNode }), legend: "{{kind}}" }],
    }),
    graph({
      title: "Publishers and connections",
      description:
        "Publishers of each feed, and open RTMP connections by state. Good: one main publisher, and a standby where there is one. Many pending ones are strangers at the door.",
      unit: "none",
      width: 4,
      queries: [
        {
          expr: promql`sum by (feed, kind) (${m.rtmpPublishers}{${ofFeed}})`,
          legend: "{{feed}} {{kind}}",
        },
        { expr: promql`sum by (state) (${m.rtmpConnections}{${ofNode}})`, legend: "{{state}}" },
      ],
    }),
    graph({
      title: "Ends, refusals and pauses",
      description:
        "RTMP connections that ended in five minutes, by reason; those closed by a limit; and times a publisher was paused because the encoder was behind. Good: nothing but unpublished, closed and taken-over.",
      unit: "none",
      width: 4,
      queries: [
        {
          expr: countsSeen(m.rtmpEnds, { by: "reason", where: ofNode }),
          legend: "ended: {{reason}}",
        },
        {
          expr: countsSeen(m.rtmpLimits, { by: "limit", where: ofNode }),
          legend: "limit: {{limit}}",
        },
        {
          expr: promql`sum(increase(${m.rtmpPauses}{${ofNode}}[5m]))`,
          legend: "paused",
        },
      ],
    }),
  ],
};

const repairs: BoardRow = {
  question: "What had to be repaired?",
  height: 7,
  panels: [
    graph({
      title: "Epochs and faults",
      description:
        "Runs of media begun in five minutes, and those that had to end, by reason. Good: one begins with the broadcast. Each fault is a discontinuity that viewers may see.",
      unit: "none",
      width: 6,
      queries: [
        {
          expr: promql`sum by (feed) (increase(${m.epochs}{${ofFeed}}[5m]))`,
          legend: "{{feed}} begun",
        },
        {
          expr: promql`sum by (feed, reason) (increase(${m.epochFaults}{${ofFeed}}[5m]))`,
          legend: "{{feed}} fault: {{reason}}",
        },
      ],
    }),
    graph({
      title: "The publisher's timeline",
      description:
        "Tags in five minutes that were dropped or clamped, jumps that were removed, and starts given up. Good: 0. Many mean a broken encoder at the venue.",
      unit: "none",
      width: 6,
      queries: [
        {
          expr: countsSeen(m.timelineRepairs, { by: "kind", where: ofNode }),
          legend: "{{kind}}",
        },
      ],
    }),
    graph({
      title: "Sound and picture",
      description:
        "Frames in five minutes that came too late, were missing or were dropped, counted when an epoch ends. Good: 0.",
      unit: "none",
      width: 6,
      queries: [
        {
          expr: countsSeen(m.soundRepairs, { by: "kind", where: ofNode }),
          legend: "sound {{kind}}",
        },
        {
          expr: countsSeen(m.pictureRepairs, { by: "kind", where: ofNode }),
          legend: "picture {{kind}}",
        },
      ],
    }),
    graph({
      title: "State that was not written",
      description:
        "Writes of a feed's counters that failed, in five minutes. Good: 0. With a full disk the next start cannot go on where this one ended.",
      unit: "none",
      width: 6,
      levels: { good: "low", warn: 1e-9, bad: 1 },
      queries: [
        {
          expr: promql`sum by (feed) (increase(${m.stateWriteErrors}{${ofFeed}}[5m]))`,
          legend: "{{feed}}",
        },
      ],
    }),
  ],
};

const tier: BoardRow = {
  question: "Do the relays get what they ask for?",
  height: 7,
  panels: [
    graph({
      title: "Answers to relays",
      description:
        "By what was asked and the HTTP status, a second. Good: 200 and 304. 5xx are our own faults.",
      unit: "reqps",
      width: 6,
      queries: [
        {
          expr: ratesSeen(m.tierResponses, { by: "kind, status", where: ofNode }),
          legend: "{{kind}} {{status}}",
        },
      ],
    }),
    graph({
      title: "Sent to relays",
      description: "Body bits a second, by kind: what the origin's line carries.",
      unit: "bps",
      width: 6,
      isStacked: true,
      queries: [
        {
          expr: promql`8 * ${rateOf(m.tierSent, { by: "kind", where: ofNode })}`,
          legend: "{{kind}}",
        },
      ],
    }),
    graph({
      title: "Held requests",
      description:
        "Requests of relays that wait for media or for a change of state. Good: some for each relay, level.",
      unit: "none",
      width: 6,
      queries: [{ expr: promql`sum by (node) (${m.tierHeld}{${ofNode}})`, legend: "{{node}}" }],
    }),
    graph({
      title: "Turned away",
      description:
        "In five minutes: requests beyond tier.waiterCountMax, connections closed by reason, and reports of viewers and of health not taken. Good: 0.",
      unit: "none",
      width: 6,
      levels: { good: "low", warn: 1e-9, bad: 1 },
      queries: [
        {
          expr: promql`sum(increase(${m.tierHeldLimits}{${ofNode}}[5m]))`,
          legend: "too many held",
        },
        {
          expr: countsSeen(m.tierCutOff, { by: "reason", where: ofNode }),
          legend: "closed: {{reason}}",
        },
        {
          expr: promql`sum(increase(${m.viewerReportsRefused}{${ofNode}}[5m]))`,
          legend: "viewers not taken",
        },
        {
          expr: promql`sum(increase(${m.nodeReportsRefused}{${ofNode}}[5m]))`,
          legend: "health not taken",
        },
      ],
    }),
  ],
};

export const origin: BoardSpec = {
  name: "origin",
  title: "Fullhouse: origin",
  description: "From what the publisher sends to what the relays fetch. Measured.",
  choices: [
    { label: "node", of: m.feedState },
    { label: "feed", of: m.feedState, where: `node=~"$node"` },
  ],
  rows: [
    ingest,
    encoder,
    ladder,
    segments,
    repairs,
    tier,
    processRow(`tier="origin",node=~"$node"`),
  ],
};
