/**
 * Tells a hung encoder from a starved one: it is hung when media has been going in (or waiting to)
 * for a while and nothing came out.
 */

/** The slowest thing that is no hang: two seconds of priming on a busy machine, five times over. */
const stallMs = 10_000;

export class StallWatch {
  #outputAtMs: number;
  #firstInputAtMs: number | undefined;
  #lastInputAtMs = 0;

  constructor(nowMs: number) {
    this.#outputAtMs = nowMs;
  }

  /** Media was offered to the encoder. */
  input(nowMs: number): void {
    this.#firstInputAtMs ??= nowMs;
    this.#lastInputAtMs = nowMs;
  }

  /** The encoder gave something. */
  output(nowMs: number): void {
    this.#outputAtMs = nowMs;
    this.#firstInputAtMs = undefined;
  }

  /** `queueFull`: media waits for the encoder, so that none can be offered. */
  isStalled(nowMs: number, { queueFull }: { queueFull: boolean }): boolean {
    if (this.#firstInputAtMs === undefined) return false;
    const inputUntilMs = queueFull ? nowMs : this.#lastInputAtMs;
    return nowMs - this.#outputAtMs > stallMs && inputUntilMs - this.#firstInputAtMs > stallMs;
  }
}
