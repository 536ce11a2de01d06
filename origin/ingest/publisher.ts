/** What the ingest shows of a publisher, and what it tells of one. */
import type { FlvTag } from "../../src/rtmp/flv.ts";

/** Somebody who publishes a feed with a right key, from `publishStart` to `publishEnd`. */
export interface Publisher {
  /** Unique in this process. */
  readonly id: string;
  readonly feed: string;
  /** Address and port, for logs. */
  readonly remote: string;
  /** Publishes with a standby key (the test card): yields to any other publisher. */
  readonly standby: boolean;
  /** Stops reading from the socket; tags already received may still come. */
  pause(): void;
  resume(): void;
  /** Says the media cannot be used: an onStatus error for the encoder, a line in the log, close. */
  refuse(reason: string): void;
  close(reason: string): void;
}

/**
 * All calls are synchronous. `publishEnd` comes exactly once for each `publishStart`, also when the
 * handler itself calls `refuse` or `close` (then before these return), and no tag comes after it.
 * A publisher that takes over starts after the old one's end.
 */
export interface PublishHandlers {
  publishStart(publisher: Publisher): void;
  tag(publisher: Publisher, tag: FlvTag): void;
  publishEnd(publisher: Publisher, reason: string): void;
}

/** `prove`: takes over as soon as its media has proved usable. */
export type SeatDecision = "sit" | "take-over" | "prove" | "refuse";

/** Who publishes a feed when another one comes with a right key. */
export function decideSeat(
  seated: { standby: boolean } | undefined,
  newcomer: { standby: boolean },
): SeatDecision {
  if (seated === undefined) return "sit";
  if (newcomer.standby) return "refuse";
  // Nearly always the same encoder after a NAT dropped its old connection; but it may be another
  // one with media that we cannot use, which must not take a good broadcast off the air.
  return seated.standby ? "take-over" : "prove";
}
