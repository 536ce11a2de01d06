/**
 * So many log lines of each kind in an interval, for what strangers or traffic can cause as often as
 * they like: a flood of connections must not become a flood of lines. The kinds must be few.
 */
export interface LineBudgetOptions {
  /** Lines of one kind in an interval. */
  lineCountMax?: number;
  intervalMs?: number;
}

export class LineBudget {
  readonly #lineCountMax: number;
  readonly #intervalMs: number;
  readonly #kinds = new Map<string, { sinceMs: number; lineCount: number; leftOut: number }>();

  constructor({ lineCountMax = 1, intervalMs = 10_000 }: LineBudgetOptions = {}) {
    this.#lineCountMax = lineCountMax;
    this.#intervalMs = intervalMs;
  }

  /**
   * Undefined: leave the line out. Otherwise how many of its kind were left out in the interval
   * before; only the first of an interval says so, the others 0.
   */
  take(kind: string, nowMs: number): number | undefined {
    const known = this.#kinds.get(kind);
    if (known === undefined || nowMs - known.sinceMs >= this.#intervalMs) {
      this.#kinds.set(kind, { sinceMs: nowMs, lineCount: 1, leftOut: 0 });
      return known?.leftOut ?? 0;
    }
    if (known.lineCount < this.#lineCountMax) {
      known.lineCount += 1;
      return 0;
    }
    known.leftOut += 1;
    return undefined;
  }
}
