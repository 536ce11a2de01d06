/**
 * Where the boxes and lines of the picture of tiers stand. Pure geometry: nodes and a width in, pixels
 * out. Wide pages get columns from left to right, narrow ones a list from top to bottom.
 */
import { nodeId, type NodeHealth } from "../../../health/node-health.ts";

export type LayoutNode = Pick<NodeHealth, "name" | "process" | "tier" | "parent">;

export interface Box {
  /** A node's id, `above` for what the first node gets media from, or `viewers`. */
  id: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Line {
  from: string;
  to: string;
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  /** Whether it runs down the left side of a list. */
  isElbow: boolean;
}

export interface TierLayout {
  isWide: boolean;
  height: number;
  boxes: Box[];
  lines: Line[];
}

const boxHeight = 62;
const rowGap = 16;
/** Room for a rate on a line. */
const columnGap = 92;
const boxWidthMin = 118;
const boxWidthMax = 190;
const listGap = 30;
const listIndent = 22;

export function tierLayout(nodes: readonly LayoutNode[], width: number): TierLayout {
  const tree = treeOf(nodes);
  const columnCount = 2 + tree.columnCount;
  const boxWidth = (width - (columnCount - 1) * columnGap) / columnCount;
  return boxWidth >= boxWidthMin
    ? columns(tree, width, { columnCount, boxWidth: Math.min(boxWidth, boxWidthMax) })
    : list(tree, width);
}

interface TreeNode {
  id: string;
  tier: string;
  depth: number;
  children: TreeNode[];
}

interface Tree {
  root: TreeNode;
  /** Depths there are; edges all stand in the last one. */
  columnCount: number;
}

/** Nodes whose parents are not there, or stand in a ring, are hung below the first one. */
function treeOf(nodes: readonly LayoutNode[]): Tree {
  const byId = new Map<string, TreeNode>();
  for (const node of nodes) {
    byId.set(nodeId(node), { id: nodeId(node), tier: node.tier, depth: -1, children: [] });
  }
  const [first] = nodes;
  const root: TreeNode =
    first === undefined
      ? { id: "", tier: "origin", depth: 0, children: [] }
      : byId.get(nodeId(first))!;
  const childrenOf = new Map<string, TreeNode[]>();
  for (const node of nodes.slice(1)) {
    const parent = byId.has(node.parent) ? node.parent : root.id;
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), byId.get(nodeId(node))!]);
  }
  const hang = (node: TreeNode, depth: number): void => {
    node.depth = depth;
    node.children = (childrenOf.get(node.id) ?? []).filter((child) => child.depth === -1);
    for (const child of node.children) child.depth = depth + 1;
    for (const child of node.children) hang(child, depth + 1);
  };
  hang(root, 0);
  for (const node of byId.values()) {
    if (node.depth !== -1) continue;
    root.children.push(node);
    hang(node, 1);
  }
  const depths = [...byId.values()].map(({ depth }) => depth);
  return { root, columnCount: 1 + Math.max(0, ...depths) };
}

function columns(
  { root, columnCount: depthCount }: Tree,
  width: number,
  { columnCount, boxWidth }: { columnCount: number; boxWidth: number },
): TierLayout {
  const step = (width - boxWidth) / (columnCount - 1);
  const boxes: Box[] = [];
  const lines: Line[] = [];
  let rowCount = 0;
  const put = (node: TreeNode): Box => {
    const children = node.children.map(put);
    const [first, last] = [children[0], children.at(-1)];
    const y =
      first === undefined || last === undefined
        ? rowCount++ * (boxHeight + rowGap)
        : (first.y + last.y) / 2;
    const isLast = node.tier === "edge" && node.children.length === 0;
    const column = 1 + (isLast ? depthCount - 1 : node.depth);
    const box = { id: node.id, x: column * step, y, width: boxWidth, height: boxHeight };
    boxes.push(box);
    for (const child of children) lines.push(lineBetween(box, child));
    if (node.tier === "edge") ends.push(box);
    return box;
  };
  const ends: Box[] = [];
  const top = put(root);
  const height = Math.max(boxHeight, rowCount * (boxHeight + rowGap) - rowGap);
  const above = { id: "above", x: 0, y: top.y, width: boxWidth, height: boxHeight };
  const viewers = { id: "viewers", x: width - boxWidth, y: 0, width: boxWidth, height };
  lines.push(lineBetween(above, top));
  for (const end of ends) lines.push({ ...lineBetween(end, viewers), y2: middle(end) });
  return { isWide: true, height, boxes: [above, ...boxes, viewers], lines };
}

function lineBetween(from: Box, to: Box): Line {
  return {
    ...{ from: from.id, to: to.id, isElbow: false },
    ...{ x1: from.x + from.width, y1: middle(from), x2: to.x, y2: middle(to) },
  };
}

function middle({ y, height }: Box): number {
  return y + height / 2;
}

function list({ root }: Tree, width: number): TierLayout {
  const boxes: Box[] = [];
  const lines: Line[] = [];
  let y = 0;
  const put = (id: string, depth: number): Box => {
    const x = Math.min(depth, 4) * listIndent;
    const box = { id, x, y, width: width - x, height: boxHeight };
    boxes.push(box);
    y += boxHeight + listGap;
    return box;
  };
  const join = (from: Box, to: Box): void => {
    const x = from.x + listIndent / 2;
    const isElbow = to.x > from.x;
    lines.push({
      ...{ from: from.id, to: to.id, isElbow },
      ...{ x1: x, y1: from.y + from.height },
      ...(isElbow ? { x2: to.x, y2: middle(to) } : { x2: x, y2: to.y }),
    });
  };
  const hang = (node: TreeNode, depth: number): Box => {
    const box = put(node.id, depth);
    for (const child of node.children) join(box, hang(child, depth + 1));
    return box;
  };
  const above = put("above", 0);
  join(above, hang(root, 0));
  const viewers = put("viewers", 0);
  return { isWide: false, height: viewers.y + viewers.height, boxes, lines };
}
