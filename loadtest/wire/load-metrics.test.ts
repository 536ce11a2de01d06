import { expect, test } from "vitest";
import { loadMetrics } from "../../src/metrics/load.ts";
import { readExposition, sumOf } from "../../src/node/exposition.ts";
import { Metrics } from "../../src/node/metrics.ts";
import { LoadMetrics } from "./load-metrics.ts";
import { noCounters } from "./node-counters.ts";
import type { Sample, WatchedNode } from "./sampler.ts";

const node = (name: string, tier: WatchedNode["tier"]): WatchedNode => {
  return { name, tier, scrape: () => Promise.resolve(""), pid: () => 1 };
};
const nodes = [node("edge-1", "edge"), node("edge-2", "edge"), node("origin", "origin")];

/** Egress in bytes and viewers by node, CPU by process. */
function sampleOf(
  sent: Record<string, [egressBytes: number, viewers: number]>,
  cpuSec: Record<string, number> = {},
  more: Partial<Sample> = {},
): Sample {
  return {
    atMs: 0,
    nodes: new Map(
      Object.entries(sent).map(([name, [egressBytes, viewers]]) => [
        name,
        { ...noCounters, egressBytes, viewers },
      ]),
    ),
    cpuSec: new Map(Object.entries(cpuSec)),
    rssBytes: new Map(Object.keys(cpuSec).map((name) => [name, 1_000])),
    machine: { busy: 0, all: 0 },
    ...more,
  };
}

class Bench {
  readonly metrics = new Metrics({ tier: "load", node: "loadtest" });
  readonly load = new LoadMetrics(this.metrics, "ci");

  async value(name: keyof typeof loadMetrics, labels: Record<string, string> = {}) {
    const samples = readExposition(await this.metrics.text());
    return sumOf(samples, loadMetrics[name].name, { scenario: "ci", ...labels });
  }
}

test("what nodes had sent before the test is not the test's, and runs add up", async () => {
  const bench = new Bench();
  bench.load.runBegins({ viewerCount: 100, nodes });
  bench.load.sampled(sampleOf({ "edge-1": [5_000, 0], origin: [900, 0] }));
  expect(await bench.value("egressBytes")).toBe(0);
  bench.load.sampled(sampleOf({ "edge-1": [6_000, 40], "edge-2": [70, 20], origin: [950, 60] }));
  // One look missed edge-1: what it sent meanwhile comes with the next.
  bench.load.sampled(sampleOf({ "edge-2": [75, 20], origin: [950, 60] }));
  bench.load.sampled(sampleOf({ "edge-1": [8_000, 41], "edge-2": [80, 20], origin: [960, 61] }));
  expect(await bench.value("egressBytes", { from: "edge" })).toBe(3_000 + 10);
  expect(await bench.value("egressBytes", { from: "origin" })).toBe(60);
  expect(await bench.value("egressBytes", { from: "shield" })).toBe(0);
  expect(await bench.value("viewers")).toBe(61);
  expect(await bench.value("viewersPlanned")).toBe(100);
  bench.load.runBegins({ viewerCount: 300, nodes });
  expect(await bench.value("viewers")).toBe(0);
  bench.load.sampled(sampleOf({ "edge-1": [9_000, 0] }));
  bench.load.sampled(sampleOf({ "edge-1": [9_500, 0] }));
  expect(await bench.value("egressBytes", { from: "edge" })).toBe(3_510);
  expect(await bench.value("viewersPlanned")).toBe(300);
});

test("CPU counts from the test's start; a generator of each run from its own", async () => {
  const bench = new Bench();
  bench.load.runBegins({ viewerCount: 100, nodes });
  bench.load.sampled(sampleOf({}, { "edge-1": 50 }));
  bench.load.sampled(sampleOf({}, { "edge-1": 51, k6: 0.5 }));
  bench.load.sampled(sampleOf({}, { "edge-1": 53, k6: 4 }));
  bench.load.runBegins({ viewerCount: 100, nodes });
  bench.load.sampled(sampleOf({}, { "edge-1": 53 }));
  bench.load.sampled(sampleOf({}, { "edge-1": 54, k6: 2 }));
  expect(await bench.value("cpuSeconds", { process: "edge-1" })).toBe(4);
  expect(await bench.value("cpuSeconds", { process: "k6" })).toBe(6);
  expect(await bench.value("residentMemory", { process: "k6" })).toBe(1_000);
});

test("of somebody else's target the generator says what came, also after a look it was too busy for", async () => {
  const bench = new Bench();
  bench.load.runBegins({ viewerCount: 10, nodes: [] });
  const seen = (receivedBytes: number, busy: number): Sample =>
    sampleOf({}, {}, { viewers: { receivedBytes, watching: 9 }, machine: { busy, all: 2 * busy } });
  bench.load.sampled(sampleOf({}));
  bench.load.sampled(seen(1_000, 1));
  bench.load.sampled(sampleOf({}));
  bench.load.sampled(seen(4_000, 2));
  expect(await bench.value("egressBytes", { from: "edge" })).toBe(4_000);
  expect(await bench.value("viewers")).toBe(9);
  expect(await bench.value("machineBusy")).toBe(0.5);
});
