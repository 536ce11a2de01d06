/** What the nodes of a tier did between two samples. */
import { countersBetween, countersSum, noCounters, type NodeCounters } from "./node-counters.ts";
import type { Sample, WatchedNode } from "./sampler.ts";

/** Sums over the tier's nodes; a node that is missing in either sample counts as idle. */
export function tierBetween(
  nodes: readonly WatchedNode[],
  tier: WatchedNode["tier"],
  { before, after }: { before: Sample; after: Sample },
): NodeCounters {
  let sums = noCounters;
  for (const { name } of nodes.filter((node) => node.tier === tier)) {
    const [from, to] = [before.nodes.get(name), after.nodes.get(name)];
    if (from === undefined || to === undefined) continue;
    sums = countersSum(sums, countersBetween(from, to));
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
