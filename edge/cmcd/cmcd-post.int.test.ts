/** POST /cmcd over real sockets: what is taken, what is refused, and that the edge goes on. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { RawClient } from "../testing/raw-client.ts";
import { ScriptedParent } from "../testing/scripted-parent.ts";
import { startRelay, type TestRelay } from "../testing/test-edge.ts";

let parent: ScriptedParent;
let edge: TestRelay;
/** Who is connected, since there is a place for a session for each of them. */
let audience: RawClient[];

beforeAll(async () => {
  parent = await ScriptedParent.start();
  edge = await startRelay({
    parents: [parent.url],
    cmcd: { bodyCountMax: 8 },
  });
  await fetch(`${edge.viewerUrl}${playlist}`);
  const connect = () => RawClient.open(edge.viewerPort);
  audience = await Promise.all(Array.from({ length: 12 }, connect));
});

afterAll(async () => {
  for (const client of audience) client.end();
  await edge.close();
  await parent.stop();
});

const playlist = "/live/main/300/index.m3u8";
const host = "Host: edge\r\n";
const type = "Content-Type: application/cmcd\r\n";
const smuggled = `GET /live/main/status.json HTTP/1.1\r\n${host}\r\n`;
const playing = (sid: string): string => `sid="${sid}",e=ps,sta=p,v=2`;

function post(body: string, headers: Record<string, string> = {}, path = "/cmcd") {
  return fetch(edge.viewerUrl + path, {
    method: "POST",
    headers: { "Content-Type": "application/cmcd", ...headers },
    body,
  });
}

/** Sessions that ask for a playlist. */
async function watched(...sids: string[]): Promise<void> {
  for (const sid of sids) {
    const answer = await fetch(`${edge.viewerUrl}${playlist}?CMCD=sid%3D%22${sid}%22`);
    expect(answer.status).toBe(200);
    await answer.arrayBuffer();
  }
}

const refusedCount = (reason: string) => edge.metric("live_cmcd_refused_total", `"${reason}"`);

/** Statuses that come back on a connection of its own, until it is closed if it shall be. */
async function check(request: string, expected: { statuses: number[][]; closed: boolean }) {
  const client = await RawClient.open(edge.viewerPort);
  client.socket.write(request, "latin1");
  await client.until(() => client.isClosed || client.statuses().length > 0);
  if (expected.closed) await client.closed();
  client.end();
  expect(expected.statuses, JSON.stringify(request.slice(0, 200))).toContainEqual(
    client.statuses(),
  );
}

test("events are taken, also below a viewer's token and from pages of other origins", async () => {
  await watched("one", "two", "three");
  const before = await edge.metric("live_cmcd_reports_total", 'mode="event"');
  const answer = await post(`${playing("one")}\n${playing("two")}`);
  expect([answer.status, await answer.text()]).toEqual([204, ""]);
  expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  const withParameter = await post(
    playing("three"),
    { "Content-Type": "Application/CMCD; charset=utf-8" },
    "/t/token.1/cmcd?x=1",
  );
  expect(withParameter.status).toBe(204);
  expect(await edge.metric("live_cmcd_reports_total", 'mode="event"')).toBe(before + 3);
  expect(await edge.metric("live_cmcd_sessions", 'state="playing"')).toBe(3);
  const preflight = await fetch(`${edge.viewerUrl}/cmcd`, { method: "OPTIONS" });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-headers")).toContain("Content-Type");
  expect(preflight.headers.get("access-control-allow-methods")).toContain("POST");
});

test("the CMCD of media requests is taken as it passes, and reaches no key of the cache", async () => {
  const segment = parent.segmentPath("300", 106);
  for (const path of [playlist, segment]) {
    const query = `CMCD=${encodeURIComponent(`bl=9000,br=300,mtp=2400,sid="q-${path.length}"`)}`;
    const fills = parent.countOf(path);
    for (const suffix of ["", "&a=b", "&_=2"]) {
      const answer = await fetch(`${edge.viewerUrl}${path}?${query}${suffix}`);
      expect(answer.status).toBe(200);
      await answer.arrayBuffer();
    }
    expect(parent.countOf(path) - fills).toBeLessThanOrEqual(1);
  }
  expect(await edge.metric("live_cmcd_reports_total", 'mode="query"')).toBe(2);
  expect(await edge.metric("live_cmcd_rung_sessions", 'rung="300"')).toBe(2);
  expect(await edge.metric("live_cmcd_rung_sessions", 'rung="750"')).toBe(0);
  expect(parent.requests.join()).not.toContain("CMCD");
  await fetch(`${edge.viewerUrl}/live/nobody/300/index.m3u8?CMCD=bl%3D1%2Csid%3D%22none%22`);
  expect(await edge.metric("live_cmcd_reports_total", 'mode="query"')).toBe(2);
});

test("what is not of this form is refused and its connection ended, whatever follows", async () => {
  const length = (count: number | string): string => `Content-Length: ${count}\r\n`;
  const cases: [string, number][] = [
    [`${type}${length(16_385)}\r\n`, 413],
    [`${type}${length("9".repeat(15))}\r\n`, 413],
    [`${type}\r\n`, 411],
    [`${type}${length(0)}\r\n`, 400],
    [`Content-Type: application/json\r\n${length(2)}\r\n{}`, 415],
    [`Content-Type: application/cmcdx\r\n${length(2)}\r\nab`, 415],
    [`${length(2)}\r\nab`, 415],
    [`${type}${length("+3")}\r\nabc`, 400],
    [`${type}${length("0x3")}\r\nabc`, 400],
    [`${type}${length("3, 3")}\r\nabc`, 400],
    [`${type}${length(3)}${length(3)}\r\nabc`, 400],
    [`${type}${length(3)}${length(smuggled.length)}\r\nabc`, 400],
    [`${type}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`, 400],
    [`${type}Transfer-Encoding: xchunked\r\n${length(3)}\r\nabc`, 400],
    [`${type}${length(3)}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
  ];
  for (const [rest, status] of cases) {
    const request = `POST /cmcd HTTP/1.1\r\n${host}${rest}${smuggled}`;
    // An answer of 505 is the engine stumbling over what is left: never the hidden request.
    await check(request, { statuses: [[], [status], [505], [400]], closed: true });
    const alone = `POST /cmcd HTTP/1.1\r\n${host}${rest}`;
    await check(alone, { statuses: [[], [status], [505], [400]], closed: true });
  }
  for (const path of ["/qoe", "/live/main/viewers", "/cmcd/", "/CMCD", "/"]) {
    const request = `POST ${path} HTTP/1.1\r\n${host}${type}${length(1)}\r\na${smuggled}`;
    await check(request, { statuses: [[], [404]], closed: true });
  }
  expect((await post(playing("after"))).status).toBe(204);
});

test("what follows a whole body is a request of its own, and answered as such", async () => {
  const body = playing("pipelined");
  const head = `POST /cmcd HTTP/1.1\r\n${host}${type}Content-Length: ${body.length}\r\n\r\n`;
  const client = await RawClient.say(edge.viewerPort, head + body + smuggled, 2);
  expect(client.statuses()).toEqual([204, 200]);
  client.end();
});

test("a body in small pieces is put together; one that stands still is cut off", async () => {
  const body = `${playing("slow")}\n${playing("slow")}`;
  const client = await RawClient.open(edge.viewerPort);
  client.socket.setNoDelay(true);
  client.socket.write(
    `POST /cmcd HTTP/1.1\r\n${host}${type}Content-Length: ${body.length}\r\n\r\n`,
  );
  for (const piece of body.match(/.{1,7}/gs)!) {
    await new Promise<void>((resolve) => client.socket.write(piece, () => resolve()));
  }
  await client.until(() => client.statuses().length > 0);
  expect(client.statuses()).toEqual([204]);
  client.end();

  const startMs = performance.now();
  const halted = await RawClient.open(edge.viewerPort);
  halted.socket.write(`POST /cmcd HTTP/1.1\r\n${host}${type}Content-Length: 900\r\n\r\nsid=`);
  await halted.closed();
  expect(halted.statuses()).toEqual([]);
  // The engine alone, and the stall wheel, would wait for 10.
  expect(performance.now() - startMs).toBeLessThan(4_000);
  expect(await edge.metric("live_edge_responses_in_flight")).toBe(0);
});

test("a body that comes a byte at a time is cut off after two seconds", async () => {
  const client = await RawClient.open(edge.viewerPort);
  const startMs = performance.now();
  client.socket.write(`POST /cmcd HTTP/1.1\r\n${host}${type}Content-Length: 900\r\n\r\n`);
  const drip = setInterval(() => client.socket.write("s"), 50);
  await client.closed();
  clearInterval(drip);
  expect(performance.now() - startMs).toBeGreaterThan(1_500);
  expect(performance.now() - startMs).toBeLessThan(4_000);
});

test("bodies on their way are few at a time; the oldest makes room for who comes then", async () => {
  const head = `POST /cmcd HTTP/1.1\r\n${host}${type}Content-Length: 900\r\n\r\nsid=`;
  const open = async () => {
    const client = await RawClient.open(edge.viewerPort);
    client.socket.write(head);
    return client;
  };
  const oldest = await open();
  await expect.poll(() => edge.metric("live_edge_responses_in_flight")).toBe(1);
  const halted = await Promise.all(Array.from({ length: 7 }, open));
  await expect.poll(() => edge.metric("live_edge_responses_in_flight")).toBe(8);
  const before = await refusedCount("too-slow");
  expect((await post(playing("nine"))).status).toBe(204);
  await oldest.closed();
  expect(halted.map((client) => client.isClosed)).not.toContain(true);
  expect(await refusedCount("too-slow")).toBe(before + 1);
  for (const client of halted) client.end();
  await expect.poll(() => edge.metric("live_edge_responses_in_flight")).toBe(0);
});

test("what a player says before its first playlist counts once it asks for that", async () => {
  const events = () => edge.metric("live_cmcd_reports_total", 'mode="event"');
  const before = await events();
  // Viewers without a name have their own places, of which there are not so many.
  const names = Array.from({ length: 8 }, (_, n) => `early-${n}`);
  for (const name of names) expect((await post(`sid="${name}",e=ps,sta=s`)).status).toBe(204);
  expect((await events()) - before).toBeLessThanOrEqual(2);
  await watched(...names.slice(0, 4));
  expect((await events()) - before).toBeGreaterThanOrEqual(4);
});

test("garbage, 10,000 lines and posts too often cost their sender an answer and nobody else", async () => {
  const garbage = Buffer.from(Array.from({ length: 16_384 }, (_, i) => (i * 7 + (i >> 3)) % 256));
  await watched("m", "often");
  const before = await refusedCount("no-session");
  expect((await post(garbage.toString("latin1").slice(0, 8_000))).status).toBe(400);
  expect((await post("((\n".repeat(5_000))).status).toBe(400);
  expect((await post('sid="m",e=t\n'.repeat(1_300))).status).toBe(204);
  expect(await refusedCount("no-session")).toBe(before + 2);
  const statuses: number[] = [];
  for (let n = 0; n < 12; n++) statuses.push((await post(playing("often"))).status);
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(3);
  expect(statuses.slice(0, 5)).toEqual([204, 204, 204, 204, 204]);
  expect((await fetch(edge.viewerUrl + playlist)).status).toBe(200);
});
