/**
 * One publisher from start to end: its tags go through the normaliser, and each epoch that this asks
 * for gets an encoder. An encoder that dies is replaced after a growing delay, while the publisher
 * stays. An encoder that is behind slows the publisher's socket down, and so does media that comes
 * faster than real time.
 */
import type { Clock } from "../../src/base/clock.ts";
import type { SourceDescription } from "../../src/media/source-description.ts";
import { TimelineNormalizer, type TimelineDecision } from "../../src/media/timeline-normalizer.ts";
import type { TimelineTag } from "../../src/media/timeline-tag.ts";
import { writeFlvHeader, writeFlvTag, type FlvTag } from "../../src/rtmp/flv.ts";
import type { Publisher } from "../ingest/publisher.ts";
import type { RepairCounts } from "./feed-metrics.ts";
import type { EncoderRun } from "./encoder-run.ts";
import { MediaPace } from "./media-pace.ts";
import { RestartDelay } from "./restart-delay.ts";

/** An epoch that was begun and the encoder that makes it. */
export interface EncodedEpoch {
  epoch: number;
  encoder: EncoderRun;
}

export interface PublisherSessionOptions {
  publisher: Publisher;
  clock: Clock;
  /** When the feed's last epoch began, if one did. */
  epochBeganMs: number | undefined;
  /**
   * Begins an epoch and starts its encoder; `startUnixMs` is when its first picture came in. The
   * encoder's `drained` and its unexpected end are to be passed back to the session.
   */
  beginEpoch(source: SourceDescription, startUnixMs: number): EncodedEpoch;
  /** The session gave up this epoch's encoder, because the source changed. */
  epochChanged(epoch: number, reason: string): void;
  /** Nothing can be made of what comes, so far. */
  warned(reason: string): void;
  /** Media comes faster than real time, so that the publisher has to wait; said once. */
  tooFast(): void;
}

/** Media that came this long ago is not arriving any more. */
const arrivingMs = 1_000;

export class PublisherSession {
  readonly publisher: Publisher;
  readonly #options: PublisherSessionOptions;
  readonly #normalizer: TimelineNormalizer;
  readonly #delay = new RestartDelay();
  #current: EncodedEpoch | undefined;
  /** The newest media of the present epoch that its encoder was given, and when. */
  #given = { kind: "video", startUnixMs: 0, mediaMs: 0, atMs: -Infinity };
  /** When the next encoder may start, after one died. */
  #restartAtMs: number | undefined;
  #restartReason = "";
  /** Why the publisher is held up. */
  readonly #waitsFor = { encoder: false, clock: false };
  readonly #pace: MediaPace;
  #wasTooFast = false;
  #paused = false;
  #closed = false;

  constructor(options: PublisherSessionOptions) {
    this.#options = options;
    this.publisher = options.publisher;
    this.#normalizer = new TimelineNormalizer({ startedMs: options.epochBeganMs });
    this.#pace = new MediaPace(options.clock.nowMs());
  }

  /** What the normaliser has repaired so far. */
  get counts(): RepairCounts {
    return this.#normalizer.counts;
  }

  tag(tag: FlvTag): void {
    this.#obey(this.#normalizer.push(tag, this.#options.clock.nowMs()));
  }

  tick(nowMs: number): void {
    if (this.#restartAtMs !== undefined && nowMs >= this.#restartAtMs) {
      this.#restartAtMs = undefined;
      this.#obey(this.#normalizer.restart(this.#restartReason, nowMs));
    }
    this.#obey(this.#normalizer.tick(nowMs));
    if (this.#waitsFor.clock && !this.#pace.holds(nowMs)) this.#hold("clock", false);
  }

  /** The encoder of this epoch has room again. */
  drained(epoch: number): void {
    if (this.#current?.epoch === epoch) this.#hold("encoder", false);
  }

  /** The encoder of this epoch died, or its media is of no use. */
  epochFailed(epoch: number, reason: string): void {
    if (this.#closed || this.#current?.epoch !== epoch) return;
    this.#stopEncoder();
    this.#restartReason = reason;
    this.#restartAtMs = this.#options.clock.nowMs() + this.#delay.take();
  }

  /** The date of the newest media given to this epoch's encoder, while it is given any. */
  givenUnixMs(epoch: number): number | undefined {
    if (this.#current?.epoch !== epoch) return undefined;
    const { startUnixMs, mediaMs, atMs } = this.#given;
    const isArriving = this.#options.clock.nowMs() - atMs < arrivingMs;
    return isArriving || this.#waitsFor.encoder ? startUnixMs + mediaMs : undefined;
  }

  /** The present encoder has proved itself: a segment of its epoch was listed. */
  epochWorks(epoch: number): void {
    if (this.#current?.epoch === epoch) this.#delay.reset();
  }

  /** The publisher is gone: the encoder makes what it has. */
  close(): void {
    this.#closed = true;
    this.#stopEncoder();
  }

  #obey(decisions: readonly TimelineDecision[]): void {
    for (const [index, decision] of decisions.entries()) {
      if (this.#closed) return;
      // Between an encoder's death and the next one's start nobody takes the media.
      if (this.#restartAtMs !== undefined && decision.kind !== "refuse") continue;
      switch (decision.kind) {
        case "start":
          this.#start(decision.source, decisions.slice(index + 1));
          break;
        case "tag":
          this.#write(writeFlvTag(decision.tag));
          this.#note(decision.tag);
          this.#keepPace(decision.tag.timestampMs);
          break;
        case "newEpoch":
          if (this.#current !== undefined) {
            this.#options.epochChanged(this.#current.epoch, decision.reason);
          }
          this.#stopEncoder();
          break;
        case "warn":
          this.#options.warned(decision.reason);
          break;
        case "refuse":
          this.publisher.refuse(decision.reason);
          break;
      }
    }
  }

  #start(source: SourceDescription, following: readonly TimelineDecision[]): void {
    this.#stopEncoder();
    const mediaMs = heldMs(following);
    this.#pace.begin(mediaMs, this.#options.clock.nowMs());
    const startUnixMs = this.#options.clock.unixMs() - mediaMs;
    this.#current = this.#options.beginEpoch(source, startUnixMs);
    const kind = source.video === undefined ? "audio" : "video";
    this.#given = { kind, startUnixMs, mediaMs: 0, atMs: -Infinity };
    this.#write(
      writeFlvHeader({ audio: source.audio !== undefined, video: source.video !== undefined }),
    );
  }

  #write(bytes: Uint8Array): void {
    if (this.#current?.encoder.write(bytes) === false) this.#hold("encoder", true);
  }

  #note({ kind, timestampMs }: TimelineTag): void {
    if (kind !== this.#given.kind) return;
    this.#given.mediaMs = Math.max(this.#given.mediaMs, timestampMs);
    this.#given.atMs = this.#options.clock.nowMs();
  }

  #keepPace(mediaMs: number): void {
    if (this.#current === undefined) return;
    if (!this.#pace.take(mediaMs, this.#options.clock.nowMs())) return;
    this.#hold("clock", true);
    if (this.#wasTooFast) return;
    this.#wasTooFast = true;
    this.#options.tooFast();
  }

  #stopEncoder(): void {
    this.#current?.encoder.stop();
    this.#current = undefined;
    this.#hold("encoder", false);
  }

  #hold(reason: "encoder" | "clock", wait: boolean): void {
    this.#waitsFor[reason] = wait;
    const paused = this.#waitsFor.encoder || this.#waitsFor.clock;
    if (paused === this.#paused) return;
    this.#paused = paused;
    if (paused) this.publisher.pause();
    else if (!this.#closed) this.publisher.resume();
  }
}

/** How long the normaliser held the first tag back: epochs begin at time 0, and the last is new. */
function heldMs(following: readonly TimelineDecision[]): number {
  let lastMs = 0;
  for (const decision of following) {
    if (decision.kind === "tag") lastMs = Math.max(lastMs, decision.tag.timestampMs);
  }
  return lastMs;
}
