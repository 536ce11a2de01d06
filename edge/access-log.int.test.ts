/** What a relay writes in its log: little at load and in a flood, nothing private, ids that lead on. */
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { CapturedLog, type LogLine } from "../src/node/testing/captured-log.ts";
import { RawClient } from "./testing/raw-client.ts";
import { ScriptedParent } from "./testing/scripted-parent.ts";
import { startRelay, type TestRelay } from "./testing/test-edge.ts";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const playlist = "/live/main/300/index.m3u8";
const idForm = /^[0-9a-f]{12}-[0-9a-z]+$/;

class Bench {
  readonly captured = new CapturedLog({ accessLinesPerSec: 1_000 });
  readonly parent: ScriptedParent;
  readonly relay: TestRelay;

  private constructor(parent: ScriptedParent, relay: TestRelay, captured: CapturedLog) {
    this.parent = parent;
    this.relay = relay;
    this.captured = captured;
  }

  /** A relay with these settings of `log`, that knows its window. */
  static async start(
    log: Record<string, unknown>,
    { role = "edge", ...values }: { role?: "edge" | "shield" } & Record<string, unknown> = {},
  ): Promise<Bench> {
    const parent = await ScriptedParent.start();
    cleanups.push(() => parent.stop());
    const captured = new CapturedLog({ accessLinesPerSec: 1_000 });
    const own = { parents: [parent.url], role, logTo: captured.log };
    const relay = await startRelay({ ...own, log, ...values });
    cleanups.push(() => relay.close());
    const bench = new Bench(parent, relay, captured);
    await bench.get(playlist);
    return bench;
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<number> {
    const base = this.relay.viewerPort === 0 ? this.relay.tierUrl : this.relay.viewerUrl;
    const response = await fetch(base + path, { headers });
    await response.arrayBuffer();
    return response.status;
  }

  /** The headers by which the parent is asked for the path next; it answers as always. */
  askedFor(path: string): { headers: IncomingHttpHeaders }[] {
    const asked: { headers: IncomingHttpHeaders }[] = [];
    this.parent.script(path, (request, response) => {
      asked.push({ headers: request.headers });
      this.parent.answer(request, response);
    });
    return asked;
  }

  lines(msg: "response" | "fill", kind = "segment"): LogLine[] {
    return this.captured.said(msg).filter((line) => line["kind"] === kind);
  }
}

/** `perSec` requests a second on ten connections; resolves with how many were answered. */
async function flood(
  port: number,
  path: string,
  { perSec, durationSec }: { perSec: number; durationSec: number },
): Promise<number> {
  const request = `GET ${path} HTTP/1.1\r\nHost: edge\r\n\r\n`;
  const [connectionCount, batchesPerSec] = [10, 20];
  let answered = 0;
  const sockets = Array.from({ length: connectionCount }, () => {
    const socket = connect(port, "127.0.0.1").setEncoding("latin1");
    return socket.on("data", (text: string) => (answered += text.split("HTTP/1.1 ").length - 1));
  });
  const perBatch = perSec / batchesPerSec / connectionCount;
  const batchCount = durationSec * batchesPerSec;
  for (let batch = 0; batch < batchCount; batch++) {
    for (const socket of sockets) socket.write(request.repeat(perBatch));
    await delay(1_000 / batchesPerSec);
  }
  while (answered < perSec * durationSec) await delay(10);
  for (const socket of sockets) socket.destroy();
  return answered;
}

test("at 5,000 requests a second the log has its sample and nothing more", async () => {
  const { captured, relay } = await Bench.start({});
  const before = captured.texts.length;
  const startedMs = performance.now();
  const answered = await flood(relay.viewerPort, playlist, { perSec: 5_000, durationSec: 3 });
  const secondsBegun = Math.ceil((performance.now() - startedMs) / 1_000) + 1;
  expect(answered).toBe(15_000);
  const written = captured.lines.slice(before);
  expect(written.length).toBeLessThanOrEqual(10 * secondsBegun);
  const hits = written.filter(({ outcome }) => outcome === "hit");
  // One in 1,000 of 15,000 and what else was asked; five a second may be written.
  expect(hits.length).toBeGreaterThanOrEqual(10);
  await relay.close();
  const [said] = captured.said("access lines were left out");
  const leftOut = said?.["leftOut"] as { others: number } | undefined;
  expect(hits.length + (leftOut?.others ?? 0)).toBe(15);
  expect(hits[0]).toMatchObject({ reason: "sample", oneIn: 1_000, kind: "media", rung: "300" });
});

test("a flood of refused requests is five lines a second and a count of the rest", async () => {
  const { parent, captured, relay } = await Bench.start({}, { viewer: viewerWith(1) });
  const path = parent.segmentPath("300", parent.lastMsn);
  parent.script(path, () => undefined);
  const waiting = await RawClient.open(relay.viewerPort);
  cleanups.push(async () => {
    waiting.end();
    await waiting.closed();
  });
  waiting.socket.write(`GET ${path} HTTP/1.1\r\nHost: edge\r\n\r\n`);
  await parent.until(() => parent.countOf(path) > 0);
  const startedMs = performance.now();
  await flood(relay.viewerPort, path, { perSec: 1_000, durationSec: 2 });
  const secondsBegun = Math.ceil((performance.now() - startedMs) / 1_000) + 1;
  const failures = captured.said("response").filter(({ reason }) => reason === "failure");
  expect(failures.length).toBeGreaterThan(0);
  expect(failures.length).toBeLessThanOrEqual(5 * secondsBegun);
  expect(failures[0]).toMatchObject({
    status: 503,
    outcome: "unavailable",
    client: "127.0.0.0/24",
  });
  await relay.close();
  const [said] = captured.said("access lines were left out");
  const { failures: leftOut } = said!["leftOut"] as { failures: number };
  expect(failures.length + leftOut).toBeGreaterThanOrEqual(2_000);
});

test("tokens, queries and headers of viewers are in no line, and their addresses as configured", async () => {
  for (const [clientAddress, shown] of [
    ["truncated", "127.0.0.0/24"],
    ["full", "127.0.0.1"],
    ["none", undefined],
  ] as const) {
    const bench = await Bench.start({ accessSample: 1, accessLinesPerSec: 1_000, clientAddress });
    const segment = bench.parent.segmentPath("300", bench.parent.lastMsn);
    const headers = {
      "x-request-id": "pr1vate-id",
      "user-agent": "pr1vate-agent",
      referer: "http://pr1vate.example/",
      cookie: "pr1vate=1",
    };
    for (const path of [segment, segment, playlist, "/live/main/master.m3u8"]) {
      await bench.get(`/t/pr1vatetoken${path}?CMCD=sid%3D%22pr1vate%22&p=pr1vate`, headers);
    }
    await bench.get("/pr1vate/%0a/no-path-of-ours?pr1vate", headers);
    const responses = bench.captured.said("response");
    expect(responses.length).toBe(6);
    for (const line of responses) expect(line["client"]).toBe(shown);
    expect(bench.captured.texts.join("")).not.toContain("pr1vate");
  }
});

test("a sampled miss, the fill it causes and those who join it are one story by one id", async () => {
  const bench = await Bench.start({ accessSample: 1, accessLinesPerSec: 1_000 });
  const path = bench.parent.segmentPath("300", bench.parent.lastMsn);
  const asked: { headers: IncomingHttpHeaders; response: ServerResponse }[] = [];
  bench.parent.script(path, ({ headers }, response) => asked.push({ headers, response }));
  const first = bench.get(path);
  await bench.parent.until(() => asked.length === 1);
  const joiners = [1, 2, 3].map(() => bench.get(path));
  await until(async () => (await bench.relay.metric("live_edge_waiters")) >= 4);
  bench.parent.answer({ method: "GET", url: path, headers: {} } as never, asked[0]!.response);
  expect(await Promise.all([first, ...joiners])).toEqual([200, 200, 200, 200]);

  const [fill] = bench.lines("fill");
  const id = fill!["requestId"];
  expect(id).toMatch(idForm);
  expect(asked[0]!.headers).toMatchObject({ "x-request-id": id, "x-request-sampled": "1" });
  expect(fill).toMatchObject({ outcome: "done", status: 200, bytes: 100_000, reason: "traced" });
  const responses = bench.lines("response");
  const miss = responses.find(({ outcome }) => outcome === "miss")!;
  expect(miss).toMatchObject({ requestId: id, fillId: id, status: 200, bytes: 100_000 });
  const joins = responses.filter(({ outcome }) => outcome === "join");
  expect(joins).toHaveLength(3);
  for (const join of joins) expect(join["fillId"]).toBe(id);
  expect(new Set(joins.map(({ requestId }) => requestId)).size).toBe(3);
});

test("a failed request is followed to its parent without being sampled, through retries", async () => {
  const bench = await Bench.start({ accessSample: 0 });
  const path = bench.parent.segmentPath("300", bench.parent.lastMsn);
  const ids: unknown[] = [];
  for (let attempt = 0; attempt < 8; attempt++) {
    bench.parent.script(path, (request, response) => {
      ids.push(request.headers["x-request-id"]);
      expect(request.headers["x-request-sampled"]).toBeUndefined();
      response.writeHead(500).end();
    });
  }
  expect(await bench.get(path)).toBe(502);
  const [response] = bench.lines("response");
  expect(response).toMatchObject({ reason: "failure", outcome: "badGateway", status: 502 });
  expect(new Set(ids)).toEqual(new Set([response!["requestId"]]));
  const fills = bench.lines("fill");
  expect(fills).toHaveLength(ids.length);
  for (const fill of fills) {
    const parent = new URL(bench.parent.url).host;
    expect(fill).toMatchObject({ requestId: ids[0], outcome: "status", status: 500, parent });
  }
});

test("a late first byte is a line, a reload that is held on purpose is none", async () => {
  const bench = await Bench.start({ accessSample: 0, slowMs: 100 });
  const path = bench.parent.segmentPath("300", bench.parent.lastMsn);
  bench.parent.script(path, (request, response) => {
    setTimeout(() => bench.parent.answer(request, response), 150);
  });
  const reload = bench.get(`${playlist}?_HLS_msn=${bench.parent.lastMsn + 1}`);
  expect(await bench.get(path)).toBe(200);
  bench.parent.advance();
  expect(await reload).toBe(200);
  const [response] = bench.lines("response");
  expect(response).toMatchObject({ reason: "slow", outcome: "miss", client: "127.0.0.0/24" });
  expect(response!["firstByteMs"]).toBeGreaterThanOrEqual(100);
  expect(bench.lines("fill")).toMatchObject([{ reason: "slow", outcome: "done" }]);
  expect(bench.lines("response", "media")).toEqual([]);
});

test("a shield goes on with the id of its child, and with the wish for lines", async () => {
  const bench = await Bench.start({ accessSample: 0 }, { role: "shield" });
  const path = bench.parent.segmentPath("300", bench.parent.lastMsn);
  const asked = bench.askedFor(path);
  await bench.get(path, { "x-request-id": "from-below-1", "x-request-sampled": "1" });
  expect(asked[0]!.headers).toMatchObject({
    "x-request-id": "from-below-1",
    "x-request-sampled": "1",
  });
  const line = { reason: "traced", requestId: "from-below-1", msn: bench.parent.lastMsn };
  expect(bench.lines("response")).toMatchObject([{ ...line, client: "127.0.0.1" }]);
  expect(bench.lines("fill")).toMatchObject([line]);
});

test.each([
  ['a"},{"msg":"forged', "quotes"],
  ["a b", "spaces"],
  ["x".repeat(65), "length"],
  ["a\tb", "a tab"],
])("a forged id %j is replaced, not passed on and not written: %s", async (forged) => {
  const bench = await Bench.start({ accessSample: 0 }, { role: "shield" });
  const path = bench.parent.segmentPath("300", bench.parent.lastMsn);
  const asked = bench.askedFor(path);
  await bench.get(path, { "x-request-id": forged, "x-request-sampled": "1" });
  expect(asked[0]!.headers["x-request-id"]).toMatch(idForm);
  expect(asked[0]!.headers["x-request-sampled"]).toBeUndefined();
  expect(bench.captured.texts.join("")).not.toContain(forged.slice(0, 3));
});

test("an id that a viewer sends is not read", async () => {
  const bench = await Bench.start({ accessSample: 1 });
  const path = bench.parent.segmentPath("300", bench.parent.lastMsn);
  const asked = bench.askedFor(path);
  await bench.get(path, { "x-request-id": "mine" });
  expect(asked[0]!.headers["x-request-id"]).toMatch(idForm);
  expect(bench.captured.texts.join("")).not.toContain("mine");
});

function viewerWith(waiterCountMax: number): Record<string, unknown> {
  return { listen: "127.0.0.1:0", waiterCountMax };
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await delay(5);
}
