/** The rules that every metric keeps: of Prometheus (naming best practices), and our own. */
import { expect, test } from "vitest";
import { catalogue } from "./catalogue.ts";
import type { MetricSpec, MetricUnit } from "./metric.ts";

const all: MetricSpec[] = catalogue.flatMap(({ metrics }) => Object.values(metrics));
const each = all.map((metric) => [metric.name, metric] as const);

/** What a name ends with, before `_total`. */
const suffixes: Record<Exclude<MetricUnit, "1">, string> = {
  bytes: "_bytes",
  seconds: "_seconds",
  ratio: "_ratio",
  bit_per_second: "_bit_per_second",
  frames_per_second: "_frames_per_second",
};
/** Labels whose values grow with the audience, and those that mean something in an exposition. */
const labelsRefused = /viewer|session|peer|client|address|^(sid|cid|ip|url|path|id|le|quantile)$/;
/** Where these come from says the registry; a metric of its own would clash. */
const labelsOfNodes = ["tier", "node", "job", "instance"];

test("no name stands twice", () => {
  const names = all.map(({ name }) => name);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test.each(each)("%s has a name of a known family, its unit last", (name, { type, unit }) => {
  expect(name).toMatch(
    /^(live_(origin|edge|cmcd|qoe|room|swarm|sim|load|process)|process|nodejs)_[a-z0-9]+(_[a-z0-9]+)*$/,
  );
  expect(name.endsWith("_total")).toBe(type === "counter");
  const bare = name.replace(/_total$/, "");
  const ending = Object.entries(suffixes)
    .sort(([, one], [, other]) => other.length - one.length)
    .find(([, suffix]) => bare.endsWith(suffix));
  expect(ending?.[0] ?? "1").toBe(unit);
});

test.each(each)("%s is explained in a sentence", (_, { help }) => {
  expect(help).toMatch(/^[A-Z0-9][^\n]*\.$/);
});

test.each(each)("%s has labels of few values only", (_, { labels = [] }) => {
  expect(new Set(labels).size).toBe(labels.length);
  for (const label of labels) {
    expect(label).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(label).not.toMatch(labelsRefused);
    expect(labelsOfNodes).not.toContain(label);
  }
});

test.each(each)("%s has rising buckets if it is a histogram, else none", (_, spec) => {
  const { type, buckets = [] } = spec;
  expect(buckets.length > 0).toBe(type === "histogram");
  expect(buckets.every(Number.isFinite)).toBe(true);
  expect([...new Set(buckets)].sort((a, b) => a - b)).toEqual([...buckets]);
});
