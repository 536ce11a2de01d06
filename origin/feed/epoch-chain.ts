/**
 * The epochs of a feed one after another on one timeline. The next encoder may already run while
 * the last one still gives its tail: its bytes wait here until the tail is packaged, because only
 * then is it known where the next epoch starts.
 */
import { assert } from "../../src/base/assert.ts";
import type { Clock } from "../../src/base/clock.ts";
import {
  timelineStart,
  type AssemblerCounts,
  type TimelinePoint,
} from "../../src/media/part-assembler.ts";
import type { NewSegment } from "../packager/feed-packager.ts";
import { EpochRun, type EpochMedia } from "./epoch-run.ts";

export interface EpochChainEvents {
  segment(segment: NewSegment): void;
  /** The epoch cannot go on; whoever feeds it must end it. Once an epoch. */
  fault(epoch: number, reason: string): void;
  /** The epoch's last segment is out. */
  ended(epoch: number, counts: AssemblerCounts): void;
}

interface Link {
  epoch: number;
  media: EpochMedia;
  /** Present once the epoch before has ended. */
  run: EpochRun | undefined;
  /** Bytes that came before that. */
  waiting: { trackIndex: number; bytes: Uint8Array }[];
  ended: boolean;
  faulted: boolean;
}

/** An encoder that was told to end has this long for its tail once another one waits. */
const tailMsMax = 1_500;

export class EpochChain {
  readonly #clock: Clock;
  readonly #events: EpochChainEvents;
  /** The first one is the present epoch. */
  #links: Link[] = [];
  #point: TimelinePoint = timelineStart;
  #tailDeadlineMs: number | undefined;

  constructor({ clock, events }: { clock: Clock; events: EpochChainEvents }) {
    this.#clock = clock;
    this.#events = events;
  }

  /** Epochs that have begun and not ended. */
  get openCount(): number {
    return this.#links.length;
  }

  begin(epoch: number, media: EpochMedia): void {
    this.#links.push({
      epoch,
      media,
      run: undefined,
      waiting: [],
      ended: false,
      faulted: false,
    });
    if (this.#links.length === 1) this.#openFirst();
    else this.#tailDeadlineMs ??= this.#clock.nowMs() + tailMsMax;
  }

  trackBytes(epoch: number, trackIndex: number, bytes: Uint8Array): void {
    const link = this.#linkOf(epoch);
    // An epoch that was cut off has no say any more.
    if (link === undefined || link.ended) return;
    if (link.run === undefined) link.waiting.push({ trackIndex, bytes });
    else this.#give(link, link.run.trackBytes(trackIndex, bytes, this.#clock.nowMs()));
  }

  /** No more bytes will come for the epoch. */
  end(epoch: number): void {
    const link = this.#linkOf(epoch);
    if (link === undefined) return;
    link.ended = true;
    while (this.#links[0]?.ended === true) this.#closeFirst();
  }

  tick(nowMs: number): void {
    const first = this.#links[0];
    if (first?.run === undefined) return;
    this.#give(first, first.run.tick(nowMs));
    if (this.#tailDeadlineMs !== undefined && nowMs >= this.#tailDeadlineMs) this.end(first.epoch);
  }

  #linkOf(epoch: number): Link | undefined {
    return this.#links.find((link) => link.epoch === epoch);
  }

  #closeFirst(): void {
    const first = this.#links[0];
    assert(first?.run !== undefined, "the first epoch is open");
    for (const segment of first.run.end()) this.#events.segment(segment);
    this.#point = first.run.endPoint;
    this.#links.shift();
    this.#tailDeadlineMs = this.#links.length > 1 ? this.#clock.nowMs() + tailMsMax : undefined;
    this.#events.ended(first.epoch, first.run.counts);
    if (this.#links.length > 0) this.#openFirst();
  }

  #openFirst(): void {
    const link = this.#links[0]!;
    const run = new EpochRun({ epoch: link.epoch, media: link.media, start: this.#point });
    link.run = run;
    const { waiting } = link;
    link.waiting = [];
    const nowMs = this.#clock.nowMs();
    for (const { trackIndex, bytes } of waiting) {
      this.#give(link, run.trackBytes(trackIndex, bytes, nowMs));
    }
  }

  #give(link: Link, segments: readonly NewSegment[]): void {
    for (const segment of segments) this.#events.segment(segment);
    const fault = link.run?.fault;
    if (fault === undefined || link.faulted) return;
    link.faulted = true;
    this.#events.fault(link.epoch, fault);
  }
}
