/**
 * Which nodes the picture shows one by one: with many edges those that are not well, then the
 * busiest; the rest is one box. The table below the picture has them all.
 */
import { nodeId, type NodeHealth } from "../../../health/node-health.ts";
import { sumOfNodes } from "../../../health/node-report.ts";
import { conditions, nodeVerdict } from "../../../health/verdict.ts";

/** As many boxes as a screen holds above one another. */
export const crowdCountMax = 10;

export function boundedCrowd(nodes: readonly NodeHealth[]): NodeHealth[] {
  const parents = new Set(nodes.map(({ parent }) => parent));
  const [first] = nodes;
  const leaves = nodes.filter((node) => node !== first && !parents.has(nodeId(node)));
  if (first === undefined || leaves.length <= crowdCountMax) return [...nodes];
  const rank = (node: NodeHealth): number => conditions.indexOf(nodeVerdict(node).condition);
  const ranked = [...leaves].sort(
    (a, b) => rank(a) - rank(b) || b.toViewersBitsPerSec - a.toViewersBitsPerSec,
  );
  const rest = new Set(ranked.slice(crowdCountMax - 1));
  const sum = sumOfNodes([...rest], first);
  const [parent = nodeId(first), ...others] = new Set([...rest].map((node) => node.parent));
  return [
    ...nodes.filter((node) => !rest.has(node)),
    { ...sum, parent: others.length === 0 ? parent : nodeId(first) },
  ];
}
