/**
 * Which number of viewers to try next: twice as many until a step breaks or the ceiling is reached,
 * then the middle between the largest good and the smallest broken one. Pure.
 */

export interface TriedStep {
  viewers: number;
  /** What was out of bounds; of a good step nothing. */
  broken: readonly unknown[];
}

export interface SearchPlan {
  /** Viewers of the first step; at most `ceiling`. */
  from: number;
  ceiling: number;
  stepCountMax: number;
  /** Of all steps together. */
  durationMsMax: number;
  /** What one step takes, from the start of k6 to its end. */
  stepMs: number;
}

export type NextStep =
  | { kind: "try"; viewers: number }
  /** ceiling: all that may be tried was good; first: not even the first step was. */
  | { kind: "end"; why: "knee" | "ceiling" | "first" | "limits" };

/** How often the interval is halved, and how narrow it is enough, of the good step. Arbitrary. */
const halvingCount = 3;
const intervalRatioMin = 0.05;

export function nextStep(
  steps: readonly TriedStep[],
  plan: SearchPlan,
  elapsedMs: number,
): NextStep {
  const viewers = nextViewers(steps, plan);
  if (typeof viewers === "string") return { kind: "end", why: viewers };
  const isFirst = steps.length === 0;
  const isLate = elapsedMs + plan.stepMs > plan.durationMsMax;
  if (!isFirst && (isLate || steps.length >= plan.stepCountMax)) {
    return { kind: "end", why: "limits" };
  }
  return { kind: "try", viewers };
}

function nextViewers(
  steps: readonly TriedStep[],
  { from, ceiling }: SearchPlan,
): number | "knee" | "ceiling" | "first" {
  if (steps.length === 0) return from;
  const firstBroken = steps.findIndex((step) => !isGood(step));
  if (firstBroken === 0) return "first";
  const good = largestGood(steps)!.viewers;
  if (firstBroken === -1) return good >= ceiling ? "ceiling" : Math.min(2 * good, ceiling);
  const broken = smallestBroken(steps)!.viewers;
  const halvings = steps.length - 1 - firstBroken;
  const isNarrow = broken - good <= Math.max(1, intervalRatioMin * good);
  return halvings >= halvingCount || isNarrow ? "knee" : Math.round((good + broken) / 2);
}

function isGood({ broken }: TriedStep): boolean {
  return broken.length === 0;
}

/** Undefined when none was good. */
export function largestGood<Step extends TriedStep>(steps: readonly Step[]): Step | undefined {
  return steps
    .filter(isGood)
    .sort((a, b) => b.viewers - a.viewers)
    .at(0);
}

/** Undefined when none broke. */
export function smallestBroken<Step extends TriedStep>(steps: readonly Step[]): Step | undefined {
  return steps
    .filter((step) => !isGood(step))
    .sort((a, b) => a.viewers - b.viewers)
    .at(0);
}
