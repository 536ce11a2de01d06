/**
 * 200 viewers in the real k6 at two edges below a shield, and what the tiers did for them: every
 * object crossed each link once. The origin replays a recording, so that no encoder takes the CPU.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FeedStatus } from "../../src/hls/status.ts";
import { runK6, type K6Run } from "../k6/run-k6.ts";
import { startStack, type NodeName, type Stack } from "../wire/stack.ts";

const root = resolve(import.meta.dirname, "../..");
const viewerCount = 200;
const seconds = 30;
const edges = ["edge-1", "edge-2"] as const;

let folder: string;
let stack: Stack;
let run: K6Run;
let viewersSeen: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fullhouse-k6-smoke-"));
  const recording = join(folder, "replay");
  const record = spawnSync(
    process.execPath,
    [join(root, "bin/fullhouse.mjs"), "record", recording, "--seconds", "13"],
    { cwd: root, encoding: "utf8" },
  );
  expect(record.status, record.stderr).toBe(0);
  stack = await startStack(["--no-testcard", "--set", `origin.source=replay:${recording}`]);
  await followStatus(60_000, (status) => status.state === "live");
  const urls = await Promise.all(edges.map((edge) => stack.edgeUrl(edge)));
  const script = join(root, "loadtest/k6/scripts/smoke.ts");
  const variables = { EDGES: urls.join(","), VIEWERS: `${viewerCount}`, SECONDS: `${seconds}` };
  const everybody = followStatus(seconds * 1_000, ({ viewers }) => viewers === viewerCount);
  run = await runK6(script, variables);
  viewersSeen = (await everybody).viewers;
  console.log(run.stdout);
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  expect(await stack.stop(), stack.output()).toBe(0);
});

/** Reads edge-2's status at each change until it is as wanted, at most so long; the last one. */
async function followStatus(
  timeoutMs: number,
  wanted: (status: FeedStatus) => boolean,
): Promise<FeedStatus> {
  const endMs = performance.now() + timeoutMs;
  const url = `${await stack.edgeUrl("edge-2")}/live/main/status.json`;
  let status = (await (await fetch(url)).json()) as FeedStatus;
  while (!wanted(status) && performance.now() < endMs) {
    status = (await (await fetch(`${url}?v=${status.version}`)).json()) as FeedStatus;
  }
  return status;
}

/** The sum of a metric's samples whose labels match. */
async function metric(node: NodeName, name: string, labels = /./): Promise<number> {
  const lines = (await stack.metrics(node)).split("\n");
  return lines
    .filter((line) => line.startsWith(`${name}{`) && labels.test(line))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}

const event = (node: NodeName, name: string): Promise<number> =>
  metric(node, "live_edge_relay_events_total", new RegExp(`event="${name}"`));

test("200 viewers watch without stalls, errors or lateness", () => {
  expect(run.code, run.stdout + run.stderr).toBe(0);
  expect(run.metrics["viewer_stalls"]?.values["count"] ?? 0).toBe(0);
});

test("every tier tells the number of viewers of the whole audience", () => {
  expect(viewersSeen).toBe(viewerCount);
});

test.each(["shield", ...edges] as const)(
  "the %s fetched each object once, whoever asked for it how often",
  async (node) => {
    expect(await event(node, "fill")).toBeGreaterThan(6);
    for (const exception of ["fillFailed", "retry", "hedge", "evicted"]) {
      expect(await event(node, exception), exception).toBe(0);
    }
    // Nothing was evicted, so the cache holds each object once; a second fetch of one would have
    // brought bytes that are not in it. Playlists and status are the small rest.
    const documentBytesMax = 40_000;
    const [cached, fetched] = [
      await metric(node, "live_edge_cache_bytes"),
      await metric(node, "live_edge_fill_bytes_total"),
    ];
    expect(fetched).toBeGreaterThan(cached);
    expect(fetched - cached).toBeLessThan(documentBytesMax);
  },
);

test("every fill of a node is one response of its parent, and nobody else asks it", async () => {
  const media = /kind="(segment|init)"/;
  const differences = async (): Promise<[number, number]> => [
    (await event("edge-1", "fill")) +
      (await event("edge-2", "fill")) -
      (await metric("shield", "live_edge_responses_total", media)),
    (await event("shield", "fill")) -
      (await metric("origin", "live_origin_tier_responses_total", media)),
  ];
  // Playlists are followed a while longer, so a fill may fall between two of the readings.
  await expect.poll(differences, { timeout: 30_000 }).toEqual([0, 0]);
});

test("the edges deliver a hundred times what they fetch", async () => {
  for (const edge of edges) {
    const egress = await metric(edge, "live_edge_egress_bytes_total");
    const fetched = await metric(edge, "live_edge_fill_bytes_total");
    expect(egress / fetched).toBeGreaterThan(viewerCount / edges.length / 2);
  }
});
