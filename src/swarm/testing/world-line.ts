/**
 * One direction of a viewer's access line in virtual time: it carries one piece after the other.
 * Those who send over it keep to a window, and so share it.
 */
import type { EventQueue } from "./event-queue.ts";

/** What congestion control lets one sender have under way: so much time of the line, within these. */
const windowMs = 200;
const windowBytesMin = 8_192;
const windowBytesMax = 32_768;

export class WorldLine {
  kbps: number;
  readonly #events: EventQueue;
  #freeAtMs = 0;

  constructor(events: EventQueue, kbps: number) {
    this.#events = events;
    this.kbps = kbps;
  }

  /** What one sender may have under way at most. */
  get windowBytes(): number {
    return Math.min(windowBytesMax, Math.max(windowBytesMin, (this.kbps * windowMs) / 8));
  }

  /** Takes a piece; `passed` when all of it is at the other end. */
  carry(bytes: number, passed: () => void): void {
    const startMs = Math.max(this.#events.nowMs, this.#freeAtMs);
    this.#freeAtMs = startMs + (bytes * 8) / this.kbps;
    this.#events.at(this.#freeAtMs, passed);
  }
}
