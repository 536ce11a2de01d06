/**
 * What two viewers say to each other over a data channel, and its bounds. Control is JSON text,
 * media is binary: both are read strictly (read-peer-message.ts), for the other side may be anybody.
 *
 * A request is answered by its chunks at once, by `busy` (it is kept in mind, and the chunks follow
 * when the slot frees) or by `refuse`. A requester that has found the segment elsewhere cancels, so
 * that one may wait at several neighbours and no upload slot is ever idle while somebody waits.
 */
import type { SegmentId } from "./segment.ts";

/** Longest payload of a chunk: what every browser takes as one message, 16 KiB. */
export const chunkBytesMax = 16_384;
/** Kind, transfer and offset before the payload. */
export const chunkHeaderBytes = 9;
/** Longest control message, in UTF-16 units. */
export const controlLengthMax = 4_096;
/** Segments named in one `have` at most. */
export const haveCountMax = 32;
/** Longest segment that is exchanged: 8 Mbps for 30 s. */
export const segmentBytesMax = 32 * 1024 * 1024;
/** What is sent at a time: little, for a transfer that is cancelled wastes the piece on its way. */
export const chunkBytesUsual = 4_096;
/** Longest time a request can wait, and be said to wait, ms. */
export const waitMsMax = 600_000;

export type PeerMessage =
  /** Segments the sender can give now; after opening all it holds, then each new one. */
  | { kind: "have"; segments: readonly SegmentId[] }
  /** Whether the sender gives at all; when it stops, what it announced is void. True until said. */
  | { kind: "share"; allowed: boolean }
  /** Worth answering only if the whole can be there within `withinMs`. */
  | { kind: "request"; transfer: number; segment: SegmentId; withinMs: number }
  /** The slot is taken; the request waits, and its turn is expected after `waitMs`. */
  | { kind: "busy"; transfer: number; waitMs: number }
  /** The request will not be met. */
  | { kind: "refuse"; transfer: number }
  /** All of it arrived, right or wrong: the sender's line is free. */
  | { kind: "done"; transfer: number }
  /** The requester gives the request, or the answer that is on its way, up. */
  | { kind: "cancel"; transfer: number }
  /** A piece of the segment asked for, in order. */
  | { kind: "chunk"; transfer: number; offsetBytes: number; bytes: Uint8Array };
