/**
 * When the page's figures go to its edge: each ten seconds, when the page is hidden, which for a
 * phone's may be its end, and when it is left. What was not taken is part of the next, so nothing is
 * said twice and little is lost. It has no timer: it is polled by the player's tick.
 */
import type { QoeReport } from "../../../qoe/qoe-report.ts";

const everyMs = 10_000;
/** As often as the edge allows in the long run; its answer to a beacon is never seen. */
const hiddenEveryMs = 5_000;

/** Something with figures to tell. */
export interface QoeSource {
  report(): { report: QoeReport; taken: () => void } | null;
}

export interface QoeSenderOptions {
  source: QoeSource;
  /** Resolves with the answer's status; rejects when there was none. */
  post: (body: string) => Promise<number>;
  /** Hands over the last words when the page goes away; false when they were not taken. */
  beacon: (body: string) => boolean;
  /** From 0 to below 1: a crowd that joined at once does not report at once. */
  random: number;
}

export class QoeSender {
  readonly #options: QoeSenderOptions;
  #dueMs: number | null = null;
  #saidMs = -Infinity;
  #isPosting = false;
  /** The edge takes no beacons: it is not asked again. */
  #isUnwanted = false;

  constructor(options: QoeSenderOptions) {
    this.#options = options;
  }

  poll(nowMs: number): void {
    this.#dueMs ??= nowMs + everyMs * (0.5 + this.#options.random / 2);
    if (this.#isUnwanted || this.#isPosting || nowMs < this.#dueMs) return;
    const told = this.#options.source.report();
    if (told === null) return;
    this.#said(nowMs);
    void this.#post(told.report, told.taken);
  }

  /**
   * Says what there is at once: the page may be gone the next moment. If it may as well go on, then
   * not so soon after other words that the edge would refuse these, and they be lost.
   */
  flush(nowMs: number, { isLast }: { isLast: boolean }): void {
    // What is on its way may be taken: it would be told twice.
    if (this.#isUnwanted || this.#isPosting) return;
    if (!isLast && nowMs - this.#saidMs < hiddenEveryMs) return;
    const told = this.#options.source.report();
    if (told === null || !this.#options.beacon(JSON.stringify(told.report))) return;
    told.taken();
    this.#said(nowMs);
  }

  #said(nowMs: number): void {
    this.#saidMs = nowMs;
    this.#dueMs = nowMs + everyMs;
  }

  async #post(report: QoeReport, taken: () => void): Promise<void> {
    this.#isPosting = true;
    let status = 0;
    try {
      status = await this.#options.post(JSON.stringify(report));
    } catch {
      // No answer: perhaps it was taken, perhaps not. The edge refuses what cannot be true.
      status = 0;
    }
    this.#isPosting = false;
    // 400: said wrongly, and no better the second time.
    if (status === 204 || status === 200 || status === 400) taken();
    else if (status >= 400 && status < 500 && status !== 429) this.#isUnwanted = true;
  }
}
