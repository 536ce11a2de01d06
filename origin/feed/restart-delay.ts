/** How long to wait before an encoder that died is started again: doubling, from 0.25 s to 5 s. */
const delayMsMin = 250;
const delayMsMax = 5_000;

export class RestartDelay {
  #nextMs = delayMsMin;

  /** The wait after this death. */
  take(): number {
    const delayMs = this.#nextMs;
    this.#nextMs = Math.min(delayMsMax, 2 * delayMs);
    return delayMs;
  }

  /** The encoder works. */
  reset(): void {
    this.#nextMs = delayMsMin;
  }
}
