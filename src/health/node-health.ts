/**
 * What a node says of itself, and of the nodes below it, to its parent and to an operator. Every list
 * and text in it is bounded, so that a report has at most `reportBytesMax`.
 */
import type { Fault } from "./fault-log.ts";

export const nodeTiers = ["origin", "shield", "edge"] as const;
export type NodeTier = (typeof nodeTiers)[number];

export interface NodeHealth {
  name: string;
  /** Tells processes of one name apart; the same after a restart. */
  process: number;
  tier: NodeTier;
  /** `name/process` of the node that it reports to; empty where the sender does not know. */
  parent: string;
  /** Nodes that this entry stands for: 1, or more where a report was too long and was summed. */
  nodeCount: number;
  uptimeMs: number;
  /** How long ago the sender heard from it; 0 for the sender itself. */
  ageMs: number;
  /** Whether it can do its work (`/readyz`), and if not, why. */
  isReady: boolean;
  reason: string;
  /** What it knows of each feed; viewers are its own, without those of nodes below it. */
  feeds: FeedHealth[];
  /** Rates are over the last few seconds. */
  toViewersBitsPerSec: number;
  toChildrenBitsPerSec: number;
  fillBitsPerSec: number;
  /** What it may send; 0 when nobody has said. */
  capacityBitsPerSec: number;
  /** Look-ups of media in the last minute, and those of them that cost the parent nothing. */
  lookupCount: number;
  hitCount: number;
  connectionCount: number;
  /** Parents that are left alone after failures: their addresses. */
  ejectedParents: string[];
  /** CPU time per time passed; 1 is a whole core. */
  cpuRatio: number;
  /** Worst lateness of its event loop in the last few seconds. */
  loopLagMs: number;
  /** What its viewers' players reported in the last minutes; absent where none does. */
  quality?: ViewerQuality;
  /** The newest first. */
  faults: Fault[];
}

export interface FeedHealth {
  name: string;
  viewers: number;
  /** A playlist of a live feed is too old. */
  isStale: boolean;
}

/** Sums, so that nodes can be added up. Reported by players (CMCD): untrusted. */
export interface ViewerQuality {
  /** Sessions that report now. */
  sessionCount: number;
  stallCount: number;
  stalledMs: number;
  playedMs: number;
  startupCount: number;
  startupMsSum: number;
}

/** Far beyond any machine, and any sum of them; a larger number is a mistake or an attack. */
export const countMax = 1e12;
export const bitsPerSecMax = 1e14;
export const reportNodeCountMax = 64;
export const reportBytesMax = 32_768;
export const reportFaultCountMax = 5;
export const reasonCharsMax = 160;
export const feedCountMax = 16;
export const ejectedCountMax = 8;
export const addressCharsMax = 80;
/** A node that nobody has heard of for so long counts as silent: three reports are missing. */
export const silentAfterMs = 15_000;
/** And after so long it is forgotten. */
export const forgottenAfterMs = 120_000;

/** What tells a node apart from all others. */
export function nodeId({ name, process }: { name: string; process: number }): string {
  return `${name}/${process}`;
}

export function isSilent({ ageMs }: Pick<NodeHealth, "ageMs">): boolean {
  return ageMs > silentAfterMs;
}
