/**
 * The states of a feed, as a pure machine over injected time:
 *
 * | state    | left by                                                     | to                |
 * |----------|-------------------------------------------------------------|-------------------|
 * | offline  | a publisher comes                                           | starting          |
 * | starting | the third segment is listed                                 | live              |
 * |          | no publisher for the grace                                  | offline           |
 * | live     | the source is lost (publisher gone, encoder dead)           | waiting           |
 * |          | no segment for three target durations                       | waiting           |
 * | waiting  | a segment of a later epoch is listed, or a take-over        | live              |
 * |          | after a pause only: a segment is listed                     | live              |
 * |          | no publisher for the grace                                  | ended             |
 * | ended    | a publisher comes                                           | starting          |
 * |          | two windows have passed                                     | offline           |
 *
 * It decides only: the pipeline performs the actions on the packager.
 */
import type { FeedState } from "../../src/hls/status.ts";

/** Segments listed before the feed counts as started: a player needs three to begin (hold-back). */
export const startingSegmentCount = 3;

/** A publisher who comes within this of the last one's end has taken over. */
const takeOverMsMax = 250;

export interface FeedLifeOptions {
  graceMs: number;
  /** How long the ended playlist is kept: two windows. */
  endedKeepMs: number;
  /** A feed that lists nothing for so long is not live, whatever the reason. */
  stallMs: number;
}

export type FeedLifeAction =
  /** The next segments are those of another broadcast: unlist the former one's. */
  | "startBroadcast"
  /** Write ENDLIST. */
  | "endBroadcast"
  /** Nothing is served any more. */
  | "forgetBroadcast";

export class FeedLife {
  readonly #options: FeedLifeOptions;
  #state: FeedState = "offline";
  /** Set while nobody publishes, or the ended playlist is kept. */
  #deadlineMs: number | undefined;
  /** Epoch of the newest segment when the source was lost: its tail does not make the feed live. */
  #lostEpoch = -1;
  #listedCount = 0;
  #listedEpoch = -1;
  /** When the last segment was listed, or somebody took over. */
  #fedAtMs = -Infinity;
  /** When a publisher left a live feed. */
  #leftLiveAtMs = -Infinity;

  constructor(options: FeedLifeOptions) {
    this.#options = options;
  }

  get state(): FeedState {
    return this.#state;
  }

  /** Somebody is publishing now. */
  publisherCame(nowMs: number): FeedLifeAction[] {
    this.#deadlineMs = undefined;
    // A take-over: nobody was missing, so the feed does not count as waiting.
    if (this.#state === "waiting" && nowMs - this.#leftLiveAtMs <= takeOverMsMax) {
      this.#state = "live";
      this.#fedAtMs = nowMs;
    }
    if (this.#state !== "offline" && this.#state !== "ended") return [];
    this.#state = "starting";
    this.#listedCount = 0;
    return ["startBroadcast"];
  }

  /** Nobody is publishing any more; the last segments may still come. */
  publisherLeft(epoch: number, nowMs: number): void {
    if (this.#state === "live") this.#leftLiveAtMs = nowMs;
    this.sourceLost(epoch);
    if (this.#state === "starting" || this.#state === "waiting") {
      this.#deadlineMs = nowMs + this.#options.graceMs;
    }
  }

  /** No media comes from this epoch any more, whether or not the publisher is there. */
  sourceLost(epoch: number): void {
    // The tail of an epoch that another one has followed is missed by nobody.
    if (epoch < this.#listedEpoch) return;
    this.#lostEpoch = epoch;
    if (this.#state === "live") this.#state = "waiting";
  }

  /** A segment was listed. */
  segmentListed(epoch: number, nowMs: number): void {
    this.#fedAtMs = nowMs;
    this.#listedCount += 1;
    this.#listedEpoch = epoch;
    const hasSource = epoch > this.#lostEpoch;
    if (this.#state === "starting" && this.#listedCount >= startingSegmentCount) {
      this.#state = hasSource ? "live" : "waiting";
    } else if (this.#state === "waiting" && hasSource) {
      this.#state = "live";
    }
  }

  /** To be called a few times a second: whether a live feed has just been found without segments. */
  stalls(nowMs: number): boolean {
    if (this.#state !== "live" || nowMs - this.#fedAtMs < this.#options.stallMs) return false;
    this.#state = "waiting";
    return true;
  }

  /** To be called a few times a second, but not while an epoch's last segments are still coming. */
  tick(nowMs: number): FeedLifeAction[] {
    if (this.#deadlineMs === undefined || nowMs < this.#deadlineMs) return [];
    this.#deadlineMs = undefined;
    if (this.#state === "waiting") {
      this.#state = "ended";
      this.#deadlineMs = nowMs + this.#options.endedKeepMs;
      return ["endBroadcast"];
    }
    this.#state = "offline";
    return ["forgetBroadcast"];
  }
}
