/**
 * Makes the `nodes` of a report: the reporter first, then those below it, in at most
 * `reportNodeCountMax` entries and `reportBytesMax` bytes of JSON. What does not fit is summed into
 * one entry, the nodes that are well before those that are not. Whatever children say, the report is
 * one that the parent takes: sums are clamped, names are unique, parents lead up to the reporter.
 */
import { encodeUtf8 } from "../base/utf8.ts";
import {
  bitsPerSecMax,
  countMax,
  feedCountMax,
  isSilent,
  nodeId,
  reportBytesMax,
  reportFaultCountMax,
  reportNodeCountMax,
  type NodeHealth,
  type ViewerQuality,
} from "./node-health.ts";

/** Faults an entry carries: fewer when the report would be too long. */
const faultCounts = [reportFaultCountMax, 1, 0];
/** The sum of the rest needs room too, and so does what stands around the list. */
const spareBytes = 2_048;
/** Nodes further down that are not well and stand before children that are, of each child; arbitrary. */
const illCountMax = 8;

export function boundedReport(own: NodeHealth, below: readonly NodeHealth[]): NodeHealth[] {
  const moreId = nodeId({ name: moreName, process: own.process });
  const ranked = [own, ...ranking(own, below).filter((node) => nodeId(node) !== moreId)];
  const lengthMax = Math.min(ranked.length, reportNodeCountMax);
  let kept: NodeHealth[] = [];
  for (const faultCount of faultCounts) {
    kept = fitting(ranked.slice(0, lengthMax), faultCount);
    if (kept.length === lengthMax) break;
  }
  const rest = [...ranked.slice(kept.length), ...below.filter((node) => nodeId(node) === moreId)];
  const childOf = childFinder(own, kept);
  const linked = kept.map((node) =>
    node === kept[0] || childOf(node) !== undefined ? node : { ...node, parent: nodeId(own) },
  );
  return rest.length === 0 ? linked : [...linked, sumOfNodes(rest, own)];
}

/**
 * Children that are not well, some such nodes further down, the other children, then the rest: what one
 * child says of nodes below it does not push other children out.
 */
function ranking(own: NodeHealth, below: readonly NodeHealth[]): NodeHealth[] {
  const childOf = childFinder(own, below);
  const illCounts = new Map<NodeHealth | undefined, number>();
  const rankOf = (node: NodeHealth): number => {
    const child = childOf(node);
    if (child === node) return isWell(node) ? 2 : 0;
    if (isWell(node)) return 4;
    const illCount = (illCounts.get(child) ?? 0) + 1;
    illCounts.set(child, illCount);
    return illCount <= illCountMax ? 1 : 3;
  };
  const ranks = new Map(below.map((node) => [node, rankOf(node)]));
  return [...below].sort((a, b) => ranks.get(a)! - ranks.get(b)!);
}

/** Finds the child of `own` that a node is below, or is; undefined where its parents lead elsewhere. */
function childFinder(
  own: NodeHealth,
  nodes: readonly NodeHealth[],
): (node: NodeHealth) => NodeHealth | undefined {
  const byId = new Map(nodes.map((node) => [nodeId(node), node]));
  const ownId = nodeId(own);
  return (node) => {
    let at: NodeHealth | undefined = node;
    // A ring of parents never ends.
    for (let steps = 0; steps <= nodes.length && at !== undefined; steps++) {
      if (at.parent === ownId) return at;
      at = byId.get(at.parent);
    }
    return undefined;
  };
}

/** The first nodes, as many as there is room for. */
function fitting(nodes: readonly NodeHealth[], faultCount: number): NodeHealth[] {
  let bytes = spareBytes;
  const kept: NodeHealth[] = [];
  for (const node of nodes) {
    const entry = { ...node, faults: node.faults.slice(0, faultCount) };
    bytes += encodeUtf8(JSON.stringify(entry)).length + 1;
    if (bytes > reportBytesMax) break;
    kept.push(entry);
  }
  return kept;
}

function isWell(node: NodeHealth): boolean {
  return node.isReady && !isSilent(node) && node.nodeCount === 1;
}

/** Name of the entry for those that do not fit. */
const moreName = "more";

/** One entry for several nodes; its name says so, its number is the reporter's. */
export function sumOfNodes(nodes: readonly NodeHealth[], reporter: NodeHealth): NodeHealth {
  const sum = (read: (node: NodeHealth) => number, max = countMax): number =>
    Math.min(
      max,
      nodes.reduce((total, node) => total + read(node), 0),
    );
  const worst = (read: (node: NodeHealth) => number): number =>
    nodes.reduce((most, node) => Math.max(most, read(node)), 0);
  const nodeCount = sum((node) => node.nodeCount);
  const unready = nodes.find((node) => !node.isReady);
  const namesOf = ({ feeds }: NodeHealth): string[] => feeds.map(({ name }) => name);
  const named = new Set(nodes.flatMap(namesOf));
  const known = namesOf(reporter).filter((name) => named.has(name));
  const names = [...new Set([...known, ...named])].slice(0, feedCountMax);
  const quality = sumOfQuality(nodes);
  return {
    name: moreName,
    process: reporter.process,
    tier: "edge",
    parent: nodeId(reporter),
    nodeCount,
    uptimeMs: worst((node) => node.uptimeMs),
    ageMs: worst((node) => node.ageMs),
    isReady: unready === undefined,
    reason: unready?.reason ?? "",
    feeds: names.map((name) => ({
      name,
      viewers: sum((node) => node.feeds.find((feed) => feed.name === name)?.viewers ?? 0),
      isStale: nodes.some(({ feeds }) => feeds.some((f) => f.name === name && f.isStale)),
    })),
    toViewersBitsPerSec: sum((node) => node.toViewersBitsPerSec, bitsPerSecMax),
    toChildrenBitsPerSec: sum((node) => node.toChildrenBitsPerSec, bitsPerSecMax),
    fillBitsPerSec: sum((node) => node.fillBitsPerSec, bitsPerSecMax),
    capacityBitsPerSec: sum((node) => node.capacityBitsPerSec, bitsPerSecMax),
    lookupCount: sum((node) => node.lookupCount),
    hitCount: sum((node) => node.hitCount),
    connectionCount: sum((node) => node.connectionCount),
    ejectedParents: [],
    cpuRatio: worst((node) => node.cpuRatio),
    loopLagMs: worst((node) => node.loopLagMs),
    ...(quality === undefined ? {} : { quality }),
    faults: [],
  };
}

/** What the players of all these nodes reported; undefined where none did. */
export function sumOfQuality(nodes: readonly NodeHealth[]): ViewerQuality | undefined {
  const parts = nodes.flatMap(({ quality }) => quality ?? []);
  if (parts.length === 0) return undefined;
  const sum = (key: keyof ViewerQuality): number =>
    Math.min(
      countMax,
      parts.reduce((total, part) => total + part[key], 0),
    );
  return {
    sessionCount: sum("sessionCount"),
    stallCount: sum("stallCount"),
    stalledMs: sum("stalledMs"),
    playedMs: sum("playedMs"),
    startupCount: sum("startupCount"),
    startupMsSum: sum("startupMsSum"),
  };
}
