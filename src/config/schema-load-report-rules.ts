/**
 * What makes a load test void, missed or passed, and how differences are taken: one set of rules, for
 * whoever makes a report and for the form that refuses one which contradicts itself.
 */

/** Past any of these the generator was the bottleneck and the run says nothing of the servers. */
export const generatorBounds = {
  busyRatio: 0.85,
  scheduleLagMsP99: 250,
  droppedIterations: 0,
} as const;

export interface GeneratorHealth {
  busyRatio: number;
  scheduleLagMsP99: number;
  droppedIterations: number;
}

/** Why the generator makes a run void, with what to do; empty when it kept up. */
export function generatorComplaints(generator: GeneratorHealth): string[] {
  const { busyRatio, scheduleLagMsP99, droppedIterations } = generator;
  const complaints: string[] = [];
  if (busyRatio > generatorBounds.busyRatio)
    complaints.push(
      `The generator used ${(busyRatio * 100).toFixed(0)} % of its cores (at most 85 %): take fewer viewers, or give k6 more cores.`,
    );
  if (scheduleLagMsP99 > generatorBounds.scheduleLagMsP99)
    complaints.push(
      `The generator woke viewers up to ${scheduleLagMsP99.toFixed(0)} ms late (p99, at most 250 ms): take fewer viewers, or leave the machine to this run.`,
    );
  if (droppedIterations > generatorBounds.droppedIterations)
    complaints.push(
      `The generator dropped ${droppedIterations} of the viewers that were due (none may be): take fewer viewers, or let them arrive more slowly.`,
    );
  return complaints;
}

/** Below it CPU for each Gbps says nothing: what a program costs by being there is most of it. */
export const costGbpsMin = 0.05;

/** Of fewer viewers a few make the figures, and chance moves them further than gates allow. */
export const validationViewersMin = 100;

export interface Gate {
  /** relative: of the measured value; absolute: in the figure's own unit. */
  kind: "relative" | "absolute";
  bound: number;
}

export interface ValidationFigure {
  name: string;
  measured: number;
  modelled: number;
  difference: number | null;
  gate: Gate | null;
  ok: boolean;
}

/** Compares model and wire; difference is null where it would be relative to nothing. */
export function validationFigure(
  name: string,
  { measured, modelled }: { measured: number; modelled: number },
  gate: Gate | null,
): ValidationFigure {
  const isAbsolute = gate?.kind === "absolute";
  const delta = modelled - measured;
  const relative = measured === 0 ? (delta === 0 ? 0 : null) : delta / measured;
  const difference = isAbsolute ? delta : relative;
  const ok = gate === null || (difference !== null && Math.abs(difference) <= gate.bound);
  return { name, measured, modelled, difference, gate, ok };
}

export interface NamedBytes {
  name: string;
  bytes: number;
}

export interface ConservationRow {
  name: string;
  left: NamedBytes;
  right: NamedBytes;
  differenceRatio: number;
  bound: number;
  ok: boolean;
}

/** Compares two counts that should be one; the difference is of the greater. */
export function conservationRow(
  name: string,
  { left, right }: { left: NamedBytes; right: NamedBytes },
  bound: number,
): ConservationRow {
  const greater = Math.max(left.bytes, right.bytes);
  const differenceRatio = greater === 0 ? 0 : Math.abs(left.bytes - right.bytes) / greater;
  return { name, left, right, differenceRatio, bound, ok: differenceRatio <= bound };
}

export type LoadVerdict = "passed" | "missed" | "void";

interface Outcome {
  ok: boolean;
}

/** Every part of a report that can be red. */
export interface Judged {
  voidReasons: readonly string[];
  checks: readonly Outcome[];
  budgets: readonly Outcome[];
  conservation: readonly Outcome[];
  validation: { rows: readonly { figures: readonly Outcome[] }[] } | null;
}

/** A void run is neither passed nor missed, whatever its lines say. */
export function loadVerdictOf(report: Judged): LoadVerdict {
  if (report.voidReasons.length > 0) return "void";
  const { checks, budgets, conservation, validation } = report;
  const gates = (validation?.rows ?? []).flatMap(({ figures }) => figures);
  const all = [...checks, ...budgets, ...conservation, ...gates];
  return all.every(({ ok }) => ok) ? "passed" : "missed";
}
