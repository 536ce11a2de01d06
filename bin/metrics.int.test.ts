/**
 * Every program's page of metrics against the catalogue: real nodes, scraped, held to name, type,
 * words and labels both ways, to Prometheus's own linter, and to the most series that there may be.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runEdge } from "../edge/main.ts";
import { runSimServer } from "../loadtest/simulate/server/main.ts";
import { serveLoadMetrics } from "../loadtest/wire/load-metrics-page.ts";
import { noCounters } from "../loadtest/wire/node-counters.ts";
import { runOrigin } from "../origin/main.ts";
import { resolveConfig } from "../src/config/resolve.ts";
import type { Config } from "../src/config/schema.ts";
import { metricsOf, type ExposingProgram } from "../src/metrics/catalogue.ts";
import { readExposition, type Sample } from "../src/node/exposition.ts";

const seriesCountMax = 1_200;
/** Of the configuration's schema. */
const [feedCountMax, parentCountMax] = [16, 8];
const folder = mkdtempSync(join(tmpdir(), "fullhouse-metrics-"));
const cleanups: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
/** Where each program is scraped. */
const pages = new Map<ExposingProgram, string>();

function configOf(name: string, values: Record<string, unknown>): Config {
  const own = {
    node: { name, logLevel: "error" },
    feeds: Array.from({ length: feedCountMax }, (_, index) => ({ name: `feed-${index + 1}` })),
    ladder: { preset: "hd" },
    stateDir: join(folder, name),
  };
  const result = resolveConfig([
    { source: "test", values: own },
    { source: "test", values },
  ]);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.config;
}

interface Started {
  ports: { admin?: number; tier?: number };
  close(): Promise<void>;
}

/** Notes where it is scraped, and gives its tier URL. */
function running(program: ExposingProgram, started: Started): string {
  const { ports } = started;
  cleanups.push(() => started.close());
  pages.set(program, `http://127.0.0.1:${ports.admin}/metrics`);
  return `http://127.0.0.1:${ports.tier}`;
}

beforeAll(async () => {
  const own = { processMetrics: true };
  const tier = { listen: "127.0.0.1:0" };
  const originConfig = configOf("origin", { tier, rtmp: { listen: "127.0.0.1:0" } });
  const origin = running("origin", await runOrigin(originConfig, own));
  const parents = [origin];
  const shield = running("shield", await runEdge(configOf("shield", { tier, parents }), own));
  const viewer = { listen: "127.0.0.1:0" };
  const manyParents = Array.from({ length: parentCountMax }, (_, index) =>
    index === 0 ? shield : origin,
  );
  const edgeConfig = configOf("edge", { viewer, parents: manyParents });
  running("edge", await runEdge(edgeConfig, own));
  const sim = await runSimServer({ stateDir: folder, log: pino({ level: "silent" }) });
  cleanups.push(() => sim.close());
  const simUrl = `http://127.0.0.1:${sim.ports.control}`;
  await fetch(`${simUrl}/sim/runs`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ scenario: "flash-crowd", timeRatio: 100, workers: 1 }),
  });
  pages.set("sim-server", `${simUrl}/metrics`);
  const loadtest = await serveLoadMetrics({ listen: "127.0.0.1:0", scenario: "ci" });
  cleanups.push(() => loadtest.close());
  loadtest.night = simUrl;
  loadtest.load.sampled({
    atMs: 0,
    nodes: new Map([["edge-1", noCounters]]),
    cpuSec: new Map([["edge-1", 1]]),
    rssBytes: new Map([["edge-1", 1]]),
    machine: { busy: 1, all: 2 },
  });
  pages.set("loadtest", `http://127.0.0.1:${loadtest.port}/metrics`);
}, 60_000);

afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

interface Family {
  name: string;
  type: string;
  help: string;
}

function familiesOf(text: string): Family[] {
  return [...text.matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)$/gm)].map((match) => {
    const [, name = "", help = "", type = ""] = match;
    return { name, help, type };
  });
}

/** Labels beside those of the node and of buckets. */
function labelsOf({ labels }: Sample): string[] {
  return Object.keys(labels)
    .filter((label) => !["tier", "node", "le"].includes(label))
    .sort();
}

const programs = ["origin", "shield", "edge", "sim-server", "loadtest"] as const;

test.each(programs)("the catalogue is what %s exposes, word for word", async (program) => {
  const text = await (await fetch(pages.get(program)!)).text();
  const specs = metricsOf(program);
  const byName = (one: { name: string }, other: { name: string }): number =>
    one.name < other.name ? -1 : 1;
  const expected = specs.map(({ name, type, help }) => ({ name, type, help }));
  expect(familiesOf(text).sort(byName)).toEqual(expected.sort(byName));
  const samples = readExposition(text);
  for (const { name, type, labels = [] } of specs) {
    const bare = (sample: Sample): string =>
      type === "histogram" ? sample.name.replace(/_(bucket|sum|count)$/, "") : sample.name;
    const own = samples.filter((sample) => bare(sample) === name);
    // Unknown until the first segment of a feed: no instant would be true.
    if (!name.includes("timestamp")) expect(own.length, name).toBeGreaterThan(0);
    for (const sample of own) expect(labelsOf(sample), name).toEqual([...labels].sort());
  }
});

test.each(programs)("Prometheus's linter has nothing to say to %s", async (program) => {
  const input = await (await fetch(pages.get(program)!)).text();
  const { status, stdout, stderr, error } = spawnSync("promtool", ["check", "metrics"], {
    input,
    encoding: "utf8",
  });
  if (error !== undefined) throw new Error("promtool is missing: apt-get install prometheus");
  expect([stdout + stderr, status]).toEqual(["", 0]);
});

test("a node has at most so many feeds and parents as here", () => {
  const problemsOf = (values: Record<string, unknown>) =>
    resolveConfig([{ source: "test", values }]);
  const feeds = (count: number) =>
    Array.from({ length: count }, (_, at) => ({ name: `feed-${at}` }));
  const parents = (count: number) => Array.from({ length: count }, () => "http://127.0.0.1:1");
  expect(problemsOf({ feeds: feeds(feedCountMax + 1) }).ok).toBe(false);
  expect(problemsOf({ feeds: feeds(1), parents: parents(parentCountMax + 1) }).ok).toBe(false);
});

test.each(programs)("%s has few series, each of them once, however many feeds", async (program) => {
  const text = await (await fetch(pages.get(program)!)).text();
  const series = text.split("\n").flatMap((line) => /^[a-z]\S*(?:\{.*\})?(?= )/.exec(line) ?? []);
  expect(series.length).toBeGreaterThan(40);
  // What only a feed that is live has: its newest segment's instant. All else is there from the
  // start, rungs included.
  const whileLive = program === "origin" ? feedCountMax : 0;
  expect(series.length + whileLive).toBeLessThanOrEqual(seriesCountMax);
  expect(new Set(series).size).toBe(series.length);
});
