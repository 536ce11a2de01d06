import { expect, test } from "vitest";
import { resultLabels } from "./result-labels.ts";

const known = new Map([
  ["a_total", new Set(["node", "kind"])],
  ["b_bucket", new Set(["node", "le"])],
  ["c", new Set(["node", "feed"])],
]);

function check(expression: string, expected: readonly string[]): void {
  expect([...resultLabels(expression, known)].sort(), expression).toEqual([...expected].sort());
}

test("aggregations keep what they group by and the series has", () => {
  check("a_total", ["node", "kind"]);
  check('rate(a_total{kind="x"}[1m])', ["node", "kind"]);
  check("sum(rate(a_total[1m]))", []);
  check("sum by (node, feed) (a_total)", ["node"]);
  check("sum without (node) (a_total)", ["kind"]);
  check("topk by (kind) (3, a_total)", ["node", "kind"]);
});

test("functions drop and add labels", () => {
  check("histogram_quantile(0.5, sum by (le, node) (rate(b_bucket[1m])))", ["node"]);
  check('label_replace(vector(0), "name", "none", "", "")', ["name"]);
  check("time() - c", ["node", "feed"]);
});

test("matching decides which labels are left", () => {
  check("a_total / on (node) c", ["node"]);
  check("a_total / ignoring (kind) c", ["node"]);
  check("a_total / on (node) group_left (feed) c", ["node", "kind", "feed"]);
  check("sum(a_total) or c", ["node", "feed"]);
  check("a_total and on (node) c", ["node", "kind"]);
  check("8 * (a_total > 0)", ["node", "kind"]);
});

test("a series that nobody knows is an error", () => {
  expect(() => resultLabels("sum(d)", known)).toThrow('no series is called "d"');
});
