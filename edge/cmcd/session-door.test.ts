import { expect, test } from "vitest";
import { addressKey } from "./address-shares.ts";
import { CmcdSessions } from "./cmcd-sessions.ts";
import { SessionDoor } from "./session-door.ts";

const from = (...bytes: number[]) => ({ getRemoteAddress: () => Uint8Array.from(bytes).buffer });
const home = from(10, 0, 0, 1);

function doorOf(audience: { connections: number; nameless?: number }) {
  const sessions = new CmcdSessions({ sessionCountMax: 100 });
  const door = new SessionDoor({
    sessions,
    sessionCountMax: 100,
    connectionSessionCountMax: 1,
    audience: {
      connectionCount: () => audience.connections,
      namelessCount: () => audience.nameless ?? 0,
    },
  });
  /** As many sessions that media requests name. */
  const enter = (name: string, count: number, { sender = home, nowMs = 0 } = {}): number => {
    let entered = 0;
    for (let n = 0; n < count; n++) {
      door.noteName(`${name}-${n}`, nowMs);
      if (typeof door.place(`${name}-${n}`, nowMs, sender) === "number") entered += 1;
    }
    return entered;
  };
  const heldBy = (name: string): number =>
    Array.from({ length: 100 }, (_, n) => sessions.find(`${name}-${n}`)).filter((at) => at !== -1)
      .length;
  return { door, sessions, enter, heldBy };
}

test("a name that no media request bore has no place, and one borne long ago neither", () => {
  const { door } = doorOf({ connections: 10 });
  expect(door.place("a", 0, home)).toBe("no-viewer");
  door.noteName("a", 0);
  expect(door.isAwaited("a", 29_000)).toBe(true);
  expect(door.place("a", 61_000, home)).toBe("no-viewer");
});

test("viewers who fetch without a name have as many places as there are of them", () => {
  const { door, sessions } = doorOf({ connections: 10, nameless: 2 });
  const placed = ["a", "b", "c"].map((sid) => typeof door.place(sid, 0, home));
  expect(placed).toEqual(["number", "number", "string"]);
  // One of them names itself after all.
  door.noteName("a", 0);
  expect(sessions.namelessCount).toBe(1);
  expect(typeof door.place("c", 0, home)).toBe("number");
});

test("there are no more sessions than connections were open within the last minute", () => {
  const audience = { connections: 5 };
  const { enter } = doorOf(audience);
  expect(enter("a", 8)).toBe(5);
  audience.connections = 1;
  expect(enter("b", 3, { nowMs: 33_000 })).toBe(3);
  expect(enter("c", 3, { nowMs: 100_000 })).toBe(1);
});

test("addresses share places that are too few; those of one address alone are not taken", () => {
  const { enter, heldBy } = doorOf({ connections: 20 });
  expect(enter("greedy", 50)).toBe(20);
  for (let n = 0; n < 9; n++) {
    expect(enter(`guest${n}`, 1, { sender: from(10, 0, 1, n), nowMs: n * 100 })).toBe(1);
  }
  expect(heldBy("greedy")).toBe(11);
  expect(enter("other", 50, { sender: from(10, 9, 9, 9), nowMs: 2_000 })).toBe(5);
  expect([heldBy("greedy"), heldBy("other")]).toEqual([6, 5]);
  expect(enter("more", 50, { nowMs: 3_000 })).toBe(0);
});

test("an IPv6 client is its /64, and an IPv4 one is itself however it is written", () => {
  const v6 = (last: number) => [0x20, 1, 0xd, 0xb8, 0, 0, 0, 7, 1, 2, 3, 4, 5, 6, 7, last];
  const mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 0, 0, 1];
  const key = (bytes: number[]) => addressKey(Uint8Array.from(bytes).buffer);
  expect(key(v6(1))).toBe(key(v6(2)));
  expect(key(mapped)).toBe(key([10, 0, 0, 1]));
  expect(key([10, 0, 0, 1])).not.toBe(key([10, 0, 0, 2]));
});
