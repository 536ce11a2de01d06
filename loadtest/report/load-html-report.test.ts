import { expect, test } from "vitest";
import { loadHtmlReport } from "./load-html-report.ts";
import { loadJobSummary } from "./load-job-summary.ts";
import { redLinesOf } from "./load-red-lines.ts";
import {
  foreignLoadReport,
  madeLoadReport,
  missedLoadReport,
  voidLoadReport,
} from "./testing/made-load-report.ts";
import { unclosed } from "./testing/unclosed.ts";

const reports = Object.entries({
  passed: madeLoadReport(),
  missed: missedLoadReport(),
  void: voidLoadReport(),
  foreign: foreignLoadReport(),
});

test.each(reports)("the page of the %s run is well-formed and stands alone", (_, report) => {
  const page = loadHtmlReport(report);
  expect(unclosed(page)).toEqual([]);
  expect(page.length).toBeLessThan(500_000);
  for (const outside of [/\bsrc=/, /\bhref=/, /<link/, /<script/, /@import/, /url\(/]) {
    expect(page).not.toMatch(outside);
  }
  expect(page).toContain("default-src 'none'");
  const ids = [...page.matchAll(/\bid="([^"]+)"/g)].map((match) => match[1]);
  expect(ids.length).toBeGreaterThan(4);
  expect(new Set(ids).size).toBe(ids.length);
});

test.each(reports)("every picture of the %s run says measured or modelled", (_, report) => {
  const page = loadHtmlReport(report);
  const titles = [...page.matchAll(/<figcaption>\s*<h3>\s*([^<]+?)\s*<\/h3>/g)].map(([, t]) => t);
  expect(titles.length).toBeGreaterThan(2);
  expect(titles.filter((title) => !/measured|modelled/.test(title!))).toEqual([]);
});

/** Text with everything in it that could be markup, in each place that a report has text. */
test("text of a report is text, whatever it holds", () => {
  const hostile = `<script>alert("x")</script>&'|\n[a](b)\u0000`;
  const base = missedLoadReport();
  const report = madeLoadReport({
    ...base,
    ...{ title: hostile, scenario: hostile, commit: hostile },
    voidReasons: [hostile],
    caveats: [hostile],
    checks: base.checks.map((check) => ({
      ...check,
      name: hostile,
      what: hostile,
      lookAt: hostile,
    })),
    budgets: base.budgets.map((budget) => ({ ...budget, name: hostile, unit: hostile })),
    conservation: base.conservation.map((sum) => ({ ...sum, name: hostile })),
    host: { ...base.host, cpu: hostile },
    parameters: { ...base.parameters, command: hostile, target: hostile },
    wire: {
      ...base.wire,
      timeline: base.wire.timeline.map((row) => ({ ...row, cpu: { [hostile]: 1 } })),
      processes: base.wire.processes.map((one) => ({ ...one, name: hostile })),
    },
  });
  const page = loadHtmlReport(report);
  expect(page).not.toContain("<script");
  expect(page).not.toContain("\u0000");
  expect(unclosed(page)).toEqual([]);
  const markdown = loadJobSummary(report);
  expect(markdown).not.toMatch(/(?<!\\)[<[]/);
  expect(
    markdown
      .split("\n")
      .filter((line) => line.startsWith("|"))
      .every((line) => /^\|.*\|$/.test(line)),
  ).toBe(true);
});

test("a run that hardly ran is shown too", () => {
  const { wire } = madeLoadReport();
  for (const timeline of [[], wire.timeline.slice(0, 1)]) {
    const page = loadHtmlReport(madeLoadReport({ wire: { ...wire, timeline, processes: [] } }));
    expect(page).toContain("What it cost");
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
    expect(unclosed(page)).toEqual([]);
  }
});

test.each(reports)("the job summary of the %s run is short and has each red line", (_, report) => {
  const markdown = loadJobSummary(report);
  expect(markdown.split("\n").length - 1).toBeLessThanOrEqual(60);
  expect(markdown).toMatch(new RegExp(`^## Load test ${report.verdict.toUpperCase()}: `));
  expect(markdown.match(/\*\*RED\*\*/g) ?? []).toHaveLength(redLinesOf(report).length);
  expect(markdown.match(/\*\*VOID\*\*/g) ?? []).toHaveLength(report.voidReasons.length);
});

test("the job summary of a run that missed, as a job page shows it", async () => {
  await expect(loadJobSummary(missedLoadReport())).toMatchFileSnapshot("golden/load-job.md");
});
