import { beforeEach, expect, test } from "vitest";
import type { FeedStatus } from "../hls/status.ts";
import type { RoomSocketEvents } from "./client-ports.ts";
import { swarmOff } from "./policy.ts";
import { reconnectDelayMs, RoomClient, type RoomEvent } from "./room-client.ts";
import type { RoomMessage, ViewerMessage } from "./room-messages.ts";
import { ManualClock } from "./testing/manual-clock.ts";

interface Socket extends RoomSocketEvents {
  sent: ViewerMessage[];
  isClosed: boolean;
  say(message: RoomMessage): void;
}

let clock: ManualClock;
let sockets: Socket[];
let room: RoomClient;
let events: RoomEvent[];

beforeEach(() => {
  clock = new ManualClock();
  sockets = [];
  events = [];
  room = new RoomClient({
    ports: clock,
    open: (handlers) => {
      const socket: Socket = {
        ...handlers,
        sent: [],
        isClosed: false,
        say: (message) => handlers.message(JSON.stringify(message)),
      };
      sockets.push(socket);
      return {
        send: (text) => socket.sent.push(JSON.parse(text) as ViewerMessage),
        close: () => (socket.isClosed = true),
      };
    },
  });
  room.listen((event) => events.push(event));
});

const status: FeedStatus = {
  version: 7,
  state: "live",
  sinceUnixMs: 1,
  lastSegmentUnixMs: 2,
  nowUnixMs: 3,
  viewers: 4,
  p2p: "on",
  ladderVersion: 1,
};
const welcome = { kind: "welcome", id: "me", status, policy: swarmOff } as const;

function connect(): Socket {
  room.open();
  const socket = sockets.at(-1)!;
  socket.say(welcome);
  return socket;
}

test("the welcome makes it connected, and tells status and policy", () => {
  connect();
  expect(room).toMatchObject({ isConnected: true, id: "me", policy: swarmOff });
  expect(events).toEqual([{ kind: "connected" }, welcome]);
});

test("what is watched is said once, and again after a reconnect", () => {
  room.watch(300, "both");
  const first = connect();
  room.watch(300, "both");
  expect(first.sent).toEqual([{ kind: "watch", rung: 300, share: "both" }]);
  first.closed();
  expect(room.isConnected).toBe(false);
  clock.pass(2_000);
  sockets[1]!.say({ ...welcome, id: "me2" });
  expect(sockets[1]!.sent).toEqual([{ kind: "watch", rung: 300, share: "both" }]);
  expect(room.id).toBe("me2");
});

test("after a good connection it is back within two seconds; each failure doubles the bound", () => {
  expect(reconnectDelayMs(0, 0)).toBe(0);
  expect(reconnectDelayMs(0, 0.999)).toBeLessThan(2_000);
  const bounds = [1, 2, 3, 4, 5, 6, 100].map((failures) => reconnectDelayMs(failures, 1));
  expect(bounds).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

/** Passes time until the next socket is opened; how long that took. */
function untilNextSocket(): number {
  const count = sockets.length;
  const startMs = clock.nowMs();
  while (sockets.length === count) clock.pass(100);
  return clock.nowMs() - startMs;
}

test("it tries for ever, ever more slowly, and starts afresh after a good connection", () => {
  clock.randomRatio = 0.999;
  room.open();
  const waitsMs = Array.from({ length: 8 }, () => {
    sockets.at(-1)!.closed();
    return untilNextSocket();
  });
  expect(waitsMs).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000]);
  sockets.at(-1)!.say(welcome);
  clock.pass(6_000);
  sockets.at(-1)!.closed();
  expect(untilNextSocket()).toBe(2_000);
});

test("a socket without a welcome, and one that has fallen silent, are given up", () => {
  room.open();
  clock.pass(9_999);
  expect(sockets[0]!.isClosed).toBe(false);
  clock.pass(1);
  expect(sockets[0]!.isClosed).toBe(true);
  untilNextSocket();
  const second = sockets[1]!;
  second.say(welcome);
  clock.pass(40_000);
  second.say({ kind: "status", status });
  clock.pass(44_999);
  expect(room.isConnected).toBe(true);
  clock.pass(1);
  expect(second.isClosed).toBe(true);
  expect(events.at(-1)).toEqual({ kind: "disconnected" });
});

test("nothing is tried without a network, and soon when it is back", () => {
  const first = connect();
  room.goOffline();
  expect(first.isClosed).toBe(true);
  clock.pass(120_000);
  expect(sockets).toHaveLength(1);
  room.goOnline();
  clock.pass(2_000);
  expect(sockets).toHaveLength(2);
});

test("what a given-up socket says late is not heard", () => {
  const first = connect();
  room.close();
  events = [];
  first.say({ kind: "status", status: { ...status, version: 8 } });
  first.closed();
  clock.pass(120_000);
  expect(events).toEqual([]);
  expect(sockets).toHaveLength(1);
});

test("what is not understood is passed over", () => {
  const socket = connect();
  socket.message("nonsense");
  socket.message('{"kind":"of-tomorrow"}');
  expect(room.isConnected).toBe(true);
  expect(events).toHaveLength(2);
});

test("outgoing messages are bounded in number and length, but for what is watched", () => {
  const socket = connect();
  const dropped = { kind: "dropped", peer: "a", reason: "slow" } as const;
  const results = Array.from({ length: 200 }, () => room.send(dropped));
  expect(results.filter((isSent) => isSent)).toHaveLength(120);
  room.watch(450, "take");
  expect(socket.sent.at(-1)).toMatchObject({ kind: "watch", rung: 450 });
  clock.pass(10_001);
  expect(room.send(dropped)).toBe(true);
  const sdp = "x".repeat(17_000);
  expect(room.send({ kind: "signal", to: "a", signal: { type: "offer", sdp } })).toBe(false);
});

test("however many calls are answered, what else there is to say gets through", () => {
  connect();
  const answer = { type: "answer", sdp: "v=0" } as const;
  const sent = Array.from({ length: 500 }, () =>
    room.send({ kind: "signal", to: "a", signal: answer }),
  );
  expect(sent.filter((isSent) => isSent)).toHaveLength(100);
  const dropped = { kind: "dropped", peer: "a", reason: "slow" } as const;
  const others = Array.from({ length: 50 }, () => room.send(dropped));
  expect(others.filter((isSent) => isSent)).toHaveLength(20);
});

test("an edge that ends says over how long its viewers may spread their return", () => {
  for (const [randomRatio, delayMs] of [
    [0, 0],
    [0.5, 15_000],
    [0.99, 29_700],
  ] as const) {
    clock.randomRatio = randomRatio;
    const socket = connect();
    clock.pass(10_000);
    const count = sockets.length;
    socket.closed("come again within 30000 ms");
    clock.pass(Math.max(0, delayMs - 1));
    expect(sockets).toHaveLength(randomRatio === 0 ? count + 1 : count);
    clock.pass(1);
    expect(sockets).toHaveLength(count + 1);
    room.close();
  }
});

test("a spread that was told holds also for who had hardly come", () => {
  expect(reconnectDelayMs(1, 1, 30_000)).toBe(30_000);
  expect(reconnectDelayMs(6, 1, 10_000)).toBe(30_000);
});
