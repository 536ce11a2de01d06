import fc from "fast-check";
import { expect, test } from "vitest";
import { statusHoldMsMax } from "../hls/status.ts";
import { statusAgeMsMax } from "./follow.ts";
import { versionLeapMax } from "./status-dispute.ts";
import { facts, Rig } from "./testing/rig.ts";

const playlist = "/live/main/300/index.m3u8";
const segment = "/live/main/300/7-107.m4s";

test("200 viewers who ask at once cause 1 miss, 199 joins and 1 fill", () => {
  const rig = Rig.live();
  const before = { join: rig.count("join"), miss: rig.count("miss") };
  for (let viewer = 0; viewer < 200; viewer++) rig.demand(segment);
  expect(rig.takeFills()).toHaveLength(1);
  expect(rig.count("miss") - before.miss).toBe(1);
  expect(rig.count("join") - before.join).toBe(199);
  expect(rig.count("fill")).toBe(1);
  rig.deliver(segment);
  rig.demand(segment, 200);
  expect(rig.count("hit")).toBe(200);
  expect(rig.count("fill")).toBe(1);
});

test("half a million viewers in one call are the same as one at a time", () => {
  const rig = Rig.live();
  const join = rig.count("join");
  rig.demand(segment, 500_000);
  expect(rig.takeFills()).toHaveLength(1);
  expect(rig.count("join") - join).toBe(499_999);
});

test("a watched playlist has exactly one reload, which asks for the next segment", () => {
  const rig = Rig.live();
  rig.demand(playlist, 1_000);
  rig.pass(2_000);
  expect(rig.takeFills()).toEqual([]);
  rig.answerReload(facts({ firstMsn: 101, count: 8 }));
  const fills = rig.takeFills();
  expect(fills.map(({ after, object }) => [object, after])).toEqual([
    [rig.object("/live/main/300/7-108.m4s"), -1],
    [rig.object(playlist), 109],
  ]);
});

test("a new version wakes the waiters and starts its segment's fill before anyone asks", () => {
  const rig = Rig.live();
  rig.answerReload(facts({ firstMsn: 101, count: 8 }));
  const taken = rig.take();
  expect(taken[0]).toEqual({ kind: "wake", object: rig.object(playlist) });
  expect(rig.count("prefetch")).toBe(1);
  expect(rig.ask("/live/main/300/7-108.m4s")).toBe("join");
});

test("a first version starts no fill: nobody knows yet which segments are wanted", () => {
  const rig = Rig.live();
  expect(rig.count("fill")).toBe(0);
});

test("a playlist nobody asks for any more is not followed, and its reload is given up", () => {
  const rig = Rig.live({ parentCount: 1 });
  rig.demand(playlist);
  rig.pass(7_000);
  rig.answerReload(facts({ firstMsn: 100, count: 8 }));
  rig.take();
  rig.pass(7_950);
  expect(rig.take()).toEqual([]);
  rig.pass(50);
  expect(rig.kinds()).toEqual(["abort"]);
  rig.pass(60_000);
  expect(rig.take()).toEqual([]);
});

test("the next parent is asked too once the next segment is late by more than a second", () => {
  const rig = Rig.live();
  rig.demand(playlist);
  rig.pass(4_266 + 950);
  expect(rig.takeFills()).toEqual([]);
  rig.pass(100);
  const [hedge] = rig.takeFills();
  expect(hedge).toMatchObject({ parent: 1, after: 108 });
  rig.node.playlistVersion(
    hedge!.attempt,
    { facts: facts({ firstMsn: 101, count: 8 }), ageMs: 0 },
    rig.nowMs,
  );
  expect(rig.kinds()).toContain("abort");
  expect(rig.ask(playlist)).toBe("hit");
});

/** Six followed rungs of a live feed, all at 100 to 107; no fills, so that reloads alone count. */
function sixRungs(): { rig: Rig; rungs: number[] } {
  const rig = new Rig({ fillCountMax: 0 });
  const rungs = [300, 500, 750, 1_000, 1_500, 2_500];
  rig.node.applyStatus(0, { version: 1, state: "live", ladderVersion: 1 }, rig.nowMs);
  rig.node.applyLadder(0, { version: 1, rungs }, rig.nowMs);
  for (const rung of rungs) {
    rig.demand(`/live/main/${rung}/index.m3u8`);
    rig.answerReload(facts({ firstMsn: 100, count: 8 }), { rung });
  }
  rig.take();
  return { rig, rungs };
}

test("a publisher's hiccup is no parent's fault: others are asked, and nobody is ejected", () => {
  const { rig, rungs } = sixRungs();
  rig.pass(7_500);
  expect(rig.count("hedge")).toBe(6);
  for (const rung of rungs) rig.answerReload(facts({ firstMsn: 101, count: 8 }), { rung });
  rig.pass(50);
  expect(rig.count("ejection")).toBe(0);
  expect(rig.node.state.lateBlamedMs[0]).toBe(-Infinity);
});

test("a parent that keeps back what another has is ejected, but not for one stall of all rungs", () => {
  const { rig, rungs } = sixRungs();
  let stalls = 0;
  for (let msn = 101; rig.count("ejection") === 0 && stalls < 5; msn++) {
    rig.pass(5_300);
    for (const rung of rungs) {
      expect(rig.lastFill(`/live/main/${rung}/index.m3u8`).parent).toBe(1);
      rig.answerReload(facts({ firstMsn: msn, count: 8 }), { rung });
      rig.demand(`/live/main/${rung}/index.m3u8`);
    }
    stalls += 1;
  }
  expect(stalls).toBe(3);
});

test("while the feed waits for its publisher, a held reload is not late before its hold is over", () => {
  const rig = Rig.live();
  rig.node.applyStatus(0, { version: 2, state: "waiting", ladderVersion: 1 }, rig.nowMs);
  rig.take();
  rig.demand(playlist);
  rig.pass(8_900);
  expect(rig.takeFills()).toEqual([]);
});

test("an answer without news does not make a node ask in a hurry", () => {
  const rig = Rig.live();
  rig.demand(playlist);
  for (let i = 0; i < 4; i++) {
    rig.answerReload(facts({ firstMsn: 100, count: 8 }));
    expect(rig.takeFills()).toEqual([]);
    rig.pass(500);
    expect(rig.takeFills()).toHaveLength(1);
  }
});

test("nodes that lose a parent at one moment come back at different ones, each as its seed says", () => {
  const pausesOf = (jitterSeed: number): number[] => {
    const rig = Rig.live({ parentCount: 1, jitterSeed });
    const object = rig.object(playlist);
    return Array.from({ length: 8 }, () => {
      rig.demand(playlist);
      rig.node.fillError(rig.lastFill(playlist).attempt, "connection", rig.nowMs);
      const pauseMs = rig.node.state.reloadAtMs[object]! - rig.nowMs;
      rig.pass(2_000);
      return pauseMs;
    });
  };
  const seeds = Array.from({ length: 50 }, (_, seed) => pausesOf(seed));
  for (let index = 0; index < 8; index++) {
    const pauses = seeds.map((all) => all[index]!);
    const fullMs = Math.min(2_000, 100 * 2 ** index);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(fullMs);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(fullMs / 2);
    expect(Math.max(...pauses) - Math.min(...pauses)).toBeGreaterThan(fullMs / 4);
  }
  expect(pausesOf(7)).toEqual(seeds[7]);
});

test("playlists never go back: a lower MSN, a lower epoch or another epoch is refused", () => {
  const wrong = [
    facts({ firstMsn: 99, count: 8 }),
    facts({ firstMsn: 99, count: 9 }),
    facts({ firstMsn: 100, count: 8, epoch: 6 }),
    facts({ firstMsn: 101, count: 8, epoch: 8 }),
    { ...facts({ firstMsn: 101, count: 2 }), epochs: [8, 7] },
    { ...facts({ firstMsn: 108, count: 0 }), epochs: [] },
  ];
  for (const answered of wrong) {
    const rig = Rig.live();
    expect(rig.answerReload(answered), JSON.stringify(answered)).toBe(false);
    expect(rig.count("parentRegressed")).toBe(1);
    expect(rig.takeFills()).toMatchObject([{ parent: 1 }]);
    expect(rig.node.state.tracks[0]).toMatchObject({ firstMsn: 100, lastMsn: 107 });
  }
});

test("a new epoch behind the listed ones is taken over", () => {
  const rig = Rig.live();
  const epochs = [7, 7, 7, 7, 7, 7, 7, 8];
  expect(rig.answerReload({ ...facts({ firstMsn: 101, count: 8 }), epochs })).toBe(true);
  expect(rig.ask("/live/main/300/8-108.m4s")).toBe("join");
  expect(rig.ask("/live/main/300/7-108.m4s")).toBe("notFound");
});

test("what was before an end is forgotten, but not how far it had come", () => {
  const rig = Rig.live();
  rig.node.applyStatus(0, { version: 2, state: "offline", ladderVersion: 1 }, rig.nowMs);
  expect(rig.ask(playlist)).toBe("notFound");
  expect(rig.ask(segment)).toBe("notFound");
  rig.node.applyStatus(0, { version: 3, state: "live", ladderVersion: 1 }, rig.nowMs);
  rig.demand(playlist);
  rig.node.tick(rig.nowMs);
  expect(rig.answerReload(facts({ firstMsn: 90, count: 8, epoch: 8 }))).toBe(false);
  rig.pass(3_000);
  expect(rig.answerReload(facts({ firstMsn: 108, count: 3, epoch: 8 }))).toBe(true);
  expect(rig.ask(playlist)).toBe("hit");
});

test("a late first byte brings a second parent in, and whoever answers first goes on alone", () => {
  const rig = Rig.live();
  rig.demand(segment);
  const [first] = rig.takeFills();
  rig.pass(1_450);
  expect(rig.takeFills()).toEqual([]);
  rig.pass(50);
  const [second] = rig.takeFills();
  expect([first?.parent, second?.parent]).toEqual([0, 1]);
  rig.head(second!.attempt, 100_000, false);
  expect(rig.take()).toEqual([{ kind: "abort", attempt: first!.attempt }]);
  expect(rig.head(first!.attempt, 100_000)).toBe(-1);
  expect(rig.count("hedge")).toBe(1);
});

test("a body that stops is gone on with at the next parent, without sending a byte twice", () => {
  const rig = Rig.live();
  rig.demand(segment);
  const [first] = rig.takeFills();
  rig.head(first!.attempt, 100_000, false);
  rig.node.fillProgress(first!.attempt, 60_000, rig.nowMs);
  rig.take();
  rig.pass(3_000);
  const taken = rig.take();
  expect(taken).toMatchObject([
    { kind: "abort", attempt: first!.attempt },
    { kind: "fill", parent: 1 },
  ]);
  expect(rig.head(rig.lastFill(segment).attempt, 100_000, true)).toBe(60_000);
});

test("the last 16 KiB are withheld until the digest of the whole is right", () => {
  const rig = Rig.live();
  rig.demand(segment);
  const { attempt } = rig.lastFill(segment);
  const object = rig.object(segment);
  rig.head(attempt, 100_000, false);
  rig.node.fillProgress(attempt, 50_000, rig.nowMs);
  expect(rig.node.visibleBytes(object)).toBe(50_000);
  rig.node.fillProgress(attempt, 100_000, rig.nowMs);
  expect(rig.node.visibleBytes(object)).toBe(100_000 - 16_384);
  rig.node.fillEnd(attempt, { digestOk: true }, rig.nowMs);
  expect(rig.node.visibleBytes(object)).toBe(100_000);
});

test("a wrong digest cuts what was sent and asks the next parent; too many end in a refusal", () => {
  const rig = Rig.live();
  rig.demand(segment);
  for (let i = 0; i < 4; i++) {
    const { attempt } = rig.lastFill(segment);
    rig.head(attempt, 100_000, false);
    rig.node.fillProgress(attempt, 100_000, rig.nowMs);
    rig.take();
    rig.node.fillEnd(attempt, { digestOk: false }, rig.nowMs);
    expect(rig.node.visibleBytes(rig.object(segment))).toBe(0);
    expect(rig.kinds()[0]).toBe("cut");
  }
  expect(rig.count("digestMismatch")).toBe(4);
  expect(rig.ask(segment)).toBe("badGateway");
  expect(rig.node.state.cacheBytes).toBe(0);
  expect(rig.node.state.fillCount).toBe(0);
});

test("a lone parent is left alone for a moment before it is asked for the same object again", () => {
  const rig = Rig.live({ parentCount: 1 });
  rig.demand(segment);
  const askedMs: number[] = [];
  const startMs = rig.nowMs;
  while (rig.nowMs < startMs + 1_200) {
    const object = rig.object(segment);
    const fill = rig.takeFills().find((taken) => taken.object === object);
    if (fill === undefined) {
      rig.pass(10);
      continue;
    }
    askedMs.push(rig.nowMs - startMs);
    rig.head(fill.attempt, 100_000, false);
    rig.node.fillEnd(fill.attempt, { digestOk: false }, rig.nowMs);
    rig.demand(segment, 100);
  }
  const pauses = askedMs.slice(1).map((ms, index) => ms - askedMs[index]!);
  expect(pauses).toHaveLength(3);
  for (const [index, pause] of pauses.entries()) {
    const fullMs = Math.min(400, 200 * 2 ** index);
    expect(pause).toBeGreaterThanOrEqual(fullMs / 2);
    expect(pause).toBeLessThanOrEqual(fullMs + 10);
  }
  expect(rig.ask(segment)).toBe("badGateway");
  expect(rig.node.state.fillCount).toBe(0);
});

test("a fill that pauses is dropped with its object, and goes on only where there is room", () => {
  const rig = Rig.live({ parentCount: 1, fillCountMax: 1 });
  rig.demand(segment);
  rig.node.fillError(rig.lastFill(segment).attempt, "connection", rig.nowMs);
  rig.demand("/live/main/300/7-106.m4s");
  rig.take();
  rig.pass(400);
  expect(rig.takeFills()).toEqual([]);
  rig.deliver("/live/main/300/7-106.m4s");
  const object = rig.object(segment);
  expect(rig.takeFills()).toMatchObject([{ object, parent: 0 }]);
  rig.node.fillError(rig.lastFill(segment).attempt, "connection", rig.nowMs);
  rig.node.applyStatus(0, { version: 2, state: "offline", ladderVersion: 1 }, rig.nowMs);
  rig.take();
  rig.pass(1_000);
  expect(rig.takeFills()).toEqual([]);
});

test("what no parent has is not found, after each was asked once", () => {
  const rig = Rig.live();
  rig.demand(segment);
  rig.node.fillError(rig.lastFill(segment).attempt, "missing", rig.nowMs);
  expect(rig.lastFill(segment).parent).toBe(1);
  rig.node.fillError(rig.lastFill(segment).attempt, "missing", rig.nowMs);
  expect(rig.takeFills()).toEqual([]);
  expect(rig.ask(segment)).toBe("notFound");
});

test("fills past the limit are queued and started as others end", () => {
  const rig = Rig.live({ fillCountMax: 2 });
  const paths = [104, 105, 106, 107].map((msn) => `/live/main/300/7-${msn}.m4s`);
  for (const path of paths) rig.demand(path);
  expect(rig.takeFills()).toHaveLength(2);
  expect(rig.count("fillQueued")).toBe(2);
  rig.deliver(paths[0]!);
  expect(rig.takeFills().map(({ object }) => object)).toEqual([rig.object(paths[2]!)]);
});

test("a full cache evicts what was asked for longest ago", () => {
  const rig = Rig.live({ cacheBytesMax: 250_000 });
  const paths = [104, 105, 106].map((msn) => `/live/main/300/7-${msn}.m4s`);
  for (const path of paths.slice(0, 2)) {
    rig.nowMs += 1;
    rig.demand(path);
    rig.deliver(path);
  }
  rig.nowMs += 1;
  rig.demand(paths[0]!);
  rig.demand(paths[2]!);
  rig.deliver(paths[2]!);
  expect(paths.map((path) => rig.ask(path))).toEqual(["hit", "miss", "hit"]);
  expect(rig.node.state.cacheBytes).toBe(200_000);
  expect(rig.count("evicted")).toBe(1);
});

test("an object above the limit is refused before a byte of it is kept", () => {
  const rig = Rig.live();
  rig.demand(segment);
  expect(rig.head(rig.lastFill(segment).attempt, 500_001, false)).toBe(-1);
  expect(rig.ask(segment)).toBe("badGateway");
  expect(rig.node.state.cacheBytes).toBe(0);
});

test("a rung that leaves the ladder is forgotten with all it held", () => {
  const rig = Rig.live();
  rig.demand(segment);
  rig.deliver(segment);
  rig.node.applyLadder(0, { version: 2, rungs: [750] }, rig.nowMs);
  expect([rig.ask(playlist), rig.ask(segment)]).toEqual(["notFound", "notFound"]);
  expect(rig.node.state.cacheBytes).toBe(0);
});

test("status and ladder are followed by held requests of their own", () => {
  const rig = new Rig({ followStatus: true });
  rig.node.tick(rig.nowMs);
  const [status] = rig.takeFills();
  expect(status).toMatchObject({ object: rig.object("/live/main/status.json"), after: -1 });
  rig.node.statusVersion(
    status!.attempt,
    { facts: { version: 10, state: "live", ladderVersion: 3 }, ageMs: 0 },
    rig.nowMs,
  );
  const [ladder, next] = rig.takeFills();
  expect(ladder).toMatchObject({ object: rig.object("/live/main/ladder.json") });
  expect(next).toMatchObject({ object: status!.object, after: 10 });
  rig.node.statusVersion(
    next!.attempt,
    { facts: { version: 9, state: "ended", ladderVersion: 3 }, ageMs: 0 },
    rig.nowMs,
  );
  expect(rig.count("parentRegressed")).toBe(1);
  expect(rig.node.state.feeds[0]?.state).toBe("live");
});

/** A node that follows its feed's status; parents answer at once with what `say` gives them. */
function statusRig(parentCount: number) {
  const rig = new Rig({ followStatus: true, parentCount });
  rig.node.tick(rig.nowMs);
  const object = rig.object("/live/main/status.json");
  /** Answers what is asked for the given time; undefined: the parent cannot be reached. */
  const run = (ms: number, say: (parent: number) => number | undefined): void => {
    const { node } = rig;
    const endMs = rig.nowMs + ms;
    while (rig.nowMs < endMs) {
      const [attempt] = [...node.state.attempts.values()].filter((a) => a.object === object);
      rig.pass(50);
      if (attempt === undefined) continue;
      const version = say(attempt.parent);
      if (version === undefined) node.fillError(attempt.id, "connection", rig.nowMs);
      else {
        const facts = { version, state: "live" as const, ladderVersion: 3 };
        node.statusVersion(attempt.id, { facts, ageMs: 0 }, rig.nowMs);
      }
    }
  };
  return { rig, run, version: () => rig.node.state.feeds[0]!.version };
}

const start = 1_760_000_000_000;
const leap = start + versionLeapMax + 86_400_000;

test.each([
  ["a lower version", 1, () => start - 1_000_000, start - 1_000_000],
  ["a lower version of two parents", 2, () => start - 1_000_000, start - 1_000_000],
  [
    "a lower version, the other parent out of reach",
    2,
    (p: number) => (p === 0 ? undefined : start - 5),
    start - 5,
  ],
  ["a leap ahead", 2, () => leap, leap],
  [
    "a lower version that one parent denies",
    2,
    (p: number) => (p === 0 ? start - 5 : start),
    start,
  ],
  ["a leap that one parent denies", 3, (p: number) => (p === 2 ? start : leap), start],
  ["a version of no clock", 2, () => 9e15, start],
])(
  "%s: what all parents that answer say for three holds is believed",
  (_, count, say, expected) => {
    const { rig, run, version } = statusRig(count);
    run(50, () => start);
    run(23_000, say);
    expect(version()).toBe(start);
    expect(rig.count("feedReset")).toBe(0);
    run(20_000, say);
    expect(version()).toBe(expected);
    expect(rig.count("feedReset")).toBe(expected === start ? 0 : 1);
  },
);

/**
 * A node whose parents hold the status as tiers do, for a second or until it changes. A parent is
 * "frozen", or heard the origin so long ago (ms).
 */
function followedStatus(parents: ("frozen" | { lostForMs: number })[]) {
  const rig = new Rig({ followStatus: true, parentCount: parents.length });
  const { node } = rig;
  const object = rig.object("/live/main/status.json");
  let version = start;
  const lostAtMs = parents.map((parent) => {
    return parent === "frozen" || parent.lostForMs === 0 ? Infinity : rig.nowMs - parent.lostForMs;
  });
  const answerDue = (): void => {
    for (const { id, parent, after, startedMs } of [...node.state.attempts.values()]) {
      const isHeld = after === version && rig.nowMs - startedMs < statusHoldMsMax;
      if (parents[parent] === "frozen" || isHeld) continue;
      const facts = { version, state: "offline" as const, ladderVersion: 0 };
      const ageMs = Math.max(0, rig.nowMs - lostAtMs[parent]!);
      node.statusVersion(id, { facts, ageMs }, rig.nowMs);
    }
  };
  /** Passes the time; returns the greatest age that the status had. */
  const pass = (ms: number): number => {
    let oldestMs = 0;
    for (const endMs = rig.nowMs + ms; rig.nowMs < endMs;) {
      rig.pass(50);
      answerDue();
      oldestMs = Math.max(oldestMs, node.statusAgeMs(0, rig.nowMs));
    }
    return oldestMs;
  };
  const change = (): void => void (version += 1);
  const known = (): number => node.state.feeds[0]!.version;
  node.tick(rig.nowMs);
  answerDue();
  return { rig, object, pass, change, known, version: () => version };
}

test("a node that hears its parents asks each second, and knows so", () => {
  const { rig, pass, change, known, version } = followedStatus([{ lostForMs: 0 }]);
  const before = rig.count("reload");
  expect(pass(60_000)).toBeLessThanOrEqual(1_100);
  expect(rig.count("reload") - before).toBeLessThanOrEqual(60);
  change();
  pass(100);
  expect(known()).toBe(version());
  expect([rig.count("hedge"), rig.count("parentTimeout")]).toEqual([0, 0]);
});

test("a status that a frozen parent holds comes from the other one within two seconds", () => {
  const { rig, pass, change, known, version } = followedStatus(["frozen", { lostForMs: 0 }]);
  pass(600);
  expect(known()).toBe(version());
  for (let i = 0; i < 20; i++) {
    expect(pass(1_700)).toBeLessThanOrEqual(2_000);
    change();
    pass(2_000);
    expect(known()).toBe(version());
  }
  expect(rig.count("ejection")).toBeGreaterThan(0);
});

test("the only parent, frozen, confirms nothing: the status in hand grows old", () => {
  const { rig, pass } = followedStatus(["frozen"]);
  rig.node.applyStatus(0, { version: 1, state: "live", ladderVersion: 0 }, rig.nowMs);
  expect(pass(5_000)).toBe(5_000);
  expect(rig.count("parentTimeout")).toBe(1);
});

test("a parent that has lost the origin is not believed where another one has not", () => {
  const { rig, pass, change, known, version } = followedStatus([
    { lostForMs: 10_000 },
    { lostForMs: 0 },
  ]);
  pass(1_000);
  expect(pass(30_000)).toBeLessThanOrEqual(statusAgeMsMax);
  change();
  pass(1_600);
  expect(known()).toBe(version());
  expect(rig.count("ejection")).toBe(0);
});

test("where all parents have lost the origin, so has the node, and it does not ask in a hurry", () => {
  const { rig, pass } = followedStatus([{ lostForMs: 1 }, { lostForMs: 1 }]);
  const before = rig.count("reload");
  pass(20_000);
  expect(rig.node.statusAgeMs(0, rig.nowMs)).toBeGreaterThanOrEqual(20_000);
  expect(rig.count("reload") - before).toBeLessThanOrEqual(40);
});

test("a parent that is back after two seconds confirms the status again before it is old", () => {
  for (let jitterSeed = 0; jitterSeed < 50; jitterSeed++) {
    const rig = new Rig({ followStatus: true, parentCount: 1, jitterSeed });
    const status = { version: 1, state: "live" as const, ladderVersion: 0 };
    rig.node.applyStatus(0, status, rig.nowMs);
    const backMs = rig.nowMs + 2_000;
    for (let known = false; !known;) {
      rig.pass(50);
      for (const { id } of [...rig.node.state.attempts.values()]) {
        known = rig.nowMs >= backMs;
        if (!known) rig.node.fillError(id, "connection", rig.nowMs);
      }
    }
    expect(rig.nowMs - backMs).toBeLessThanOrEqual(550);
  }
});

test("a version of no clock is not even a first one", () => {
  const { run, version } = statusRig(1);
  run(60_000, () => 9e15);
  expect(version()).toBe(-1);
});

test("a status that was off for years may leap as far", () => {
  const { rig, run, version } = statusRig(1);
  run(50, () => start);
  rig.nowMs += 2 * versionLeapMax;
  run(2_000, () => start + 2 * versionLeapMax);
  expect(version()).toBe(start + 2 * versionLeapMax);
  expect(rig.count("feedReset")).toBe(0);
});

test("an origin that begins anew after a year is believed at once", () => {
  const { rig, run, version } = statusRig(2);
  run(50, () => start);
  const yearMs = 365 * 86_400_000;
  run(1_000, () => start + yearMs);
  expect(version()).toBe(start + yearMs);
  expect(rig.count("feedReset")).toBe(0);
});

test("a feed that begins anew takes the other origin's lower MSN and epoch", () => {
  const { rig, run } = statusRig(1);
  run(50, () => start);
  const ladder = (): void => {
    const { attempt } = rig.lastFill("/live/main/ladder.json");
    rig.node.ladderVersion(attempt, { version: 3, rungs: [300] }, rig.nowMs);
  };
  ladder();
  rig.demand(playlist);
  expect(rig.answerReload(facts({ firstMsn: 100, count: 8 }))).toBe(true);
  for (let i = 0; i < 80; i++) {
    rig.demand(playlist);
    run(500, () => start - 1_000_000);
  }
  expect(rig.decisions.concat(rig.take())).toContainEqual({
    kind: "reset",
    feed: 0,
    version: start,
  });
  ladder();
  expect(rig.lastFill(playlist).after).toBe(-1);
  expect(rig.answerReload(facts({ firstMsn: 20, count: 8, epoch: 3 }))).toBe(true);
  expect(rig.ask("/live/main/300/3-27.m4s")).toBe("miss");
});

/** What a lying, slow, forgetful set of parents may do to a node. */
const event = fc.oneof(
  fc.record({ kind: fc.constant("version" as const), back: fc.integer({ min: -3, max: 3 }) }),
  fc.record({ kind: fc.constant("epoch" as const), by: fc.integer({ min: -1, max: 1 }) }),
  fc.record({ kind: fc.constant("demand" as const), msn: fc.integer({ min: -26, max: 6 }) }),
  fc.record({ kind: fc.constant("deliver" as const), good: fc.boolean() }),
  fc.record({ kind: fc.constant("fail" as const) }),
  fc.record({ kind: fc.constant("pass" as const), ms: fc.nat({ max: 9_000 }) }),
);

test("whatever parents answer, MSN never goes back and an object never has two fills for long", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 120 }), (events) => {
      const rig = Rig.live({ cacheBytesMax: 300_000, fillCountMax: 3 });
      const { state } = rig.node;
      let highest = 107;
      let epoch = 7;
      for (const happened of events) {
        rig.take();
        const attempts = [...state.attempts.values()];
        const fill = attempts.find(({ object }) => state.objects.kind[object] === 4);
        const reload = attempts.find(({ object }) => object === rig.object(playlist));
        switch (happened.kind) {
          case "version":
          case "epoch": {
            if (reload === undefined) break;
            if (happened.kind === "epoch") epoch += happened.by;
            const last =
              state.tracks[0]!.lastMsn + (happened.kind === "version" ? happened.back : 1);
            const answered = facts({ firstMsn: last - 7, count: 8, epoch });
            rig.node.playlistVersion(reload.id, { facts: answered, ageMs: 0 }, rig.nowMs);
            break;
          }
          case "demand":
            rig.demand(playlist);
            if (rig.object(`/live/main/300/7-${highest + happened.msn}.m4s`) !== -1) {
              rig.demand(`/live/main/300/7-${highest + happened.msn}.m4s`, 3);
            }
            break;
          case "deliver":
            if (fill === undefined) break;
            if (rig.head(fill.id, 100_000, false) === -1) break;
            rig.node.fillProgress(fill.id, 100_000, rig.nowMs);
            rig.node.fillEnd(fill.id, { digestOk: happened.good }, rig.nowMs);
            break;
          case "fail":
            if (fill !== undefined) rig.node.fillError(fill.id, "connection", rig.nowMs);
            break;
          case "pass":
            rig.pass(happened.ms);
        }
        const track = state.tracks[0]!;
        expect(track.lastMsn).toBeGreaterThanOrEqual(highest);
        highest = track.lastMsn;
        expect(state.cacheBytes).toBeLessThanOrEqual(300_000);
        expect(state.parents.choose(rig.nowMs)).not.toBe(-1);
        const media = [...state.attempts.values()].filter(
          (a) => state.objects.kind[a.object]! >= 3,
        );
        expect(media).toHaveLength(state.fillCount);
        for (const { object } of state.attempts.values()) {
          expect(state.running[object]).toBeLessThanOrEqual(2);
        }
        expect(state.fillCount).toBeLessThanOrEqual(6);
      }
    }),
    { numRuns: 300 },
  );
});
