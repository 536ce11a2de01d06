import { expect, test } from "vitest";
import type { FeedState } from "../hls/status.ts";
import { facts, Rig } from "./testing/rig.ts";

const playlist = "/live/main/300/index.m3u8";

function check(rig: Rig, path: string, expected: string, how = {}): void {
  expect(rig.ask(path, how), `${path} ${JSON.stringify(how)}`).toBe(expected);
}

test("a name that cannot be is refused without any state or fill", () => {
  const rig = Rig.live();
  const before = JSON.stringify([...rig.node.state.counts]);
  const unknown = [
    "/live/other/300/index.m3u8",
    "/live/other/status.json",
    "/live/main/450/index.m3u8",
    "/live/main/450/7-107.m4s",
    "/live/main/300/8-105.m4s",
    "/live/main/300/7-83.m4s",
    "/live/main/300/7-112.m4s",
    "/live/main/300/6-108.m4s",
    "/live/main/300/7-107.0.m4s",
    "/live/main/300/init-deadbeef.mp4",
    "/live/main/room",
    "/live/main/300/index.m3u8%00",
  ];
  for (const path of unknown) check(rig, path, "notFound");
  expect(rig.take()).toEqual([]);
  expect(JSON.stringify([...rig.node.state.counts])).toBe(before);
});

test("segments of the window and of two windows behind it are known, and none before", () => {
  const rig = Rig.live();
  check(rig, "/live/main/300/7-107.m4s", "miss");
  check(rig, "/live/main/300/7-84.m4s", "miss");
  check(rig, "/live/main/300/7-83.m4s", "notFound");
});

test("a segment a little ahead is waited for, because the viewer may come from a fresher node", () => {
  const rig = Rig.live();
  for (const msn of [108, 111]) check(rig, `/live/main/300/7-${msn}.m4s`, "wait");
  check(rig, "/live/main/300/8-108.m4s", "wait");
  check(rig, "/live/main/300/7-108.m4s", "notFound", { waited: true });
});

test("a playlist is fresh, stale or refused by its age while the feed is live", () => {
  const rig = Rig.live();
  const table: [number, string][] = [
    [0, "hit"],
    [6_000, "hit"],
    [6_001, "stale"],
    [12_000, "stale"],
    [12_001, "unavailable"],
  ];
  for (const [ageMs, expected] of table) {
    const asked = Rig.live();
    asked.nowMs = rig.nowMs + ageMs;
    check(asked, playlist, expected);
  }
});

test("the parent's Age counts, so that two tiers do not hide each other's delay", () => {
  const rig = new Rig();
  rig.node.applyStatus(0, { version: 1, state: "live", ladderVersion: 1 }, rig.nowMs);
  rig.node.applyLadder(0, { version: 1, rungs: [300] }, rig.nowMs);
  rig.demand(playlist);
  rig.answerReload(facts({ firstMsn: 100, count: 8 }), { ageMs: 7_000 });
  check(rig, playlist, "stale");
});

test("what the feed does decides what an old playlist is worth", () => {
  const table: [FeedState, string][] = [
    ["offline", "notFound"],
    ["live", "unavailable"],
    ["slate", "unavailable"],
    ["waiting", "hit"],
    ["ended", "hit"],
  ];
  for (const [state, expected] of table) {
    const rig = Rig.live();
    rig.nowMs += 20_000;
    rig.node.applyStatus(0, { version: 2, state, ladderVersion: 1 }, rig.nowMs);
    check(rig, playlist, expected);
  }
});

test("waiting that no parent confirms any more excuses nothing", () => {
  const rig = Rig.live({ followStatus: true });
  rig.node.applyStatus(0, { version: 2, state: "waiting", ladderVersion: 1 }, rig.nowMs);
  rig.nowMs += 20_000;
  check(rig, playlist, "hit");
  rig.nowMs += 1;
  check(rig, playlist, "unavailable");
});

test("a status that no parent confirms any more is not repeated while it says there is a feed", () => {
  const table: [FeedState, string][] = [
    ["starting", "badGateway"],
    ["live", "badGateway"],
    ["waiting", "badGateway"],
    ["slate", "badGateway"],
    ["offline", "hit"],
    ["ended", "hit"],
  ];
  for (const [state, expected] of table) {
    const rig = Rig.live({ followStatus: true });
    rig.node.applyStatus(0, { version: 2, state, ladderVersion: 1 }, rig.nowMs);
    rig.nowMs += 20_000;
    check(rig, "/live/main/status.json", "hit");
    check(rig, "/live/main/status.json", "wait", { after: 2 });
    rig.nowMs += 1;
    check(rig, "/live/main/status.json", expected);
    if (expected !== "hit") check(rig, "/live/main/status.json", expected, { after: 2 });
    rig.node.applyStatus(0, { version: 2, state, ladderVersion: 1 }, rig.nowMs);
    check(rig, "/live/main/status.json", "hit");
  }
});

test("blocking directives are answered, held or refused", () => {
  const rig = Rig.live();
  const table: [number, string][] = [
    [0, "hit"],
    [107, "hit"],
    [108, "wait"],
    [111, "wait"],
    [112, "badRequest"],
  ];
  for (const [after, expected] of table) check(rig, playlist, expected, { after });
  check(rig, playlist, "hit", { after: 108, waited: true });
});

test("an ended playlist ignores directives", () => {
  const rig = Rig.live();
  rig.answerReload(facts({ firstMsn: 100, count: 8, ended: true }));
  check(rig, playlist, "hit", { after: 500 });
});

test("a playlist nobody has followed for long is fetched anew rather than served", () => {
  const rig = Rig.live();
  rig.pass(16_000);
  check(rig, playlist, "miss");
  rig.demand(playlist);
  check(rig, playlist, "join");
  check(rig, playlist, "unavailable", { waited: true });
});

test("before a node knows the feed it waits instead of guessing", () => {
  const rig = new Rig();
  check(rig, "/live/main/index.m3u8", "wait");
  check(rig, "/live/main/index.m3u8", "unavailable", { waited: true });
  check(rig, "/live/main/status.json", "wait");
  check(rig, playlist, "wait");
  check(rig, "/live/other/index.m3u8", "notFound");
});

test("a status is held while its version is the known one", () => {
  const rig = Rig.live();
  check(rig, "/live/main/status.json", "hit");
  check(rig, "/live/main/status.json", "wait", { after: 1 });
  check(rig, "/live/main/status.json", "hit", { after: 1, waited: true });
  check(rig, "/live/main/status.json", "hit", { after: 9 });
});

test("an object goes from miss over join to hit, and a missing one is not asked for at once", () => {
  const rig = Rig.live({ parentCount: 1 });
  const segment = "/live/main/300/7-107.m4s";
  check(rig, segment, "miss");
  rig.demand(segment);
  check(rig, segment, "join");
  rig.deliver(segment);
  check(rig, segment, "hit");
  const other = "/live/main/300/7-106.m4s";
  rig.demand(other);
  rig.node.fillError(rig.lastFill(other).attempt, "missing", rig.nowMs);
  check(rig, other, "notFound");
  rig.nowMs += 4_000;
  check(rig, other, "miss");
});
