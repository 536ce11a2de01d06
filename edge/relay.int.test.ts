/** A real edge below scripted parents: what a viewer gets, and what the parent is asked for it. */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { CapturedLog } from "../src/node/testing/captured-log.ts";
import { BodyReader } from "./testing/body-reader.ts";
import { RawClient } from "./testing/raw-client.ts";
import { mediaHead, ScriptedParent } from "./testing/scripted-parent.ts";
import { startRelay, type TestRelay } from "./testing/test-edge.ts";

const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function newParent(options = {}): Promise<ScriptedParent> {
  const parent = await ScriptedParent.start(options);
  cleanups.push(() => parent.stop());
  return parent;
}

async function newRelay(options: Parameters<typeof startRelay>[0]): Promise<TestRelay> {
  const relay = await startRelay(options);
  cleanups.push(() => relay.close());
  return relay;
}

async function edgeBelow(parents: ScriptedParent[], options = {}): Promise<TestRelay> {
  return newRelay({ parents: parents.map((parent) => parent.url), ...options });
}

interface Got {
  status: number;
  headers: Headers;
  body: Buffer;
}

async function get(edge: TestRelay, path: string, init: RequestInit = {}): Promise<Got> {
  const response = await fetch(edge.viewerUrl + path, { redirect: "manual", ...init });
  const body = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, body };
}

/** A request with a CMCD session, for a connection of its own. */
function playlistRequest(rung: string, sid: string): string {
  const path = rung.includes("?") ? rung.replace("?", "/index.m3u8?") : `${rung}/index.m3u8?`;
  return `GET /live/main/${path}CMCD=sid%3D%22${sid}%22 HTTP/1.1\r\nHost: edge\r\n\r\n`;
}

/** A log, and what it says of the swarm's switch. */
function captured() {
  const kept = new CapturedLog();
  return { log: kept.log, said: () => kept.said("the swarm was switched") };
}

/** Fetches the playlist once, so that the edge knows the window. */
async function watch(edge: TestRelay, rung = "300"): Promise<void> {
  expect((await get(edge, `/live/main/${rung}/index.m3u8`)).status).toBe(200);
}

test("200 viewers cause one fetch an object at a shield's parent, with 1 miss and 199 joins", async () => {
  const parent = await newParent();
  const shield = await newRelay({ parents: [parent.url], role: "shield" });
  const edge = await newRelay({ parents: [shield.tierUrl] });
  const held: (() => void)[] = [];
  const path = parent.segmentPath("300", 107);
  parent.script(path, (request, response) => {
    held.push(() => parent.answer(request, response));
  });
  await watch(edge);
  const viewers = Array.from({ length: 200 }, () => get(edge, path));
  await parent.until(() => held.length === 1);
  await expect.poll(() => edge.metric("live_edge_waiters")).toBe(200);
  for (const release of held) release();
  const got = await Promise.all(viewers);
  const expected = parent.segmentBytes("300", 107);
  expect(got.every(({ status, body }) => status === 200 && body.equals(expected))).toBe(true);
  const words = got.map(({ headers }) => headers.get("x-cache"));
  expect(words.filter((word) => word === "miss")).toHaveLength(1);
  expect(words.filter((word) => word === "join")).toHaveLength(199);
  expect(parent.countOf(path)).toBe(1);
  expect(parent.countOf("/live/main/300/index.m3u8")).toBe(2);
  const ofSegments = (event: string): Promise<number> =>
    edge.metric("live_edge_responses_total", `kind="segment",outcome="${event}"`);
  expect([await ofSegments("miss"), await ofSegments("join")]).toEqual([1, 199]);
  expect(await edge.metric("live_edge_relay_events_total", 'event="fill"')).toBe(1);
});

test("playlists pass byte for byte, and a new segment is fetched before anybody asks", async () => {
  const parent = await newParent();
  const edge = await edgeBelow([parent]);
  await watch(edge);
  const next = get(edge, "/live/main/300/index.m3u8?_HLS_msn=108");
  await parent.until(() => parent.countOf("/live/main/300/index.m3u8?_HLS_msn=108") === 1);
  parent.advance();
  const { body, headers } = await next;
  expect(body.toString()).toBe(parent.playlist("300"));
  expect(headers.get("content-type")).toBe("application/vnd.apple.mpegurl");
  await parent.until(() => parent.countOf(parent.segmentPath("300", 108)) === 1);
  await expect.poll(() => edge.metric("live_edge_fills")).toBe(0);
  const got = await get(edge, parent.segmentPath("300", 108));
  expect(got.headers.get("x-cache")).toBe("hit");
  expect(parent.countOf(parent.segmentPath("300", 108))).toBe(1);
});

test("a viewer reads what has come while the rest is still on its way", async () => {
  const parent = await newParent();
  const edge = await edgeBelow([parent]);
  const bytes = parent.segmentBytes("300", 107);
  const path = parent.segmentPath("300", 107);
  let upstream: ServerResponse | undefined;
  parent.script(path, (_request, response) => {
    response.writeHead(200, mediaHead(bytes));
    response.write(bytes.subarray(0, 50_000));
    upstream = response;
  });
  await watch(edge);
  const body = new BodyReader(await fetch(edge.viewerUrl + path));
  await body.atLeast(50_000);
  expect(body.receivedBytes).toBe(50_000);
  const joined = get(edge, path);
  upstream!.write(bytes.subarray(50_000, 99_999));
  await body.atLeast(100_000 - 16_384);
  expect(body.receivedBytes).toBe(100_000 - 16_384);
  upstream!.end(bytes.subarray(99_999));
  await body.rest();
  expect(body.receivedBytes).toBe(100_000);
  expect((await joined).body.equals(bytes)).toBe(true);
  expect(parent.countOf(path)).toBe(1);
});

test("wrong bytes are cut off before their end, and the next parent's are served", async () => {
  const [first, second] = [await newParent(), await newParent()];
  const edge = await edgeBelow([first, second]);
  const bytes = first.segmentBytes("300", 107);
  const path = first.segmentPath("300", 107);
  const wrong = Buffer.from(bytes);
  wrong[70_000]! ^= 1;
  let upstream: ServerResponse | undefined;
  first.script(path, (_request, response) => {
    response.writeHead(200, mediaHead(wrong, bytes));
    response.write(wrong.subarray(0, 90_000));
    upstream = response;
  });
  await watch(edge);
  const body = new BodyReader(await fetch(edge.viewerUrl + path));
  await body.atLeast(1);
  upstream!.end(wrong.subarray(90_000));
  await expect(body.rest()).rejects.toThrow();
  expect(body.receivedBytes).toBeLessThanOrEqual(100_000 - 16_384);
  const again = await get(edge, path);
  expect(again.body.equals(bytes)).toBe(true);
  expect(second.countOf(path)).toBe(1);
  expect(await edge.metric("live_edge_relay_events_total", 'event="digestMismatch"')).toBe(1);
});

test("a parent that does not answer in time is helped out by the next one", async () => {
  const [first, second] = [await newParent(), await newParent()];
  const edge = await edgeBelow([first, second], { follow: { firstByteTimeoutMs: 200 } });
  const path = first.segmentPath("300", 107);
  first.script(path, () => undefined);
  await watch(edge);
  const got = await get(edge, path);
  expect(got.body.equals(second.segmentBytes("300", 107))).toBe(true);
  expect([first.countOf(path), second.countOf(path)]).toEqual([1, 1]);
});

test("a body that breaks off is gone on with at the next parent, for the same viewer", async () => {
  const [first, second] = [await newParent(), await newParent()];
  const edge = await edgeBelow([first, second]);
  const bytes = first.segmentBytes("300", 107);
  const path = first.segmentPath("300", 107);
  let upstream: ServerResponse | undefined;
  first.script(path, (_request, response) => {
    response.writeHead(200, mediaHead(bytes));
    response.write(bytes.subarray(0, 40_000));
    upstream = response;
  });
  await watch(edge);
  const response = await fetch(edge.viewerUrl + path);
  upstream!.destroy();
  expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
  expect(second.countOf(path)).toBe(1);
});

test("a viewer who leaves does not end the fill others may want", async () => {
  const parent = await newParent();
  const edge = await edgeBelow([parent]);
  const path = parent.segmentPath("300", 107);
  const held: (() => void)[] = [];
  parent.script(path, (request, response) => held.push(() => parent.answer(request, response)));
  await watch(edge);
  const abort = new AbortController();
  const leaving = get(edge, path, { signal: abort.signal });
  await parent.until(() => held.length === 1);
  abort.abort();
  await expect(leaving).rejects.toThrow();
  await expect.poll(() => edge.metric("live_edge_waiters")).toBe(0);
  held[0]!();
  await expect.poll(() => edge.metric("live_edge_fills")).toBe(0);
  const got = await get(edge, path);
  expect([got.headers.get("x-cache"), got.body.length]).toEqual(["hit", 100_000]);
  expect(parent.countOf(path)).toBe(1);
});

test("unknown names cost the parent nothing and the edge no state", async () => {
  const parent = await newParent();
  const edge = await edgeBelow([parent]);
  await watch(edge);
  const before = parent.requests.length;
  const unknown = [
    "/live/other/index.m3u8",
    "/live/other/300/index.m3u8",
    "/live/other/status.json",
    "/live/main/450/index.m3u8",
    "/live/main/300/7-1.m4s",
    "/live/main/300/9-107.m4s",
    "/live/main/300/init-deadbeef.mp4",
    "/live/main/ladder.json",
    "/live/main/viewers",
    "/etc/passwd",
    "/live/main/%2e%2e/index.m3u8",
  ];
  for (const path of unknown) {
    const { status, body } = await get(edge, path);
    expect([status, body.toString()], path).toEqual([404, "not found\n"]);
  }
  expect(parent.requests.length).toBe(before);
  expect(await edge.metric("live_edge_cache_bytes")).toBe(0);
});

test("ranges, HEAD, preflights and validators are answered as browsers expect", async () => {
  const parent = await newParent();
  const edge = await edgeBelow([parent]);
  const path = parent.segmentPath("300", 107);
  const bytes = parent.segmentBytes("300", 107);
  await watch(edge);
  const whole = await get(edge, path);
  const etag = whole.headers.get("etag")!;
  expect(whole.headers.get("repr-digest")).toBe(mediaHead(bytes)["repr-digest"]);
  expect(whole.headers.get("access-control-allow-origin")).toBe("*");
  expect(whole.headers.get("access-control-expose-headers")).toBe(
    "Age, Date, Repr-Digest, X-Cache",
  );
  expect(whole.headers.get("date")).not.toBeNull();
  const ranges: [string, number, string | null, Buffer][] = [
    ["bytes=0-9", 206, "bytes 0-9/100000", bytes.subarray(0, 10)],
    ["bytes=99990-", 206, "bytes 99990-99999/100000", bytes.subarray(99_990)],
    ["bytes=-5", 206, "bytes 99995-99999/100000", bytes.subarray(99_995)],
    ["bytes=100000-", 416, "bytes */100000", Buffer.alloc(0)],
    ["bytes=0-1,5-6", 200, null, bytes],
    ["lines=1-2", 200, null, bytes],
  ];
  for (const [range, status, contentRange, body] of ranges) {
    const got = await get(edge, path, { headers: { range } });
    expect([got.status, got.headers.get("content-range")], range).toEqual([status, contentRange]);
    expect(got.body.equals(body), range).toBe(true);
    // A cache in front must not keep the refusal for as long as the segment.
    if (status === 416) expect(got.headers.get("cache-control")).toBe("no-store");
  }
  const ifRange = await get(edge, path, { headers: { range: "bytes=0-9", "if-range": '"other"' } });
  expect(ifRange.status).toBe(200);
  for (const tag of [etag, `"x", W/${etag}`, "*"]) {
    const got = await get(edge, path, { headers: { "if-none-match": tag } });
    expect([got.status, got.body.length], tag).toEqual([304, 0]);
  }
  const head = await get(edge, path, { method: "HEAD", headers: { range: "bytes=0-9" } });
  expect([head.status, head.headers.get("content-length"), head.body.length]).toEqual([
    200,
    "100000",
    0,
  ]);
  const playlistTag = (await get(edge, "/live/main/300/index.m3u8")).headers.get("etag")!;
  const unchanged = await get(edge, "/live/main/300/index.m3u8", {
    headers: { "if-none-match": playlistTag },
  });
  expect(unchanged.status).toBe(304);
  const preflight = await get(edge, path, { method: "OPTIONS" });
  expect([preflight.status, preflight.headers.get("access-control-allow-headers")]).toEqual([
    204,
    "Range, Content-Type, If-None-Match",
  ]);
});

test("playlists are compressed for whoever takes it, and say so", async () => {
  const parent = await newParent();
  const edge = await edgeBelow([parent]);
  await watch(edge);
  for (const [encoding, expected] of [
    ["gzip, deflate, br", "gzip"],
    ["identity", null],
    ["gzip;q=0", null],
  ] as const) {
    const got = await get(edge, "/live/main/300/index.m3u8", {
      headers: { "accept-encoding": encoding },
    });
    expect(got.headers.get("content-encoding"), encoding).toBe(expected);
    expect(got.headers.get("vary")).toBe("Accept-Encoding");
    expect(got.body.toString()).toBe(parent.playlist("300"));
  }
});

test("a changed state reaches a viewer who holds the status, and ends what is served", async () => {
  const parent = await newParent();
  const edge = await edgeBelow([parent]);
  await watch(edge);
  const held = get(edge, `/live/main/status.json?v=${parent.version}`);
  await expect.poll(() => edge.metric("live_edge_waiters")).toBe(1);
  await parent.until(() => parent.countOf("/live/main/status.json?v=1000") > 0);
  parent.announce("offline");
  const status = JSON.parse((await held).body.toString()) as Record<string, unknown>;
  expect(status).toMatchObject({ state: "offline", version: 1_001 });
  expect(Math.abs(Number(status["nowUnixMs"]) - Date.now())).toBeLessThan(5_000);
  expect((await get(edge, "/live/main/300/index.m3u8")).status).toBe(404);
  expect((await get(edge, "/live/main/index.m3u8")).status).toBe(404);
});

test("a shield holds a status for a second, and says how long ago it was confirmed to it", async () => {
  const parent = await newParent();
  const shield = await newRelay({ parents: [parent.url], role: "shield" });
  const ageOf = async (query = ""): Promise<number> => {
    const response = await fetch(`${shield.tierUrl}/live/main/status.json${query}`);
    expect(response.status).toBe(200);
    return Number(response.headers.get("x-status-age-ms"));
  };
  await ageOf();
  const beganMs = performance.now();
  expect(await ageOf(`?v=${parent.version}`)).toBeLessThan(2_000);
  expect(performance.now() - beganMs).toBeGreaterThan(900);
  expect(performance.now() - beganMs).toBeLessThan(4_000);
  const heardMs = performance.now();
  await parent.stop();
  await expect.poll(() => ageOf(), { timeout: 10_000 }).toBeGreaterThan(3_000);
  expect(performance.now() - heardMs).toBeGreaterThan(1_500);
});

test("a shield has no swarm to switch, and says of none that it was", async () => {
  const parent = await newParent();
  const { log, said } = captured();
  const options = { parents: [parent.url], logTo: log, swarm: { mode: "on" } };
  const shield = await newRelay({ ...options, role: "shield" });
  const readiness = (): Promise<Response> => fetch(`${shield.adminUrl}/readyz`);
  await expect.poll(async () => (await readiness()).status).toBe(200);
  parent.announce("waiting");
  const status = await fetch(`${shield.tierUrl}/live/main/status.json?v=${parent.version - 1}`);
  expect(await status.json()).toMatchObject({ state: "waiting" });
  expect(said()).toEqual([]);
  await newRelay({ ...options, role: "edge" });
  await expect.poll(said).toHaveLength(1);
});

test("a parent that goes back is an error: the other parent's playlist is served", async () => {
  const [first, second] = [await newParent(), await newParent()];
  const edge = await edgeBelow([first, second]);
  await watch(edge);
  await first.until(() => first.countOf("/live/main/300/index.m3u8?_HLS_msn=108") === 1);
  second.advance();
  first.lastMsn = 90;
  first.firstMsn = 83;
  first.ended = true;
  first.release();
  await second.until(() => second.countOf("/live/main/300/index.m3u8") >= 1);
  await expect
    .poll(async () => (await get(edge, "/live/main/300/index.m3u8")).body.toString())
    .toBe(second.playlist("300"));
});

test("viewers are counted by session, and rise from edge to shield to origin", async () => {
  const parent = await newParent();
  const shield = await newRelay({ parents: [parent.url], role: "shield" });
  const edge = await newRelay({ parents: [shield.tierUrl] });
  for (const sid of ["a-1", "b-2", "c-3", "a-1"]) {
    const viewer = await RawClient.say(edge.viewerPort, playlistRequest("300", sid));
    cleanups.push(async () => {
      viewer.end();
      await viewer.closed();
    });
  }
  expect(await edge.metric("live_edge_viewers")).toBe(3);
  await parent.until(() => parent.posts.some((post) => post.includes('"viewers":3')));
  const report = JSON.parse(parent.posts.find((post) => post.includes('"viewers":3'))!) as object;
  expect(report).toMatchObject({
    node: "shield",
    process: expect.any(Number) as number,
    viewers: 3,
  });
  // Each node's own viewers, beside the sum.
  expect(report).toMatchObject({
    nodes: [
      { name: "shield", feeds: [{ name: "main", viewers: 0 }] },
      { name: "edge", feeds: [{ name: "main", viewers: 3 }] },
    ],
  });
  // It stops: what it reported is taken back at once, not when the parent forgets it.
  await shield.close();
  expect(parent.posts.at(-1)).toMatch(/"viewers":0,"nodes":\[\]/);
});

test("who gets no playlist is no viewer, and one connection is one viewer", async () => {
  const parent = await newParent();
  const edge = await edgeBelow([parent]);
  const requests = [
    playlistRequest("300?_HLS_msn=900&", "far-ahead"),
    playlistRequest("450", "no-rung"),
    ...Array.from({ length: 50 }, (_, n) => playlistRequest("300", `made-up-${n}`)),
  ];
  const client = await RawClient.open(edge.viewerPort);
  for (const [index, request] of requests.entries()) {
    client.socket.write(request);
    await client.until(() => client.isClosed || client.statuses().length > index);
    if (index === 1) expect(await edge.metric("live_edge_viewers")).toBe(0);
  }
  expect(client.statuses().slice(0, 3)).toEqual([400, 404, 200]);
  expect(await edge.metric("live_edge_viewers")).toBe(1);
  client.end();
});

test("a playlist is kept by caches as RFC 8216bis has it, by what its request asked for", async () => {
  const parent = await newParent();
  const edge = await edgeBelow([parent], { follow: { holdMsMax: 500 } });
  await watch(edge);
  for (const [query, expected] of [
    ["", "max-age=2"],
    ["?_HLS_msn=107", "max-age=24"],
    ["", "max-age=2"],
    ["?_HLS_msn=108", "no-cache"],
  ] as const) {
    for (const encoding of ["gzip", "identity"]) {
      const headers = { "accept-encoding": encoding };
      const got = await get(edge, `/live/main/300/index.m3u8${query}`, { headers });
      expect([got.status, got.headers.get("cache-control")], query).toEqual([200, expected]);
    }
  }
});

test("a version that is none is refused by both ports", async () => {
  const parent = await newParent();
  const relay = await edgeBelow([parent], { tier: { listen: "127.0.0.1:0" } });
  await watch(relay);
  for (const query of ["v=abc", "v=1&v=2", "v=1?v=2", "v=1?x"]) {
    for (const base of [relay.viewerUrl, relay.tierUrl]) {
      const { status } = await fetch(`${base}/live/main/status.json?${query}`);
      expect(status, `${base} ${query}`).toBe(400);
    }
  }
});

test("an edge is ready once a parent has said what the feeds do", async () => {
  const parent = await newParent();
  const held: (() => void)[] = [];
  const hold = (request: IncomingMessage, response: ServerResponse): void => {
    held.push(() => parent.answer(request, response));
  };
  // The edge gives up on an answer that does not come, and asks again.
  for (let i = 0; i < 20; i++) parent.script("/live/main/status.json", hold);
  const edge = await edgeBelow([parent]);
  await parent.until(() => held.length > 0);
  expect((await fetch(`${edge.adminUrl}/readyz`)).status).toBe(503);
  parent.unscript("/live/main/status.json");
  for (const answer of held) answer();
  await expect.poll(async () => (await fetch(`${edge.adminUrl}/readyz`)).status).toBe(200);
});

test("two edges cannot share a port without noticing", async () => {
  const parent = await newParent();
  const edge = await edgeBelow([parent]);
  const listen = `127.0.0.1:${edge.viewerPort}`;
  await expect(startRelay({ parents: [parent.url], viewer: { listen } })).rejects.toMatchObject({
    code: "PORT_TAKEN",
  });
});

test("an edge that ended with viewers connected has its port again at once", async () => {
  const parent = await newParent();
  const former = await edgeBelow([parent]);
  const listen = `127.0.0.1:${former.viewerPort}`;
  const viewer = connect(former.viewerPort, "127.0.0.1");
  await once(viewer, "connect");
  const gone = once(viewer.resume(), "close");
  // The side that closes first keeps the connection in TIME_WAIT.
  await former.close();
  await gone;
  const next = await edgeBelow([parent], { viewer: { listen } });
  expect(next.viewerPort).toBe(former.viewerPort);
});

test("a feed leads to its page; an unknown one to a page that says so", async () => {
  const parent = await newParent();
  const edge = await edgeBelow([parent]);
  const root = await get(edge, "/");
  expect([root.status, root.headers.get("location")]).toEqual([302, "watch/main"]);
  const page = await get(edge, "/t/token-1/watch/main");
  expect([page.status, page.headers.get("content-type")]).toEqual([
    200,
    "text/html; charset=utf-8",
  ]);
  const script = /\.\.\/(assets\/[A-Za-z0-9._-]+\.js)/.exec(page.body.toString())?.[1];
  expect((await get(edge, `/${script ?? "none"}`)).status).toBe(200);
  expect((await get(edge, "/watch/other")).status).toBe(404);
  expect((await get(edge, "/assets/none.js")).status).toBe(404);
});
