/**
 * The time before an epoch: looks at the first tags to learn which tracks there are and the frame
 * rate, and keeps what the encoder will be given, from the last keyframe on. Bounded in bytes.
 */
import type { AacSound } from "./aac-config.ts";
import type { AvcPicture } from "./avc-config.ts";
import { claimAgrees, estimateFrameRate } from "./frame-rate.ts";
import type { SourceDescription } from "./source-description.ts";
import { jumpMsMax, stepBackMsMax } from "./tag-clock.ts";
import type { TimelineTag } from "./timeline-tag.ts";

/** How long a track may take to show itself, and after how many pictures we know enough. */
const watchMsMax = 1_000;
const watchFrameCountMax = 30;
/** Pictures that confirm a claimed frame rate, so that most publishers start sooner. */
const watchFrameCountMin = 10;
/** Waits for a first keyframe, after which sound alone starts: arbitrary, twice a long GOP. */
export const keyframeWaitMsMax = 20_000;
/** The same when there was a sequence header, but no picture at all. */
const firstFrameWaitMsMax = 3_000;
/** What is kept before the start: a GOP of 8 s at 8 Mbit/s. */
export const startBufferBytesMax = 8_388_608;
/** Sound kept while there is no keyframe: about a second of 48 kHz AAC. */
const audioTagCountMax = 50;

interface KnownHeaders {
  picture: AvcPicture | undefined;
  sound: AacSound | undefined;
  /** Of onMetaData. */
  claimedFrameRate: number | undefined;
}

export interface BufferedTag {
  tag: TimelineTag;
  nowMs: number;
}

export class StartWatch {
  readonly #firstNowMs: number;
  /** The picture has been waited for already: sound alone starts at once. */
  readonly #pictureLost: boolean;
  #firstFrameNowMs: number | undefined;
  #frameTimestampsMs: number[] = [];
  readonly #lastMs: Record<string, number> = {};
  #buffer: BufferedTag[] = [];
  #bufferBytes = 0;
  #hasKeyframe = false;
  #hasSound = false;
  /** Times that the buffer was full and given up. */
  overflows = 0;

  constructor(nowMs: number, { pictureLost = false } = {}) {
    this.#firstNowMs = nowMs;
    this.#pictureLost = pictureLost;
  }

  /** Whether sound came; it starts alone in the end. */
  get hasSound(): boolean {
    return this.#hasSound;
  }

  /** Takes a frame of either track. */
  add(tag: TimelineTag, keyframe: boolean, nowMs: number): void {
    const lastMs = this.#lastMs[tag.kind];
    this.#lastMs[tag.kind] = tag.timestampMs;
    const stepMs = lastMs === undefined ? 0 : tag.timestampMs - lastMs;
    if (stepMs > jumpMsMax || stepMs < -stepBackMsMax) this.#clear();
    if (tag.kind === "video") this.#addVideo({ tag, nowMs }, keyframe);
    else this.#addAudio({ tag, nowMs });
    if (this.#bufferBytes > startBufferBytesMax) {
      this.overflows++;
      this.#clear();
    }
  }

  /** What to start and from which tags, once that is known. */
  decide(
    nowMs: number,
    headers: KnownHeaders,
  ): { source: SourceDescription; tags: BufferedTag[] } | undefined {
    const { picture, sound } = headers;
    const audio = this.#hasSound && sound !== undefined ? sound : undefined;
    if (picture !== undefined && this.#hasKeyframe) {
      const claims = [headers.claimedFrameRate, picture.frameRate];
      if (!this.#hasSeenEnough(nowMs, claims, sound !== undefined)) return undefined;
      const frameRate = estimateFrameRate(this.#frameTimestampsMs, claims);
      const video = { width: picture.width, height: picture.height, frameRate };
      return { source: { video, ...(audio === undefined ? {} : { audio }) }, tags: this.#buffer };
    }
    if (audio === undefined || nowMs - this.#firstNowMs < this.#videoWaitMs(picture)) {
      return undefined;
    }
    const tags = this.#buffer.filter(({ tag }) => tag.kind === "audio");
    return { source: { audio }, tags };
  }

  /** How long sound alone waits for a picture. */
  #videoWaitMs(picture: AvcPicture | undefined): number {
    if (this.#pictureLost) return 0;
    if (this.#firstFrameNowMs !== undefined) return keyframeWaitMsMax;
    return picture === undefined ? watchMsMax : firstFrameWaitMsMax;
  }

  #hasSeenEnough(
    nowMs: number,
    claims: readonly (number | undefined)[],
    soundAnnounced: boolean,
  ): boolean {
    const timestampsMs = this.#frameTimestampsMs;
    if (this.#hasSound && soundAnnounced) {
      if (timestampsMs.length >= watchFrameCountMax) return true;
      const claimed = claims.some((claim) => claimAgrees(claim, timestampsMs));
      if (claimed && timestampsMs.length >= watchFrameCountMin) return true;
    }
    const waitMs = soundAnnounced && !this.#hasSound ? firstFrameWaitMsMax : watchMsMax;
    const mediaMs = (this.#lastMs["video"] ?? 0) - (timestampsMs[0] ?? 0);
    return mediaMs >= waitMs || nowMs - (this.#firstFrameNowMs ?? nowMs) >= waitMs;
  }

  #addVideo(buffered: BufferedTag, keyframe: boolean): void {
    const { tag, nowMs } = buffered;
    this.#firstFrameNowMs ??= nowMs;
    if (this.#frameTimestampsMs.length <= watchFrameCountMax) {
      this.#frameTimestampsMs.push(tag.timestampMs);
    }
    if (keyframe) this.#restartAt(tag.timestampMs);
    if (this.#hasKeyframe) this.#keep(buffered);
  }

  #addAudio(buffered: BufferedTag): void {
    this.#hasSound = true;
    this.#keep(buffered);
    if (!this.#hasKeyframe && this.#buffer.length > audioTagCountMax) {
      this.#bufferBytes -= this.#buffer.shift()!.tag.payload.length;
    }
  }

  /** A keyframe: all before it goes, but sound that belongs beside it stays. */
  #restartAt(timestampMs: number): void {
    const kept = this.#buffer.filter(
      ({ tag }) => tag.kind === "audio" && tag.timestampMs >= timestampMs,
    );
    this.#clear(this.#frameTimestampsMs);
    for (const buffered of kept) this.#keep(buffered);
    this.#hasKeyframe = true;
  }

  #keep(buffered: BufferedTag): void {
    this.#buffer.push(buffered);
    this.#bufferBytes += buffered.tag.payload.length;
  }

  #clear(frameTimestampsMs: number[] = []): void {
    this.#buffer = [];
    this.#bufferBytes = 0;
    this.#hasKeyframe = false;
    this.#frameTimestampsMs = frameTimestampsMs;
  }
}
