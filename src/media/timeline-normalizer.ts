/**
 * Makes one clean timeline of what a publisher sends: learns what there is before it starts, begins
 * at a keyframe with time 0, repairs small faults of the timestamps, and asks for a new epoch where
 * one encoder run cannot go on. Decides only; the adapter runs the encoder. Payloads are kept, not
 * copied, until they are handed on.
 */
import { readAacConfig, type AacSound } from "./aac-config.ts";
import { readAvcConfig, type AvcPicture } from "./avc-config.ts";
import { readAudioPayload, readMetadataNumber, readVideoPayload } from "./flv-payload.ts";
import type { SourceDescription } from "./source-description.ts";
import { keyframeWaitMsMax, StartWatch, type BufferedTag } from "./start-watch.ts";
import { TagClock } from "./tag-clock.ts";
import type { TimelineTag } from "./timeline-tag.ts";

export type TimelineDecision =
  /** Start an encoder for this source; the sequence headers follow as tags. */
  | { kind: "start"; source: SourceDescription }
  /** Give this to the encoder. */
  | { kind: "tag"; tag: TimelineTag }
  /** End the encoder: the next "start" begins another epoch. */
  | { kind: "newEpoch"; reason: string }
  /** Nothing can start yet; the sentence says what is missing. Once a wait. */
  | { kind: "warn"; reason: string }
  /** Turn the publisher away, with this sentence. Nothing follows. */
  | { kind: "refuse"; reason: string };

/** What was repaired or thrown away; for metrics. */
interface NormalizerCounts {
  tagsDropped: number;
  timestampsClamped: number;
  jumpsRemoved: number;
  /** Times that what waited for a start was too much and was given up. */
  startBufferOverflows: number;
}

/** Encoders are not started more often, whatever publishers send. */
const startIntervalMsMin = 1_000;

/** After so long a wait for a start whoever looks after the publisher is told. */
const startWarnMs = 5_000;

/** A sequence header as it came, and what it says. */
interface Header<T> {
  tag: TimelineTag;
  config: Uint8Array;
  content: T;
}

interface RunningEpoch {
  source: SourceDescription;
  clock: TagClock;
}

export class TimelineNormalizer {
  #picture: Header<AvcPicture> | undefined;
  #sound: Header<AacSound> | undefined;
  #claimedFrameRate: number | undefined;
  #watch: StartWatch | undefined;
  #epoch: RunningEpoch | undefined;
  #startedMs: number | undefined;
  /** Since when media has come without a start. */
  #waitingSinceMs: number | undefined;
  #warned = false;
  #refused = false;
  readonly #counts: NormalizerCounts = {
    tagsDropped: 0,
    timestampsClamped: 0,
    jumpsRemoved: 0,
    startBufferOverflows: 0,
  };

  /** `startedMs`: when the feed's last encoder was started, by another publisher. */
  constructor({ startedMs }: { startedMs?: number | undefined } = {}) {
    this.#startedMs = startedMs;
  }

  get counts(): NormalizerCounts {
    const { timestampsClamped = 0, jumpsRemoved = 0 } = this.#epoch?.clock ?? {};
    return {
      tagsDropped: this.#counts.tagsDropped,
      timestampsClamped: this.#counts.timestampsClamped + timestampsClamped,
      jumpsRemoved: this.#counts.jumpsRemoved + jumpsRemoved,
      startBufferOverflows: this.#counts.startBufferOverflows + (this.#watch?.overflows ?? 0),
    };
  }

  push(tag: TimelineTag, nowMs: number): TimelineDecision[] {
    if (this.#refused) return [];
    if (!Number.isSafeInteger(tag.timestampMs)) return this.#drop();
    if (tag.kind === "script") {
      this.#claimedFrameRate = readMetadataNumber(tag.payload, "framerate");
      return [];
    }
    if (this.#epoch === undefined) this.#waitingSinceMs ??= nowMs;
    return tag.kind === "video" ? this.#pushVideo(tag, nowMs) : this.#pushAudio(tag, nowMs);
  }

  /** To be called a few times a second: a missing track is noticed by time alone. */
  tick(nowMs: number): TimelineDecision[] {
    if (this.#refused) return [];
    return [...this.#startWhenKnown(nowMs), ...this.#complainOfWait(nowMs)];
  }

  /** Asks for a new epoch from outside, after the encoder died: it starts at the next keyframe. */
  restart(reason: string, nowMs: number): TimelineDecision[] {
    return this.#refused ? [] : this.#endEpoch(reason, nowMs);
  }

  #pushVideo(tag: TimelineTag, nowMs: number): TimelineDecision[] {
    const payload = readVideoPayload(tag.payload);
    switch (payload.kind) {
      case "unsupported":
        return this.#refuse(`the video is ${payload.codec}: set the encoder to H.264`);
      case "header": {
        const content = readAvcConfig(payload.record);
        if (content === undefined) return this.#refuse("the H.264 sequence header is not readable");
        const former = this.#picture;
        this.#picture = { tag, config: payload.record, content };
        const running = this.#epoch !== undefined && this.#epoch.source.video !== undefined;
        return this.#takeHeader(former, this.#picture, running, nowMs);
      }
      case "frame":
        if (this.#picture === undefined) return this.#drop();
        return this.#pushFrame(tag, payload.keyframe, nowMs);
      case "other":
        return [];
      case "malformed":
        return this.#drop();
    }
  }

  #pushAudio(tag: TimelineTag, nowMs: number): TimelineDecision[] {
    const payload = readAudioPayload(tag.payload);
    switch (payload.kind) {
      case "unsupported":
        return this.#refuse(`the sound is ${payload.codec}: set the encoder to AAC`);
      case "header": {
        const content = readAacConfig(payload.config);
        if (content === undefined) return this.#refuse("the AAC sequence header is not readable");
        const former = this.#sound;
        this.#sound = { tag, config: payload.config, content };
        const running = this.#epoch !== undefined && this.#epoch.source.audio !== undefined;
        return this.#takeHeader(former, this.#sound, running, nowMs);
      }
      case "frame":
        if (this.#sound === undefined) return this.#drop();
        return this.#pushFrame(tag, false, nowMs);
      case "malformed":
        return this.#drop();
    }
  }

  #pushFrame(tag: TimelineTag, keyframe: boolean, nowMs: number): TimelineDecision[] {
    const epoch = this.#epoch;
    if (epoch === undefined) return this.#watchFrame(tag, keyframe, nowMs);
    const kind = trackOf(tag);
    if (epoch.source[kind] === undefined) {
      // A picture can only be shown from a keyframe on: until then the sound goes on alone.
      if (kind === "video" && !keyframe) return this.#drop();
      const reason = kind === "video" ? "a picture appeared" : "sound appeared";
      return [...this.#endEpoch(reason, nowMs), ...this.#watchFrame(tag, keyframe, nowMs)];
    }
    const place = epoch.clock.place(kind, tag.timestampMs, nowMs);
    switch (place.kind) {
      case "at":
        return [tagAt(tag, place.timestampMs)];
      case "drop":
        return this.#drop();
      case "break":
        return [
          ...this.#endEpoch(place.reason, nowMs, place),
          ...this.#watchFrame(tag, keyframe, nowMs),
        ];
    }
  }

  #watchFrame(tag: TimelineTag, keyframe: boolean, nowMs: number): TimelineDecision[] {
    this.#watch ??= new StartWatch(nowMs);
    this.#watch.add(tag, keyframe, nowMs);
    return this.#startWhenKnown(nowMs);
  }

  /** Encoders repeat their headers; one that differs cannot go into the same encoder run. */
  #takeHeader(
    former: Header<unknown> | undefined,
    header: Header<unknown>,
    running: boolean,
    nowMs: number,
  ): TimelineDecision[] {
    if (this.#epoch === undefined) this.#watch ??= new StartWatch(nowMs);
    if (former === undefined || sameBytes(former.config, header.config)) return [];
    // While nothing runs, only what waits for a start is given up.
    if (this.#epoch !== undefined && !running) return [];
    return this.#endEpoch(`the ${header.tag.kind} format changed`, nowMs);
  }

  #startWhenKnown(nowMs: number): TimelineDecision[] {
    if (this.#watch === undefined || this.#epoch !== undefined) return [];
    if (this.#startedMs !== undefined && nowMs - this.#startedMs < startIntervalMsMin) return [];
    const start = this.#watch.decide(nowMs, {
      picture: this.#picture?.content,
      sound: this.#sound?.content,
      claimedFrameRate: this.#claimedFrameRate,
    });
    return start === undefined ? [] : this.#start(start, nowMs);
  }

  /** A publisher that gives nothing to show must not be silent for ever. */
  #complainOfWait(nowMs: number): TimelineDecision[] {
    if (this.#epoch !== undefined || this.#waitingSinceMs === undefined) return [];
    const waitedMs = nowMs - this.#waitingSinceMs;
    const soundStarts = this.#sound !== undefined && this.#watch?.hasSound === true;
    if (waitedMs >= keyframeWaitMsMax && !soundStarts) {
      return this.#refuse(`${this.#missing()} came within ${keyframeWaitMsMax / 1000} s`);
    }
    if (waitedMs < startWarnMs || this.#warned) return [];
    this.#warned = true;
    return [{ kind: "warn", reason: `${this.#missing()} came within ${startWarnMs / 1000} s` }];
  }

  /** What a start is still waiting for. */
  #missing(): string {
    if (this.#picture !== undefined) return "no keyframe (set the encoder's interval to 2 s)";
    return this.#sound === undefined ? "no H.264 or AAC sequence header" : "no media";
  }

  #start(
    { source, tags }: { source: SourceDescription; tags: BufferedTag[] },
    nowMs: number,
  ): TimelineDecision[] {
    const kept = tags.filter(({ tag }) => source[trackOf(tag)] !== undefined);
    const first = kept.find(({ tag }) => source.video === undefined || tag.kind === "video");
    if (first === undefined) return [];
    this.#counts.startBufferOverflows += this.#watch?.overflows ?? 0;
    this.#watch = undefined;
    this.#epoch = { source, clock: new TagClock(first.tag.timestampMs, first.nowMs) };
    this.#startedMs = nowMs;
    this.#waitingSinceMs = undefined;
    const decisions: TimelineDecision[] = [{ kind: "start", source }];
    for (const header of [
      source.video === undefined ? undefined : this.#picture,
      source.audio === undefined ? undefined : this.#sound,
    ]) {
      if (header !== undefined) decisions.push(tagAt(header.tag, 0));
    }
    for (const { tag, nowMs: cameMs } of kept) {
      decisions.push(...this.#pushFrame(tag, tag === first.tag, cameMs));
    }
    return decisions;
  }

  #endEpoch(
    reason: string,
    nowMs: number,
    after: { pictureLost?: boolean } = {},
  ): TimelineDecision[] {
    this.#watch = new StartWatch(nowMs, after);
    if (this.#epoch === undefined) return [];
    this.#waitingSinceMs = nowMs;
    this.#warned = false;
    this.#counts.timestampsClamped += this.#epoch.clock.timestampsClamped;
    this.#counts.jumpsRemoved += this.#epoch.clock.jumpsRemoved;
    this.#epoch = undefined;
    return [{ kind: "newEpoch", reason }];
  }

  #refuse(reason: string): TimelineDecision[] {
    this.#refused = true;
    this.#watch = undefined;
    this.#epoch = undefined;
    return [{ kind: "refuse", reason }];
  }

  #drop(): TimelineDecision[] {
    this.#counts.tagsDropped++;
    return [];
  }
}

function trackOf(tag: TimelineTag): "audio" | "video" {
  return tag.kind === "video" ? "video" : "audio";
}

function tagAt(tag: TimelineTag, timestampMs: number): TimelineDecision {
  return { kind: "tag", tag: { ...tag, timestampMs } };
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
