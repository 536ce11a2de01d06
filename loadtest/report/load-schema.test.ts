import { expect, test } from "vitest";
import {
  foreignLoadReport,
  madeLoadReport,
  missedLoadReport,
  voidLoadReport,
} from "./testing/made-load-report.ts";
import {
  conservationRow,
  generatorComplaints,
  validationFigure,
} from "../../src/config/schema-load-report-rules.ts";
import {
  loadReportJsonSchemas,
  loadReportSchema,
  type LoadReport,
} from "../../src/config/schema-load-report.ts";

test.each([
  ["passed", madeLoadReport()],
  ["missed", missedLoadReport()],
  ["void", voidLoadReport()],
  ["passed", foreignLoadReport()],
])("a report that is %s has the published form, also after a file", (verdict, report) => {
  expect(report.verdict).toBe(verdict);
  const json = JSON.stringify(report);
  expect(loadReportSchema.safeParse(JSON.parse(json)).error).toBeUndefined();
});

const missed = missedLoadReport();
const { modelled, ...made } = madeLoadReport();
const { headline, wire, budgets, conservation, generator } = made;
const validation = made.validation!;
/** With few of the model's thousands of rows, which are not what is checked here. */
const base: LoadReport = {
  ...made,
  modelled: {
    ...modelled!,
    report: { ...modelled!.report, timeline: modelled!.report.timeline.slice(0, 3) },
  },
};

/** What the form says against the made report with these changes, verdict included. */
function check(changes: Partial<LoadReport>, expected: RegExp): void {
  const result = loadReportSchema.safeParse({ ...base, ...changes });
  expect(result.error?.issues.map(({ message }) => message).join("\n")).toMatch(expected);
}

test("a verdict that its lines do not bear out is refused", () => {
  check({ checks: missed.checks }, /^verdict: passed, but its lines say missed$/);
  check({ budgets: missed.budgets }, /^verdict: passed, but its lines say missed$/);
  check({ conservation: missed.conservation }, /^verdict: passed, but its lines say missed$/);
  check({ validation: missed.validation }, /^verdict: passed, but its lines say missed$/);
  check({ verdict: "missed" }, /^verdict: missed, but its lines say passed$/);
  check({ verdict: "void" }, /^verdict: void, but its lines say passed$/);
  check({ voidReasons: ["why"] }, /^verdict: passed, but its lines say void$/);
});

test("a generator that was saturated cannot be kept quiet", () => {
  check({ generator: { ...generator, busyRatio: 0.86 } }, /voidReasons: lack "The generator used/);
  check({ generator: { ...generator, scheduleLagMsP99: 251 } }, /lack "The generator woke/);
  check({ generator: { ...generator, droppedIterations: 1 } }, /lack "The generator dropped 1/);
  const atTheBound = { busyRatio: 0.85, scheduleLagMsP99: 250, droppedIterations: 0 };
  expect(generatorComplaints(atTheBound)).toEqual([]);
});

test("a headline that its sections do not bear out is refused", () => {
  check({ headline: { ...headline, realSockets: 2_001 } }, /realSockets is 2001, .* say 2000/);
  check({ headline: { ...headline, ratio: 251 } }, /headline: ratio is 251, the sections say 250/);
  check({ headline: { ...headline, modelledGbpsMean: 242 } }, /modelledGbpsMean is 242/);
  check({ modelled: null }, /evidence is measured and modelled, the sections say measured/);
  check({ evidence: "measured" }, /evidence is measured, the sections say measured and modelled/);
});

test("differences that their values do not bear out are refused", () => {
  const [sum] = conservation;
  check({ conservation: [{ ...sum!, differenceRatio: 0 }] }, /^viewer bytes = edge egress: /);
  check({ conservation: [{ ...sum!, ok: false }] }, /^verdict.*\nviewer bytes = edge egress: /);
  const [row] = validation.rows;
  const [egress, ...others] = row!.figures;
  const figures = [{ ...egress!, modelled: 99 }, ...others];
  check({ validation: { ...validation, rows: [{ ...row!, figures }] } }, /^egress Gbps: the diff/);
  check({ budgets: [{ ...budgets[0]!, value: 99 }] }, /^budgets: edge cores per Gbps is not/);
});

test("instants rise, and a name appears once", () => {
  const timeline = wire.timeline.toReversed();
  check({ wire: { ...wire, timeline } }, /^wire.timeline: instants do not rise$/);
  check({ budgets: [budgets[0]!, budgets[0]!] }, /^checks, budgets: a name appears twice$/);
});

test("a difference is of the measured value, or in the figure's unit, and gates include bounds", () => {
  const figure = (measured: number, modelled: number, kind: "relative" | "absolute" | null) =>
    validationFigure("x", { measured, modelled }, kind && { kind, bound: 0.25 });
  expect(figure(4, 5, "relative")).toMatchObject({ difference: 0.25, ok: true });
  expect(figure(4, 2.9, "relative")).toMatchObject({ difference: -0.275, ok: false });
  expect(figure(4, 4.25, "absolute")).toMatchObject({ difference: 0.25, ok: true });
  expect(figure(4, 3.5, "absolute")).toMatchObject({ difference: -0.5, ok: false });
  expect(figure(4, 400, null)).toMatchObject({ difference: 99, ok: true });
  expect(figure(0, 0, "relative")).toMatchObject({ difference: 0, ok: true });
  expect(figure(0, 1, "relative")).toMatchObject({ difference: null, ok: false });
});

test("what is conserved may differ by the bound, of the greater side", () => {
  const row = (left: number, right: number) =>
    conservationRow(
      "x",
      { left: { name: "l", bytes: left }, right: { name: "r", bytes: right } },
      0.001,
    );
  expect(row(1_000, 999)).toMatchObject({ differenceRatio: 0.001, ok: true });
  expect(row(998, 1_000)).toMatchObject({ differenceRatio: 0.002, ok: false });
  expect(row(0, 0)).toMatchObject({ differenceRatio: 0, ok: true });
  expect(row(0, 1)).toMatchObject({ differenceRatio: 1, ok: false });
});

/** Paths of the form's own objects and figures that no words explain. */
function silentPaths(node: unknown, path: string): string[] {
  if (typeof node !== "object" || node === null || path.endsWith(".modelled.report")) return [];
  const {
    properties = {},
    items,
    anyOf = [],
  } = node as {
    properties?: Record<string, { description?: string; anyOf?: unknown[] }>;
    items?: unknown;
    anyOf?: unknown[];
  };
  return [
    ...Object.entries(properties).flatMap(([key, child]) => {
      const said = [child, ...(child.anyOf ?? [])] as { description?: string }[];
      const isSaid = said.some(({ description }) => description !== undefined);
      return [...(isSaid ? [] : [`${path}.${key}`]), ...silentPaths(child, `${path}.${key}`)];
    }),
    ...silentPaths(items, path),
    ...anyOf.flatMap((one) => silentPaths(one, path)),
  ];
}

test("the published form explains every part", () => {
  expect(silentPaths(loadReportJsonSchemas()["load-report"], "")).toEqual([]);
  expect(silentPaths({ properties: { a: {} } }, "")).toEqual([".a"]);
});
