/** What `/api/status` says of a real origin, shield and edges, and what hostile reports do to it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startRelay, type TestRelay } from "../edge/testing/test-edge.ts";
import { TestOrigin } from "../origin/testing/test-origin.ts";
import { adminTokenFile } from "../src/node/admin-server.ts";
import { nodeId, type NodeHealth } from "../src/health/node-health.ts";
import { readNodeReport } from "../src/health/read-node-report.ts";
import type { StatusDocument } from "../src/health/status-document.ts";
import { reportedViewersMax } from "../src/health/viewer-report.ts";
import { madeNode } from "../src/health/testing/made-node.ts";

let origin: TestOrigin;
let shield: TestRelay;
let edges: TestRelay[];

const cleanups: (() => Promise<void>)[] = [];

beforeAll(async () => {
  origin = await TestOrigin.start();
  cleanups.push(() => origin.close());
  const tierUrl = new URL(origin.base).origin;
  shield = await startRelay({ parents: [tierUrl], role: "shield" });
  cleanups.push(() => shield.close());
  edges = [];
  for (const name of ["edge-1", "edge-2"]) {
    const edge = await startRelay({ parents: [shield.tierUrl], node: { name, logLevel: "error" } });
    edges.push(edge);
    cleanups.push(() => edge.close());
  }
  origin.publish();
  await origin.reaches("live");
}, 60_000);

afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

async function statusOf(node: { adminUrl: string; stateDir: string }): Promise<StatusDocument> {
  const token = readFileSync(join(node.stateDir, adminTokenFile), "utf8").trim();
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${node.adminUrl}/api/status`, { headers });
  expect(answer.status).toBe(200);
  return (await answer.json()) as StatusDocument;
}

const ofOrigin = (): Promise<StatusDocument> =>
  statusOf({ adminUrl: origin.adminBase, stateDir: origin.stateDir });

async function nodesAt(read: () => Promise<StatusDocument>): Promise<Map<string, NodeHealth>> {
  const { nodes } = await read();
  return new Map(nodes.map((node) => [node.name, node]));
}

async function post(body: unknown, to = shield.tierUrl): Promise<number> {
  const answer = await fetch(`${to}/live/main/viewers`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  await answer.arrayBuffer();
  return answer.status;
}

test("the origin shows all tiers with their parents, and a relay what is below it", async () => {
  const names = async (): Promise<string[]> => [...(await nodesAt(ofOrigin)).keys()].sort();
  await expect
    .poll(names, { timeout: 20_000, interval: 500 })
    .toEqual(["edge-1", "edge-2", "origin", "shield"]);
  const nodes = await nodesAt(ofOrigin);
  const parentOf = (name: string): string => nodes.get(name)!.parent;
  expect(parentOf("origin")).toBe("");
  expect(parentOf("shield")).toBe(nodeId(nodes.get("origin")!));
  for (const edge of ["edge-1", "edge-2"])
    expect(parentOf(edge)).toBe(nodeId(nodes.get("shield")!));
  const tiers = [...nodes.values()].map(({ tier }) => tier).sort();
  expect(tiers).toEqual(["edge", "edge", "origin", "shield"]);
  expect([...(await nodesAt(() => statusOf(shield))).keys()].sort()).toEqual([
    "edge-1",
    "edge-2",
    "shield",
  ]);
  expect([...(await nodesAt(() => statusOf(edges[0]!))).keys()]).toEqual(["edge-1"]);
});

test("what viewers ask of an edge arrives at the origin in right numbers", async () => {
  const url = `${edges[0]!.viewerUrl}/live/main/300/`;
  const playlist = await (await fetch(`${url}index.m3u8?CMCD=sid%3D%22a%22`)).text();
  const segments = playlist.split("\n").filter((line) => line.endsWith(".m4s"));
  expect(segments.length).toBeGreaterThanOrEqual(3);
  let bodyBytes = 0;
  for (const round of [1, 2]) {
    for (const name of segments) {
      const answer = await fetch(url + name);
      expect(answer.status, `${name}, round ${round}`).toBe(200);
      bodyBytes += (await answer.arrayBuffer()).byteLength;
    }
  }
  const edge = async (): Promise<NodeHealth> => (await nodesAt(ofOrigin)).get("edge-1")!;
  await expect
    .poll(async () => (await edge()).lookupCount, { timeout: 15_000, interval: 500 })
    .toBe(2 * segments.length);
  const { hitCount, toViewersBitsPerSec, fillBitsPerSec, feeds, isReady } = await edge();
  // The second round hits; of the first the newest may have been fetched before anybody asked.
  expect(hitCount).toBeGreaterThanOrEqual(segments.length);
  expect(hitCount).toBeLessThan(2 * segments.length);
  // Over 8 s, to which the time of the fetches is short.
  expect(toViewersBitsPerSec).toBeGreaterThan((bodyBytes * 8) / 8 / 2);
  expect(toViewersBitsPerSec).toBeLessThan(((bodyBytes * 8) / 8) * 4);
  expect(fillBitsPerSec).toBeGreaterThan(0);
  expect(feeds).toEqual([{ name: "main", viewers: 1, isStale: false }]);
  const { connectionCount, toChildrenBitsPerSec } = (await nodesAt(ofOrigin)).get("shield")!;
  // Of each edge, its held requests.
  expect(connectionCount).toBeGreaterThanOrEqual(2);
  expect(toChildrenBitsPerSec).toBeGreaterThan(0);
  expect(isReady).toBe(true);
});

test("the origin says who publishes what, how fast it is encoded, and what each rung takes", async () => {
  const { feeds, program, version, nodes } = await ofOrigin();
  const [main] = feeds;
  expect(version).toBe(1);
  expect(program.version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(main).toMatchObject({ name: "main", state: "live" });
  expect(main!.publisher).toMatchObject({
    kind: "main",
    video: { codec: "H.264", width: expect.any(Number) as number },
    audio: { codec: "AAC" },
  });
  expect(main!.publisher!.bitsPerSec).toBeGreaterThan(10_000);
  expect(main!.encoder!.speedRatio).toBeGreaterThan(0.3);
  expect(main!.segmentLagMs).toBeGreaterThan(0);
  expect(main!.rungs.map(({ rung }) => rung)).toEqual(["150", "300", "audio"]);
  for (const rung of main!.rungs) {
    expect(rung.measuredBitsPerSec).toBeGreaterThan(1_000);
    expect(rung.measuredBitsPerSec).toBeLessThanOrEqual(rung.bandwidthBitsPerSec);
    expect(rung.peakBitsPerSec).toBeLessThanOrEqual(rung.bandwidthBitsPerSec);
  }
  expect(nodes[0]!.fillBitsPerSec).toBeGreaterThan(10_000);
  expect(nodes[0]!.uptimeMs).toBeGreaterThan(1_000);
});

test("a malformed health report is counted and ignored, and its viewers count all the same", async () => {
  const refused = await shield.metric("live_edge_node_reports_refused_total");
  const report = { node: "liar", process: 5, viewers: 3 };
  const child = madeNode("liar", { process: 5 });
  const bad: unknown[] = [
    "nodes",
    [{ ...child, name: "edge-1" }],
    [{ ...child, reason: "\u001b[31m" }],
    [child, madeNode("x", { parent: "y/1" })],
    [{ ...child, cpuRatio: "1" }],
  ];
  for (const nodes of bad) expect(await post({ ...report, nodes })).toBe(204);
  expect(await shield.metric("live_edge_node_reports_refused_total")).toBe(refused + bad.length);
  expect(await shield.metric("live_edge_viewers", 'feed="main"')).toBeGreaterThanOrEqual(3);
  expect((await nodesAt(() => statusOf(shield))).has("liar")).toBe(false);
  await expect(
    post({ ...report, nodes: [{ ...child, reason: "x".repeat(50_000) }] }),
  ).rejects.toThrow();
  const atOrigin = new URL(origin.base).origin;
  expect(await post({ ...report, nodes: "nodes" }, atOrigin)).toBe(204);
  expect(await post({ ...report, nodes: ["x".repeat(50_000)] }, atOrigin)).toBe(413);
  expect(await post({ ...report, viewers: 0 })).toBe(204);
});

test("a child that lies about its viewers is refused, and the shield's reports go on", async () => {
  const lie = { node: "liar", process: 5, viewers: 1e9 };
  expect(await post(lie)).toBe(400);
  const failed = await shield.metric("live_edge_viewer_reports_failed_total");
  const most = { ...lie, viewers: reportedViewersMax };
  for (const process of [5, 6]) expect(await post({ ...most, process })).toBe(204);
  await expect
    .poll(async () => (await ofOrigin()).feeds[0]!.viewers, { timeout: 15_000, interval: 500 })
    .toBeGreaterThanOrEqual(reportedViewersMax);
  expect(await shield.metric("live_edge_viewer_reports_failed_total")).toBe(failed);
  for (const process of [5, 6]) expect(await post({ ...lie, process, viewers: 0 })).toBe(204);
});

test("a child with a hundred nodes gets them through, summed past 64, and leaves when it says so", async () => {
  const own = madeNode("big", { process: 6, tier: "shield" });
  const below = Array.from({ length: 63 }, (_, n) =>
    madeNode("leaf", { process: n, parent: nodeId(own), toViewersBitsPerSec: 1_000 }),
  );
  const rest = madeNode("more", { process: 6, parent: nodeId(own), nodeCount: 37 });
  const nodes = [own, ...below, rest];
  expect(readNodeReport(nodes, { node: "big", process: 6, nowUnixMs: Date.now() })).toHaveLength(
    65,
  );
  expect(await post({ node: "big", process: 6, viewers: 0, nodes })).toBe(204);
  const leaves = async (): Promise<number> => {
    const all = (await statusOf(shield)).nodes;
    return all.filter(({ name }) => name === "leaf").length;
  };
  expect(await leaves()).toBe(63);
  // The shield's own report has less room than the child's had.
  await expect
    .poll(async () => (await ofOrigin()).nodes.reduce((sum, node) => sum + node.nodeCount, 0), {
      timeout: 15_000,
      interval: 500,
    })
    .toBe(4 + 1 + 63 + 37);
  expect(await post({ node: "big", process: 6, viewers: 0, nodes: [] })).toBe(204);
  expect(await leaves()).toBe(0);
});

test("an edge that signs off is gone from the origin's page, and it is said", async () => {
  await edges[1]!.close();
  await expect
    .poll(async () => (await nodesAt(ofOrigin)).has("edge-2"), { timeout: 15_000, interval: 500 })
    .toBe(false);
  const { faults } = (await nodesAt(ofOrigin)).get("shield")!;
  expect(faults.map(({ text }) => text)).toContain("edge-2 has signed off");
});
