/**
 * How a broadcast is, from its status document: one word for each node and feed, and what is wrong,
 * the worst first, in sentences. From where on stands in thresholds.ts.
 */
import { isSilent, type NodeHealth } from "./node-health.ts";
import type { FeedFacts, RungFacts, StatusDocument } from "./status-document.ts";
import { thresholds } from "./thresholds.ts";

/** From worst to best. `off`: nothing is on the air, which is nobody's fault. */
export const conditions = ["failing", "silent", "strained", "off", "fine"] as const;
export type Condition = (typeof conditions)[number];

export interface Verdict {
  condition: Condition;
  /** What is wrong; empty when nothing is. */
  why: string;
}

export interface Problem extends Verdict {
  /** Whose problem it is: a node's or a feed's name. */
  of: string;
}

export function nodeVerdict(node: NodeHealth): Verdict {
  if (isSilent(node)) {
    return { condition: "silent", why: `no report for ${Math.round(node.ageMs / 1_000)} s` };
  }
  const stale = node.feeds.find((feed) => feed.isStale);
  if (stale !== undefined) {
    return { condition: "failing", why: `its playlists of ${stale.name} are too old` };
  }
  if (!node.isReady) return { condition: "failing", why: node.reason || "not ready" };
  const strain = strainOf(node);
  return strain === undefined ? fine : { condition: "strained", why: strain };
}

const fine: Verdict = { condition: "fine", why: "" };

function strainOf(node: NodeHealth): string | undefined {
  const { ejectedParents, cpuRatio, loopLagMs, capacityBitsPerSec } = node;
  const egress = node.toViewersBitsPerSec + node.toChildrenBitsPerSec;
  if (ejectedParents.length > 0) return `leaves ${ejectedParents.join(", ")} alone after failures`;
  if (capacityBitsPerSec > 0 && egress > thresholds.capacityRatioMax * capacityBitsPerSec) {
    return `sends ${percent(egress / capacityBitsPerSec)} of what it may`;
  }
  if (cpuRatio > thresholds.cpuRatioMax) return `uses ${percent(cpuRatio)} of a core`;
  if (loopLagMs > thresholds.loopLagWorstMsMax) return `reacts ${loopLagMs} ms late`;
  return undefined;
}

export function feedVerdict(feed: FeedFacts): Verdict {
  if (feed.state === undefined) {
    return { condition: "failing", why: "no parent has said what it does" };
  }
  switch (feed.state) {
    case "live":
      return encoderVerdict(feed);
    case "slate":
      return { condition: "strained", why: "a slate is shown: the publisher is gone" };
    case "waiting":
      return { condition: "failing", why: "the publisher is gone, or gives nothing" };
    case "starting":
      return { condition: "strained", why: "it is starting" };
    case "offline":
    case "ended":
      return { condition: "off", why: "" };
  }
}

function encoderVerdict({ encoder, rungs, capBitsPerSec }: FeedFacts): Verdict {
  const aboveCap = rungs.find((rung) => rungVerdict(rung, capBitsPerSec) === "above-cap");
  if (aboveCap !== undefined) {
    return { condition: "failing", why: `rung ${aboveCap.rung} is above the cap` };
  }
  const speedRatio = encoder?.speedRatio ?? 0;
  if (speedRatio > 0 && speedRatio < thresholds.encoderSpeedMin) {
    const why = `the encoder does not keep up (${speedRatio.toFixed(2)} of real time)`;
    return { condition: "strained", why };
  }
  const above = rungs.find((rung) => rungVerdict(rung, capBitsPerSec) === "above-bandwidth");
  if (above === undefined) return fine;
  return { condition: "strained", why: `rung ${above.rung} went above its BANDWIDTH` };
}

/** Whether a rung keeps what is said of it. */
export function rungVerdict(
  rung: RungFacts,
  capBitsPerSec: number | undefined,
): "within" | "above-bandwidth" | "above-cap" {
  const { bandwidthBitsPerSec, measuredBitsPerSec = 0, peakBitsPerSec = 0 } = rung;
  const measuredMax = thresholds.rungCapRatioMax * (capBitsPerSec ?? Infinity);
  if (bandwidthBitsPerSec > (capBitsPerSec ?? Infinity)) return "above-cap";
  if (measuredBitsPerSec > measuredMax) return "above-cap";
  return Math.max(measuredBitsPerSec, peakBitsPerSec) > bandwidthBitsPerSec
    ? "above-bandwidth"
    : "within";
}

/** The worst first. */
export function problemsOf({ feeds, nodes }: Pick<StatusDocument, "feeds" | "nodes">): Problem[] {
  const all = [
    ...feeds.map((feed): Problem => ({ of: `feed ${feed.name}`, ...feedVerdict(feed) })),
    ...nodes.map((node): Problem => ({ of: nodeTitle(node), ...nodeVerdict(node) })),
  ];
  const rank = ({ condition }: Problem): number => conditions.indexOf(condition);
  return all.filter(({ why }) => why !== "").sort((a, b) => rank(a) - rank(b));
}

/** "edge-1", or "12 more nodes" for an entry that stands for several. */
export function nodeTitle({ name, nodeCount }: Pick<NodeHealth, "name" | "nodeCount">): string {
  return nodeCount > 1 ? `${nodeCount} more nodes` : name;
}

/** What is sent to viewers and asked for, over all nodes that are heard of. */
export function totalsOf(nodes: readonly NodeHealth[]): {
  toViewersBitsPerSec: number;
  lookupCount: number;
  hitCount: number;
} {
  const heard = nodes.filter((node) => !isSilent(node));
  const serving = heard.filter((node) => node.tier === "edge");
  const sum = (
    of: readonly NodeHealth[],
    key: "toViewersBitsPerSec" | "lookupCount" | "hitCount",
  ): number => of.reduce((total, node) => total + node[key], 0);
  return {
    toViewersBitsPerSec: sum(heard, "toViewersBitsPerSec"),
    lookupCount: sum(serving, "lookupCount"),
    hitCount: sum(serving, "hitCount"),
  };
}

function percent(ratio: number): string {
  return `${Math.round(100 * ratio)} %`;
}
