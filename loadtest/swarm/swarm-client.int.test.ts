/**
 * The swarm's client over real data channels: a scripted room puts the viewers together, and the
 * edge is a table of segments that counts what is fetched from it.
 */
import { createHash, randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import type { FeedStatus } from "../../src/hls/status.ts";
import type { RoomSocketEvents, RtcConnection, SwarmPorts } from "../../src/swarm/client-ports.ts";
import type { SwarmPolicy } from "../../src/swarm/policy.ts";
import { RoomClient } from "../../src/swarm/room-client.ts";
import type { PeerId, RoomMessage, ViewerMessage } from "../../src/swarm/room-messages.ts";
import { segmentKey, type SegmentId } from "../../src/swarm/segment.ts";
import { SwarmClient } from "../../src/swarm/swarm-client.ts";
import { EdgeHttp } from "./edge-http.ts";
import { closeWebRtc, nodePorts } from "./node-ports.ts";

const rung = 300;
const policy: SwarmPolicy = { mode: "on", uploadKbpsMax: 0, seedCount: 1, iceServers: [] };
const status: FeedStatus = {
  version: 1,
  state: "live",
  sinceUnixMs: 1,
  lastSegmentUnixMs: 1,
  nowUnixMs: 1,
  viewers: 3,
  p2p: "on",
  ladderVersion: 1,
};

interface Viewer {
  id: PeerId;
  client: SwarmClient;
  room: RoomClient;
  socket: RoomSocketEvents;
  heard: ViewerMessage[];
  connections: RtcConnection[];
}

let viewers: Viewer[];
let edge: Map<string, Uint8Array>;
/** Viewer and segment of each fetch from the edge. */
let fetches: string[];

beforeEach(() => {
  viewers = [];
  edge = new Map();
  fetches = [];
});
afterEach(() => {
  for (const { client, room } of viewers) {
    client.close();
    room.close();
  }
});
/** Nobody is there: what is fetched the tests give themselves. */
const http = new EdgeHttp("http://127.0.0.1:9");
afterAll(() => closeWebRtc());

/** Until it holds: a channel that opens or closes is not heard of in the room. */
async function until(holds: () => boolean): Promise<void> {
  await vi.waitFor(() => expect(holds()).toBe(true), { timeout: 15_000, interval: 5 });
}

function say(viewer: Viewer, message: RoomMessage): void {
  viewer.socket.message(JSON.stringify(message));
}

function join(id: PeerId, change: (ports: SwarmPorts) => Partial<SwarmPorts> = () => ({})): Viewer {
  const { ports: plain } = nodePorts({ http, feed: "main" });
  const heard: ViewerMessage[] = [];
  const connections: RtcConnection[] = [];
  const base: SwarmPorts = {
    ...plain,
    createConnection: (iceServers) => {
      const connection = plain.createConnection(iceServers);
      connections.push(connection);
      return connection;
    },
    fetchSegment: (segment, events) => {
      fetches.push(`${id} ${segment.msn}`);
      const timer = setTimeout(() => events.end(edge.get(segmentKey(segment)) ?? null), 5);
      return () => clearTimeout(timer);
    },
  };
  const ports = { ...base, ...change(base) };
  let socket: RoomSocketEvents | undefined;
  const room = new RoomClient({
    ports,
    open: (events) => {
      socket = events;
      return {
        send: (text) => relay(id, JSON.parse(text) as ViewerMessage),
        close: () => undefined,
      };
    },
  });
  const client = new SwarmClient({ room, ports });
  room.open();
  const viewer: Viewer = { id, client, room, socket: socket!, heard, connections };
  viewers.push(viewer);
  say(viewer, { kind: "welcome", id, status, policy });
  client.rung(rung);
  client.buffer(8_000);
  return viewer;
}

function relay(from: PeerId, message: ViewerMessage): void {
  viewers.find(({ id }) => id === from)?.heard.push(message);
  if (message.kind === "signal") {
    const to = viewers.find(({ id }) => id === message.to);
    // As over a real line: later, and in order.
    if (to !== undefined) {
      setImmediate(() => say(to, { kind: "signal", from, signal: message.signal }));
    }
  }
}

const peerCount = ({ client }: Viewer): number => client.stats.peerCount;

/** Each newcomer calls all who were there before; then all begin to play. */
async function putTogether(): Promise<void> {
  for (const [index, viewer] of viewers.entries()) {
    say(viewer, { kind: "cell", size: viewers.length });
    if (index > 0)
      say(viewer, { kind: "dial", peers: viewers.slice(0, index).map(({ id }) => id) });
  }
  await until(() => viewers.every((viewer) => peerCount(viewer) === viewers.length - 1));
  const first = publish(0, viewers[0]!);
  await Promise.all(viewers.map((viewer) => want(viewer, first, 500)));
  fetches = [];
}

function publish(msn: number, seed: Viewer, bytes = randomBytes(150_000)): SegmentId {
  const id = { rung, epoch: 1, msn };
  edge.set(segmentKey(id), bytes);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const segment = { ...id, bytes: bytes.length, sha256 };
  for (const viewer of viewers) {
    viewer.client.buffer(8_000);
    say(viewer, { kind: "segment", segment, seeds: [seed.id] });
  }
  return id;
}

type Got = { bytes: Uint8Array; source: "edge" | "peer" } | null;

function want({ client }: Viewer, id: SegmentId, withinMs = 6_000): Promise<Got> {
  return new Promise((resolve) => {
    client.want(id, performance.now() + withinMs, {
      deliver: (bytes, source) => resolve({ bytes, source }),
      refuse: () => resolve(null),
    });
  });
}

test("segments are fetched from the edge once, and come to the others from peers", async () => {
  const [a, b, c] = [join("a"), join("b"), join("c")];
  await putTogether();
  for (let msn = 1; msn <= 4; msn += 1) {
    const seed = viewers[msn % 3]!;
    const id = publish(msn, seed);
    const got = await Promise.all([a, b, c].map((viewer) => want(viewer, id)));
    for (const [index, one] of got.entries()) {
      expect(one?.source).toBe(viewers[index] === seed ? "edge" : "peer");
      expect(Buffer.from(one!.bytes).equals(edge.get(segmentKey(id))!)).toBe(true);
    }
  }
  expect(fetches).toEqual(["b 1", "c 2", "a 3", "b 4"]);
  const total = (name: "httpBytes" | "peerBytes" | "uploadedBytes"): number =>
    viewers.reduce((sum, { client }) => sum + client.stats[name], 0);
  expect(total("httpBytes") + total("peerBytes")).toBe(3 * 5 * 150_000);
  expect(total("peerBytes")).toBeGreaterThanOrEqual(8 * 150_000);
  await until(() => total("uploadedBytes") === total("peerBytes"));
  expect(a.client.stats).toMatchObject({ state: "on", cellSize: 3, peerCount: 2, isSharing: true });
});

test("a viewer says that it gives once it has a peer, and takes only until then", async () => {
  const a = join("a");
  expect(a.heard).toEqual([{ kind: "watch", rung, share: "take" }]);
  join("b");
  await putTogether();
  await until(() => a.heard.at(-1)?.kind === "watch");
  expect(a.heard.at(-1)).toEqual({ kind: "watch", rung, share: "both" });
});

test("bytes that are not those announced are refused, their sender dropped and told of", async () => {
  const [a, b] = [join("a"), join("b")];
  // What b fetches from the edge is right by its own digest and wrong by that of all others.
  await putTogether();
  const bytes = randomBytes(150_000);
  const id = { rung, epoch: 1, msn: 1 };
  edge.set(segmentKey(id), bytes);
  const wrong = createHash("sha256").update(bytes).digest("hex");
  const right = createHash("sha256").update("what was announced").digest("hex");
  say(b, { kind: "segment", segment: { ...id, bytes: 150_000, sha256: wrong }, seeds: ["b"] });
  expect((await want(b, id))?.source).toBe("edge");
  say(a, { kind: "segment", segment: { ...id, bytes: 150_000, sha256: right }, seeds: [] });
  const got = want(a, id, 10_000);
  await until(() => a.heard.some((message) => message.kind === "dropped"));
  expect(a.heard).toContainEqual({ kind: "dropped", peer: "b", reason: "digest" });
  expect(a.client.stats).toMatchObject({ refusedCount: 1, bannedCount: 1, peerCount: 0 });
  // The edge's own bytes are no better here: the player is told to ask in its own way.
  expect(await got).toBeNull();
  say(a, { kind: "dial", peers: ["b"] });
  expect(a.connections).toHaveLength(1);
});

test("a peer killed in the middle of a transfer costs the viewer nothing but time", async () => {
  let isCut = false;
  const cutting = (ports: SwarmPorts): Partial<SwarmPorts> => ({
    createConnection: (iceServers) => {
      const connection = ports.createConnection(iceServers);
      const offer = connection.createDataChannel.bind(connection);
      connection.createDataChannel = (label, options) => {
        const channel = offer(label, options);
        const send = channel.send.bind(channel);
        let chunkCount = 0;
        channel.send = (data) => {
          if (typeof data !== "string") chunkCount += 1;
          if (chunkCount < 3) send(data);
          else if (!isCut) {
            isCut = true;
            connection.close();
          }
        };
        return channel;
      };
      return connection;
    },
  });
  const a = join("a");
  const b = join("b", cutting);
  await putTogether();
  const id = publish(1, b);
  const got = await want(a, id, 10_000);
  expect(isCut).toBe(true);
  expect(got?.source).toBe("edge");
  expect(fetches).toEqual(["b 1", "a 1"]);
  expect(a.client.stats).toMatchObject({ peerCount: 0, lateCount: 1 });
});

test("what is open to a peer of whom the room says that it is gone is closed, without a word", async () => {
  const [a, b, c] = [join("a"), join("b"), join("c")];
  await putTogether();
  say(a, { kind: "gone", peer: "b" });
  expect(peerCount(a)).toBe(1);
  expect(a.heard.filter(({ kind }) => kind === "dropped")).toEqual([]);
  await until(() => peerCount(b) === 1);
  expect(b.heard).toContainEqual({ kind: "dropped", peer: "a", reason: "gone" });
  expect(peerCount(c)).toBe(2);
});

test("the policy going off closes everything; what is asked then is refused at once", async () => {
  const [a, b] = [join("a"), join("b")];
  await putTogether();
  const off = { ...policy, mode: "off" as const };
  say(a, { kind: "policy", policy: off });
  expect(a.client.stats).toMatchObject({ state: "off", peerCount: 0, isSharing: false });
  expect(a.heard.at(-1)).toEqual({ kind: "watch", rung: null, share: "nothing" });
  expect(a.heard.at(-2)).toMatchObject({ kind: "report" });
  expect(await want(a, { rung, epoch: 1, msn: 1 })).toBeNull();
  await until(() => peerCount(b) === 0);
});

test("closing refuses what is still asked for, and leaves no connection", async () => {
  const [a, b] = [join("a"), join("b")];
  await putTogether();
  const id = publish(1, { ...b, id: "nobody" });
  const got = want(a, id);
  a.client.close();
  expect(await got).toBeNull();
  expect(a.connections.every(({ connectionState }) => connectionState === "closed")).toBe(true);
  await until(() => peerCount(b) === 0);
  expect(b.heard).toContainEqual({ kind: "dropped", peer: "a", reason: "gone" });
});

test("when two call each other at once, one connection comes of it", async () => {
  const [a, b] = [join("a"), join("b")];
  say(a, { kind: "cell", size: 2 });
  say(b, { kind: "cell", size: 2 });
  say(a, { kind: "dial", peers: ["b"] });
  say(b, { kind: "dial", peers: ["a"] });
  await until(() => peerCount(a) === 1 && peerCount(b) === 1);
  await want(a, publish(0, a), 500);
  const id = publish(1, a);
  expect((await want(b, id))?.source).toBe("peer");
});

test("a peer that cannot be reached is given up after 8 s, and the room is told", async () => {
  const a = join("a");
  say(a, { kind: "cell", size: 2 });
  say(a, { kind: "dial", peers: ["nobody"] });
  const startMs = performance.now();
  await until(() => a.heard.some((message) => message.kind === "dropped"));
  expect(a.heard).toContainEqual({ kind: "dropped", peer: "nobody", reason: "failed" });
  expect(performance.now() - startMs).toBeGreaterThan(7_900);
});
