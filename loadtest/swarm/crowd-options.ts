/** What a crowd of Node viewers is made of, and what it reports: plain data that crosses processes. */
import type { CrowdTotals } from "./crowd-totals.ts";
import type { PeerFault } from "./faulty-connection.ts";

export interface CrowdOptions {
  edgeUrl: string;
  feed: string;
  /** The one rung that all watch. */
  kbps: number;
  viewerCount: number;
  /** How far behind the newest listed segment viewers start. */
  latencyMs: number;
  /** Upload lines, evenly spread between the two; null: nothing limits them. */
  uplinkKbps: { min: number; max: number } | null;
  /** Share of viewers whom no path leads to. */
  unreachableRatio: number;
  /** Share of viewers who take and do not give. */
  takeOnlyRatio: number;
  /** Viewers with a fault of theirs, of those who can be reached and give. */
  faulty: { fault: Exclude<PeerFault, "unreachable">; count: number } | null;
  /** One viewer leaves and another comes each so often; 0: all stay. */
  replaceEveryMs: number;
  /** Viewers come evenly within this time. */
  joinMs: number;
  /** From the last join to the first moment measured. */
  settleMs: number;
  measuredMs: number;
  seed: number;
}

/** What the crowd did within the measured time. */
export interface CrowdFigures extends CrowdTotals {
  /** peerBytes of peerBytes and httpBytes. */
  offloadRatio: number;
  /** From a player's asking for a segment to its having it, without start-ups. */
  fetchMsP50: number;
  fetchMsP99: number;
  /** From joining to the first open connection, of those of the whole run who got there. */
  connectedMsP50: number;
  connectedCount: number;
  /** Connections of a viewer, at the end. */
  peerCountMean: number;
  cpuCores: number;
  /** Longest that the crowd's process came too late to anything. */
  loopLagMsMax: number;
  /** Share of all cores that whoever kept busy: near 1, figures are the machine's rather than ours. */
  machineBusyRatio: number;
  rssBytes: number;
}

export interface CrowdResult {
  measured: CrowdFigures;
  /** From the first join to the last leave. */
  total: CrowdTotals;
  /** Bodies that came from the edge in all that time: playlists too. */
  httpBodyBytes: number;
  /** SHA-256 of what was played, by MSN; more than one means that somebody played something else. */
  played: Record<number, string[]>;
  /** Segments that a liar began to send wrong over one connection, at most, and all liars in all. */
  liesPerConnectionMax: number;
  lieCount: number;
}
