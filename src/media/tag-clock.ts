/**
 * The timestamps of one epoch: maps a publisher's to ours, which start at 0, rise within each track
 * and are shifted by the same amount for both. What cannot be mapped breaks the epoch. The rules
 * and what ffmpeg does without them: research on timestamp faults, ARCHITECTURE.
 */

type TagPlace =
  | { kind: "at"; timestampMs: number }
  /** Sound from before the epoch's first picture. */
  | { kind: "drop" }
  /** `pictureLost`: the sound goes on alone. */
  | { kind: "break"; reason: string; pictureLost?: true };

/** A step ahead of both tracks by more than this is no dropped frame. */
export const jumpMsMax = 1_000;
/** A step back by more than this is a new beginning; by less, jitter. */
export const stepBackMsMax = 250;
/** Video that was away for longer returns in a new epoch, or the encoder would repeat a frame. */
const videoHoleMsMax = 3_000;
/** After a jump was removed, tags from before it may still come for this long. */
const formerOffsetMs = 2_000;

export class TagClock {
  #offsetMs: number;
  #former: { offsetMs: number; untilMs: number } | undefined;
  readonly #lastMs: Record<"audio" | "video", number | undefined> = {
    audio: undefined,
    video: undefined,
  };
  /** When the last picture came. */
  #pictureNowMs: number;
  /** The farthest of both tracks, and when it came. */
  #headMs = 0;
  #headNowMs: number;
  timestampsClamped = 0;
  jumpsRemoved = 0;

  /** The first tag's timestamp becomes 0. */
  constructor(firstTimestampMs: number, nowMs: number) {
    this.#offsetMs = firstTimestampMs;
    this.#headNowMs = nowMs;
    this.#pictureNowMs = nowMs;
  }

  place(kind: "audio" | "video", rawMs: number, nowMs: number): TagPlace {
    const timestampMs = this.#nearest(rawMs, nowMs);
    if (kind === "audio" && this.#isPictureLost(timestampMs, nowMs)) {
      return { ...broken(`no video for ${videoHoleMsMax} ms, but sound`), pictureLost: true };
    }
    const lastMs = this.#lastMs[kind];
    const silentMs = Math.max(0, Math.round(nowMs - this.#headNowMs));
    const aheadMs = timestampMs - this.#headMs;
    if (aheadMs > jumpMsMax) {
      if (silentMs >= jumpMsMax) return broken(`nothing came for ${silentMs} ms`);
      return this.#removeJump(kind, rawMs, nowMs, silentMs);
    }
    if (lastMs === undefined) {
      return timestampMs < 0 ? { kind: "drop" } : this.#accept(kind, timestampMs, nowMs);
    }
    if (lastMs - timestampMs > stepBackMsMax) {
      return broken(`timestamps went back by ${lastMs - timestampMs} ms`);
    }
    if (kind === "video" && timestampMs - lastMs > videoHoleMsMax) {
      return broken(`no video for ${timestampMs - lastMs} ms`);
    }
    if (timestampMs <= lastMs) {
      this.timestampsClamped++;
      return this.#accept(kind, lastMs + 1, nowMs);
    }
    return this.#accept(kind, timestampMs, nowMs);
  }

  /** Whether the sound has gone on for so long without a picture: by its own time and by ours. */
  #isPictureLost(soundMs: number, nowMs: number): boolean {
    const pictureMs = this.#lastMs.video;
    if (pictureMs === undefined || soundMs - pictureMs <= videoHoleMsMax) return false;
    return nowMs - this.#pictureNowMs > videoHoleMsMax && soundMs - this.#headMs <= jumpMsMax;
  }

  /** By the present offset, or by the one before the last jump if that fits better. */
  #nearest(rawMs: number, nowMs: number): number {
    const timestampMs = rawMs - this.#offsetMs;
    if (this.#former === undefined || nowMs > this.#former.untilMs) return timestampMs;
    const formerMs = rawMs - this.#former.offsetMs;
    const distance = (ms: number): number => Math.abs(ms - this.#headMs);
    return distance(formerMs) < distance(timestampMs) ? formerMs : timestampMs;
  }

  /** The encoder's clock jumped and ours did not: go on where we are. */
  #removeJump(kind: "audio" | "video", rawMs: number, nowMs: number, silentMs: number): TagPlace {
    const timestampMs = this.#headMs + Math.max(1, silentMs);
    this.#former = { offsetMs: this.#offsetMs, untilMs: nowMs + formerOffsetMs };
    this.#offsetMs = rawMs - timestampMs;
    this.jumpsRemoved++;
    return this.#accept(kind, timestampMs, nowMs);
  }

  #accept(kind: "audio" | "video", timestampMs: number, nowMs: number): TagPlace {
    this.#lastMs[kind] = timestampMs;
    if (kind === "video") this.#pictureNowMs = nowMs;
    if (timestampMs >= this.#headMs) {
      this.#headMs = timestampMs;
      this.#headNowMs = nowMs;
    }
    return { kind: "at", timestampMs };
  }
}

function broken(reason: string): { kind: "break"; reason: string } {
  return { kind: "break", reason };
}
