/**
 * Which nodes the picture shows one by one: with many edges those that are not well, then the
 * busiest; the rest is one box below each parent. The table below the picture has them all.
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
  const groups = new Map<string, NodeHealth[]>();
  for (const node of rest) groups.set(node.parent, [...(groups.get(node.parent) ?? []), node]);
  const sums = [...groups].map(([parent, group], index): NodeHealth => {
    const [only, ...others] = group;
    if (only !== undefined && others.length === 0) return only;
    return { ...sumOfNodes(group, first), ...{ name: "rest", process: index, parent } };
  });
  return [...nodes.filter((node) => !rest.has(node)), ...sums];
}
