/**
 * The shipped rules on a real broadcast, scraped by a real Prometheus: every recording rule has data
 * while it is well, three faults are made, and the alert of each fires and had not fired before.
 * Alerts wait for 5 s at the most here; their expressions are those that are shipped.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { packageRoot } from "../../src/node/package-root.ts";
import { startPrometheus, type FiringAlert, type TestPrometheus } from "../peers/prometheus.ts";
import { startProgram, type RunningProgram } from "../wire/child-program.ts";
import { startStack, type Stack } from "../wire/stack.ts";
import { publish, type TestPublisher } from "./publisher.ts";

/** The edge that is killed: nobody starts it again. */
const lonelyEdge = "edge-lonely";
const faults = ["PublisherGone", "EdgeDown", "CapBreached"];

const folder = mkdtempSync(join(tmpdir(), "fullhouse-alerts-"));
const cleanups: (() => unknown)[] = [() => rmSync(folder, { recursive: true })];
let stack: Stack;
let prometheus: TestPrometheus;
let edge: RunningProgram<{ viewer: number; admin: number }>;
let publisher: TestPublisher;

beforeAll(async () => {
  const encoder = faultyEncoder(1);
  const settings = [`origin.ffmpegPath=${encoder}`, "edge.capacityMbps=1000"];
  stack = await startStack(
    ["--no-testcard", "--cap", "300", ...settings.flatMap((setting) => ["--set", setting])],
    { edgeCount: 1 },
  );
  cleanups.push(async () => expect(await stack.stop(), stack.output()).toBe(0));
  prometheus = await startPrometheus({
    targetFolders: [join(stack.stateDir, "prometheus/targets")],
    pace: { everySec: 1, forSecMax: 5 },
  });
  cleanups.push(() => prometheus.stop());
  await startLonelyEdge();
  await publishNow();
});

afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

/**
 * An ffmpeg that gives every video rung `factor` times the rate it is told, from its next start on;
 * returns its path.
 */
function faultyEncoder(factor: number): string {
  const path = join(folder, "encoder");
  const script = `#!/bin/sh
count=$#
option=
while [ "$count" -gt 0 ]; do
  word=$1
  shift
  count=$((count - 1))
  value=$word
  case $option in -b:v | -maxrate:v | -bufsize:v) value=$((word * ${factor})) ;; esac
  option=$word
  set -- "$@" "$value"
done
exec ffmpeg "$@"
`;
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return path;
}

async function startLonelyEdge(): Promise<void> {
  const config = {
    node: { name: lonelyEdge },
    feeds: [{ name: "main" }],
    parents: [`http://127.0.0.1:${await stack.port("shield", "tier")}`],
    viewer: { listen: "127.0.0.1:0" },
    admin: { listen: "127.0.0.1:0" },
    edge: { capacityMbps: 1_000 },
    stateDir: join(folder, lonelyEdge),
  };
  const file = join(folder, "edge.yaml");
  writeFileSync(file, stringify(config));
  const launcher = join(packageRoot(), "bin/fullhouse.mjs");
  edge = await startProgram("the lonely edge", [launcher, "edge", "--config", file]);
  cleanups.push(() => edge.stop());
  const target = {
    targets: [`127.0.0.1:${edge.ready.admin}`],
    labels: { tier: "edge", node: lonelyEdge },
  };
  writeFileSync(join(prometheus.targetFolder, "edge.json"), JSON.stringify([target]));
}

async function publishNow(): Promise<void> {
  // Noise: the whole rate is used.
  const next = publish({ url: await stack.publishUrl(), noise: true });
  cleanups.push(() => next.kill());
  publisher = next;
}

/** A viewer who fetches each new segment and says so (CMCD, version 1). */
async function watch(base: string, sid: string, signal: AbortSignal): Promise<void> {
  const cmcd = (keys: string) => `CMCD=${encodeURIComponent(`${keys},sid="${sid}"`)}`;
  let segment: string | undefined;
  while (!signal.aborted) {
    const startup = segment === undefined ? ",su" : "";
    const playlistUrl = `${base}/live/main/300/index.m3u8?${cmcd(`br=300,bl=9000${startup}`)}`;
    const playlist = await (await fetch(playlistUrl, { signal })).text();
    const newest = playlist.trim().split("\n").at(-1)!;
    if (newest.endsWith(".m4s") && newest !== segment) {
      segment = newest;
      const url = `${base}/live/main/300/${newest}?${cmcd("br=300,bl=9000,mtp=2000")}`;
      await (await fetch(url, { signal })).arrayBuffer();
    }
    await delay(1_000, undefined, { signal });
  }
}

/** Viewers at both edges until the end of the test. */
async function openTheDoors(): Promise<void> {
  const bases = [await stack.edgeUrl("edge-1"), `http://127.0.0.1:${edge.ready.viewer}`];
  const leaving = new AbortController();
  const sessions = bases.flatMap((base, at) =>
    Array.from({ length: 5 }, (_, n) =>
      // Whoever loses its edge leaves.
      watch(base, `viewer-${at}-${n}`, leaving.signal).catch(() => undefined),
    ),
  );
  cleanups.push(async () => {
    leaving.abort();
    await Promise.all(sessions);
  });
}

async function firing(name: string): Promise<FiringAlert[]> {
  const alerts = await prometheus.alerts();
  return alerts.filter((alert) => alert.name === name && alert.state === "firing");
}

/** Alerts of the three faults that were pending or firing at any time so far. */
async function seen(...names: string[]): Promise<string[]> {
  const samples = await prometheus.query(
    `count by (alertname) (max_over_time(ALERTS{alertname=~"${names.join("|")}"}[10m]))`,
  );
  return samples.map(({ labels }) => labels["alertname"]!);
}

interface RecordingFile {
  groups: { rules: { record: string }[] }[];
}

/**
 * What the shipped rules record of a broadcast. A load test and the model are not run here, and no
 * page is open: what pages tell is in dashboards.e2e.test.ts.
 */
function measuredRecords(): string[] {
  const path = join(packageRoot(), "grafana/prometheus/rules/recording.yml");
  const { groups } = parse(readFileSync(path, "utf8")) as RecordingFile;
  const records = groups.flatMap(({ rules }) => rules.map(({ record }) => record));
  return [...new Set(records)].filter(
    (record) => !/^live:(sim:|load:|qoe_|peer_|node_swarm_)/.test(record),
  );
}

test("while all is well every recording rule has data, and nothing is wrong", async () => {
  await expect
    .poll(() => prometheus.query('live_origin_feed_state{state="live"} == 1'), { timeout: 60_000 })
    .toHaveLength(1);
  await openTheDoors();
  const records = measuredRecords();
  expect(records.length).toBeGreaterThan(20);
  const missing = async (): Promise<string[]> => {
    const results = await Promise.all(records.map((record) => prometheus.query(record)));
    const isGood = (at: number): boolean =>
      results[at]!.length > 0 && results[at]!.every(({ value }) => Number.isFinite(value));
    return records.filter((_, at) => !isGood(at));
  };
  await expect.poll(missing, { timeout: 40_000, interval: 500 }).toEqual([]);
  const [delivered] = await prometheus.query('live:egress:bits_per_second{tier="edge"}');
  expect(delivered!.value).toBeGreaterThan(100_000);
  expect(await prometheus.query("up == 1")).toHaveLength(4);
  expect(await seen(...faults)).toEqual([]);
});

test("an edge that is killed is down", async () => {
  process.kill(edge.pid, "SIGKILL");
  await expect.poll(() => firing("EdgeDown"), { timeout: 20_000, interval: 500 }).toHaveLength(1);
  const [alert] = await firing("EdgeDown");
  expect(alert!.labels).toMatchObject({ node: lonelyEdge, tier: "edge", severity: "critical" });
  expect(alert!.annotations["summary"]).toBe(`Edge ${lonelyEdge} does not answer`);
});

test("a publisher that vanishes is gone", async () => {
  expect(await seen("PublisherGone", "CapBreached")).toEqual([]);
  await publisher.kill();
  await expect
    .poll(() => firing("PublisherGone"), { timeout: 20_000, interval: 500 })
    .toHaveLength(1);
  const [alert] = await firing("PublisherGone");
  expect(alert!.labels).toMatchObject({ node: "origin", feed: "main" });
  expect(alert!.annotations["description"]).toMatch(/^Nobody publishes main at origin; .* old\.$/);
});

test("an encoder that gives more than the cap is found, and the publisher is back", async () => {
  expect(await seen("CapBreached")).toEqual([]);
  faultyEncoder(3);
  await publishNow();
  const rungs = async (): Promise<string[]> =>
    (await firing("CapBreached")).map(({ labels }) => labels["rung"]!);
  await expect.poll(rungs, { timeout: 40_000, interval: 500 }).toContain("300");
  expect(await firing("PublisherGone")).toEqual([]);
});

test("a publisher that ends on purpose is not missed", async () => {
  await publisher.end();
  const waiting = 'min_over_time(live_origin_feed_state{state="waiting"}[9s]) == 1';
  await expect
    .poll(() => prometheus.query(waiting), { timeout: 30_000, interval: 500 })
    .toHaveLength(1);
  expect(await firing("PublisherGone")).toEqual([]);
  expect(
    await prometheus.query('live_origin_rtmp_ends_total{reason="unpublished"} == 1'),
  ).toHaveLength(1);
});
