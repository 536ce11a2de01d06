/**
 * Virtual time against the wall clock: window w may begin when start + w windows have passed at the
 * run's ratio. Pure; elapsed times are milliseconds of the wall clock since the run's start.
 */

export class Pace {
  readonly #windowMs: number;
  readonly #windowSec: number;
  readonly #windowCount: number;

  constructor(of: { windowSec: number; windowCount: number; timeRatio: number }) {
    this.#windowSec = of.windowSec;
    this.#windowCount = of.windowCount;
    this.#windowMs = (1_000 * of.windowSec) / of.timeRatio;
  }

  /** How long it is until the window may begin; 0 when it may. */
  waitMs(window: number, elapsedMs: number): number {
    return Math.max(0, window * this.#windowMs - elapsedMs);
  }

  /**
   * The next window that has not begun, by the clock: an engine that lags must not make what it is
   * told happen earlier.
   */
  nextWindow(elapsedMs: number): number {
    return Math.floor(elapsedMs / this.#windowMs) + 1;
  }

  /** Virtual seconds by which an engine that has run so many windows is late for the next one. */
  behindSec(windowsRun: number, elapsedMs: number): number {
    const due = Math.min(this.#windowCount, elapsedMs / this.#windowMs);
    // The window that is under way may take as long as it lasts.
    return Math.max(0, due - windowsRun - 1) * this.#windowSec;
  }
}
