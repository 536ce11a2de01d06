import { beforeEach, expect, test } from "vitest";
import type { RoomMessage } from "../../src/swarm/room-messages.ts";
import { swarmOff, type SwarmPolicy } from "../../src/swarm/policy.ts";
import type { UwsSocket } from "../http/uws.ts";
import { FeedRoom } from "./feed-room.ts";
import { PlaceQueue } from "./place-queue.ts";
import { roomCountSlots } from "./room-counts.ts";
import { RoomViewer } from "./room-viewer.ts";

const tickMs = 500;
const placeTickMs = 50;
const joinsPerSec = 100;
const recent = [7, 8].map((msn) => ({
  rung: 300,
  epoch: 1,
  msn,
  bytes: 9,
  sha256: "0".repeat(64),
}));
const whileOn: SwarmPolicy = { mode: "on", uploadKbpsMax: 2_000, seedCount: 2, iceServers: [] };

interface Told {
  viewer: RoomViewer;
  messages: RoomMessage[];
  /** Pieces that went out: what is sent within a cork is one. */
  pieceCount: number;
}

let nowMs: number;
let policy: SwarmPolicy;
let rungs: number[];
let mayMeet: boolean;
let lookedUp: number;
let sentCount: number;
let room: FeedRoom;
let places: PlaceQueue<RoomViewer>;

beforeEach(() => {
  nowMs = 10_000;
  policy = whileOn;
  rungs = [300, 750];
  mayMeet = true;
  lookedUp = 0;
  sentCount = 0;
  places = new PlaceQueue({
    perSecMax: joinsPerSec,
    isHeld: () => false,
    place: (viewer, atMs) => room.place(viewer, atMs),
  });
  room = new FeedRoom({
    feed: 0,
    counts: new Float64Array(roomCountSlots),
    random: () => 0.5,
    publish: () => undefined,
    statusText: () => "",
    status: () => undefined,
    policy: () => policy,
    recentSegments: () => {
      lookedUp += 1;
      return recent;
    },
    ladder: { version: () => rungs.length, has: (rung) => rungs.includes(rung) },
    places,
    mayMeet: () => mayMeet,
    met: () => undefined,
    uploadKbps: 2_000,
  });
});

function enter(rung: number | null = 300): Told {
  const guest = { feed: 0, sid: "", address: "203.0.113.7" };
  const viewer = new RoomViewer(guest, { messageCount: 100, introductionCount: 30 }, nowMs);
  const told: Told = { viewer, messages: [], pieceCount: 0 };
  let isCorked = false;
  const socket = {
    send: (text: string) => {
      sentCount += 1;
      told.messages.push(JSON.parse(text) as RoomMessage);
      if (!isCorked) told.pieceCount += 1;
      return 1;
    },
    cork: (write: () => void) => {
      isCorked = true;
      write();
      isCorked = false;
      told.pieceCount += 1;
    },
    subscribe: () => true,
    unsubscribe: () => true,
  };
  viewer.socket = socket as unknown as UwsSocket<RoomViewer>;
  room.enter(viewer);
  if (rung !== null) watch(told, rung);
  told.pieceCount = 0;
  return told;
}

function watch({ viewer }: Told, rung: number | null, share: "both" | "take" | "nothing" = "both") {
  room.watch(viewer, { kind: "watch", rung, share }, nowMs);
}

/** The most that was sent in one turn of the queue. */
function pass(ms: number): number {
  let most = 0;
  for (const endMs = nowMs + ms; nowMs < endMs;) {
    nowMs += placeTickMs;
    const before = sentCount;
    places.tick(nowMs);
    most = Math.max(most, sentCount - before);
    if (nowMs % tickMs === 0) room.tick(nowMs);
  }
  return most;
}

const memberCount = (): number => room.cells.counts().memberCount;
const rungOf = ({ viewer }: Told): number | undefined => room.cells.rungOf(viewer.id);

test("when the swarm goes on, all who watch come to cells at the rate, few in any turn", () => {
  policy = swarmOff;
  room.policyChanged(nowMs);
  for (let count = 0; count < 1_000; count++) enter();
  expect(memberCount()).toBe(0);
  policy = whileOn;
  sentCount = 0;
  room.policyChanged(nowMs);
  expect(sentCount).toBe(0);
  // A cell, a call and two segments for each of ten, and those whom a split moves.
  expect(pass(5_000)).toBeLessThan(10 * 4 + 2 * 32);
  expect(memberCount()).toBeLessThanOrEqual(6 * joinsPerSec);
  pass(6_000);
  expect(memberCount()).toBe(1_000);
});

test("the swarm goes off at once for all, those too who wait", () => {
  for (let count = 0; count < 3 * joinsPerSec; count++) enter();
  expect(memberCount()).toBe(joinsPerSec);
  policy = swarmOff;
  room.policyChanged(nowMs);
  expect(memberCount()).toBe(0);
  expect(places.length).toBe(0);
  pass(5_000);
  expect(memberCount()).toBe(0);
});

test("who comes to a rung is told all of it in one piece, and its segments are looked up once", () => {
  const all = Array.from({ length: 20 }, () => enter(null));
  for (const one of all) {
    watch(one, 300);
    expect(one.pieceCount).toBe(1);
    const segments = one.messages.filter(({ kind }) => kind === "segment");
    expect(segments).toEqual(recent.map((segment) => ({ kind: "segment", segment, seeds: [] })));
  }
  expect(lookedUp).toBe(1);
  room.forgetRecent(300);
  enter();
  expect(lookedUp).toBe(2);
});

test("a rung that the feed has not makes no cell; when it has it, those who wait come", () => {
  const viewers = [enter(999_999), enter(450), enter(0)];
  pass(1_000);
  expect(room.cells.counts()).toEqual({ cellCount: 0, memberCount: 0 });
  rungs = [300, 750, 450];
  pass(1_000);
  expect(viewers.map(rungOf)).toEqual([undefined, 450, undefined]);
  rungs = [300, 750];
  pass(1_000);
  expect(viewers.map(rungOf)).toEqual([undefined, undefined, undefined]);
});

test("who leaves a rung for another is no seed meanwhile, and comes when its turn is", () => {
  const [mover, stayer] = [enter(), enter()];
  pass(10_000);
  for (let count = 0; count < 2 * joinsPerSec; count++) enter(750);
  watch(mover, 750);
  expect(rungOf(mover)).toBe(300);
  const [cell] = room.cells.ofRung(300);
  const seeds = Array.from({ length: 4 }, () => cell!.takeSeeds(1, nowMs)).flat();
  expect(new Set(seeds)).toEqual(new Set([stayer.viewer.id]));
  pass(3_000);
  expect(rungOf(mover)).toBe(750);
});

test("who changes its rung all the time comes to others only now and then", () => {
  const one = enter();
  let moves = 0;
  for (let count = 0; count < 60; count++) {
    pass(1_000);
    const before = rungOf(one);
    watch(one, before === 300 ? 750 : 300);
    pass(500);
    if (rungOf(one) !== before) moves += 1;
  }
  expect(moves).toBeGreaterThanOrEqual(10);
  expect(moves).toBeLessThanOrEqual(25);
});

test("those who may not meet are called together when they may", () => {
  mayMeet = false;
  const viewers = [enter(), enter(), enter()];
  const dials = (): number =>
    viewers.flatMap(({ messages }) => messages.filter(({ kind }) => kind === "dial")).length;
  pass(10_000);
  expect(dials()).toBe(0);
  mayMeet = true;
  pass(5_000);
  expect(dials()).toBeGreaterThan(0);
  expect(viewers.map(({ viewer }) => viewer.introductions.size)).toEqual([2, 2, 2]);
});

test("an introduction ends for both sides when one gives the other up, leaves or is gone", () => {
  const viewers = [enter(), enter(), enter()];
  pass(3_000);
  const sizes = (): number[] => viewers.map(({ viewer }) => viewer.introductions.size);
  expect(sizes()).toEqual([2, 2, 2]);
  const [one, other, third] = viewers as [Told, Told, Told];
  room.dropped(one.viewer, { peer: other.viewer.id, reason: "failed" }, nowMs);
  expect(sizes()).toEqual([1, 1, 2]);
  watch(third, null, "nothing");
  expect(sizes()).toEqual([0, 0, 0]);
  watch(third, 300);
  pass(3_000);
  expect(sizes()).toEqual([1, 1, 2]);
  third.viewer.socket = undefined;
  room.leave(third.viewer, nowMs);
  expect(sizes().slice(0, 2)).toEqual([0, 0]);
});
