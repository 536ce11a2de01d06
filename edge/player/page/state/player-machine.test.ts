import { expect, test } from "vitest";
import type { FeedState, FeedStatus } from "../../../../src/hls/status.ts";
import { nextAttemptMs } from "./player-face.ts";
import { initialPlayerState, stepPlayer } from "./player-machine.ts";
import type { PlayerCommand, PlayerEvent } from "./player-state.ts";

const startUnixMs = 1_700_000_000_000;

/** Drives the machine in virtual time, with a tick every 250 ms as the page gives it. */
class Viewer {
  nowMs = 0;
  state = initialPlayerState(0, { online: true, hidden: false });
  commands: string[] = [];
  isMoving = false;
  version = 1;

  send(...events: PlayerEvent[]): this {
    for (const event of events) {
      const { state, commands } = stepPlayer(this.state, event, {
        nowMs: this.nowMs,
        jitterRatio: 0.5,
      });
      this.state = state;
      this.commands.push(...commands.map(commandText));
    }
    return this;
  }

  status(state: FeedState, change: Partial<FeedStatus> = {}): this {
    const nowUnixMs = startUnixMs + this.nowMs;
    const status: FeedStatus = {
      version: this.version,
      state,
      sinceUnixMs: startUnixMs,
      lastSegmentUnixMs: nowUnixMs - 2_000,
      nowUnixMs,
      viewers: 10,
      p2p: "off",
      ladderVersion: 1,
      ...change,
    };
    return this.send({ kind: "status", status });
  }

  /** Lets time pass; the picture moves if it did. */
  pass(ms: number): this {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs;) {
      this.nowMs += 250;
      if (this.isMoving) this.send({ kind: "progress" });
      this.send({ kind: "tick" });
    }
    return this;
  }

  play(): this {
    this.send({ kind: "firstFrame" });
    this.isMoving = true;
    return this.pass(1_000);
  }

  halt(): this {
    this.isMoving = false;
    return this;
  }

  /** The commands since the last call, without questions to the edge. */
  done(): string[] {
    const done = this.commands.filter((command) => !command.startsWith("probe"));
    this.commands = [];
    return done;
  }
}

function commandText(command: PlayerCommand): string {
  if (command.kind === "probe") return `probe ${command.knownVersion ?? "now"}`;
  if (command.kind === "recoverMedia" && command.swapAudioCodec) return "recoverMedia swapped";
  return command.kind;
}

function begun(): Viewer {
  return new Viewer().send({ kind: "begin" });
}

function watching(): Viewer {
  const viewer = begun().status("live").play();
  viewer.done();
  return viewer;
}

test("a page opens the playlist and asks for the status at once", () => {
  const viewer = begun();
  expect(viewer.commands).toEqual(["open", "probe now"]);
  expect(viewer.state).toMatchObject({ face: "starting", reason: "joining" });
});

test("a live feed is live from its first frame", () => {
  const viewer = begun().status("live");
  expect(viewer.state.face).toBe("starting");
  expect(viewer.play().state.face).toBe("live");
  expect(viewer.done()).toEqual(["open"]);
});

test.each<[FeedState, string]>([
  ["offline", "offline"],
  ["starting", "starting"],
  ["waiting", "waiting"],
  ["ended", "ended"],
])("a feed that is %s when the page opens shows %s and plays no stale tail", (feed, face) => {
  const viewer = begun().status(feed);
  expect(viewer.state.face).toBe(face);
  expect(viewer.done()).toEqual(["open", "close"]);
});

test("an offline page asks with the version it knows, and opens when the feed goes live", () => {
  const viewer = begun().status("offline").pass(3_000);
  expect(viewer.commands).toContain("probe 1");
  viewer.done();
  viewer.version = 2;
  viewer.status("live").pass(1_000);
  expect(viewer.done()).toEqual(["open"]);
  expect(viewer.play().state.face).toBe("live");
});

test("many pages that hear of the start at one instant do not open at one instant", () => {
  const opensAfterMs = (jitterRatio: number): number => {
    const viewer = begun().status("offline");
    const now = { nowMs: 0, jitterRatio };
    const status: FeedStatus = {
      version: 2,
      state: "live",
      sinceUnixMs: 0,
      lastSegmentUnixMs: 0,
      nowUnixMs: startUnixMs,
      viewers: 0,
      p2p: "off",
      ladderVersion: 1,
    };
    return stepPlayer(viewer.state, { kind: "status", status }, now).state.reopenAtMs;
  };
  expect([opensAfterMs(0), opensAfterMs(1)]).toEqual([0, 500]);
});

test("while the picture is fine the edge is asked about every ten seconds, without a hold", () => {
  const viewer = watching();
  for (let round = 0; round < 6; round += 1) {
    viewer.pass(10_000);
    viewer.status("live");
  }
  expect(viewer.commands.length).toBeGreaterThanOrEqual(5);
  expect(viewer.commands.length).toBeLessThanOrEqual(7);
  expect(new Set(viewer.commands)).toEqual(new Set(["probe now"]));
});

/** Passes time in a room, which repeats the status every 15 s; the questions that were asked. */
function probesInRoom(viewer: Viewer, { feed, ms }: { feed: FeedState; ms: number }): string[] {
  viewer.commands = [];
  for (const endMs = viewer.nowMs + ms; viewer.nowMs < endMs;) {
    viewer.pass(15_000).status(feed);
  }
  return viewer.commands.filter((command) => command.startsWith("probe"));
}

test.each<[FeedState, number]>([
  ["live", 600_000],
  ["waiting", 600_000],
])("in a room of a feed that is %s the edge is asked for the time only, each 5 min", (feed, ms) => {
  const viewer = watching().send({ kind: "roomOpened" }).status(feed);
  if (feed === "waiting") viewer.halt();
  expect(probesInRoom(viewer, { feed, ms })).toEqual(["probe now", "probe now"]);
});

test("a page that waits in a room for its feed asks nothing and opens when it is told", () => {
  const viewer = begun().status("offline").send({ kind: "roomOpened" }).status("offline");
  expect(probesInRoom(viewer, { feed: "offline", ms: 150_000 })).toEqual([]);
  viewer.done();
  viewer.version = 2;
  expect(viewer.status("live").pass(1_000).done()).toEqual(["open"]);
});

test("a feed that is live without segments is asked for also in a room, which tells of changes only", () => {
  const viewer = watching().send({ kind: "roomOpened" }).halt();
  const stale = (): Viewer =>
    viewer.status("live", { lastSegmentUnixMs: startUnixMs + viewer.nowMs - 12_000 });
  stale();
  viewer.commands = [];
  for (let round = 0; round < 3; round += 1) {
    viewer.pass(2_250);
    expect(viewer.commands).toHaveLength(round + 1);
    stale();
  }
  viewer.status("live").pass(9_000);
  expect(viewer.state.feed).toBe("live");
});

test("a room that has not told the status for 45 s is not waited for", () => {
  const viewer = watching().send({ kind: "roomOpened" }).status("live");
  viewer.commands = [];
  viewer.pass(44_750);
  expect(viewer.commands).toEqual([]);
  viewer.pass(500);
  expect(viewer.commands).toEqual(["probe now"]);
});

test.each<[FeedState, number, string]>([
  ["live", 10_000, "probe now"],
  ["waiting", 2_000, "probe 1"],
])("when the room of a feed that is %s is lost the edge is asked within %d ms", (...row) => {
  const [feed, withinMs, probe] = row;
  const viewer = watching().send({ kind: "roomOpened" }).status(feed);
  probesInRoom(viewer, { feed, ms: 30_000 });
  viewer.commands = [];
  viewer.send({ kind: "roomLost" }).pass(withinMs - 250);
  expect(viewer.commands).toEqual([]);
  viewer.pass(250);
  expect(viewer.commands).toEqual([probe]);
  for (let round = 0; round < 3; round += 1) viewer.status(feed).pass(withinMs + 250);
  expect(viewer.commands).toHaveLength(4);
});

test("a room found again in time spares the edge the question; trouble is asked about all the same", () => {
  const viewer = watching().send({ kind: "roomOpened" }).status("live");
  viewer.commands = [];
  viewer.send({ kind: "roomLost" }).pass(2_000);
  viewer.send({ kind: "roomOpened" }).status("live").pass(30_000);
  expect(viewer.commands).toEqual([]);
  viewer.halt().pass(1_500);
  expect(viewer.commands).toEqual(["probe now"]);
});

test("a still picture is a stall after 0.7 s, counted once, and live again when it moves", () => {
  const viewer = watching().halt().pass(500);
  expect(viewer.state.face).toBe("live");
  expect(viewer.pass(2_000).state).toMatchObject({ face: "stalled", stallCount: 1 });
  viewer.isMoving = true;
  expect(viewer.pass(500).state).toMatchObject({ face: "live", stallCount: 1 });
  expect(viewer.done()).toEqual([]);
});

test("a stall makes the page ask the edge at once", () => {
  const viewer = watching().status("live");
  viewer.done();
  viewer.halt().pass(1_500);
  expect(viewer.commands).toEqual(["probe now"]);
});

test("playback that neither moves nor receives for 6 s is opened anew", () => {
  const viewer = watching().halt().pass(5_500);
  expect(viewer.done()).toEqual([]);
  viewer.pass(2_500);
  expect(viewer.done()).toEqual(["close", "open"]);
  expect(viewer.state.face).toBe("stalled");
});

test("a slow link is not torn down while its bytes trickle in", () => {
  const viewer = watching().halt();
  for (let sec = 0; sec < 20; sec += 1) viewer.pass(1_000).send({ kind: "bytes" });
  expect(viewer.done()).toEqual([]);
  for (let sec = 0; sec < 12; sec += 1) viewer.pass(1_000).send({ kind: "bytes" });
  expect(viewer.done()[0]).toBe("close");
});

test("a lost source is waited for, however long, and playback goes on by itself", () => {
  const viewer = watching().halt().status("waiting").pass(60_000);
  expect(viewer.state.face).toBe("waiting");
  expect(viewer.done()).toEqual([]);
  viewer.status("live").pass(2_000);
  viewer.isMoving = true;
  expect(viewer.pass(500).state.face).toBe("live");
  expect(viewer.done()).toEqual([]);
});

test("a source that comes back is one stall until the picture moves, and is given time to", () => {
  const viewer = watching().halt().status("waiting").pass(30_000);
  viewer.status("live").pass(5_000);
  expect(viewer.state).toMatchObject({ face: "stalled", stallCount: 1, playback: "open" });
  viewer.isMoving = true;
  viewer.pass(500);
  expect(viewer.state).toMatchObject({ face: "live", stallCount: 1 });
});

test("a feed that says live but lists nothing new for 10 s counts as waiting", () => {
  const viewer = watching().halt();
  viewer.status("live", { lastSegmentUnixMs: startUnixMs + viewer.nowMs - 10_001 }).pass(20_000);
  expect(viewer.state.face).toBe("waiting");
  expect(viewer.done()).toEqual([]);
});

test("what is buffered is played out when the broadcast ends, then the next one is awaited", () => {
  const viewer = watching().status("ended").pass(5_000);
  expect(viewer.state.face).toBe("live");
  viewer.halt().send({ kind: "playedToEnd" });
  expect(viewer.state.face).toBe("ended");
  expect(viewer.done()).toEqual(["close"]);
  viewer.status("offline").pass(2_000);
  expect(viewer.state.face).toBe("offline");
  viewer.status("live").pass(2_000);
  expect(viewer.done()).toEqual(["open"]);
});

test("a playlist that has ended already is not played, whatever the edge still says", () => {
  const viewer = begun().send({ kind: "openedEnded" });
  expect(viewer.state.face).toBe("ended");
  expect(viewer.done()).toEqual(["open", "close"]);
});

test("a playlist that cannot be loaded at start closes, asks, and opens again with back-off", () => {
  const viewer = begun().status("live");
  viewer.done();
  const openedAtMs: number[] = [];
  for (let tick = 0; tick < 200; tick += 1) {
    viewer.send({ kind: "loadFailed", what: "playlist" }).status("live").pass(250);
    if (viewer.done().includes("open")) openedAtMs.push(viewer.nowMs);
  }
  const gapsMs = openedAtMs.slice(1).map((at, i) => at - openedAtMs[i]!);
  expect(gapsMs.slice(0, 5)).toEqual([1_000, 2_000, 4_000, 8_000, 8_000]);
  expect(viewer.state).toMatchObject({ face: "error", reason: "unplayable" });
  expect(nextAttemptMs(viewer.state)).toBeGreaterThan(viewer.nowMs);
});

test("a loading error while playing keeps the buffer and loads again, sooner at first", () => {
  const viewer = watching().send({ kind: "loadFailed", what: "playlist" }).pass(750);
  expect(viewer.done()).toEqual(["reload"]);
  viewer.send({ kind: "loadFailed", what: "media" }).pass(750);
  expect(viewer.done()).toEqual([]);
  viewer.pass(500);
  expect(viewer.done()).toEqual(["reload"]);
  expect(viewer.state.face).toBe("live");
  viewer.send({ kind: "segmentBuffered" }, { kind: "loadFailed", what: "media" }).pass(750);
  expect(viewer.done()).toEqual(["reload"]);
});

test("media errors in a row are met with recovery, the other codec, a new player", () => {
  const viewer = watching();
  for (let round = 0; round < 3; round += 1) viewer.send({ kind: "mediaFailed" }).pass(1_000);
  expect(viewer.done()).toEqual(["recoverMedia", "recoverMedia swapped", "close", "open"]);
});

test("media errors far apart are each met with the mild cure", () => {
  const viewer = watching();
  for (let round = 0; round < 3; round += 1) viewer.send({ kind: "mediaFailed" }).pass(6_000);
  expect(viewer.done()).toEqual(["recoverMedia", "recoverMedia", "recoverMedia"]);
});

test.each([
  ["of silence", 8_000, false],
  ["although bytes arrive", 20_000, true],
])("no first frame after a while %s opens anew", (_, limitMs, hasBytes) => {
  const viewer = begun().status("live");
  for (; viewer.nowMs < limitMs; viewer.pass(1_000)) {
    if (hasBytes) viewer.send({ kind: "bytes" });
  }
  expect(viewer.done()).toEqual(["open"]);
  viewer.pass(1_000);
  expect(viewer.done()).toEqual(["close", "open"]);
});

test("an edge that does not answer twice is an error with a countdown; retry asks at once", () => {
  const viewer = begun().send({ kind: "loadFailed", what: "playlist" });
  viewer.send({ kind: "statusFailed", failure: "unreachable" });
  expect(viewer.state.face).toBe("starting");
  viewer.pass(2_000).send({ kind: "statusFailed", failure: "unreachable" });
  expect(viewer.state).toMatchObject({ face: "error", reason: "unreachable" });
  expect(nextAttemptMs(viewer.state)).toBe(viewer.nowMs + 2_000);
  viewer.done();
  viewer.send({ kind: "retry" });
  expect(viewer.commands).toEqual(["probe now"]);
  viewer.status("live").pass(500);
  expect(viewer.done()).toEqual(["open"]);
});

test("nothing is opened while the edge does not answer, and at once when it does", () => {
  const viewer = watching().halt().send({ kind: "playbackFailed" });
  viewer.send({ kind: "statusFailed", failure: "unreachable" }).pass(30_000);
  expect(viewer.done()).toEqual(["close"]);
  viewer.status("live").pass(250);
  expect(viewer.done()).toEqual(["open"]);
});

test("an edge that does not answer while the picture moves is not worth a word", () => {
  const viewer = watching();
  for (let round = 0; round < 4; round += 1) {
    viewer.send({ kind: "statusFailed", failure: "unreachable" }).pass(1_000);
  }
  expect(viewer.state.face).toBe("live");
});

test.each([
  ["notFound", "error", "unknownFeed"],
  ["full", "full", "none"],
] as const)("status %s shows %s", (failure, face, reason) => {
  const viewer = begun().send({ kind: "loadFailed", what: "playlist" });
  viewer.send({ kind: "statusFailed", failure });
  expect(viewer.state).toMatchObject({ face, reason });
  viewer.status("live").pass(2_000);
  expect(viewer.play().state.face).toBe("live");
});

test("a browser without network waits for it and goes on at once when it is back", () => {
  const viewer = watching().halt().send({ kind: "offline" }).pass(30_000);
  expect(viewer.state).toMatchObject({ face: "stalled", reason: "connection" });
  expect(viewer.done()).toEqual([]);
  viewer.send({ kind: "online" }).pass(250);
  expect(viewer.done()).toEqual(["close", "open"]);
});

test("opened without network, the page says so and starts when it comes", () => {
  const viewer = begun().send({ kind: "offline" }, { kind: "loadFailed", what: "playlist" });
  expect(viewer.state).toMatchObject({ face: "error", reason: "connection" });
  viewer.done();
  viewer.pass(30_000);
  expect(viewer.commands).toEqual([]);
  viewer.send({ kind: "online" }).status("live").pass(250);
  expect(viewer.done()).toEqual(["open"]);
});

test("behind live begins at 6 s and ends at 3 s", () => {
  const faces = [5.9, 6.1, 4, 3.1, 2.9, 4].map(
    (behindSec) => watchingAt(behindSec).send({ kind: "distance", behindSec }).state.face,
  );
  expect(faces).toEqual(["live", "behind", "live", "live", "live", "live"]);
  const viewer = watching();
  const inTurn = [6.1, 4, 3.1, 2.9, 4].map(
    (behindSec) => viewer.send({ kind: "distance", behindSec }).state.face,
  );
  expect(inTurn).toEqual(["behind", "behind", "behind", "live", "live"]);
});

function watchingAt(behindSec: number): Viewer {
  return watching().send({ kind: "distance", behindSec: Math.min(behindSec, 0) });
}

test.each([
  [20, false, ["jumpToLive"]],
  [20, true, []],
  [1, false, []],
] as const)("a tab shown again %d s behind (paused: %s) does %j", (behindSec, isPaused, done) => {
  const viewer = watching().send({ kind: "distance", behindSec });
  if (isPaused) viewer.send({ kind: "paused" });
  expect(viewer.send({ kind: "shown" }).done()).toEqual(done);
});

test("who went back by wish is left there, until they want to be live again", () => {
  const viewer = watching().send({ kind: "sought", isBack: true });
  viewer.send({ kind: "distance", behindSec: 20 });
  expect(viewer.send({ kind: "shown" }).done()).toEqual([]);
  viewer.send({ kind: "sought", isBack: false });
  expect(viewer.send({ kind: "shown" }).done()).toEqual(["jumpToLive"]);
});

test("standing still until the place that was sought is there is no stall; later it is", () => {
  const viewer = watching().halt().send({ kind: "sought", isBack: true }).pass(3_000);
  expect(viewer.state).toMatchObject({ face: "stalled", stallCount: 0 });
  viewer.send({ kind: "progress" });
  expect(viewer.pass(2_000).state).toMatchObject({ face: "stalled", stallCount: 1 });
});

test("a viewer's pause is no stall, for however long", () => {
  const viewer = watching().halt().send({ kind: "paused" }).pass(120_000);
  expect(viewer.state).toMatchObject({ face: "live", stallCount: 0 });
  expect(viewer.done()).toEqual([]);
  viewer.send({ kind: "resumed" }).pass(500);
  expect(viewer.state.face).toBe("live");
});

test("a tab opened in the background is left to defer its loading", () => {
  const viewer = begun().send({ kind: "hidden" }).status("live").pass(60_000);
  expect(viewer.done()).toEqual(["open"]);
  viewer.send({ kind: "shown" }).pass(7_000);
  expect(viewer.play().state.face).toBe("live");
  expect(viewer.done()).toEqual([]);
});

test("sound alone is another playlist: opened at once, and no stall", () => {
  const viewer = watching().send({ kind: "reopen" });
  expect(viewer.done()).toEqual(["close", "open"]);
  expect(viewer.state).toMatchObject({ face: "starting", reason: "joining", stallCount: 0 });
  expect(viewer.halt().pass(2_000).play().state).toMatchObject({ face: "live", stallCount: 0 });
});

test("a browser that can play no HLS is told so and nothing is tried", () => {
  const viewer = new Viewer().send({ kind: "unsupported" }).pass(30_000);
  expect(viewer.state).toMatchObject({ face: "error", reason: "unsupported" });
  expect(viewer.commands).toEqual([]);
});

test("events of a playback that is closed change nothing", () => {
  const viewer = begun().status("offline");
  viewer.done();
  viewer.send({ kind: "firstFrame" }, { kind: "mediaFailed" }, { kind: "playedToEnd" });
  expect(viewer.state).toMatchObject({ face: "offline", playback: "closed" });
  expect(viewer.done()).toEqual([]);
});

test("whatever happens, a live feed is opened again in the end", () => {
  const events: PlayerEvent[] = [
    { kind: "loadFailed", what: "playlist" },
    { kind: "mediaFailed" },
    { kind: "playbackFailed" },
    { kind: "playedToEnd" },
    { kind: "openedEnded" },
    { kind: "statusFailed", failure: "unreachable" },
    { kind: "statusFailed", failure: "notFound" },
    { kind: "statusFailed", failure: "full" },
    { kind: "offline" },
  ];
  for (const first of events) {
    for (const second of events) {
      const viewer = watching().halt().send(first).pass(1_000).send(second).pass(1_000);
      viewer.send({ kind: "online" }).status("live").pass(10_000);
      expect(viewer.state.playback, `${first.kind}, ${second.kind}`).not.toBe("closed");
      expect(viewer.play().state.face).toBe("live");
    }
  }
});
