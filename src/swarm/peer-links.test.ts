import { expect, test } from "vitest";
import { swarmParameters } from "../config/swarm-parameters.ts";
import { PeerLinks } from "./peer-links.ts";
import type { PeerId, Signal } from "./room-messages.ts";
import { FakeConnection } from "./testing/fake-connection.ts";

const { neighbourCountMax } = swarmParameters;
const offer: Signal = { type: "offer", sdp: "offer" };

class Bench {
  /** What was told of peers, in order. */
  readonly told: string[] = [];
  /** Whom the scheduler would do without. */
  spare: PeerId | null = null;
  readonly links: PeerLinks;
  readonly connections: FakeConnection[] = [];
  nowMs = 0;
  /** As where an organisation allows no connections. */
  isForbidden = false;

  constructor() {
    this.links = new PeerLinks({
      ports: {
        nowMs: () => this.nowMs,
        random: () => 0.5,
        later: () => () => undefined,
        createConnection: () => {
          if (this.isForbidden) throw new Error("not allowed");
          const connection = new FakeConnection();
          this.connections.push(connection);
          return connection;
        },
        sha256: () => Promise.reject(new Error("nothing is checked here")),
        fetchSegment: () => () => undefined,
      },
      events: {
        signal: () => undefined,
        open: (peer) => this.told.push(`${peer} open`),
        message: () => undefined,
        drained: () => undefined,
        deaf: () => undefined,
        closed: (peer, { wasOpen }) => this.told.push(`${peer} ${wasOpen ? "lost" : "failed"}`),
      },
      spare: () => this.spare,
    });
  }

  /** The peer calls, and reaches us if we answer. */
  call(peer: PeerId): void {
    const countBefore = this.connections.length;
    this.links.takeSignal(peer, offer, "me");
    if (this.connections.length > countBefore) this.connections.at(-1)!.open();
  }

  static full(): Bench {
    const bench = new Bench();
    for (let n = 0; n < neighbourCountMax; n++) bench.call(`p${n}`);
    expect(bench.links.openCount).toBe(neighbourCountMax);
    bench.told.length = 0;
    return bench;
  }
}

test("one called beyond the most is refused, and told of, while all there are of use", () => {
  const bench = Bench.full();
  bench.call("late");
  bench.links.dial("other");
  expect(bench.told).toEqual(["late failed", "other failed"]);
  expect(bench.links.openCount).toBe(neighbourCountMax);
  expect(bench.connections).toHaveLength(neighbourCountMax);
});

test("who is of no use makes room for one who calls, and for one alone", () => {
  const bench = Bench.full();
  bench.spare = "p3";
  bench.call("late");
  expect(bench.told).toEqual(["p3 lost", "late open"]);
  expect(bench.links.openCount).toBe(neighbourCountMax);
  expect(bench.connections[3]!.connectionState).toBe("closed");
  bench.call("later");
  expect(bench.told.slice(2)).toEqual(["later failed"]);
});

test("nobody makes room where there is some", () => {
  const bench = new Bench();
  bench.call("p0");
  bench.spare = "p0";
  bench.call("p1");
  expect(bench.told).toEqual(["p0 open", "p1 open"]);
});

test("what is open to a peer that the room says is gone is closed, without a word of it", () => {
  const bench = Bench.full();
  expect(bench.links.close("p0")).toBe(true);
  expect(bench.connections[0]!.connectionState).toBe("closed");
  expect(bench.links.channel("p0")).toBeNull();
  expect(bench.links.openCount).toBe(neighbourCountMax - 1);
  expect(bench.links.close("p0")).toBe(false);
  expect(bench.told).toEqual([]);
});

test("who calls again and again is answered once for each call that the room can have asked for", () => {
  const bench = new Bench();
  for (let n = 0; n < 240; n++) {
    bench.links.takeSignal("p0", offer, "me");
    bench.nowMs += 84;
  }
  // 20 s of it: at 0, 8 and 16 s.
  expect(bench.connections).toHaveLength(3);
  const states = bench.connections.map(({ connectionState }) => connectionState);
  expect(states).toEqual(["closed", "closed", "new"]);
});

test("nor is who has its connections fail at once answered more often", () => {
  const bench = new Bench();
  for (let n = 0; n < 100; n++) {
    bench.links.takeSignal("p0", offer, "me");
    bench.links.close("p0");
  }
  expect(bench.connections).toHaveLength(1);
  bench.call("p1");
  expect(bench.connections).toHaveLength(2);
});

test("who lost a connection that seems open here gets another in its place", () => {
  const bench = new Bench();
  bench.call("p0");
  bench.nowMs += 8_000;
  bench.call("p0");
  expect(bench.told).toEqual(["p0 open", "p0 lost", "p0 open"]);
  expect(bench.links.openCount).toBe(1);
});

test("of two who call each other at once the one with the lesser name answers", () => {
  const bench = new Bench();
  bench.links.dial("a");
  bench.links.takeSignal("a", offer, "me");
  expect(bench.connections).toHaveLength(1);
  bench.links.dial("z");
  bench.links.takeSignal("z", offer, "me");
  expect(bench.connections.map(({ connectionState }) => connectionState)).toEqual([
    "new",
    "closed",
    "new",
  ]);
});

test("one that cannot be made is told of, whoever calls", () => {
  const bench = new Bench();
  bench.isForbidden = true;
  bench.links.dial("a");
  bench.call("b");
  expect(bench.told).toEqual(["a failed", "b failed"]);
});
