/** What the nodes of a tier did between two samples. */
import { countersBetween, type NodeCounters } from "./node-counters.ts";
import type { Sample, WatchedNode } from "./sampler.ts";

/** Sums over the tier's nodes; a node that is missing in either sample counts as idle. */
export function tierBetween(
  nodes: readonly WatchedNode[],
  tier: WatchedNode["tier"],
  { before, after }: { before: Sample; after: Sample },
): NodeCounters {
  const sums: NodeCounters = {
    egressBytes: 0,
    fillBytes: 0,
    viewers: 0,
    mediaResponses: 0,
    mediaHits: 0,
    segmentsListed: 0,
  };
  for (const { name } of nodes.filter((node) => node.tier === tier)) {
    const [from, to] = [before.nodes.get(name), after.nodes.get(name)];
    if (from === undefined || to === undefined) continue;
    const change = countersBetween(from, to);
    for (const key of Object.keys(sums) as (keyof NodeCounters)[]) sums[key] += change[key];
  }
  return sums;
}

/** Gbps of so many bytes in the time between two samples. */
export function gbpsBetween(
  bytes: number,
  { before, after }: { before: Sample; after: Sample },
): number {
  const passedMs = after.atMs - before.atMs;
  return passedMs <= 0 ? 0 : (8 * bytes) / passedMs / 1e6;
}
