/** The registry by what it exposes, read as Prometheus reads it. */
import { expect, test } from "vitest";
import { HistogramSlots } from "../metrics/histogram-slots.ts";
import type { MetricSpec } from "../metrics/metric.ts";
import { readExposition } from "./exposition.ts";
import { Metrics } from "./metrics.ts";

const answers = {
  name: "live_test_answers_total",
  type: "counter",
  unit: "1",
  help: "Answers.",
  labels: ["kind"],
} as const satisfies MetricSpec;
const held = {
  name: "live_test_held",
  type: "gauge",
  unit: "1",
  help: 'What is "held"\\.',
} as const satisfies MetricSpec;
const waits = {
  name: "live_test_wait_seconds",
  type: "histogram",
  unit: "seconds",
  help: "Waits.",
  labels: ["kind"],
  buckets: [0.1, 1],
} as const satisfies MetricSpec;

const newMetrics = (): Metrics => new Metrics({ tier: "edge", node: "e1" });

async function samplesOf(metrics: Metrics, name: string): Promise<[string, number][]> {
  const samples = readExposition(await metrics.text());
  return samples
    .filter((sample) => sample.name.startsWith(name))
    .map(({ name: full, labels, value }) => {
      const { tier, node, ...own } = labels;
      expect({ tier, node }).toEqual({ tier: "edge", node: "e1" });
      return [`${full.slice(name.length)} ${Object.values(own).join(" ")}`.trim(), value];
    });
}

test("totals are read at each scrape from where they are counted, from the first scrape on", async () => {
  const metrics = newMetrics();
  const counts = [0, 0];
  const kinds = [{ kind: "hit" }, { kind: 'a "b"\nc' }];
  metrics.totals(answers, kinds, (index) => counts[index]!);
  expect(await samplesOf(metrics, answers.name)).toEqual([
    ["hit", 0],
    ['a "b"\nc', 0],
  ]);
  counts[1] = 2 ** 40;
  expect(await samplesOf(metrics, answers.name)).toEqual([
    ["hit", 0],
    ['a "b"\nc', 2 ** 40],
  ]);
});

test("a gauge without labels carries the node's alone", async () => {
  const metrics = newMetrics();
  metrics.totals(held, [{}], () => 7);
  expect(await metrics.text()).toBe(
    '# HELP live_test_held What is "held"\\\\.\n# TYPE live_test_held gauge\n' +
      'live_test_held{tier="edge",node="e1"} 7\n',
  );
});

test("readings are the series that there are now", async () => {
  const metrics = newMetrics();
  let kinds = ["one", "two"];
  metrics.readings(answers, () => kinds.map((kind, index) => ({ labels: { kind }, value: index })));
  expect(await samplesOf(metrics, answers.name)).toEqual([
    ["one", 0],
    ["two", 1],
  ]);
  kinds = ["two"];
  expect(await samplesOf(metrics, answers.name)).toEqual([["two", 0]]);
});

test("slots are the same histogram as prom-client's own", async () => {
  const [slotted, plain] = [newMetrics(), newMetrics()];
  const slots = new HistogramSlots({ buckets: waits.buckets, seriesCount: 3 });
  slotted.histogramOf(waits, [{ kind: "hit" }, { kind: "miss" }], slots);
  const histogram = plain.histogram(waits);
  histogram.zero({ kind: "hit" });
  histogram.zero({ kind: "miss" });
  const byLine = (text: string): string[] => text.split("\n").map(withSortedLabels).sort();
  expect(byLine(await slotted.text())).toEqual(byLine(await plain.text()));
  for (const value of [0, 0.1, 0.2, 1, 50]) {
    slots.observe(1, value);
    histogram.observe(value, { kind: "miss" });
  }
  expect(byLine(await slotted.text())).toEqual(byLine(await plain.text()));
  expect(await samplesOf(slotted, waits.name)).toContainEqual(["_bucket 1 miss", 4]);
});

test("two nodes of a process count apart", async () => {
  const [one, other] = [newMetrics(), newMetrics()];
  one.counter(answers).add(1, { kind: "hit" });
  other.counter(answers).add(5, { kind: "hit" });
  expect(await samplesOf(one, answers.name)).toEqual([["hit", 1]]);
  expect(await samplesOf(other, answers.name)).toEqual([["hit", 5]]);
});

function withSortedLabels(line: string): string {
  return line.replace(/\{(.*)\}/, (_, labels: string) => labels.split(",").sort().join(","));
}
