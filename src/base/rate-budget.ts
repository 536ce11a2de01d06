/** How often something may be done: so many times a second, and a burst above that. */
export interface RateBudget {
  perSec: number;
  burst: number;
}

/** What is left of it to one who does it; two numbers, for there are many viewers. */
export interface BudgetLeft {
  left: number;
  sinceMs: number;
}

/** Takes one off; false when there is none left. */
export function takeOne(of: BudgetLeft, budget: RateBudget, nowMs: number): boolean {
  if (refill(of, budget, nowMs) < 1) return false;
  of.left -= 1;
  return true;
}

/** What is left now. */
export function refill(of: BudgetLeft, budget: RateBudget, nowMs: number): number {
  const refilled = ((nowMs - of.sinceMs) * budget.perSec) / 1_000;
  of.left = Math.min(budget.burst, of.left + refilled);
  of.sinceMs = nowMs;
  return of.left;
}
