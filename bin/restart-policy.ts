/** How long to wait before a program that ended is started again. Pure: time is a parameter. */

/** Doubling from half a second, so that a wrong set-up does not burn a core; arbitrary. */
const delayMsMin = 500;
const delayMsMax = 15_000;
/** One that ran this long was healthy: it starts again at once. */
const healthyMs = 60_000;

export class RestartPolicy {
  #failureCount = 0;

  /** The delay after an end; `ranMs` is how long it ran. */
  delayMs(ranMs: number): number {
    this.#failureCount = ranMs >= healthyMs ? 0 : this.#failureCount + 1;
    if (this.#failureCount === 0) return delayMsMin;
    return Math.min(delayMsMax, delayMsMin * 2 ** (this.#failureCount - 1));
  }
}
