/**
 * What was out of bounds in a step, and which of it came first: of the resources that ran out, the
 * one that reached its bound with the fewest viewers, by a line from the largest good step to the
 * broken one. Late wake-ups and bad quality follow from those, so they count alone only. Pure.
 */
import {
  generatorBounds,
  generatorComplaints,
  type GeneratorHealth,
} from "../../src/config/schema-load-report-rules.ts";
import type { KneeReport } from "../../src/config/schema-knee-report.ts";
import { decimal, percent } from "../report/number-format.ts";
import { valueWords } from "../report/load-words.ts";
import type { checksOf } from "../wire/load-checks.ts";

type Step = KneeReport["steps"][number];
type Finding = Step["broken"][number];
type Check = ReturnType<typeof checksOf>[number];

/** An edge is one thread; past this it has no room for the next burst. */
export const edgeCoresMax = 0.9;
const machineBusyRatioMax = 0.95;

export interface StepEvidence {
  step: Omit<Step, "broken">;
  generator: GeneratorHealth;
  checks: readonly Check[];
  /** Cores that the run may use. */
  cores: number;
}

/** Every bound that was passed, resources before their consequences; empty for a good step. */
export function findingsOf({ step, generator, checks, cores }: StepEvidence): Finding[] {
  const { busiestEdge, machineBusyRatio, otherCores } = step;
  const found: Finding[] = [];
  if (busiestEdge.cores > edgeCoresMax) {
    const words = `${busiestEdge.name} used ${decimal(busiestEdge.cores)} of a core (at most ${decimal(edgeCoresMax)}).`;
    found.push({ cause: "edge CPU", words });
  }
  if (machineBusyRatio > machineBusyRatioMax) {
    const words = `All ${cores} cores were ${percent(machineBusyRatio)} busy (at most ${percent(machineBusyRatioMax)}), ${decimal(otherCores)} of them by other programs.`;
    found.push({ cause: "machine", words });
  }
  const complaints = generatorComplaints(generator);
  found.push(...complaints.map((words): Finding => ({ cause: "generator", words })));
  const missed = checks.filter(({ ok }) => !ok);
  found.push(...missed.map((check): Finding => ({ cause: "quality", words: missedWords(check) })));
  return found;
}

/**
 * Whether a broken step says nothing of this broadcast: no resource of its own ran out, and other
 * programs used more of the machine than it did.
 */
export function isDisturbed({ broken, otherCores, edgeCores, generatorCores }: Step): boolean {
  const isFull = broken.some(({ cause }) => cause === "machine");
  const isOwnFault = broken.some(({ cause }) => cause === "edge CPU");
  return isFull && !isOwnFault && otherCores > edgeCores + generatorCores;
}

function missedWords({ name, value, unit, bound, lookAt }: Check): string {
  const look = lookAt === undefined ? "" : `; look at ${lookAt}`;
  return `${name}: ${valueWords(value, unit)} (must be ${bound})${look}.`;
}

/** The first of the findings of `broken`, which has some. */
export function firstFinding(good: Step | undefined, broken: Step): Finding {
  const crossed = (Object.keys(pressures) as (keyof typeof pressures)[])
    .filter((cause) => pressures[cause](broken) > 1)
    .map((cause) => ({ cause, viewers: crossingOf(pressures[cause], good, broken) }))
    .sort((a, b) => a.viewers - b.viewers);
  const cause = crossed[0]?.cause;
  return broken.broken.find((finding) => finding.cause === cause) ?? broken.broken[0]!;
}

/** Use of each resource over its bound: above 1 it has run out. */
const pressures = {
  "edge CPU": ({ busiestEdge }: Step) => busiestEdge.cores / edgeCoresMax,
  machine: ({ machineBusyRatio }: Step) => machineBusyRatio / machineBusyRatioMax,
  generator: ({ generatorBusyRatio }: Step) => generatorBusyRatio / generatorBounds.busyRatio,
} as const;

/** Viewers with whom the use passed its bound, between both steps; without a good one from nothing. */
function crossingOf(
  pressureOf: (step: Step) => number,
  good: Step | undefined,
  broken: Step,
): number {
  const [from, before] = good === undefined ? [0, 0] : [good.viewers, pressureOf(good)];
  const rise = pressureOf(broken) - before;
  return from + ((1 - before) / rise) * (broken.viewers - from);
}
