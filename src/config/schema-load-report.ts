/**
 * `report.json` of `fullhouse loadtest`: what a load test came to. Each section says whether its
 * figures are measured (real sockets) or modelled (virtual time). Gbps are decimal and count media
 * payload; ratios are from 0 to 1. A report that contradicts itself is refused.
 */
import { z } from "zod";
import {
  conservationRow,
  generatorComplaints,
  loadVerdictOf,
  validationFigure,
} from "./schema-load-report-rules.ts";
import {
  generatorSection,
  linkClasses,
  sharedEdgeKbps,
  wireSection,
} from "./schema-load-report-wire.ts";
import { modelReportSchema } from "./schema-model-report.ts";
import { count, figure } from "./schema-report-parts.ts";

const text = (description: string) => z.string().describe(description);
const ok = z.boolean().describe("Whether it is within its bound.");
const lookAt = text("What to look at when it is red.").optional();

const headline = z
  .strictObject({
    modelledViewers: count("The modelled audience; null without a model.").nullable(),
    realSockets: z.int().min(1).describe("Real viewers, a session and its sockets each."),
    ratio: figure("Modelled viewers for each real one; null without a model.").nullable(),
    measuredGbpsMean: figure("Measured: mean over the measured window."),
    measuredGbpsPeak: figure("Measured: the most in one interval, over the whole run."),
    modelledGbpsMean: figure("Modelled: mean over the plateau; null without a model.").nullable(),
    modelledGbpsPeak: figure("Modelled: over the whole run; null without a model.").nullable(),
  })
  .describe("Payload that leaves the edges, and how many it is for; each name says which kind.");

const modelled = z
  .strictObject({
    timeRatio: figure("Seconds of the modelled night in one of the load test's."),
    behindSecMax: figure("Most that the model fell behind the clock it was driven by, s."),
    report: modelReportSchema.describe("The whole report of the model run."),
    inputsFile: text(
      "File beside the report with what k6 asked of the model; replayed, it gives the same report.",
    ).nullable(),
  })
  .describe("In virtual time, driven by k6: every figure modelled.");

const runParameters = z.strictObject({
  segmentDurationMs: figure("Mean duration of a segment."),
  segmentBytesMeanByRung: z
    .record(z.string().regex(/^\d+$/), z.number().min(0))
    .describe("Mean size of a segment, by rung (kbps)."),
  edges: count("Edges."),
  linkClasses,
  sharedEdgeKbps,
  rttMs: figure("Round trip between viewer and edge."),
  arrivals: text("How viewers arrive, in words."),
  durationSec: figure("Of one run."),
  others: z
    .record(z.string(), z.union([z.number(), z.string()]))
    .describe("What else differs or matters, by name.")
    .optional(),
});

const gate = z.strictObject({
  kind: z
    .enum(["relative", "absolute"])
    .describe("relative: of the measured value; absolute: in the figure's unit."),
  bound: z.number().min(0).describe("Most that model and wire may differ by."),
});

const validationFigures = z.array(
  z.strictObject({
    name: text('With its unit: "egress Gbps", "hit ratio", "fill Gbps", "stall ratio".'),
    measured: figure("On the wire."),
    modelled: figure("By the model run of the same size."),
    difference: figure(
      "Modelled less measured: in the figure's unit where the gate is absolute, else of the measured value; null where that is 0 and the other is not.",
    ).nullable(),
    gate: gate
      .nullable()
      .describe("Null: shown, not judged; so are all figures of fewer than 100 viewers."),
    ok,
  }),
);

const validation = z
  .strictObject({
    wireParameters: runParameters.describe("What the wire had: measured or set."),
    modelParameters: runParameters.describe("What the model was given."),
    rows: z
      .array(
        z.strictObject({
          viewers: z.int().min(1).describe("Real viewers, and as many modelled ones."),
          figures: validationFigures.describe("Measured beside modelled."),
        }),
      )
      .describe("A wire run and a model run each."),
    seeds: z
      .array(count("A seed."))
      .describe(
        "Seeds of the model runs of each row, if several: modelled figures are their means.",
      )
      .optional(),
  })
  .describe("The model held against the wire: measured and modelled side by side.");

const bytes = z.strictObject({ name: text("Who counted."), bytes: count("Payload.") });

const conservation = z.array(
  z.strictObject({
    name: text("What has to be equal."),
    left: bytes.describe("One count."),
    right: bytes.describe("The other."),
    differenceRatio: figure("Difference / the greater of both."),
    bound: z.number().min(0).describe("Most that it may be."),
    ok,
  }),
);

const checks = z.array(
  z.strictObject({
    name: text("Short; once in a report."),
    what: text("What was checked, in words."),
    evidence: z.enum(["measured", "modelled"]).describe("Where the value comes from."),
    value: figure("What it came to; null where nothing was seen to judge.").nullable(),
    unit: text('Of the value: "ms", "ratio", "" for counts.'),
    bound: text('In words: "at most 250 ms", "none".'),
    ok,
    lookAt,
  }),
);

const budgets = z.array(
  z.strictObject({
    name: text("Short; once in a report."),
    value: figure("What it came to."),
    unit: text("Of value and bound."),
    bound: figure("The most that it may be."),
    ok,
    lookAt,
  }),
);

const host = z.strictObject({
  cores: count("Cores that this machine lets the run use."),
  memoryBytes: count("Memory of the machine."),
  cpu: text("Model of the processor."),
  kernel: text("Operating system and release."),
  node: text("Version of Node."),
});

const parameters = z.strictObject({
  command: text("The command that runs it again."),
  target: text("Base URL of the foreign target; null: our own stack.").nullable(),
  scenario: z
    .record(z.string(), z.unknown())
    .describe("The scenario as it ran, with every default filled in."),
});

const loadReport = z.strictObject({
  evidence: z
    .enum(["measured and modelled", "measured"])
    .describe("What is in the report; measured: there was no model."),
  version: z.literal(1).describe("Version of this form."),
  scenario: text("Name of the scenario."),
  title: text("What it is, in a few words."),
  seed: count("Random numbers follow from it."),
  commit: text("The code that ran."),
  startedUnixMs: count("When, ms since 1970."),
  verdict: z
    .enum(["passed", "missed", "void"])
    .describe("missed: a line is red; void: the run says nothing, because of voidReasons."),
  voidReasons: z.array(z.string()).describe("Why, and what to do; empty unless void."),
  headline,
  wire: wireSection,
  generator: generatorSection,
  modelled: modelled.nullable(),
  validation: validation.nullable(),
  conservation: conservation.describe("Bytes that were counted twice, measured."),
  checks: checks.describe("What had to hold: thresholds of k6 and of the harness."),
  budgets: budgets.describe("What may not grow unseen, measured."),
  caveats: z.array(z.string()).describe("What a reader has to know before believing figures."),
  host: host.describe("The machine: everything measured ran on it."),
  parameters: parameters.describe("What was asked for."),
});

export type LoadReport = z.output<typeof loadReport>;

export const loadReportSchema = loadReport.superRefine((report, context) => {
  for (const message of contradictionsOf(report)) context.addIssue({ code: "custom", message });
});

/** What in a report cannot be true together with the rest of it. */
function contradictionsOf(report: LoadReport): string[] {
  const { verdict, voidReasons, generator, wire, checks: all, budgets: costs } = report;
  const expected = loadVerdictOf(report);
  const isRising = wire.timeline.every(({ tSec }, i, rows) => i === 0 || tSec > rows[i - 1]!.tSec);
  const names = [...all, ...costs].map(({ name }) => name);
  return [
    ...(verdict === expected ? [] : [`verdict: ${verdict}, but its lines say ${expected}`]),
    ...generatorComplaints(generator)
      .filter((complaint) => !voidReasons.includes(complaint))
      .map((complaint) => `voidReasons: lack "${complaint}"`),
    ...headlineContradictions(report),
    ...(isRising ? [] : ["wire.timeline: instants do not rise"]),
    ...(new Set(names).size === names.length ? [] : ["checks, budgets: a name appears twice"]),
    ...costs
      .filter((budget) => budget.ok !== budget.value <= budget.bound)
      .map(({ name }) => `budgets: ${name} is not what its value and bound make of it`),
    ...differenceContradictions(report),
  ];
}

function headlineContradictions(report: LoadReport): string[] {
  const { headline: top, modelled: model, evidence, wire } = report;
  const expected = {
    evidence: model === null ? "measured" : "measured and modelled",
    realSockets: wire.viewers,
    modelledViewers: model?.report.headline.viewers ?? null,
    ratio: model === null ? null : model.report.headline.viewers / wire.viewers,
    modelledGbpsMean: model?.report.headline.egressGbpsMean ?? null,
    modelledGbpsPeak: model?.report.headline.egressGbpsPeak ?? null,
  };
  const actual = { ...top, evidence };
  return (Object.keys(expected) as (keyof typeof expected)[])
    .filter((key) => actual[key] !== expected[key])
    .map((key) => `headline: ${key} is ${actual[key]}, the sections say ${expected[key]}`);
}

function differenceContradictions({ conservation: sums, validation: table }: LoadReport): string[] {
  const figures = (table?.rows ?? []).flatMap((row) => row.figures);
  return [
    ...sums.filter((row) => {
      const { differenceRatio, ok: isOk } = conservationRow(row.name, row, row.bound);
      return isOk !== row.ok || !isNear(differenceRatio, row.differenceRatio);
    }),
    ...figures.filter((row) => {
      const { difference, ok: isOk } = validationFigure(row.name, row, row.gate);
      return isOk !== row.ok || !isNear(difference, row.difference);
    }),
  ].map(({ name }) => `${name}: the difference, or ok, is not what both values make of it`);
}

/** Equal but for rounding. */
function isNear(a: number | null, b: number | null): boolean {
  if (a === null || b === null) return a === b;
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a));
}

/** The form as JSON Schema, by the name of the file in docs/ that holds it. */
export function loadReportJsonSchemas(): Record<string, unknown> {
  return { "load-report": z.toJSONSchema(loadReport) };
}
