import { expect, test } from "vitest";
import { ViewerCount, type RoomAudience } from "./viewer-count.ts";

const segmentMs = 4_267;

const nobody: RoomAudience = { viewerCount: () => 0, hasSession: () => false };

function newCount(
  connections = 1_000_000,
  sessionCountMax = 1_000,
  { connectionSessionCountMax = 1, room = nobody } = {},
) {
  const time = { nowMs: 50_000 };
  const count = new ViewerCount({
    feedCount: 2,
    targetDurationMs: 4_000,
    sessionCountMax,
    nowMs: () => time.nowMs,
    segmentDurationMs: () => segmentMs,
    connectionCount: () => connections,
    connectionSessionCountMax,
    room,
  });
  return { count, time };
}

const session = (id: string): string => `CMCD=sf%3Dh%2Csid%3D%22${id}%22`;

test("sessions are counted exactly, for as long as they fetch playlists, and by feed", () => {
  const { count, time } = newCount();
  for (const id of ["a", "b", "a"]) count.note(0, session(id), time.nowMs);
  count.note(1, session("c"), time.nowMs);
  expect([count.count(0), count.count(1)]).toEqual([2, 1]);
  time.nowMs += 5_000;
  count.note(0, session("b"), time.nowMs);
  time.nowMs += 3_001;
  expect([count.count(0), count.count(1)]).toEqual([1, 0]);
});

test("viewers without a session are estimated from one fetch a segment each", () => {
  for (const viewers of [1, 10, 200]) {
    const { count, time } = newCount();
    const startMs = time.nowMs;
    for (let fetch = 0; fetch < viewers * 20; fetch++) {
      time.nowMs = startMs + (fetch / viewers) * segmentMs;
      count.note(0, "", time.nowMs);
    }
    expect(Math.abs(count.count(0) - viewers) / viewers, String(viewers)).toBeLessThan(0.15);
    time.nowMs += 8_500;
    expect(count.count(0)).toBe(0);
  }
});

test("there are never more viewers than connections, whatever sessions they make up", () => {
  for (const query of [() => "", (fetch: number) => session(`x${fetch}`)]) {
    const { count, time } = newCount(3);
    for (let fetch = 0; fetch < 10_000; fetch++) count.note(fetch % 2, query(fetch), time.nowMs);
    const counts = [count.count(0), count.count(1)];
    expect(counts[0]! + counts[1]!, query(1)).toBeLessThanOrEqual(3);
    expect(Math.min(...counts), query(1)).toBeGreaterThanOrEqual(1);
  }
});

test("made-up sessions do not grow it", () => {
  const { count, time } = newCount(1_000_000, 100);
  for (let id = 0; id < 10_000; id++) count.note(0, session(`x${id}`), time.nowMs);
  time.nowMs += 1;
  for (let id = 0; id < 10_000; id++) count.note(1, session(`x${id}`), time.nowMs);
  // Only the 100 remembered ones move to the other feed; the rest is an estimate by rate.
  const estimated = Math.round((9_900 * segmentMs) / 8_000);
  expect([count.count(0), count.count(1)]).toEqual([estimated, estimated + 100]);
});

test("a viewer whose connection closed between two fetches still counts", () => {
  const connections = { open: 1 };
  const count = new ViewerCount({
    feedCount: 1,
    targetDurationMs: 4_000,
    sessionCountMax: 10,
    nowMs: () => 50_000,
    segmentDurationMs: () => segmentMs,
    connectionCount: () => connections.open,
    connectionSessionCountMax: 1,
    room: nobody,
  });
  count.note(0, session("a"), 50_000);
  connections.open = 0;
  expect(count.count(0)).toBe(1);
});

test("behind a proxy that shares connections each may carry several viewers", () => {
  const { count, time } = newCount(2, 1_000, { connectionSessionCountMax: 10 });
  for (let id = 0; id < 15; id++) count.note(0, session(`x${id}`), time.nowMs);
  expect(count.count(0)).toBe(15);
  for (let id = 15; id < 100; id++) count.note(0, session(`x${id}`), time.nowMs);
  expect(count.count(0)).toBe(20);
});

test("a session whose viewer is in the room is that viewer, and no connection bounds the room", () => {
  const room: RoomAudience = {
    viewerCount: (feed) => (feed === 0 ? 3 : 0),
    hasSession: (feed, sid) => feed === 0 && sid === "a",
  };
  const { count, time } = newCount(1, 1_000, { room });
  count.note(0, session("a"), time.nowMs);
  expect(count.count(0)).toBe(3);
  count.note(0, session("b"), time.nowMs);
  expect(count.count(0)).toBe(4);
  count.note(0, session("c"), time.nowMs);
  expect(count.count(0)).toBe(4);
});

test("thousands in the room count once each, however few connections carry their requests", () => {
  const inRoom = 10_000;
  const room: RoomAudience = {
    viewerCount: (feed) => (feed === 0 ? inRoom : 0),
    hasSession: (feed, sid) => feed === 0 && sid.startsWith("in"),
  };
  // Fewer sessions are remembered than there are.
  const { count, time } = newCount(50, 4_000, { room });
  for (let id = 0; id < inRoom; id++) count.note(0, session(`in${id}`), time.nowMs);
  expect([count.count(0), count.count(1)]).toEqual([inRoom, 0]);
  for (let id = 0; id < 20; id++) count.note(1, session(`out${id}`), time.nowMs);
  const outside = Math.round((20 * segmentMs) / 8_000);
  expect([count.count(0), count.count(1)]).toEqual([inRoom, outside]);
  for (let id = 0; id < inRoom; id++) count.note(1, session(`made-up${id}`), time.nowMs);
  expect([count.count(0), count.count(1)]).toEqual([inRoom, 50]);
});

test("in the room of one feed nobody is in that of another", () => {
  const room: RoomAudience = {
    viewerCount: (feed) => (feed === 0 ? 1 : 0),
    hasSession: (feed) => feed === 0,
  };
  const { count, time } = newCount(9, 1_000, { room });
  count.note(1, session("a"), time.nowMs);
  expect([count.count(0), count.count(1)]).toEqual([1, 1]);
});
