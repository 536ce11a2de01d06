/** Why a search ended, in words: what broke first, or what allowed no more; and what to do. Pure. */
import { AppError } from "../../src/base/errors.ts";
import type { KneeReport } from "../../src/config/schema-knee-report.ts";
import { things } from "../report/number-format.ts";
import { largestGood, smallestBroken } from "./knee-search.ts";
import type { Ceiling } from "./socket-ceiling.ts";
import { firstFinding } from "./what-broke.ts";

type Step = KneeReport["steps"][number];

/** Of steps one of which, at least, was good. */
export function endOf(
  steps: readonly Step[],
  { why, ceiling }: { why: "knee" | "ceiling" | "limits"; ceiling: Ceiling },
): KneeReport["end"] {
  const good = largestGood(steps)!;
  const broken = smallestBroken(steps);
  if (broken !== undefined) {
    const first = firstFinding(good, broken);
    const also = broken.broken.filter((finding) => finding !== first).map(({ words }) => words);
    return { by: first.cause, viewers: broken.viewers, words: first.words, also };
  }
  const { viewers } = good;
  if (why === "ceiling") return { by: ceiling.by, viewers, words: ceiling.words, also: [] };
  const words = `Nothing broke within ${things(steps.length, "step")}: begin with more viewers (--from).`;
  return { by: "limits", viewers, words, also: [] };
}

const aloneAdvice = "leave the machine to this run";
const advice: Readonly<Record<Step["broken"][number]["cause"], string>> = {
  "edge CPU": "begin with fewer viewers (--from), lower the --cap, or start more --edges",
  generator: `begin with fewer viewers (--from), or ${aloneAdvice}`,
  machine: `begin with fewer viewers (--from), or ${aloneAdvice}`,
  quality: "begin with fewer viewers (--from); if that helps nothing, look at what is named",
};

/**
 * Without a good step there is no knee: what broke the first one, and what to do. Where other
 * programs held over half of the `cores`, fewer viewers would change nothing.
 */
export function firstBrokenError(step: Step, cores: number): AppError {
  const { cause, words } = firstFinding(undefined, step);
  const isCrowded = step.otherCores > cores / 2;
  return new AppError(
    "LIMIT_TOO_LOW",
    `the first step, of ${things(step.viewers, "viewer")}, is broken already, so there is no knee: ${cause}. ` +
      `${words} What to do: ${isCrowded ? aloneAdvice : advice[cause]}`,
  );
}
