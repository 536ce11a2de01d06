/** POST /qoe over real sockets: what is taken, what is refused, and what metrics then say. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { RawClient } from "../testing/raw-client.ts";
import { ScriptedParent } from "../testing/scripted-parent.ts";
import { startRelay, type TestRelay } from "../testing/test-edge.ts";
import { beacon } from "./testing/beacon.ts";

let parent: ScriptedParent;
let edge: TestRelay;

beforeAll(async () => {
  parent = await ScriptedParent.start();
  edge = await startRelay({ parents: [parent.url] });
});

afterAll(async () => {
  await edge.close();
  await parent.stop();
});

function post(body: string, { type = "application/json", path = "/qoe" } = {}) {
  const headers = { "Content-Type": type };
  return fetch(edge.viewerUrl + path, { method: "POST", headers, body });
}

/** A session that fetches a playlist and says that it plays, as our page does. */
async function watch(sid: string): Promise<void> {
  const query = `CMCD=${encodeURIComponent(`bl=9000,sid="${sid}"`)}`;
  const answer = await fetch(`${edge.viewerUrl}/live/main/300/index.m3u8?${query}`);
  expect(answer.status).toBe(200);
  await answer.arrayBuffer();
}

const refusedCount = (reason: string) => edge.metric("live_qoe_refused_total", `"${reason}"`);

test("a watching page's beacon is taken, also below a token, and stands in the metrics", async () => {
  await watch("page-1");
  const short = { playedMs: 1_500, mediaBytes: 50_000, framesShown: 45, startupMs: 640 };
  const answer = await post(JSON.stringify(beacon({ sid: "page-1", ...short })));
  expect([answer.status, await answer.text()]).toEqual([204, ""]);
  expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  const next = beacon({ sid: "page-1", playedMs: 0, mediaBytes: 0, framesShown: 0, stalls: 1 });
  const again = await post(JSON.stringify(next), {
    type: "Application/JSON; charset=utf-8",
    path: "/t/token.1/qoe",
  });
  expect(again.status).toBe(204);
  expect(await edge.metric("live_qoe_beacons_total")).toBe(2);
  expect(await edge.metric("live_qoe_play_seconds_total")).toBe(1.5);
  expect(await edge.metric("live_qoe_stalls_total")).toBe(1);
  expect(await edge.metric("live_qoe_received_bytes_total", 'from="edge"')).toBe(800_000);
  expect(await edge.metric("live_qoe_startup_seconds_sum")).toBe(0.64);
  expect(await edge.metric("live_qoe_sessions", 'face="live"')).toBe(1);
});

test("a beacon of nobody who watches may come again; one that lies may not", async () => {
  expect((await post(JSON.stringify(beacon({ sid: "nobody" })))).status).toBe(429);
  expect(await refusedCount("no-session")).toBe(1);
  await watch("page-2");
  const lie = beacon({ sid: "page-2", playedMs: 60_000 });
  expect((await post(JSON.stringify(lie))).status).toBe(400);
  expect(await refusedCount("implausible")).toBe(1);
  expect((await post("{}")).status).toBe(400);
  expect(await refusedCount("malformed")).toBe(1);
});

test("other types, longer bodies and other methods are refused, and the edge goes on", async () => {
  expect((await post("{}", { type: "text/plain" })).status).toBe(415);
  expect((await post(`"${"a".repeat(2_047)}"`)).status).toBe(413);
  expect(await refusedCount("too-large")).toBe(1);
  expect((await fetch(`${edge.viewerUrl}/qoe`)).status).toBe(404);
  const client = await RawClient.open(edge.viewerPort);
  client.socket.write("POST /qoe HTTP/1.1\r\nHost: edge\r\nContent-Type: application/json\r\n\r\n");
  await client.closed();
  expect(client.statuses()).toEqual([411]);
  expect((await fetch(`${edge.viewerUrl}/live/main/status.json`)).status).toBe(200);
});
