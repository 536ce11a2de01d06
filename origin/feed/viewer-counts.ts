/**
 * How many viewers a feed has, from what each process of the child relays last said. Pure: time is
 * passed in. A process that is silent is dropped; so many processes are known at most.
 */
import type { ViewerReport } from "../../src/health/viewer-report.ts";

/** A report every 5 s is due; three missed ones and the child counts as gone. */
const silentMsMax = 15_000;
export const reporterCountMax = 1_024;

export class ViewerCounts {
  readonly #reports = new Map<string, { viewers: number; atMs: number }>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  /** False when too many processes report already. */
  report({ node, process, viewers }: ViewerReport, nowMs: number): boolean {
    const key = `${node}/${process}`;
    const before = this.#reports.get(key);
    if (before === undefined && this.#reports.size >= reporterCountMax) return false;
    this.#reports.set(key, { viewers, atMs: nowMs });
    this.#total += viewers - (before?.viewers ?? 0);
    return true;
  }

  /** Drops the silent ones. */
  tick(nowMs: number): void {
    for (const [key, { viewers, atMs }] of this.#reports) {
      if (nowMs - atMs < silentMsMax) continue;
      this.#reports.delete(key);
      this.#total -= viewers;
    }
  }
}
