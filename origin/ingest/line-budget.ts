/**
 * One log line of each kind in ten seconds, for what strangers can cause as often as they like: a
 * flood of connections must not become a flood of lines. The kinds must be few.
 */
const intervalMs = 10_000;

export class LineBudget {
  readonly #kinds = new Map<string, { lastMs: number; leftOut: number }>();

  /** How many lines of the kind were left out before this one; undefined: leave it out, too. */
  take(kind: string, nowMs: number): number | undefined {
    const known = this.#kinds.get(kind);
    if (known !== undefined && nowMs - known.lastMs < intervalMs) {
      known.leftOut++;
      return undefined;
    }
    this.#kinds.set(kind, { lastMs: nowMs, leftOut: 0 });
    return known?.leftOut ?? 0;
  }
}
