/**
 * Keeps the screen on while there is something to see on it. The browser takes the lock away from a
 * hidden page, and may refuse it (battery saver, foreign frame): then the screen sleeps as it likes.
 */

/** What is asked of the browser; a narrow part of `navigator.wakeLock`. */
export interface ScreenLocks {
  request: () => Promise<ScreenLock>;
}

interface ScreenLock {
  readonly released: boolean;
  release: () => Promise<void>;
}

export class WakeLock {
  readonly #locks: ScreenLocks | null;
  #isWanted = false;
  #isAsking = false;
  #isRefused = false;
  #lock: ScreenLock | null = null;

  constructor(locks: ScreenLocks | null) {
    this.#locks = locks;
  }

  /** Whether something plays that can be seen; to be called whenever that may have changed. */
  show(isWatched: boolean): void {
    // A refusal stands until the next time that something begins to play.
    if (!isWatched) this.#isRefused = false;
    this.#isWanted = isWatched;
    if (isWatched) void this.#ask();
    else this.#release();
  }

  async #ask(): Promise<void> {
    const isHeld = this.#lock?.released === false;
    if (this.#locks === null || this.#isAsking || this.#isRefused || isHeld) return;
    this.#isAsking = true;
    try {
      this.#lock = await this.#locks.request();
    } catch {
      this.#isRefused = true;
    }
    this.#isAsking = false;
    if (!this.#isWanted) this.#release();
  }

  #release(): void {
    const lock = this.#lock;
    this.#lock = null;
    if (lock?.released === false) void lock.release();
  }
}

export function screenLocks(): ScreenLocks | null {
  if (!("wakeLock" in navigator)) return null;
  return { request: () => navigator.wakeLock.request("screen") };
}
