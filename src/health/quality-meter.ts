/** What players reported over the last five minutes, from totals that only rise. */
import type { ViewerQuality } from "./node-health.ts";

/** Since the start of the process. */
export type QualityTotals = Omit<ViewerQuality, "sessionCount">;

/** Stalls are rare: over a shorter time a ratio of them would jump. */
const windowMs = 300_000;
const sampleEveryMs = 5_000;

export class QualityMeter {
  /** Oldest first; one of them may be older than the window. */
  readonly #samples: (QualityTotals & { atMs: number })[] = [];

  push(totals: QualityTotals, nowMs: number): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && nowMs - last.atMs < sampleEveryMs) return;
    this.#samples.push({ ...totals, atMs: nowMs });
    while (this.#samples.length > 2 && this.#samples[1]!.atMs <= nowMs - windowMs) {
      this.#samples.shift();
    }
  }

  /** Undefined while nobody has reported anything. */
  read(now: QualityTotals & { sessionCount: number }): ViewerQuality | undefined {
    const first = this.#samples[0];
    const since = (key: keyof QualityTotals): number => Math.round(now[key] - (first?.[key] ?? 0));
    const quality = {
      sessionCount: now.sessionCount,
      stallCount: since("stallCount"),
      stalledMs: since("stalledMs"),
      playedMs: since("playedMs"),
      startupCount: since("startupCount"),
      startupMsSum: since("startupMsSum"),
    };
    return Object.values(quality).some((value) => value > 0) ? quality : undefined;
  }
}
