/** The shipped rules against the catalogue, their tests and the runbook. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { namesIn } from "./expressions.ts";
import { knownSeries, unknownNames } from "./known-series.ts";
import { alertRules, groupNames, recordingRules, ruleTests } from "./rule-files.ts";

const root = join(import.meta.dirname, "../..");
const known = knownSeries(recordingRules);
const alertNames = alertRules.map(({ alert }) => alert).sort();

function problemsOf(rules: readonly { name: string; expr: string }[]): string[] {
  return rules.flatMap(({ name, expr }) =>
    unknownNames(expr, known).map((problem) => `${name}: ${problem}`),
  );
}

test("expressions are read as series with their matchers, labels and errors", () => {
  const expression = 'sum by (tier) (rate(a_total{b="c", d=~"e|f"}[1m])) / on (node) (g > 0)';
  expect(namesIn(expression)).toEqual({
    selectors: [
      {
        series: "a_total",
        matchers: [
          { label: "b", operator: "=", value: "c" },
          { label: "d", operator: "=~", value: "e|f" },
        ],
      },
      { series: "g", matchers: [] },
    ],
    labels: ["tier", "node"],
    errors: [],
  });
  expect(namesIn("sum(rate(a_total[1m])").errors).not.toEqual([]);
});

test("a name, label or value that does not exist is found", () => {
  expect(unknownNames("rate(live_edge_reponses_total[1m])", known)).toEqual([
    'no series is called "live_edge_reponses_total"',
  ]);
  expect(unknownNames('live_edge_viewers{rung="300"}', known)).toEqual([
    'live_edge_viewers has no label "rung"',
  ]);
  expect(unknownNames("sum by (fed) (live_edge_viewers)", known)).toEqual([
    'nothing in it has the label "fed"',
  ]);
  expect(unknownNames('live_origin_feed_state{state=~"live|wating"}', known)).toEqual([
    'state of live_origin_feed_state is never "wating"',
  ]);
});

test("every rule names only series, labels and values that exist", () => {
  expect(problemsOf(recordingRules.map(({ record, expr }) => ({ name: record, expr })))).toEqual(
    [],
  );
  expect(problemsOf(alertRules.map(({ alert, expr }) => ({ name: alert, expr })))).toEqual([]);
});

test("modelled series are recorded apart, and no rule or alert mixes them with measured ones", () => {
  const isModelled = (series: string) => /^live(_|:)sim(_|:)/.test(series);
  for (const { record, expr } of recordingRules) {
    const modelled = new Set(namesIn(expr).selectors.map(({ series }) => isModelled(series)));
    expect([...modelled], record).toEqual([isModelled(record)]);
  }
  const named = alertRules.flatMap(({ expr }) => namesIn(expr).selectors);
  expect(named.filter(({ series }) => isModelled(series))).toEqual([]);
});

test("recording rules are named level:metric:operation, and every group has a name of its own", () => {
  const pattern = /^live(:(sim|load))?:[a-z_]+:(bits_per_second|ratio|sum|seconds|cores|rate1m)$/;
  expect(recordingRules.map(({ record }) => record).filter((name) => !pattern.test(name))).toEqual(
    [],
  );
  expect(groupNames).toEqual([...new Set(groupNames)]);
});

test("every alert says how severe it is, what it found and where its runbook is", () => {
  for (const { alert, labels, annotations } of alertRules) {
    expect(["critical", "warning"], alert).toContain(labels.severity);
    expect(annotations.description, alert).toContain("$value");
    expect(annotations.summary, alert).not.toBe("");
    expect(annotations.runbook_url).toBe(`docs/alerts.md#${alert.toLowerCase()}`);
  }
});

test("every alert is shown firing and silent on recorded series", () => {
  const cases = ruleTests.flatMap(({ alert_rule_test: tests = [] }) => tests);
  const named = (isFiring: boolean) =>
    cases
      .filter(({ exp_alerts: alerts = [] }) => alerts.length > 0 === isFiring)
      .map(({ alertname }) => alertname);
  expect([...new Set(named(true))].sort()).toEqual(alertNames);
  expect([...new Set(named(false))].sort()).toEqual(alertNames);
});

test("every recording rule is shown with a value", () => {
  const shown = ruleTests
    .flatMap(({ promql_expr_test: tests = [] }) => tests)
    .filter(({ exp_samples: samples = [] }) => samples.length > 0)
    .flatMap(({ expr }) => namesIn(expr).selectors.map(({ series }) => series));
  const recorded = recordingRules.map(({ record }) => record);
  expect(recorded.filter((record) => !shown.includes(record))).toEqual([]);
});

test("the runbook has a section for every alert, with meaning, checks and deeds, and no other", () => {
  const path = join(root, "docs/alerts.md");
  const [, ...sections] = (existsSync(path) ? readFileSync(path, "utf8") : "").split(/^## /m);
  expect(sections.map((section) => section.split("\n")[0]!).sort()).toEqual(alertNames);
  for (const section of sections) {
    expect(section).toMatch(/\*\*Means\.\*\* .+\n[^]*\*\*Check\.\*\* .+\n[^]*\*\*Do\.\*\* .+/);
  }
});

test("every expression in the runbook names what exists", () => {
  const text = readFileSync(join(root, "docs/alerts.md"), "utf8");
  const expressions = [...text.matchAll(/`([^`]+)`/g)]
    .map((match) => match[1]!)
    .filter(
      (code) => /\b(live[_:][a-z]|nodejs_|process_)/.test(code) && !/^(curl|promtool)/.test(code),
    );
  expect(expressions.length).toBeGreaterThan(40);
  const problems = expressions.flatMap((expression) =>
    unknownNames(expression, known).map((problem) => `${expression}: ${problem}`),
  );
  expect(problems).toEqual([]);
});
