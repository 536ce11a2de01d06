/**
 * What no page does in a room, on a real edge: each time the honest viewers of the same cell go on as
 * if nobody else were there, and a counter says what happened.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { dropReasons, roomMessageBytesMax, type Signal } from "../../src/swarm/room-messages.ts";
import { dataChannelSdp } from "../../src/swarm/testing/sdp.ts";
import { opcode, RawWebSocket } from "../testing/raw-web-socket.ts";
import { RoomTestClient } from "../testing/room-client.ts";
import { startRoomEdge, type RoomEdge } from "../testing/room-edge.ts";
import { ScriptedParent } from "../testing/scripted-parent.ts";

/** As by default. */
const messageBurstMax = 100;
/** More than the edge gives back while they come. */
const tooMany = messageBurstMax + 30;
const honestCount = 5;
const own = "candidate:1 1 udp 1 127.0.0.1 5000 typ host";
const mdns = "candidate:1 1 udp 1 0ae9c5ac-8d4f-4e0e-9c1f-2f4a2f6f7d3c.local 5000 typ host";
/** The reason that accuses. */
const [accusing] = dropReasons;
const watching = JSON.stringify({ kind: "watch", rung: 300, share: "both" });

let room: RoomEdge;
let honest: RoomTestClient[];
const closers: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  room = await startRoomEdge();
  honest = await shareTogether(room, honestCount);
});

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await expectUndisturbed(room, honest);
});

afterAll(() => room.close());

/** Viewers of one cell, of whom the second has called the first. */
async function shareTogether(of: RoomEdge, count: number, rung = 300): Promise<RoomTestClient[]> {
  const viewers: RoomTestClient[] = [];
  for (let n = 0; n < count; n++) viewers.push(await of.share(rung));
  await viewers[1]!.next("dial", ({ peers }) => peers.includes(viewers[0]!.id));
  return viewers;
}

/** Who comes is heard by one of them, words of the edge arrive, and nobody has put them out. */
async function expectUndisturbed(of: RoomEdge, viewers: readonly RoomTestClient[]): Promise<void> {
  const caller = await of.share();
  const isTheirs = (peers: readonly string[]) => viewers.find(({ id }) => peers.includes(id));
  const { peers } = await caller.next("dial", (dial) => isTheirs(dial.peers) !== undefined);
  const called = isTheirs(peers)!;
  const signal: Signal = { type: "offer", sdp: dataChannelSdp() };
  caller.send({ kind: "signal", to: called.id, signal });
  await called.next("signal", ({ from }) => from === caller.id);
  caller.close();
  await caller.untilClosed();
  await expectInformed(of, viewers);
}

async function expectInformed(of: RoomEdge, viewers: readonly RoomTestClient[]): Promise<void> {
  of.parent.announce(of.parent.state === "live" ? "waiting" : "live");
  const { version } = of.parent;
  await Promise.all(
    viewers.map((viewer) => viewer.next("status", ({ status }) => status.version >= version)),
  );
  for (const viewer of viewers) {
    expect(viewer.closed).toBeUndefined();
    expect(viewer.all("cell").at(-1)?.size).not.toBeNull();
  }
}

async function enter(of: RoomEdge = room, path?: string): Promise<RoomTestClient> {
  const viewer = await of.enter(path === undefined ? {} : { path });
  closers.push(() => viewer.close());
  return viewer;
}

async function share(rung = 300): Promise<RoomTestClient> {
  const viewer = await room.share(rung);
  closers.push(() => viewer.close());
  return viewer;
}

async function ask(options: Parameters<typeof RawWebSocket.ask>[1] = {}): Promise<RawWebSocket> {
  const socket = await RawWebSocket.ask(room.edge.viewerPort, options);
  closers.push(() => socket.client.end());
  return socket;
}

type Counter = readonly [name: string, label: string];
const refusedFor = (reason: string): Counter => ["live_room_refused_total", `reason="${reason}"`];
const closedFor = (reason: string): Counter => ["live_room_closed_total", `reason="${reason}"`];
const closedForAny: Counter = ["live_room_closed_total", ""];
const refusedForAny: Counter = ["live_room_refused_total", ""];
const bans: Counter = ["live_swarm_bans_total", ""];
const refusedSignals: Counter = ["live_room_signals_total", 'outcome="refused"'];

/** By how much the counter rises while something is done. */
async function riseOf(counter: Counter, act: () => Promise<void>, of = room): Promise<number> {
  const before = await of.edge.metric(...counter);
  await act();
  return (await of.edge.metric(...counter)) - before;
}

/** Has viewers send as many messages as said, and waits until the edge has read them. */
async function untilRead(count: number, send: () => void): Promise<void> {
  const readCount = (): Promise<number> =>
    room.edge.metric("live_room_messages_total", 'direction="in"');
  const before = await readCount();
  send();
  await expect.poll(readCount).toBe(before + count);
}

const long = (bytes: number): string => watching.padEnd(bytes);
const report = JSON.stringify({
  kind: "report",
  report: {
    httpBytes: 0,
    peerBytes: 0,
    uploadedBytes: 0,
    refusedCount: 0,
    lateCount: 0,
    peerCount: 0,
  },
});

test.each<[string, string, (viewer: RoomTestClient) => void, number]>([
  ["a message too long", "malformed", (one) => one.sendRaw(long(roomMessageBytesMax + 1)), 1006],
  ["bytes", "malformed", (one) => one.sendRaw(Buffer.from(watching)), 1003],
  ["what is no JSON", "malformed", (one) => one.sendRaw("hello"), 1008],
  ["an unknown kind", "malformed", (one) => one.sendRaw('{"kind":"chat"}'), 1008],
  ["what the edge says", "malformed", (one) => one.sendRaw('{"kind":"gone","peer":"a"}'), 1008],
  ["too many messages", "budget", (one) => repeat(tooMany, () => one.sendRaw(report)), 1008],
])("who sends %s is put out", async (_, reason, attack, code) => {
  const rise = await riseOf(closedFor(reason), async () => {
    const viewer = await share();
    attack(viewer);
    expect((await viewer.untilClosed()).code).toBe(code);
  });
  expect(rise).toBe(1);
});

function repeat(count: number, act: () => void): void {
  for (let n = 0; n < count; n++) act();
}

test("the longest message is read, and so is the last of as many as may come at once", async () => {
  const viewer = await enter();
  repeat(messageBurstMax - 1, () => viewer.sendRaw(report));
  viewer.sendRaw(long(roomMessageBytesMax));
  await viewer.next("cell");
});

test.each<[string, string | undefined, (socket: RawWebSocket) => void]>([
  ["too many pings", "budget", (one) => repeat(tooMany, () => one.send(opcode.ping, ""))],
  ["pongs nobody asked for", "budget", (one) => repeat(tooMany, () => one.send(opcode.pong, ""))],
  ["text that is no UTF-8", "malformed", (one) => one.send(opcode.text, Buffer.from([0xff]))],
  ["too much in parts", "malformed", (one) => sendInParts(one, roomMessageBytesMax + 1)],
  ["a frame of no known kind", undefined, (one) => one.send(3, watching)],
  ["a part of nothing", undefined, (one) => one.send(opcode.continuation, watching)],
  ["too long a ping", undefined, (one) => one.send(opcode.ping, "x".repeat(126))],
])("who sends %s is put out", async (_, reason, attack) => {
  const rise = await riseOf(reason === undefined ? closedForAny : closedFor(reason), async () => {
    const socket = await ask();
    expect(socket.status).toBe(101);
    attack(socket);
    await socket.client.closed();
  });
  expect(rise).toBe(reason === undefined ? 0 : 1);
});

function sendInParts(socket: RawWebSocket, bytes: number): void {
  const text = long(bytes);
  socket.send(opcode.text, text.slice(0, 9_000), { isPart: true });
  socket.send(opcode.continuation, text.slice(9_000));
}

test("a message in parts, and a ping now and then, are as good as any", async () => {
  const socket = await ask();
  sendInParts(socket, roomMessageBytesMax);
  socket.send(opcode.ping, "are you there");
  await socket.client.until(() => socket.client.received.includes("are you there"));
  await socket.client.until(() => socket.client.received.includes('"kind":"cell"'));
});

type Ask = Parameters<typeof RawWebSocket.ask>[1];
const path = "/live/main/room";
const from = (origin: string): Ask => ({ headers: { origin } });

test.each<[string, Ask, number, Counter | undefined]>([
  ["a page of elsewhere", from("https://evil.example"), 403, refusedFor("origin")],
  ["a page of no origin", from("null"), 403, refusedFor("origin")],
  ["a page of another port", from("http://127.0.0.1"), 403, refusedFor("origin")],
  ["a session of other characters", { path: `${path}?sid=a%22b` }, 400, refusedFor("session")],
  ["a feed that is not here", { path: "/live/nobody/room" }, 404, undefined],
  ["a token of other characters", { path: `/t/a%20b${path}` }, 404, undefined],
  ["a token and a feed that is not here", { path: "/t/abc/live/nobody/room" }, 404, undefined],
  ["another path below a room", { path: `${path}/more` }, 404, undefined],
])("%s is not let in", async (_, options, status, counter) => {
  const rise = await riseOf(counter ?? refusedForAny, async () => {
    const socket = await ask(options);
    expect(socket.status).toBe(status);
    expect(await room.edge.metric("live_room_sockets")).toBe(honestCount);
  });
  expect(rise).toBe(counter === undefined ? 0 : 1);
});

test("a page of this edge is let in, a viewer with a session, and one with a token", async () => {
  const origin = room.edge.viewerUrl;
  for (const options of [
    from(origin),
    { path: `${path}?sid=abc` },
    { path: `/t/abc.DEF-1_2${path}` },
    { path: `/t/abc${path}?sid=abc` },
  ]) {
    expect((await ask(options)).status).toBe(101);
  }
  await expect.poll(() => room.edge.metric("live_room_sockets")).toBe(honestCount + 4);
});

test("when the room is full newcomers are told to come again, until somebody leaves", async () => {
  const full = await startRoomEdge({ room: { socketCountMax: 2 } });
  closers.push(() => full.close());
  const viewers = await shareTogether(full, 2);
  const rise = await riseOf(
    refusedFor("full"),
    async () => {
      const { client, status } = await RawWebSocket.ask(full.edge.viewerPort);
      expect(status).toBe(503);
      expect(client.received).toMatch(/\r\nRetry-After: \d+\r\n/);
      client.end();
    },
    full,
  );
  expect(rise).toBe(1);
  await expectInformed(full, viewers);
  viewers[1]!.close();
  await expect.poll(() => full.edge.metric("live_room_sockets")).toBe(1);
  await enter(full);
});

/** Two of one cell, of whom the first was called by the second, away from the honest ones. */
async function pair(): Promise<{ called: RoomTestClient; caller: RoomTestClient }> {
  const called = await share(750);
  const caller = await share(750);
  await caller.next("dial", ({ peers }) => peers.includes(called.id));
  return { called, caller };
}

const trickled = (candidate: string): Signal => ({ type: "candidate", candidate, mid: "0" });
const end = trickled("");

/** What comes to `called` of these signals, before one that certainly comes. */
async function relayed(
  { called, caller }: { called: RoomTestClient; caller: RoomTestClient },
  signals: readonly Signal[],
): Promise<Signal[]> {
  const before = called.all("signal").length;
  for (const signal of signals) caller.send({ kind: "signal", to: called.id, signal });
  caller.send({ kind: "signal", to: called.id, signal: end });
  await called.until(() => called.all("signal").slice(before).some(isEnd));
  const come = called.all("signal").slice(before);
  expect(new Set(come.map(({ from }) => from))).toEqual(new Set([caller.id]));
  return come.slice(0, -1).map(({ signal }) => signal);
}

function isEnd({ signal }: { signal: Signal }): boolean {
  return signal.type === "candidate" && signal.candidate === "";
}

test.each<[string, string, string | undefined]>([
  ["of the sender's own address", own, own],
  ["of a name in its network", mdns, mdns],
  ["of a private network", own.replace("127.0.0.1", "192.168.1.5"), undefined],
  ["of somebody else", own.replace("127.0.0.1", "203.0.113.7"), undefined],
  ["of a name on the web", own.replace("127.0.0.1", "evil.example"), undefined],
  ["of a relay that nobody configured", own.replace("host", "relay"), undefined],
])(
  "a candidate %s is passed on if it may be, alone and in a description",
  async (_, sent, come) => {
    const two = await pair();
    const rise = await riseOf(refusedSignals, async () => {
      const [first] = await relayed(two, [trickled(sent)]);
      expect(first).toEqual(come === undefined ? undefined : trickled(come));
    });
    expect(rise).toBe(come === undefined ? 1 : 0);
    const [offer] = await relayed(two, [{ type: "offer", sdp: dataChannelSdp([sent]) }]);
    const lines = offer?.type === "offer" ? offer.sdp.match(/^a=candidate.*$/gm) : [];
    expect(lines).toEqual(come === undefined ? null : [`a=${come}`]);
  },
);

test("ten candidates a peer are passed on, whatever descriptions come between them", async () => {
  const { called, caller } = await pair();
  const candidates = Array.from({ length: 7 }, (_, n) => own.replace(":1 ", `:${n} `));
  const offer: Signal = { type: "offer", sdp: dataChannelSdp(candidates) };
  const plain: Signal = { type: "offer", sdp: dataChannelSdp() };
  const more = candidates.map(trickled);
  const rise = await riseOf(refusedSignals, async () => {
    const come = await relayed({ called, caller }, [offer, ...more, plain, offer, ...more]);
    const kinds = come.map(({ type }) => type);
    expect(kinds).toEqual(["offer", "candidate", "candidate", "candidate"]);
  });
  expect(rise).toBe(4 + 1 + 1 + 7);
  // What the other sends back is counted for itself.
  const back = await relayed({ called: caller, caller: called }, more);
  expect(back).toHaveLength(7);
});

test("a signal goes to nobody but whom the room has called with its sender", async () => {
  const stranger = await enter();
  const elsewhere = await share(750);
  const signal = trickled(own);
  const targets = [...honest.map(({ id }) => id), "nobody", "x".repeat(32)];
  const before = honest.map((viewer) => viewer.all("signal").length);
  const rise = await riseOf(refusedSignals, () =>
    untilRead(2 * (targets.length + 1), () => {
      for (const sender of [stranger, elsewhere]) {
        for (const to of [...targets, sender.id]) sender.send({ kind: "signal", to, signal });
      }
    }),
  );
  expect(rise).toBe(2 * (targets.length + 1));
  expect(honest.map((viewer) => viewer.all("signal").length)).toEqual(before);
  expect(elsewhere.all("signal")).toEqual([]);
});

test("a signal is from whom its socket belongs to, whatever it says", async () => {
  const { called, caller } = await pair();
  const forged = { from: honest[0]!.id, id: honest[0]!.id, sender: honest[0]!.id };
  const signal = { ...trickled(own), ...forged };
  caller.sendRaw(JSON.stringify({ kind: "signal", ...forged, to: called.id, signal }));
  const come = await called.next("signal");
  expect(come).toEqual({ kind: "signal", from: caller.id, signal: trickled(own) });
});

test("ids are the edge's to give: no session, header or message brings one or keeps one", async () => {
  const first = await enter(room, `${path}?sid=${honest[0]!.id}`);
  const second = await enter(room, `${path}?sid=${honest[0]!.id}`);
  const ids = [first, second, ...honest].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  first.sendRaw(JSON.stringify({ kind: "watch", rung: 750, share: "both", id: second.id }));
  await first.next("cell");
  expect(second.all("cell")).toEqual([]);
});

test("whoever has never met the accused accuses in vain", async () => {
  const accusers = await Promise.all([share(750), share(750), enter(), enter()]);
  const accusations = accusers.flatMap((accuser) =>
    [...honest, accuser, { id: "nobody" }].flatMap(({ id }) =>
      dropReasons.map((reason) => ({ accuser, accusation: { peer: id, reason } })),
    ),
  );
  const rise = await riseOf(bans, () =>
    untilRead(accusations.length, () => {
      for (const { accuser, accusation } of accusations) {
        accuser.send({ kind: "dropped", ...accusation });
      }
    }),
  );
  expect(rise).toBe(0);
});

test("two who have met a peer shut it out: it loses its peers, and what it says to them", async () => {
  const viewers = await shareTogether(room, 5, 750);
  for (const viewer of viewers) closers.push(() => viewer.close());
  const [accused, ...others] = viewers as [RoomTestClient, ...RoomTestClient[]];
  const met = others.filter((one) => one.all("dial").some((it) => it.peers.includes(accused.id)));
  for (const caller of met) {
    await relayed({ called: accused, caller }, [{ type: "offer", sdp: dataChannelSdp() }]);
    const back = { called: caller, caller: accused };
    await relayed(back, [{ type: "answer", sdp: dataChannelSdp() }]);
  }
  const [one, two, witness] = met as [RoomTestClient, RoomTestClient, RoomTestClient];
  const rise = await riseOf(bans, async () => {
    for (const accuser of [one, two]) {
      accuser.send({ kind: "dropped", peer: accused.id, reason: accusing });
    }
    await accused.next("cell", ({ size }) => size === null);
    await witness.next("gone", ({ peer }) => peer === accused.id);
  });
  expect(rise).toBe(1);
  const heard = witness.all("signal").length;
  accused.send({ kind: "signal", to: witness.id, signal: trickled(own) });
  accused.send({ kind: "watch", rung: 150, share: "both" });
  accused.sendRaw("its last words");
  expect((await accused.untilClosed()).code).toBe(1008);
  expect(accused.all("cell").at(-1)).toEqual({ kind: "cell", size: null });
  expect(witness.all("signal")).toHaveLength(heard);
});

test("who does not read what is sent to it is put out before it costs much", async () => {
  // Long words of the edge: no viewer can have another told so much.
  const long = "\u4e00".repeat(256);
  const server = { url: `turn:${"x".repeat(240)}`, username: long, credential: long };
  const busy = await startRoomEdge({
    room: { backlogBytesMax: 16_384 },
    swarm: { mode: "on", iceServers: [server, server, server, server] },
  });
  closers.push(() => busy.close());
  const viewers = await shareTogether(busy, 2);
  const lazy = await RawWebSocket.ask(busy.edge.viewerPort);
  closers.push(() => lazy.client.end());
  lazy.client.socket.pause();
  const isOut = (): Promise<number> => busy.edge.metric(...closedFor("backlog"));
  // What the kernel holds for it comes first: a few megabytes.
  for (let batch = 0; batch < 100 && (await isOut()) === 0; batch++) {
    for (let turn = 0; turn < 20; turn++) {
      await setMode(busy, "off");
      await setMode(busy, "on");
    }
  }
  expect(await isOut()).toBe(1);
  expect(await busy.edge.metric("live_room_sockets")).toBe(2);
  expect(viewers.map(({ closed }) => closed)).toEqual([undefined, undefined]);
});

async function setMode({ edge }: RoomEdge, mode: "off" | "on"): Promise<void> {
  const token = readFileSync(join(edge.stateDir, "admin-token"), "utf8").trim();
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const body = JSON.stringify({ mode });
  const response = await fetch(`${edge.adminUrl}/api/swarm`, { method: "POST", headers, body });
  expect(response.status).toBe(200);
}

test("an edge that is told to end tells its viewers to come back elsewhere", async () => {
  const stateDir = mkdtempSync(join(tmpdir(), "fullhouse-room-end-"));
  const parent = await ScriptedParent.start();
  closers.push(() => parent.stop());
  closers.push(() => rmSync(stateDir, { recursive: true, force: true }));
  const settings = {
    parents: JSON.stringify([parent.url]),
    "viewer.listen": "127.0.0.1:0",
    "admin.listen": "127.0.0.1:0",
    "node.name": "ending",
    "node.logLevel": "error",
    "swarm.mode": "on",
    stateDir,
  };
  const sets = Object.entries(settings).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
  const launcher = resolve(import.meta.dirname, "../../bin/fullhouse.mjs");
  const child = spawn(process.execPath, [launcher, "edge", ...sets], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  closers.push(() => void child.kill("SIGKILL"));
  const [{ ready }] = (await once(child, "message")) as [{ ready: { viewer: number } }];
  const url = `http://127.0.0.1:${ready.viewer}`;
  const viewers = await Promise.all(Array.from({ length: 20 }, () => RoomTestClient.enter(url)));
  for (const viewer of viewers) viewer.send({ kind: "watch", rung: 300, share: "both" });
  await Promise.all(viewers.map((viewer) => viewer.next("cell")));
  child.kill("SIGTERM");
  const ends = await Promise.all(viewers.map((viewer) => viewer.untilClosed()));
  expect(new Set(ends.map(({ code }) => code))).toEqual(new Set([1012]));
  const [code] = (await once(child, "exit")) as [number];
  expect(code).toBe(0);
});
