/** The counters of one node that a load test is about, from a scrape of its metrics. */
import { readExposition, sumOf, type Sample } from "../../src/node/exposition.ts";
import { edgeMetrics } from "../../src/metrics/edge.ts";
import { originMetrics } from "../../src/metrics/origin.ts";

export interface NodeCounters {
  /** Bodies sent to viewers and to child relays. */
  egressBytes: number;
  /** Bodies received from parents; 0 at the origin. */
  fillBytes: number;
  /** Viewers of this node and the relays below it; 0 at the origin. */
  viewers: number;
  /** Open connections of viewers; 0 at a node without a viewer port. */
  connections: number;
  /** Segments and init segments asked for, and those of them that were there. */
  mediaResponses: number;
  mediaHits: number;
  /** Segments that the origin has listed, in each rung; 0 at relays. */
  segmentsListed: number;
}

/** Kinds of objects whose bytes never change. */
const mediaKinds = ["segment", "init", "part"] as const;

export function nodeCounters(scrape: string): NodeCounters {
  const samples = readExposition(scrape);
  return {
    egressBytes:
      sumOf(samples, edgeMetrics.egressBytes.name) + sumOf(samples, originMetrics.tierSent.name),
    fillBytes: sumOf(samples, edgeMetrics.fillBytes.name),
    viewers: sumOf(samples, edgeMetrics.viewers.name),
    connections: sumOf(samples, edgeMetrics.connections.name),
    mediaResponses: mediaOf(samples, {}),
    mediaHits: mediaOf(samples, { outcome: "hit" }),
    segmentsListed: sumOf(samples, originMetrics.segments.name),
  };
}

function mediaOf(samples: readonly Sample[], labels: Record<string, string>): number {
  const { name } = edgeMetrics.responses;
  return mediaKinds.reduce((sum, kind) => sum + sumOf(samples, name, { kind, ...labels }), 0);
}

export const noCounters: NodeCounters = {
  egressBytes: 0,
  fillBytes: 0,
  viewers: 0,
  connections: 0,
  mediaResponses: 0,
  mediaHits: 0,
  segmentsListed: 0,
};

/** What happened between two scrapes; viewers and connections are the later ones. */
export function countersBetween(before: NodeCounters, after: NodeCounters): NodeCounters {
  const change = combined(after, before, (later, earlier) => later - earlier);
  return { ...change, ...present(after) };
}

/** What is there now, and not counted since a start. */
export function present({ viewers, connections }: NodeCounters) {
  return { viewers, connections };
}

/** Both together, viewers included. */
export function countersSum(one: NodeCounters, other: NodeCounters): NodeCounters {
  return combined(one, other, (a, b) => a + b);
}

/** Whether a later scrape is of a program that has begun anew. */
export function hasFallen(before: NodeCounters, now: NodeCounters): boolean {
  return now.egressBytes < before.egressBytes || now.fillBytes < before.fillBytes;
}

function combined(
  one: NodeCounters,
  other: NodeCounters,
  by: (a: number, b: number) => number,
): NodeCounters {
  const keys = Object.keys(noCounters) as (keyof NodeCounters)[];
  const entries = keys.map((key) => [key, by(one[key], other[key])] as const);
  return Object.fromEntries(entries) as unknown as NodeCounters;
}
