import { expect, test } from "vitest";
import type { LoadReport } from "../../src/config/schema-load-report.ts";
import { loadHtmlReport } from "./load-html-report.ts";
import { loadJobSummary } from "./load-job-summary.ts";
import { loadTextSummary } from "./load-text-summary.ts";
import {
  foreignLoadReport,
  madeLoadReport,
  missedLoadReport,
  voidLoadReport,
} from "./testing/made-load-report.ts";
import { wrapped } from "./text-screen.ts";

const reports = {
  passed: madeLoadReport(),
  missed: missedLoadReport(),
  void: voidLoadReport(),
  foreign: foreignLoadReport(),
};

/** Far more is red, and for more reasons, than a screen holds. */
function floodedReport(): LoadReport {
  const base = missedLoadReport();
  const red = base.checks.find(({ ok }) => !ok)!;
  const sum = base.conservation.find(({ ok }) => !ok)!;
  return madeLoadReport({
    ...base,
    title: "A title without end ".repeat(8),
    voidReasons: Array.from({ length: 9 }, (_, i) => `Reason ${i}: ${"x".repeat(150)}`),
    checks: Array.from({ length: 40 }, (_, i) => ({ ...red, name: `check ${i}` })),
    conservation: Array.from({ length: 9 }, () => sum),
    caveats: Array.from({ length: 30 }, (_, i) => `Caveat ${i}.`),
  });
}

test.each(Object.entries(reports))("a load test that is %s, in text", async (name, report) => {
  await expect(loadTextSummary(report)).toMatchFileSnapshot(`golden/load-${name}.txt`);
});

test.each([...Object.entries(reports), ["flooded", floodedReport()] as const])(
  "the summary of the %s run fits a screen of 48 lines and 100 columns",
  (_, report) => {
    const lines = loadTextSummary(report).split("\n");
    expect(lines.at(-1)).toBe("");
    expect(lines.length - 1).toBeLessThanOrEqual(48);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
  },
);

test("the first line is the verdict and the headline", () => {
  const first = (report: LoadReport) => loadTextSummary(report).split("\n")[0];
  const audience = "500,000 modelled viewers / 2,000 real sockets (1 : 250)";
  expect(first(reports.passed)).toBe(`PASSED: ${audience}`);
  expect(first(reports.missed)).toBe(`MISSED (5 red lines): ${audience}`);
  expect(first(reports.void)).toBe(`VOID: ${audience}`);
  expect(first(reports.foreign)).toBe("PASSED: 2,000 real sockets, no model");
});

test("a void run says why and what to do before any figure", () => {
  const lines = loadTextSummary(reports.void).split("\n");
  const figures = lines.findIndex((line) => line.startsWith("measured"));
  const reasons = lines.slice(0, figures).join(" ").replaceAll(/\s+/g, " ");
  for (const reason of reports.void.voidReasons) expect(reasons).toContain(reason);
});

test("what is red comes before what is not in its section", () => {
  const text = loadTextSummary(reports.missed);
  const sections = text.split("\n\n").filter((section) => /^ {2}RED/m.test(section));
  expect(sections).toHaveLength(3);
  for (const section of sections) {
    const [, ...lines] = section.split("\n");
    const last = lines.findLastIndex((line) => line.startsWith("  RED"));
    const firstGreen = lines.findIndex((line) => /^ {2}(?!RED| )/.test(line));
    expect(firstGreen).toBeGreaterThan(last);
  }
});

test("every table of figures says measured or modelled", () => {
  for (const report of Object.values(reports)) {
    const titles = loadTextSummary(report)
      .split("\n")
      .filter((line) => /^[A-Z]/.test(line) && !/^[A-Z]+( \(|:)/.test(line));
    expect(titles.length).toBeGreaterThan(3);
    const silent = titles.filter((line) => !/measured|modelled|[Mm]odel against wire/.test(line));
    expect(
      silent.filter((line) => !/^(Checks and budgets|Note:|The rest|A night)/.test(line)),
    ).toEqual([]);
  }
});

test("rows of few viewers are shown, and said not to be judged; the others keep their gates", () => {
  const base = madeLoadReport();
  const validation = base.validation!;
  const [first, ...others] = validation.rows;
  const figures = first!.figures.map((figure) => ({ ...figure, gate: null }));
  const report = madeLoadReport({
    validation: { ...validation, rows: [{ viewers: 20, figures }, ...others] },
  });
  for (const text of [loadTextSummary(report), loadJobSummary(report)]) {
    expect(text).toContain("At 20: too few viewers to judge (100 at the least)");
    expect(text).toMatch(/egress Gbps *\|? +± 5 %/);
    expect(text).toMatch(/at 20 /);
  }
  expect(loadHtmlReport(report)).toContain("too few viewers to judge");
  expect(loadTextSummary(base)).not.toContain("too few");
});

test("where nobody started, there is a dash and no 0", () => {
  const base = madeLoadReport();
  const quality = {
    ...base.wire.quality,
    ...{ startupMsP50: null, startupMsP95: null, playlistMsP99: null },
  };
  const report = madeLoadReport({ wire: { ...base.wire, quality, cache: null } });
  expect(loadTextSummary(report)).toMatch(/Start, median \/ slowest 5 % +- +1\.14 s/);
  expect(loadTextSummary(report)).toMatch(/Hit \/ join ratio +- +99\.8 %/);
  expect(loadHtmlReport(report)).toContain("median; slowest 5 %: -");
});

test("lines break at words, and a word that is too long is cut", () => {
  const options = { columnCountMax: 12, indent: "  " };
  expect(wrapped("one two three four", options)).toEqual(["one two", "  three four"]);
  expect(wrapped("a bbbbbbbbbbbbbbbbbbbb c", options)).toEqual(["a", "  bbbbbbb...", "  c"]);
  expect(wrapped("", options)).toEqual([""]);
});
