/**
 * What is said in the room, the one WebSocket of a viewer at its edge: JSON texts, one object each,
 * with `kind` first. The path is `/live/{feed}/room?sid={session}` (`sid` as in CMCD, optional).
 * Readers and their bounds: read-room-message.ts.
 */
import type { FeedStatus } from "../hls/status.ts";
import type { SwarmPolicy } from "./policy.ts";
import type { SegmentFacts } from "./segment.ts";

/** Given by the edge and bound to the socket: 1 to 32 of A-Z, a-z, 0-9, - and _. */
export type PeerId = string;

/**
 * Why a peer was given up. `digest`: a whole segment of its was not the one announced, the one reason
 * that accuses it. `protocol`: it said what was not agreed on, or too much; so may an honest one over
 * a bad line, or of another version. `failed`: no connection came about. `gone`: none is left, or none
 * is wanted.
 */
export const dropReasons = ["digest", "protocol", "slow", "silent", "failed", "gone"] as const;
export type DropReason = (typeof dropReasons)[number];

/** Longest message either way, in bytes. */
export const roomMessageBytesMax = 16_384;

export type ViewerMessage =
  /**
   * Which rung the viewer loads now (null: none), and what it does in a cell: nothing, only take, or
   * give as well. Sent at the beginning and when it changes.
   */
  | { kind: "watch"; rung: number | null; share: "nothing" | "take" | "both" }
  /** For another member of the viewer's cell, or one that just was. */
  | { kind: "signal"; to: PeerId; signal: Signal }
  /** A peer was given up: the room may name another. */
  | { kind: "dropped"; peer: PeerId; reason: DropReason }
  /** What was done since the last report; sent every 10 s while in a cell, and on leaving. */
  | { kind: "report"; report: SwarmReport };

export type Signal =
  | { type: "offer" | "answer"; sdp: string }
  /** A trickled candidate; an empty one ends them. */
  | { type: "candidate"; candidate: string; mid: string };

/** Counts since the last report; bytes are of whole, checked segments. */
export interface SwarmReport {
  httpBytes: number;
  peerBytes: number;
  uploadedBytes: number;
  /** Segments from peers that were refused for their digest. */
  refusedCount: number;
  /** Segments asked of peers and fetched from the edge in the end. */
  lateCount: number;
  /** Open connections now. */
  peerCount: number;
}

export type RoomMessage =
  /** First, once. */
  | { kind: "welcome"; id: PeerId; status: FeedStatus | null; policy: SwarmPolicy }
  /** The feed's status changed. */
  | { kind: "status"; status: FeedStatus }
  | { kind: "policy"; policy: SwarmPolicy }
  /** The viewer is in a cell of `size` now; null: in none (whatever it has open, it closes). */
  | { kind: "cell"; size: number | null }
  /** Call these. */
  | { kind: "dial"; peers: readonly PeerId[] }
  | { kind: "signal"; from: PeerId; signal: Signal }
  /** A peer left the cell, was shut out, or gave this viewer up: close what there is to it. */
  | { kind: "gone"; peer: PeerId }
  /**
   * A segment of the viewer's rung is at the edge. `seeds` are the members of the viewer's cell who
   * fetch it from there at once; empty outside a cell and for segments of before one joined.
   */
  | { kind: "segment"; segment: SegmentFacts; seeds: readonly PeerId[] };
