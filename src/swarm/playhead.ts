/**
 * What the player needs next and by when. The player asks for one segment at a time and says when it
 * must be there; for those after it the deadline follows from how long segments are, which is how
 * far apart they are announced.
 */
import { schedulerParameters } from "./scheduler-parameters.ts";
import { isAfter, type SegmentId } from "./segment.ts";

/** Assumed before two live announcements: short, so that deadlines are rather too early. */
const durationMsUnknown = 1_000;
const gapCount = 7;
/** Announcements closer together are of segments that were there before. */
const gapMsMin = 50;
/** Those further apart have a break of the feed between them. */
const gapMsMax = 15_000;

export class Playhead {
  readonly #gapsMs: number[] = [];
  #announced: { id: SegmentId; atMs: number } | null = null;
  #wanted: { id: SegmentId; deadlineMs: number; atMs: number } | null = null;

  announced(id: SegmentId, nowMs: number): void {
    const before = this.#announced;
    if (before && isAfter(before.id, id)) return;
    this.#announced = { id, atMs: nowMs };
    if (before?.id.epoch !== id.epoch) return;
    const gapMs = nowMs - before.atMs;
    if (id.msn !== before.id.msn + 1 || gapMs < gapMsMin || gapMs > gapMsMax) return;
    this.#gapsMs.push(gapMs);
    if (this.#gapsMs.length > gapCount) this.#gapsMs.shift();
  }

  wanted(id: SegmentId, deadlineMs: number, nowMs: number): void {
    this.#wanted = { id, deadlineMs, atMs: nowMs };
  }

  /** The wanted segment is there; what was late, as at the start, plays from now on. */
  delivered(nowMs: number): void {
    if (this.#wanted === null) return;
    this.#wanted.deadlineMs = Math.max(this.#wanted.deadlineMs, nowMs);
  }

  /** The buffer ran down faster than thought when the wanted segment was asked for. */
  buffered(aheadMs: number, nowMs: number): void {
    if (this.#wanted === null) return;
    this.#wanted.deadlineMs = Math.min(this.#wanted.deadlineMs, nowMs + aheadMs);
  }

  /** Whether the player asked for anything lately. */
  isPlaying(nowMs: number): boolean {
    return nowMs < (this.#wanted?.atMs ?? -Infinity) + this.#idleMs();
  }

  /** Whether the player may still ask for it: it is not before what was asked for last. */
  isAhead(id: SegmentId): boolean {
    const wanted = this.#wanted?.id;
    return wanted?.rung === id.rung && !isAfter(wanted, id);
  }

  /** When a segment ahead must be there. */
  deadlineMs(id: SegmentId): number {
    const wanted = this.#wanted;
    if (wanted === null) return Infinity;
    const ahead = id.epoch === wanted.id.epoch ? id.msn - wanted.id.msn : 1;
    return wanted.deadlineMs + ahead * this.durationMs();
  }

  /** How long segments are, or a short time while that is unknown. */
  durationMs(): number {
    return this.knownDurationMs() ?? durationMsUnknown;
  }

  /** The median of the latest gaps between announcements; null before two. */
  knownDurationMs(): number | null {
    const { length } = this.#gapsMs;
    if (length === 0) return null;
    return this.#gapsMs.toSorted((a, b) => a - b)[length >> 1]!;
  }

  #idleMs(): number {
    return Math.max(schedulerParameters.idleMs, 5 * this.durationMs());
  }
}
