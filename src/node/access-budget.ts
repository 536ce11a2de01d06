/**
 * The hard bound of access lines: so many in each second, whatever the traffic. Failures and all
 * else have half of it each, so that neither flood hides the other. What is left out is counted.
 */
export interface LeftOut {
  failures: number;
  others: number;
}

const secondMs = 1_000;

export class AccessBudget {
  readonly #failuresMax: number;
  readonly #othersMax: number;
  readonly #linesMax: number;
  #secondStartMs = Number.NEGATIVE_INFINITY;
  #taken: LeftOut = { failures: 0, others: 0 };
  #leftOut: LeftOut = { failures: 0, others: 0 };

  constructor(linesPerSec: number) {
    this.#linesMax = linesPerSec;
    this.#failuresMax = Math.ceil(linesPerSec / 2);
    this.#othersMax = Math.max(1, Math.floor(linesPerSec / 2));
  }

  /** Whether the line may be written. */
  take(isFailure: boolean, nowMs: number): boolean {
    if (nowMs - this.#secondStartMs >= secondMs) {
      this.#secondStartMs = nowMs;
      this.#taken = { failures: 0, others: 0 };
    }
    const taken = this.#taken;
    const key = isFailure ? "failures" : "others";
    const ofKindMax = isFailure ? this.#failuresMax : this.#othersMax;
    if (taken[key] >= ofKindMax || taken.failures + taken.others >= this.#linesMax) {
      this.#leftOut[key] += 1;
      return false;
    }
    taken[key] += 1;
    return true;
  }

  /** What was left out since the last call; undefined when nothing was. */
  takeLeftOut(): LeftOut | undefined {
    const leftOut = this.#leftOut;
    if (leftOut.failures + leftOut.others === 0) return undefined;
    this.#leftOut = { failures: 0, others: 0 };
    return leftOut;
  }
}
