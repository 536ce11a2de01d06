/**
 * `status.json`: what a feed does now. It is made at the origin and comes down the tiers, each of
 * which follows its parent's by `?v=` (held until the version differs, or for `statusHoldMsMax`).
 */
export const feedStates = ["offline", "starting", "live", "waiting", "slate", "ended"] as const;
export type FeedState = (typeof feedStates)[number];

/**
 * Longest hold of a child's request for a status. Short, so that a parent that hangs is told from
 * one that has no news while the status can still be had elsewhere: the kill switch is in it.
 */
export const statusHoldMsMax = 1_000;

/** On tier ports: how long ago a parent confirmed the status to the node that answers, in ms. */
export const statusAgeHeader = "x-status-age-ms";

export interface FeedStatus {
  /** Rises with every change of the other fields except nowUnixMs; starts at the origin's start in Unix ms. */
  version: number;
  state: FeedState;
  /** Since when the state holds. */
  sinceUnixMs: number;
  /** When the newest segment was listed; 0 before the first. Not versioned. */
  lastSegmentUnixMs: number;
  /** The answering node's clock. */
  nowUnixMs: number;
  /** Viewers of the feed over all edges. */
  viewers: number;
  p2p: "off" | "on";
  /** Version of the ladder document; a child fetches it again when it changes. 0 before the first. */
  ladderVersion: number;
}
