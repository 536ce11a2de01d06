/**
 * Makes the `nodes` of a report: the reporter first, then those below it, in at most
 * `reportNodeCountMax` entries and `reportBytesMax` bytes of JSON. What does not fit is summed into
 * one entry, the nodes that are well before those that are not.
 */
import { encodeUtf8 } from "../base/utf8.ts";
import {
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

export function boundedReport(own: NodeHealth, below: readonly NodeHealth[]): NodeHealth[] {
  const ranked = [own, ...[...below].sort((a, b) => Number(isWell(a)) - Number(isWell(b)))];
  const countMax = Math.min(ranked.length, reportNodeCountMax);
  let kept: NodeHealth[] = [];
  for (const faultCount of faultCounts) {
    kept = fitting(ranked.slice(0, countMax), faultCount);
    if (kept.length === countMax) break;
  }
  const rest = ranked.slice(kept.length);
  const ids = new Set(kept.map(nodeId));
  const linked = kept.map((node) =>
    node === kept[0] || ids.has(node.parent) ? node : { ...node, parent: nodeId(own) },
  );
  return rest.length === 0 ? linked : [...linked, sumOfNodes(rest, own)];
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

/** One entry for several nodes; its name says so, its number is the reporter's. */
export function sumOfNodes(nodes: readonly NodeHealth[], reporter: NodeHealth): NodeHealth {
  const sum = (read: (node: NodeHealth) => number): number =>
    nodes.reduce((total, node) => total + read(node), 0);
  const worst = (read: (node: NodeHealth) => number): number =>
    nodes.reduce((most, node) => Math.max(most, read(node)), 0);
  const nodeCount = sum((node) => node.nodeCount);
  const unready = nodes.find((node) => !node.isReady);
  const names = new Set(nodes.flatMap(({ feeds }) => feeds.map(({ name }) => name)));
  const quality = sumOfQuality(nodes);
  return {
    name: "more",
    process: reporter.process,
    tier: "edge",
    parent: nodeId(reporter),
    nodeCount,
    uptimeMs: worst((node) => node.uptimeMs),
    ageMs: worst((node) => node.ageMs),
    isReady: unready === undefined,
    reason: unready?.reason ?? "",
    feeds: [...names].map((name) => ({
      name,
      viewers: sum((node) => node.feeds.find((feed) => feed.name === name)?.viewers ?? 0),
      isStale: nodes.some(({ feeds }) => feeds.some((f) => f.name === name && f.isStale)),
    })),
    toViewersBitsPerSec: sum((node) => node.toViewersBitsPerSec),
    toChildrenBitsPerSec: sum((node) => node.toChildrenBitsPerSec),
    fillBitsPerSec: sum((node) => node.fillBitsPerSec),
    capacityBitsPerSec: sum((node) => node.capacityBitsPerSec),
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
    parts.reduce((total, part) => total + part[key], 0);
  return {
    sessionCount: sum("sessionCount"),
    stallCount: sum("stallCount"),
    stalledMs: sum("stalledMs"),
    playedMs: sum("playedMs"),
    startupCount: sum("startupCount"),
    startupMsSum: sum("startupMsSum"),
  };
}
