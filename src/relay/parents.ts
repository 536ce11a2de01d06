/**
 * The parents of a node, in order of preference: passive ejection with back-off. A parent that fails
 * several times in a row is left alone for a while, but never all of them: the last one standing is
 * asked however it behaves, because a bad answer beats none.
 */
import { assert } from "../base/assert.ts";

/** Consecutive failures that eject (Envoy uses 5 for HTTP; a live edge cannot wait as long). */
export const ejectAfterFailures = 3;
/** First ejection; each further one in a row lasts twice as long. */
export const ejectMsMin = 1_000;
export const ejectMsMax = 30_000;

export class Parents {
  readonly count: number;
  readonly #failures: Int32Array;
  readonly #ejections: Int32Array;
  readonly #ejectedUntilMs: Float64Array;

  constructor(count: number) {
    this.count = count;
    this.#failures = new Int32Array(count);
    this.#ejections = new Int32Array(count);
    this.#ejectedUntilMs = new Float64Array(count).fill(-Infinity);
  }

  isEjected(parent: number, nowMs: number): boolean {
    return nowMs < (this.#ejectedUntilMs[parent] ?? -Infinity);
  }

  /** The best parent other than `avoid` (-1: none avoided); -1 when there is no such parent. */
  choose(nowMs: number, avoid = -1): number {
    for (let parent = 0; parent < this.count; parent++) {
      if (parent !== avoid && !this.isEjected(parent, nowMs)) return parent;
    }
    return -1;
  }

  /** As `choose`, but rather the avoided parent than none; -1 only without any parent. */
  chooseAny(nowMs: number, avoid = -1): number {
    const other = this.choose(nowMs, avoid);
    return other === -1 ? this.choose(nowMs) : other;
  }

  succeeded(parent: number): void {
    this.#failures[parent] = 0;
    this.#ejections[parent] = 0;
  }

  /** Counts a failure; returns until when the parent is ejected by it, or -1 when it is not. */
  failed(parent: number, nowMs: number): number {
    const failures = (this.#failures[parent] ?? 0) + 1;
    this.#failures[parent] = failures;
    if (failures < ejectAfterFailures || this.isEjected(parent, nowMs)) return -1;
    if (this.choose(nowMs, parent) === -1) return -1;
    const ejections = (this.#ejections[parent] ?? 0) + 1;
    this.#ejections[parent] = ejections;
    this.#failures[parent] = 0;
    const lengthMs = Math.min(ejectMsMax, ejectMsMin * 2 ** Math.min(ejections - 1, 10));
    this.#ejectedUntilMs[parent] = nowMs + lengthMs;
    assert(this.choose(nowMs) !== -1, "an ejection left no parent");
    return nowMs + lengthMs;
  }
}
