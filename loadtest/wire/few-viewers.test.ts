/** What so few viewers that chance decides are not judged by: gates, and budgets of one viewer's cost. */
import { expect, test } from "vitest";
import { madeReport } from "../report/testing/made-report.ts";
import { budgetRows, unjudgedWords } from "./budgets.ts";
import { madeMeasuredRun } from "./testing/made-measured-run.ts";
import { validationRow } from "./validation.ts";
import { generatorSection, wireSection } from "./wire-section.ts";

const feed = {
  ...{ segmentDurationMs: 4_000, targetDurationMs: 4_000, playlistCount: 6, publishDelayMs: 300 },
  ...{ rungs: [], sizesBytes: [] },
};

test.each([
  [99, 0, true],
  [100, 4, false],
])("of %i viewers %i figures have gates", (viewers, gateCount, isGreen) => {
  const { figures } = validationRow(madeMeasuredRun({}, viewers), feed, [madeReport()]);
  expect(figures.filter(({ gate }) => gate !== null)).toHaveLength(gateCount);
  // Nothing was measured, which is far from the model.
  expect(figures.every(({ ok }) => ok)).toBe(isGreen);
});

const bounds = new Map([
  ["generator memory a viewer", 600_000],
  ["stall ratio", 0.01],
]);

function judgedOf(viewers: number): [string, boolean][] {
  const run = madeMeasuredRun({ egressBytesPerSec: 1e7 }, viewers);
  const wire = wireSection(run);
  const generator = generatorSection(run, "v2");
  const rows = budgetRows(bounds, { wire, generator, run, idleBytes: new Map() });
  return rows.map(({ name, ok }) => [name, ok]);
}

test("what one viewer costs is judged of 500 and more, and it is said when it is not", () => {
  expect(judgedOf(20)).toEqual([["stall ratio", true]]);
  expect(judgedOf(499)).toHaveLength(1);
  expect(judgedOf(500)).toEqual([
    ["generator memory a viewer", true],
    ["stall ratio", true],
  ]);
  expect(unjudgedWords(bounds, 499)).toEqual([
    "Budgets not judged, because 499 viewers are too few to say what one costs (500 at the least): generator memory a viewer.",
  ]);
  expect(unjudgedWords(bounds, 500)).toEqual([]);
});
