import { afterEach, expect, test, vi } from "vitest";
import type { FeedStatus } from "../../../../src/hls/status.ts";
import type { RoomEvent } from "../../../../src/swarm/room-client.ts";
import { StatusFeed } from "./status-feed.ts";

function statusOf(version: number): FeedStatus {
  return {
    version,
    state: "live",
    sinceUnixMs: 1,
    lastSegmentUnixMs: 2,
    nowUnixMs: 3,
    viewers: 4,
    p2p: "on",
    ladderVersion: 1,
  };
}

/** A feed whose edge answers with version 5, and a room that says what it is told to. */
function scene() {
  const seen = { told: [] as string[], openCount: 0, askedCount: 0 };
  let say: (event: RoomEvent) => void = () => undefined;
  vi.stubGlobal("fetch", () => {
    seen.askedCount += 1;
    return Promise.resolve(Response.json(statusOf(5)));
  });
  const feed = new StatusFeed({
    url: "status.json",
    room: { open: () => void (seen.openCount += 1), listen: (listener) => void (say = listener) },
    take: ({ event, clockSample }) => {
      const version = event.kind === "status" ? ` ${event.status.version}` : "";
      seen.told.push(`${event.kind}${version}${clockSample === null ? "" : ", time"}`);
    },
  });
  return { feed, seen, say: (event: RoomEvent) => say(event) };
}

afterEach(() => void vi.unstubAllGlobals());

test("the room is opened once the edge has answered, and then tells what it knows", async () => {
  const { feed, seen, say } = scene();
  expect(seen.openCount).toBe(0);
  await feed.probe(null);
  expect(seen.openCount).toBe(1);
  say({ kind: "connected" });
  say({ kind: "status", status: statusOf(6) });
  say({ kind: "disconnected" });
  expect(seen.told).toEqual(["status 5, time", "roomOpened", "status 6", "roomLost"]);
  expect(seen.askedCount).toBe(1);
});

test("an answer older than what the room told meanwhile tells the time, and no old news", async () => {
  const { feed, seen, say } = scene();
  say({ kind: "status", status: statusOf(6) });
  await feed.probe(null);
  expect(seen.told).toEqual(["status 6", "status 6, time"]);
});

test("what a room told that is lost is no measure for the next edge", async () => {
  const { feed, seen, say } = scene();
  say({ kind: "status", status: statusOf(6) });
  say({ kind: "disconnected" });
  await feed.probe(null);
  expect(seen.told.at(-1)).toBe("status 5, time");
});
