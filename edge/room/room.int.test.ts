import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startRoomEdge, type RoomEdge } from "../testing/room-edge.ts";

let room: RoomEdge;
beforeEach(async () => {
  room = await startRoomEdge();
});
afterEach(() => room.close());

test("a viewer is welcomed, told every change of the status, and each segment of the rung it shares", async () => {
  const { edge, parent } = room;
  const viewer = await room.enter();
  const { id, policy } = await viewer.next("welcome");
  expect(id).toMatch(/^[A-Za-z0-9_-]{22}$/);
  expect(policy.mode).toBe("on");
  parent.announce("waiting");
  const { status } = await viewer.next("status", (one) => one.status.state === "waiting");
  expect(status.version).toBe(parent.version);
  parent.announce("live");

  viewer.send({ kind: "watch", rung: 300, share: "both" });
  expect(await viewer.next("cell")).toEqual({ kind: "cell", size: 1 });
  await fetch(`${edge.viewerUrl}/live/main/300/index.m3u8`);
  parent.advance();
  const { segment, seeds } = await viewer.next("segment");
  const bytes = parent.segmentBytes("300", parent.lastMsn);
  expect(segment).toEqual({
    rung: 300,
    epoch: 7,
    msn: parent.lastMsn,
    bytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  });
  expect(seeds).toEqual([]);
});

test("what the origin forbids goes out before the status that says so, and cells end until it allows them", async () => {
  const { edge, parent } = room;
  const viewer = await room.enter();
  viewer.send({ kind: "watch", rung: 300, share: "both" });
  await viewer.next("cell", ({ size }) => size === 1);
  parent.p2p = "off";
  parent.announce("live");
  const { status } = await viewer.next("status", (one) => one.status.p2p === "off");
  expect(status.version).toBe(parent.version);
  const kinds = viewer.received.map(({ kind }) => kind);
  expect(kinds.indexOf("policy")).toBeGreaterThan(-1);
  expect(kinds.indexOf("policy")).toBeLessThan(kinds.lastIndexOf("status"));
  expect(viewer.all("policy").map(({ policy }) => policy.mode)).toEqual(["off"]);
  await expect.poll(() => edge.metric("live_swarm_members")).toBe(0);
  expect(await edge.metric("live_swarm_on")).toBe(0);
  parent.p2p = "on";
  parent.announce("live");
  await viewer.next("policy", ({ policy }) => policy.mode === "on");
  await viewer.until(() => viewer.all("cell").at(-1)?.size === 1);
  expect(await edge.metric("live_swarm_on")).toBe(1);
});
