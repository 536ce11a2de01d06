/** What a room of a real edge lets viewers do, from both sides of each bound. */
import { afterEach, expect, test } from "vitest";
import { dataChannelSdp } from "../../src/swarm/testing/sdp.ts";
import type { Signal } from "../../src/swarm/room-messages.ts";
import { RawClient } from "../testing/raw-client.ts";
import { RawWebSocket } from "../testing/raw-web-socket.ts";
import { startRoomEdge, type RoomEdge } from "../testing/room-edge.ts";
import type { RoomTestClient } from "../testing/room-client.ts";

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(values: Record<string, unknown> = {}): Promise<RoomEdge> {
  const room = await startRoomEdge(values);
  closers.push(() => room.close());
  return room;
}

async function ask(room: RoomEdge, headers: Record<string, string> = {}): Promise<RawWebSocket> {
  const socket = await RawWebSocket.ask(room.edge.viewerPort, { headers });
  closers.push(() => socket.client.end());
  return socket;
}

/** Two of one cell: the second was told to call the first. */
async function pair(room: RoomEdge): Promise<{ called: RoomTestClient; caller: RoomTestClient }> {
  const called = await room.share();
  const caller = await room.share();
  await caller.next("dial", ({ peers }) => peers.includes(called.id));
  return { called, caller };
}

let described = 0;
const describe = (type: "offer" | "answer"): Signal => {
  described += 1;
  const sdp = dataChannelSdp().replace("2338552281355644268", String(described));
  return { type, sdp };
};
const candidate = (port: number, address: string): Signal => ({
  type: "candidate",
  candidate: `candidate:1 1 udp 1 ${address} ${port} typ host`,
  mid: "0",
});

function say(from: RoomTestClient, to: RoomTestClient, signal: Signal): void {
  from.send({ kind: "signal", to: to.id, signal });
}

/** Signals that came, after all that was sent before has been dealt with. */
async function heard(room: RoomEdge, by: RoomTestClient, from: RoomTestClient): Promise<Signal[]> {
  const { relayed, refused } = await signalCounts(room, from);
  expect(relayed + refused).toBeGreaterThan(0);
  await by.until(() => by.all("signal").length >= relayed);
  return by.all("signal").map(({ signal }) => signal);
}

/** The counters when the edge has taken all that the viewer sent. */
async function signalCounts(room: RoomEdge, from: RoomTestClient) {
  // It is answered after all that was sent before it.
  from.send({ kind: "watch", rung: null, share: "nothing" });
  await from.next("cell", ({ size }) => size === null);
  const count = (outcome: string) =>
    room.edge.metric("live_room_signals_total", `outcome="${outcome}"`);
  return { relayed: await count("relayed"), refused: await count("refused") };
}

test("sockets of the room take no places of media, nor do media of theirs", async () => {
  const room = await start({
    viewer: { listen: "127.0.0.1:0", connectionCountMax: 20 },
    room: { socketCountMax: 40 },
  });
  const sockets: RawWebSocket[] = [];
  for (let count = 0; count < 40; count++) sockets.push(await ask(room));
  expect(sockets.map(({ status }) => status)).toEqual(new Array(40).fill(101));
  const playlist = await fetch(`${room.edge.viewerUrl}/live/main/300/index.m3u8`);
  expect(playlist.status).toBe(200);
  expect((await ask(room)).status).toBe(503);
  const held = await Promise.all(
    Array.from({ length: 15 }, () => RawClient.open(room.edge.viewerPort)),
  );
  for (const client of held) closers.push(() => client.end());
  expect(await room.edge.metric("live_edge_connections")).toBeLessThanOrEqual(20);
  expect(await room.edge.metric("live_room_sockets")).toBe(40);
  sockets[0]!.client.end();
  await expect.poll(() => room.edge.metric("live_room_sockets")).toBe(39);
  expect((await ask(room)).status).toBe(101);
});

test("an address has so many sockets; which one that is a proxy says if it is trusted", async () => {
  const settings = { room: { addressSocketCountMax: 2 } };
  const direct = await start(settings);
  const of = (address: string) => ({ "x-forwarded-for": address });
  expect((await ask(direct, of("203.0.113.1"))).status).toBe(101);
  expect((await ask(direct, of("203.0.113.2"))).status).toBe(101);
  expect((await ask(direct, of("203.0.113.3"))).status).toBe(503);
  expect(await direct.edge.metric("live_room_refused_total", 'reason="address"')).toBe(1);

  const trustedProxies = ["127.0.0.0/8"];
  const behind = await start({
    ...settings,
    viewer: { listen: "127.0.0.1:0", trustedProxies },
  });
  const statuses: (number | undefined)[] = [];
  for (const address of ["203.0.113.1", "203.0.113.1", "203.0.113.1", "203.0.113.2"]) {
    statuses.push((await ask(behind, of(`198.51.100.9, ${address}`))).status);
  }
  expect(statuses).toEqual([101, 101, 503, 101]);
});

test("a candidate passes when it has the address that a trusted proxy named, not the proxy's", async () => {
  const room = await start({
    viewer: { listen: "127.0.0.1:0", trustedProxies: ["127.0.0.1"] },
  });
  const forwarded = { "x-forwarded-for": "203.0.113.9" };
  const called = await room.share();
  const caller = await room.enter({ headers: forwarded });
  caller.send({ kind: "watch", rung: 300, share: "both" });
  await caller.next("dial", ({ peers }) => peers.includes(called.id));
  say(caller, called, describe("offer"));
  say(caller, called, candidate(5_000, "127.0.0.1"));
  say(caller, called, candidate(5_001, "203.0.113.9"));
  const signals = await heard(room, called, caller);
  expect(signals.map(({ type }) => type)).toEqual(["offer", "candidate"]);
  expect(signals[1]).toEqual(candidate(5_001, "203.0.113.9"));
});

test("a relayed candidate passes with an address of the configured TURN servers, and no other", async () => {
  const turn = { url: "turn:198.51.100.7:3478", username: "u", credential: "c" };
  const room = await start({
    swarm: { mode: "on", iceServers: [turn], turnRelayAddresses: ["198.51.100.16/28"] },
  });
  const { called, caller } = await pair(room);
  say(caller, called, describe("offer"));
  const relayed = (address: string): Signal => ({
    type: "candidate",
    candidate: `candidate:1 1 udp 1 ${address} 5000 typ relay raddr 0.0.0.0 rport 0`,
    mid: "0",
  });
  const addresses = ["198.51.100.8", "198.51.100.7", "203.0.113.9", "198.51.100.20", "127.0.0.1"];
  for (const address of addresses) say(caller, called, relayed(address));
  const signals = await heard(room, called, caller);
  expect(signals.slice(1)).toEqual([relayed("198.51.100.7"), relayed("198.51.100.20")]);
  expect((await signalCounts(room, caller)).refused).toBe(3);
});

test("the one who was told to call offers, once, and has ten candidates in all", async () => {
  const room = await start();
  const { called, caller } = await pair(room);
  say(called, caller, describe("offer"));
  say(called, caller, describe("answer"));
  for (let count = 0; count < 30; count++) {
    say(caller, called, describe("offer"));
    for (let port = 1; port <= 2; port++) say(caller, called, candidate(port, "127.0.0.1"));
  }
  const signals = await heard(room, called, caller);
  expect(signals.filter(({ type }) => type === "offer")).toHaveLength(1);
  expect(signals.filter(({ type }) => type === "candidate")).toHaveLength(10);
  expect(caller.all("signal")).toEqual([]);
});

test("the one who was called answers what it was offered, once", async () => {
  const room = await start();
  const { called, caller } = await pair(room);
  say(caller, called, describe("offer"));
  await called.next("signal");
  say(called, caller, describe("answer"));
  say(called, caller, describe("answer"));
  say(called, caller, candidate(5_000, "127.0.0.1"));
  await caller.next("signal", ({ signal }) => signal.type === "candidate");
  const signals = caller.all("signal").map(({ signal }) => signal.type);
  expect(signals).toEqual(["answer", "candidate"]);
  expect((await signalCounts(room, called)).refused).toBe(1);
});

test("past what all viewers may have relayed, signals are left out and counted", async () => {
  const room = await start({ room: { signalsPerSecMax: 10 } });
  const others = [await room.share(), await room.share(), await room.share()];
  const caller = await room.share();
  await caller.next("dial", ({ peers }) => others.every(({ id }) => peers.includes(id)));
  for (const other of others) {
    say(caller, other, describe("offer"));
    for (let port = 1; port <= 10; port++) say(caller, other, candidate(port, "127.0.0.1"));
  }
  const { relayed, refused } = await signalCounts(room, caller);
  const dropped = await room.edge.metric("live_room_signals_total", 'outcome="dropped"');
  expect(dropped).toBeGreaterThan(0);
  expect({ all: relayed + dropped, refused }).toEqual({ all: 33, refused: 0 });
  // Two seconds' worth at once.
  expect(relayed).toBeGreaterThanOrEqual(20);
  // Who comes now waits until there is something left to call with.
  expect((await room.share()).all("cell")).toHaveLength(1);
});

test("what a viewer says of media is believed no further than its rung and its peers go", async () => {
  const room = await start();
  const alone = await room.share(750);
  const report = {
    httpBytes: 0,
    peerBytes: 1e12,
    uploadedBytes: 1e12,
    refusedCount: 1e6,
    lateCount: 1e6,
    peerCount: 9,
  };
  alone.send({ kind: "report", report });
  alone.send({ kind: "watch", rung: null, share: "nothing" });
  await alone.next("cell", ({ size }) => size === null);
  const received = () => room.edge.metric("live_swarm_received_bytes_total", 'from="peers"');
  expect(await received()).toBe(0);
  expect(await room.edge.metric("live_swarm_uploaded_bytes_total")).toBe(0);
  const { called } = await pair(room);
  called.send({ kind: "report", report });
  called.send({ kind: "watch", rung: null, share: "nothing" });
  await called.next("cell", ({ size }) => size === null);
  const believed = await received();
  expect(believed).toBeGreaterThan(0);
  // Twenty seconds of its rung with its peaks, and the few that have passed.
  expect(believed).toBeLessThan((300_000 / 8) * 1.5 * 30);
});

test("an edge that ends lets nobody in, and says over how long its viewers may come to others", async () => {
  const room = await startRoomEdge({ room: { joinsPerSecMax: 1 } });
  const viewers = [await room.enter(), await room.enter(), await room.enter(), await room.enter()];
  const closed = Promise.all(viewers.map((viewer) => viewer.untilClosed()));
  await room.close();
  expect(await closed).toEqual(
    new Array(4).fill({ code: 1012, reason: "come again within 4000 ms" }),
  );
});
