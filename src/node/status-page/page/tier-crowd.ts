/**
 * Which nodes the picture shows one by one: with many edges those nearest to the answering node, of
 * them those that are not well, then the busiest; the rest is one box below each parent. What one child
 * says of nodes below it never takes the place of another child. The table has them all.
 */
import { nodeId, type NodeHealth } from "../../../health/node-health.ts";
import { sumOfNodes } from "../../../health/node-report.ts";
import { conditions, nodeVerdict } from "../../../health/verdict.ts";

/** As many boxes as a screen holds above one another. */
export const crowdCountMax = 10;

export function boundedCrowd(nodes: readonly NodeHealth[]): NodeHealth[] {
  const [first] = nodes;
  if (first === undefined) return [];
  const byId = new Map(nodes.map((node) => [nodeId(node), node]));
  const parents = new Set(nodes.map(({ parent }) => parent));
  const others = nodes.slice(1);
  const isInner = (node: NodeHealth): boolean => parents.has(nodeId(node));
  const ranked = byRank(others, (node) => depthOf(node, byId, first));
  const rest = new Set([
    ...beyond(ranked.filter(isInner)),
    ...beyond(ranked.filter((node) => !isInner(node))),
  ]);
  if (rest.size === 0) return [...nodes];
  const groups = new Map<string, NodeHealth[]>();
  for (const node of rest) {
    const parent = shownParent(node, { byId, rest, first });
    groups.set(parent, [...(groups.get(parent) ?? []), node]);
  }
  const sums = [...groups].map(([parent, group], index): NodeHealth => {
    const [only, ...more] = group;
    if (only !== undefined && more.length === 0) return { ...only, parent };
    return { ...sumOfNodes(group, first), ...{ name: "rest", process: index, parent } };
  });
  return [...nodes.filter((node) => !rest.has(node)), ...sums];
}

/** Those that there is no room for, when there are too many; one place is for their sum. */
function beyond(ranked: readonly NodeHealth[]): NodeHealth[] {
  return ranked.length <= crowdCountMax ? [] : ranked.slice(crowdCountMax - 1);
}

function byRank(
  nodes: readonly NodeHealth[],
  depthOfNode: (node: NodeHealth) => number,
): NodeHealth[] {
  const ranks = new Map(
    nodes.map((node) => [
      node,
      [depthOfNode(node), conditions.indexOf(nodeVerdict(node).condition)] as const,
    ]),
  );
  return [...nodes].sort((a, b) => {
    const [depthA, rankA] = ranks.get(a)!;
    const [depthB, rankB] = ranks.get(b)!;
    return depthA - depthB || rankA - rankB || b.toViewersBitsPerSec - a.toViewersBitsPerSec;
  });
}

/** 1 for children of the answering node; parents that lead elsewhere count as far away. */
function depthOf(node: NodeHealth, byId: Nodes, first: NodeHealth): number {
  let at: NodeHealth | undefined = node;
  for (let depth = 0; depth <= byId.size && at !== undefined; depth++) {
    if (at === first) return depth;
    at = byId.get(at.parent);
  }
  return byId.size;
}

/** The nearest node above that has a box of its own. */
function shownParent(
  node: NodeHealth,
  { byId, rest, first }: { byId: Nodes; rest: ReadonlySet<NodeHealth>; first: NodeHealth },
): string {
  let at = byId.get(node.parent);
  for (let steps = 0; steps <= byId.size && at !== undefined; steps++) {
    if (!rest.has(at)) return nodeId(at);
    at = byId.get(at.parent);
  }
  return nodeId(first);
}

type Nodes = ReadonlyMap<string, NodeHealth>;
