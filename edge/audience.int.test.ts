/** Who is counted at a real edge, where viewers are in the room, or fetch playlists, or both. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { RawClient } from "./testing/raw-client.ts";
import { RawWebSocket } from "./testing/raw-web-socket.ts";
import { startRoomEdge, type RoomEdge } from "./testing/room-edge.ts";

let room: RoomEdge;
const clients: RawClient[] = [];

beforeEach(async () => {
  room = await startRoomEdge();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.end();
  await room.close();
});

async function enter(sid: string, count = 1): Promise<RawWebSocket[]> {
  const path = `/live/main/room${sid === "" ? "" : `?sid=${sid}`}`;
  const ask = (): Promise<RawWebSocket> => RawWebSocket.ask(room.edge.viewerPort, { path });
  const opened = await Promise.all(Array.from({ length: count }, ask));
  expect(new Set(opened.map(({ status }) => status))).toEqual(new Set([101]));
  clients.push(...opened.map(({ client }) => client));
  return opened;
}

/** Over one connection for all of these sessions, which stays open. */
async function fetchPlaylists(...sids: string[]): Promise<void> {
  const client = await RawClient.open(room.edge.viewerPort);
  clients.push(client);
  for (const [n, sid] of sids.entries()) {
    const query = `CMCD=${encodeURIComponent(`ot=m,sid="${sid}"`)}`;
    client.socket.write(`GET /live/main/300/index.m3u8?${query} HTTP/1.1\r\nHost: edge\r\n\r\n`);
    await client.until(() => client.isClosed || client.statuses().length > n);
  }
  expect(client.statuses()).toEqual(sids.map(() => 200));
}

const viewers = (): Promise<number> => room.edge.metric("live_edge_viewers");

test("a viewer counts once: in the room, by requests, by both, and with several sockets", async () => {
  await enter("in-room");
  await enter("in-both");
  await enter("", 3);
  await enter("again-and-again", 4);
  expect(await viewers()).toBe(1 + 1 + 3 + 1);
  await fetchPlaylists("in-both", "in-both");
  await fetchPlaylists("only-fetches");
  expect(await viewers()).toBe(7);
});

test("whoever leaves the room and goes on fetching is still one, and so is who comes to it later", async () => {
  const [socket] = await enter("a");
  await fetchPlaylists("a");
  await fetchPlaylists("b");
  expect(await viewers()).toBe(2);
  socket!.client.end();
  await expect.poll(() => room.edge.metric("live_room_sockets")).toBe(0);
  expect(await viewers()).toBe(2);
  await enter("b");
  await enter("a", 2);
  expect(await viewers()).toBe(2);
});

test("a few hundred sockets of one address are as many viewers, but lend requests no names", async () => {
  await enter("", 300);
  expect(await viewers()).toBe(300);
  // One connection is one more viewer at the most: those of the room carry no requests.
  await fetchPlaylists(...Array.from({ length: 40 }, (_, n) => `made-up-${n}`));
  expect(await viewers()).toBe(301);
});
