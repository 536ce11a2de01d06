/** The rows of the origin's board about media: encoder, ladder and segments. */
import { originMetrics } from "../../src/metrics/origin.ts";
import type { BoardRow } from "./board.ts";
import { graph, heat } from "./panels.ts";
import { bucketsOf, promql, quantileOf, rateOf } from "./promql.ts";

const m = originMetrics;
const ofFeed = `node=~"$node",feed=~"$feed"`;

export const encoder: BoardRow = {
  question: "Does the encoder keep up?",
  height: 7,
  panels: [
    graph({
      title: "Speed",
      description:
        "Media time encoded for each second. Good: 1. Below 1 the encoder lags, and viewers stall when their buffers are gone: take rungs away or give it cores.",
      unit: "none",
      width: 6,
      levels: { good: "high", warn: 0.98, bad: 0.95 },
      queries: [
        { expr: promql`min by (feed) (${m.transcodeSpeed}{${ofFeed}})`, legend: "{{feed}}" },
      ],
    }),
    graph({
      title: "Pictures",
      description:
        "Pictures encoded a second in each rung; those dropped; and those shown twice because the publisher sent too few. Good: the frame rate, 0 and 0.",
      unit: "eps",
      width: 6,
      queries: [
        {
          expr: promql`min by (feed) (${m.transcodeFrameRate}{${ofFeed}})`,
          legend: "{{feed}} encoded",
        },
        {
          expr: rateOf(m.transcodeFramesDropped, { by: "feed", where: ofFeed }),
          legend: "{{feed}} dropped",
        },
        {
          expr: rateOf(m.transcodeFramesDuplicated, { by: "feed", where: ofFeed }),
          legend: "{{feed}} shown twice",
        },
      ],
    }),
    graph({
      title: "Starts and exits",
      description:
        "Encoder processes started, and gone by reason, in five minutes. Good: a start a broadcast. A row of crashes or stalls is an encoder that cannot take what it gets.",
      unit: "none",
      width: 6,
      queries: [
        {
          expr: promql`sum by (feed) (increase(${m.transcodeStarts}{${ofFeed}}[5m]))`,
          legend: "{{feed}} started",
        },
        {
          expr: promql`sum by (feed, reason) (increase(${m.transcodeExits}{${ofFeed}}[5m]))`,
          legend: "{{feed}} {{reason}}",
        },
      ],
    }),
    graph({
      title: "Complaints",
      description:
        "Lines of complaint from the encoder, and times its input queue was full, in five minutes. Good: 0. A full queue is an encoder that lags.",
      unit: "none",
      width: 6,
      queries: [
        {
          expr: promql`sum by (feed) (increase(${m.transcodeLogLines}{${ofFeed}}[5m]))`,
          legend: "{{feed}} lines",
        },
        {
          expr: promql`sum by (feed) (increase(${m.transcodeInputPauses}{${ofFeed}}[5m]))`,
          legend: "{{feed}} queue full",
        },
      ],
    }),
  ],
};

export const ladder: BoardRow = {
  question: "Does the ladder keep to its rates and to the cap?",
  height: 8,
  panels: [
    graph({
      title: "Rate of each rung",
      description:
        "Average over the segments listed. Dashed: what the rung is announced with (BANDWIDTH). Good: below its dashed line. A still picture takes less.",
      unit: "bps",
      width: 8,
      queries: [
        {
          expr: promql`max by (feed, rung) (${m.rungRate}{${ofFeed}})`,
          legend: "{{feed}} {{rung}}",
        },
        {
          expr: promql`max by (feed, rung) (${m.rungBandwidth}{${ofFeed}})`,
          legend: "{{feed}} {{rung}} BANDWIDTH",
          isReference: true,
        },
      ],
    }),
    graph({
      title: "Peak of each rung against the cap",
      description:
        "Highest rate of each rung in this broadcast, by the definition of BANDWIDTH. Dashed: the cap, 0 without one. A line above it breaks the promise to the network.",
      unit: "bps",
      width: 8,
      queries: [
        {
          expr: promql`max by (feed, rung) (${m.segmentPeak}{${ofFeed}})`,
          legend: "{{feed}} {{rung}} peak",
        },
        {
          expr: promql`max by (feed) (${m.ladderCap}{${ofFeed}})`,
          legend: "{{feed}} cap",
          isReference: true,
        },
      ],
    }),
    graph({
      title: "Media made",
      description:
        "Bits a second of the segments listed, by rung: what one copy of the feed takes.",
      unit: "bps",
      width: 4,
      isStacked: true,
      queries: [
        {
          expr: promql`8 * ${rateOf(m.segmentBytes, { by: "rung", where: ofFeed })}`,
          legend: "{{rung}}",
        },
      ],
    }),
    graph({
      title: "Breaches of BANDWIDTH",
      description:
        "Segments in five minutes with which a rung went above what it is announced with. Good: 0. Players that trusted the number stall.",
      unit: "none",
      width: 4,
      levels: { good: "low", warn: 1e-9, bad: 1 },
      queries: [
        {
          expr: promql`sum by (feed, rung) (increase(${m.bandwidthBreaches}{${ofFeed}}[5m]))`,
          legend: "{{feed}} {{rung}}",
        },
      ],
    }),
  ],
};

export const segments: BoardRow = {
  question: "Do segments come in time?",
  height: 7,
  panels: [
    graph({
      title: "Ready lag",
      description:
        "From the arrival of a segment's last picture to its listing. Good: 95 % under 1 s. Over a target duration (4 s) the feed falls behind.",
      unit: "s",
      width: 5,
      levels: { good: "low", warn: 1, bad: 4 },
      queries: [
        { expr: quantileOf(m.segmentReadyLag, 0.5, { where: ofFeed }), legend: "half" },
        { expr: quantileOf(m.segmentReadyLag, 0.95, { where: ofFeed }), legend: "95 %" },
      ],
    }),
    graph({
      title: "Age of the newest segment",
      description:
        "A sawtooth up to the length of a segment (about 4 s). What climbs on is a feed that stands still.",
      unit: "s",
      width: 5,
      levels: { good: "low", warn: 6, bad: 8 },
      queries: [
        {
          expr: promql`max by (feed) (live:segment_age:seconds{${ofFeed}})`,
          legend: "{{feed}}",
        },
      ],
    }),
    heat({
      title: "Ready lag, all segments",
      description:
        "How many segments took how long to be listed; brighter is more. Good: one band at the bottom.",
      unit: "s",
      width: 4,
      queries: [{ expr: bucketsOf(m.segmentReadyLag, { where: ofFeed }), legend: "{{le}}" }],
    }),
    graph({
      title: "Segments listed",
      description: "In each rung, a minute. About 15 while live.",
      unit: "none",
      width: 4,
      queries: [
        {
          expr: promql`60 * ${rateOf(m.segments, { by: "feed", where: ofFeed })}`,
          legend: "{{feed}}",
        },
      ],
    }),
    graph({
      title: "Window",
      description:
        "Media kept in memory. Level once the window is full; it has a limit (window.bytesMax).",
      unit: "bytes",
      width: 3,
      queries: [{ expr: promql`sum by (feed) (${m.windowBytes}{${ofFeed}})`, legend: "{{feed}}" }],
    }),
    graph({
      title: "Gone early",
      description:
        "Segments in five minutes that could not be fetched any more because window.bytesMax was reached. Good: 0.",
      unit: "none",
      width: 3,
      levels: { good: "low", warn: 1e-9, bad: 1 },
      queries: [
        {
          expr: promql`sum by (feed) (increase(${m.windowLimits}{${ofFeed}}[5m]))`,
          legend: "{{feed}}",
        },
      ],
    }),
  ],
};
