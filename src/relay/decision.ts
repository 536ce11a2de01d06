/** What a relay node wants done. The union is closed: an adapter that handles these is complete. */
export type RelayDecision =
  | {
      kind: "fill";
      /** Names the attempt in every later input about it. */
      attempt: number;
      object: number;
      /** Index of the parent to ask. */
      parent: number;
      /** For a playlist `_HLS_msn`, for a status `v`: hold until it is there; -1: answer now. */
      after: number;
    }
  /** Give the attempt up; nothing about it will be listened to. */
  | { kind: "abort"; attempt: number }
  /** Whoever waits for the object asks again. */
  | { kind: "wake"; object: number }
  /** The bytes so far are wrong: responses that carry some are broken off, the rest ask again. */
  | { kind: "cut"; object: number }
  /** The node no longer keeps the object. */
  | { kind: "drop"; object: number }
  /** A parent failed too often and is not asked until then. */
  | { kind: "eject"; parent: number; untilMs: number }
  /** All parents contradicted the status in hand: what was known of the feed is given up. */
  | { kind: "reset"; feed: number; version: number };
