/**
 * What goes in and out of the scheduling core (scheduler.ts): a closed union of what can happen to
 * one viewer in a swarm, and one of what it then does. Times are `nowMs` of the caller's clock.
 */
import type { PeerMessage } from "./peer-message.ts";
import type { SwarmPolicy } from "./policy.ts";
import type { DropReason, PeerId } from "./room-messages.ts";
import type { SegmentFacts, SegmentId } from "./segment.ts";

export type SwarmInput =
  | { kind: "policy"; policy: SwarmPolicy }
  /**
   * The room's announcement. `hasSeeds`: somebody is to fetch it from the edge at once, which is not
   * so for what was announced before this viewer came; `isSeed`: this viewer is.
   */
  | { kind: "segment"; segment: SegmentFacts; hasSeeds: boolean; isSeed: boolean }
  /**
   * The player asks for a segment, which must be whole by the deadline. One that was not announced
   * is refused.
   */
  | { kind: "want"; id: SegmentId; deadlineMs: number }
  /** The player gave the request up. */
  /** The player fetches media from the edge in its own way: a segment, due by the deadline. */
  | { kind: "ownFetch"; id: SegmentId; deadlineMs: number }
  /** One of those has ended. */
  | { kind: "ownFetchEnd" }
  | { kind: "unwant"; id: SegmentId }
  /** Media buffered ahead of the position played; a few times a second. */
  | { kind: "buffer"; aheadMs: number }
  /** The player loads another rung now: what is cached of the former one may still be given. */
  | { kind: "rung"; rung: number | null }
  | { kind: "peerOpen"; peer: PeerId }
  | { kind: "peerClosed"; peer: PeerId }
  | { kind: "message"; peer: PeerId; message: PeerMessage }
  /** The peer sent what is no message (read-peer-message.ts gave null). */
  | { kind: "unreadable"; peer: PeerId }
  /** Nothing of what is sent to the peer goes out any more: it does not read. */
  | { kind: "deaf"; peer: PeerId }
  /** A fetch from the edge moved on, ended with the bytes, or failed (null). */
  | { kind: "fetchProgress"; id: SegmentId; loadedBytes: number }
  | { kind: "fetchEnd"; id: SegmentId; bytes: Uint8Array | null }
  /**
   * The digest of what was handed to `verify` is the announced one, or is not; null: it could not be
   * reckoned, which is nobody's fault.
   */
  | { kind: "verified"; check: number; ok: boolean | null }
  /** Whether this viewer gives now: false while hidden, metered, saving data or low on battery. */
  | { kind: "share"; allowed: boolean }
  /**
   * An upload was handed over whole, which is when the channel has taken its last byte and nothing
   * of it waits, or it was cut.
   */
  | { kind: "uploadEnd"; peer: PeerId; transfer: number; sentBytes: number; isWhole: boolean }
  /** Due at `nextTickMs` of the scheduler, at the latest. */
  | { kind: "tick" };

export type SwarmDecision =
  | { kind: "fetch"; id: SegmentId }
  | { kind: "abortFetch"; id: SegmentId }
  | { kind: "send"; peer: PeerId; message: PeerMessage }
  /**
   * Send these bytes to the peer in chunks, as fast as it takes them and the policy's ceiling
   * allows: pacing to `uploadKbpsMax` is the adapter's, the scheduler goes by the rate it sees.
   */
  | { kind: "upload"; peer: PeerId; transfer: number; bytes: Uint8Array }
  | { kind: "stopUpload"; peer: PeerId; transfer: number }
  /**
   * Compare with the digest; the answer is `verified` with the same number: a segment may be given up
   * and got anew while it is compared. `peer` is null for bytes from the edge.
   */
  | {
      kind: "verify";
      check: number;
      id: SegmentId;
      peer: PeerId | null;
      bytes: Uint8Array;
      sha256: string;
    }
  /** What the player asked for; bytes are shared and not to be changed. */
  | { kind: "deliver"; id: SegmentId; bytes: Uint8Array; source: "edge" | "peer" }
  /** The player's request cannot be met: it is to ask the edge in its own way. */
  | { kind: "refuse"; id: SegmentId }
  /** Close what is open to the peer and say so in the room. */
  | { kind: "drop"; peer: PeerId; reason: DropReason };
