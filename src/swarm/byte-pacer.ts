/** A token bucket over bytes: what a viewer uploads at most, averaged over two seconds. Pure. */
import { refill, type BudgetLeft, type RateBudget } from "../base/rate-budget.ts";

const burstSec = 2;

export class BytePacer {
  #budget: RateBudget | null = null;
  readonly #bytes: BudgetLeft = { left: 0, sinceMs: 0 };

  /** kbps of 1,000 bit/s; 0: no ceiling. */
  setCeiling(kbps: number, nowMs: number): void {
    const perSec = (kbps * 1_000) / 8;
    if (perSec === (this.#budget?.perSec ?? 0)) return;
    this.#budget = kbps === 0 ? null : { perSec, burst: perSec * burstSec };
    this.#bytes.left = this.#budget?.burst ?? 0;
    this.#bytes.sinceMs = nowMs;
  }

  /** Takes the bytes and returns 0, or takes none and returns after how many ms to ask again. */
  take(bytes: number, nowMs: number): number {
    const budget = this.#budget;
    if (budget === null) return 0;
    const leftBytes = refill(this.#bytes, budget, nowMs);
    // A piece larger than the bucket is let through when the bucket is full.
    const neededBytes = Math.min(bytes, budget.burst);
    if (leftBytes < neededBytes) {
      return Math.ceil(((neededBytes - leftBytes) * 1_000) / budget.perSec);
    }
    this.#bytes.left -= bytes;
    return 0;
  }
}
