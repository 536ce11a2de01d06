/** What the page's swarm lets the page see and do; sharing-text.ts puts it into words. */
import type { SwarmStats } from "../../../../src/swarm/client-ports.ts";

/**
 * What stands in the way of sharing, the most final first; `none`: nothing does.
 * `battery` and `hidden` only stop giving: what other viewers have is still taken.
 */
export type SwarmObstacle =
  /** The edge's policy is off, or there is no room: nothing is shown. */
  | "policy"
  /** No secure context, and so no digests. */
  | "insecure"
  | "noWebRtc"
  /** This viewer said no. */
  | "refused"
  /** A metered line, or the browser's data saver: nothing is shared. */
  | "metered"
  | "battery"
  | "hidden"
  | "none";

/** Before the swarm is loaded, and where there is none. */
export const noSwarmStats: SwarmStats = {
  state: "off",
  peerCount: 0,
  cellSize: 0,
  httpBytes: 0,
  peerBytes: 0,
  uploadedBytes: 0,
  refusedCount: 0,
  lateCount: 0,
  bannedCount: 0,
  isSharing: false,
};

export interface SwarmView {
  readonly obstacle: SwarmObstacle;
  readonly stats: SwarmStats;
  /** The edge's ceiling of what a viewer gives; 0: none is set. */
  readonly uploadKbpsMax: number;
  /** The viewer's word, to be obeyed at once. */
  setAllowed(isAllowed: boolean): void;
}
