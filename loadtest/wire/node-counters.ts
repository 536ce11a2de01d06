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
    mediaResponses: mediaOf(samples, {}),
    mediaHits: mediaOf(samples, { outcome: "hit" }),
    segmentsListed: sumOf(samples, originMetrics.segments.name),
  };
}

function mediaOf(samples: readonly Sample[], labels: Record<string, string>): number {
  const { name } = edgeMetrics.responses;
  return mediaKinds.reduce((sum, kind) => sum + sumOf(samples, name, { kind, ...labels }), 0);
}

/** What happened between two scrapes; the number of viewers is the later one. */
export function countersBetween(before: NodeCounters, after: NodeCounters): NodeCounters {
  return {
    egressBytes: after.egressBytes - before.egressBytes,
    fillBytes: after.fillBytes - before.fillBytes,
    viewers: after.viewers,
    mediaResponses: after.mediaResponses - before.mediaResponses,
    mediaHits: after.mediaHits - before.mediaHits,
    segmentsListed: after.segmentsListed - before.segmentsListed,
  };
}
