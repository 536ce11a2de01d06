/** What a publish session is given as limits, and what comes out of it. */
import type { FlvTag } from "./flv.ts";

export interface SessionLimits {
  handshakeTimeoutMs: number;
  /** From the start of the connection to an accepted publish. */
  publishTimeoutMs: number;
  /** Without audio or video, while publishing. */
  idleTimeoutMs: number;
  chunkStreamCountMax: number;
  /** After publish was accepted. */
  messageBytesMax: number;
}

/** Why a session ended; bounded, so that it can be a metric's label. */
export const sessionEndCodes = [
  "unpublished",
  "peer-closed",
  "handshake-timeout",
  "publish-timeout",
  "idle-timeout",
  "not-rtmp",
  "protocol",
  "limit",
  "application",
  "player",
  "key",
  "key-backoff",
  "busy",
  "codec",
  "media",
  "taken-over",
  "evicted",
  "closed",
] as const;
export type SessionEndCode = (typeof sessionEndCodes)[number];

export interface SessionEnd {
  code: SessionEndCode;
  /** For the log: a sentence's predicate that a person understands. */
  reason: string;
}

export type SessionEvent =
  | { kind: "send"; bytes: Uint8Array }
  /** Wants to publish: answer with `accept` or `end` before the next `next`. */
  | { kind: "publish"; streamKey: string; encoder: string }
  | { kind: "tag"; tag: FlvTag }
  /** Last event: send what is queued, then close. */
  | { kind: "end"; end: SessionEnd };
