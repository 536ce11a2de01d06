/**
 * How far a publisher's media is ahead of the clock. One that reads a file as fast as it can would
 * slide the window away under its viewers and date the next broadcast into the future. A clock that
 * runs a little fast is no such thing: what is ahead leaks away by a hundredth of the time.
 */

/** Media that may be ahead: a burst after a pause of the network, or an encoder's start. */
const aheadMsMax = 2_000;
/** Below this a publisher who was paused goes on. */
const aheadMsGoOn = 1_500;
/** Fast clocks: far more than any crystal is off. */
const leakRatio = 0.01;

export class MediaPace {
  #aheadMs = 0;
  #mediaMs = 0;
  #nowMs: number;
  #isHolding = false;

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  /** An epoch begins whose media came in at this pace up to here: what was ahead stays ahead. */
  begin(mediaMs: number, nowMs: number): void {
    this.#pass(nowMs);
    this.#aheadMs = Math.max(0, this.#aheadMs);
    this.#mediaMs = mediaMs;
  }

  /** Media came, up to this time of the epoch; whether the publisher is to wait. */
  take(mediaMs: number, nowMs: number): boolean {
    this.#pass(nowMs);
    const addedMs = Math.max(0, mediaMs - this.#mediaMs);
    this.#mediaMs += addedMs;
    this.#aheadMs += addedMs;
    if (this.#aheadMs > aheadMsMax) this.#isHolding = true;
    return this.#isHolding;
  }

  /** Whether the publisher is still to wait. */
  holds(nowMs: number): boolean {
    this.#pass(nowMs);
    if (this.#aheadMs <= aheadMsGoOn) this.#isHolding = false;
    return this.#isHolding;
  }

  #pass(nowMs: number): void {
    const passedMs = Math.max(0, nowMs - this.#nowMs);
    this.#nowMs = Math.max(this.#nowMs, nowMs);
    const leakMs = Math.min(Math.max(0, this.#aheadMs), passedMs * leakRatio);
    this.#aheadMs -= passedMs + leakMs;
  }
}
