/** A node for tests that is well and does nothing. */
import type { NodeHealth } from "../node-health.ts";

export function madeNode(name: string, values: Partial<NodeHealth> = {}): NodeHealth {
  return {
    name,
    process: 1,
    tier: "edge",
    parent: "",
    nodeCount: 1,
    uptimeMs: 60_000,
    ageMs: 0,
    isReady: true,
    reason: "",
    feeds: [{ name: "main", viewers: 0, isStale: false }],
    toViewersBitsPerSec: 0,
    toChildrenBitsPerSec: 0,
    fillBitsPerSec: 0,
    capacityBitsPerSec: 0,
    lookupCount: 0,
    hitCount: 0,
    connectionCount: 0,
    ejectedParents: [],
    cpuRatio: 0,
    loopLagMs: 0,
    faults: [],
    ...values,
  };
}
