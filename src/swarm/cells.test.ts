import fc from "fast-check";
import { expect, test } from "vitest";
import { swarmParameters } from "../config/swarm-parameters.ts";
import { randomRatio } from "../base/prng.ts";
import { Cells } from "./cells.ts";
import type { PeerId } from "./room-messages.ts";
import { TestRoom } from "./testing/test-room.ts";

const { cellViewerCountMin, cellViewerCountMax, dialCount, neighbourCountMax } = swarmParameters;
const both = { rung: 300, gives: true };

function fill(room: TestRoom, count: number, watch = both, name = "p"): PeerId[] {
  const peers = Array.from({ length: count }, (_, n) => `${name}${n}`);
  for (const peer of peers) room.enter(peer, watch);
  return peers;
}

test("the first of a rung is alone, the next calls it, and all learn of the size within a tick", () => {
  const room = new TestRoom();
  room.enter("a", both);
  expect(room.told("a")).toEqual([{ kind: "cell", size: 1 }]);
  room.enter("b", both);
  expect(room.told("b")).toEqual([
    { kind: "cell", size: 2 },
    { kind: "dial", peers: ["a"] },
  ]);
  expect(room.lastTold("a")).toEqual([]);
  room.tick();
  expect(room.sizeOf("a")).toBe(2);
});

test("a size is told again only where somebody was told another one", () => {
  const room = new TestRoom();
  room.enter("a", both);
  room.tick();
  expect(room.told("a")).toEqual([{ kind: "cell", size: 1 }]);
  room.enter("b", both);
  room.tick();
  expect(room.lastTold("a")).toEqual([{ kind: "cell", size: 2 }]);
  room.tick();
  expect(room.lastTold("a")).toEqual([]);
  room.leave("b");
  room.enter("b", both);
  room.forgetTold();
  room.tick();
  expect(room.told("a")).toEqual([]);
});

test("a newcomer calls the least connected, and those who give before those who only take", () => {
  const room = new TestRoom();
  fill(room, 12);
  for (const taker of ["t0", "t1"]) room.enter(taker, { rung: 300, gives: false });
  room.cells.noteOpen("p11", 0);
  const degreeOf = (peer: PeerId): number => room.openOf(peer).length;
  const degrees = new Map(room.peers().map((peer) => [peer, degreeOf(peer)]));
  room.enter("z", both);
  const dialled = room.openOf("z");
  expect(dialled).toHaveLength(dialCount);
  expect(dialled).not.toContain("p11");
  expect(dialled.filter((peer) => peer.startsWith("t"))).toEqual([]);
  const most = Math.max(...dialled.map((peer) => degrees.get(peer)!));
  const left = room.peers().filter((p) => /^p\d$|^p10$/.test(p) && !dialled.includes(p));
  for (const peer of left) expect(degrees.get(peer)).toBeGreaterThanOrEqual(most);
});

test("a cell of the most is split in half for one more, and what is open stays open", () => {
  const room = new TestRoom();
  const peers = fill(room, cellViewerCountMax);
  expect(room.cellSizes()).toEqual([cellViewerCountMax]);
  const linksBefore = peers.map((peer) => room.openOf(peer).length);
  room.enter("late", both);
  expect(room.cellSizes()).toEqual([cellViewerCountMax / 2, cellViewerCountMax / 2 + 1]);
  for (const [n, peer] of peers.entries()) {
    expect(room.openOf(peer).length).toBeGreaterThanOrEqual(linksBefore[n]!);
    expect(room.told(peer).some((told) => told.kind === "gone")).toBe(false);
  }
});

test("a split keeps more neighbours together than chance does", () => {
  const room = new TestRoom();
  const peers = fill(room, cellViewerCountMax);
  room.enter("late", both);
  const together = peers.flatMap((peer) =>
    room.openOf(peer).map((other) => room.cellOf(peer) === room.cellOf(other)),
  );
  expect(together.filter(Boolean).length / together.length).toBeGreaterThan(0.5);
});

test("newcomers come to the fullest cell with room", () => {
  const room = new TestRoom();
  fill(room, cellViewerCountMax + 1);
  expect(room.cellSizes()).toEqual([16, 17]);
  for (let n = 0; n < 5; n++) room.enter(`late${n}`, both);
  expect(room.cellSizes()).toEqual([16, 22]);
});

test("a cell of too few joins another where the two stay well below the most", () => {
  const room = new TestRoom();
  fill(room, cellViewerCountMax + 1);
  const [small, large] = room.cells.ofRung(300);
  for (const { id } of [...large!.members].slice(0, 4)) room.leave(id);
  expect(room.cellSizes()).toEqual([13, 16]);
  for (const { id } of [...small!.members].slice(0, 4)) room.leave(id);
  expect(room.cellSizes()).toEqual([12, 13]);
  room.leave(small!.members[0]!.id);
  expect(room.cellSizes()).toEqual([24]);
});

test("a cell of too few takes from the largest where the two would soon be split again", () => {
  const room = new TestRoom();
  fill(room, cellViewerCountMax * 2);
  expect(room.cellSizes()).toEqual([32, 32]);
  const [first] = room.cells.ofRung(300);
  for (const { id } of [...first!.members].slice(0, 21)) room.leave(id);
  expect(room.cellSizes()).toEqual([21, 22]);
});

test("viewers who come and go around the most do not have cells split and merged in turn", () => {
  const room = new TestRoom();
  fill(room, cellViewerCountMax);
  let changes = 0;
  for (let round = 0; round < 50; round++) {
    for (const act of ["enter", "leave"] as const) {
      const before = room.cellSizes().length;
      if (act === "enter") room.enter(`n${round}`, both);
      else room.leave(room.cells.ofRung(300).values().next().value!.members[0]!.id);
      if (room.cellSizes().length !== before) changes += 1;
    }
  }
  expect(room.cells.counts().memberCount).toBe(cellViewerCountMax);
  expect(changes).toBe(1);
});

test("who changes the rung loses all peers, and they lose it, and is called in the new rung", () => {
  const room = new TestRoom();
  fill(room, 5);
  fill(room, 3, { rung: 600, gives: true }, "q");
  const former = room.openOf("p4");
  room.forgetTold();
  room.enter("p4", { rung: 600, gives: true });
  expect(room.told("p4").map((told) => told.kind)).toEqual(["cell", "cell", "dial"]);
  expect(room.lastTold("p4")[0]).toEqual({ kind: "cell", size: null });
  for (const peer of former) expect(room.lastTold(peer)).toEqual([{ kind: "gone", peer: "p4" }]);
  expect(room.openOf("p4").sort()).toEqual(["q0", "q1", "q2"]);
});

test("seeds go round among those who give, can give, and have been there for a while", () => {
  const room = new TestRoom();
  fill(room, 20);
  for (const taker of ["t0", "t1", "t2"]) room.enter(taker, { rung: 300, gives: false });
  room.cells.noteOpen("p3", 0);
  room.nowMs += 5_000;
  room.enter("new", both);
  const named = Array.from({ length: 38 }, () => room.seeds(1)).flat();
  const counts = new Map<PeerId, number>();
  for (const peer of named) counts.set(peer, (counts.get(peer) ?? 0) + 1);
  expect(named).toHaveLength(38);
  expect([...counts.keys()].sort()).toEqual(
    Array.from({ length: 20 }, (_, n) => `p${n}`)
      .filter((peer) => peer !== "p3")
      .sort(),
  );
  expect([...new Set(counts.values())]).toEqual([2]);
});

test.each([
  [1, [1, 1, 1, 1]],
  [2, [2, 1, 1, 1]],
  [8, [8, 7, 4, 1]],
  [16, [16, 15, 8, 1]],
])("of %d seeds, cells of 32, 31, 16 and 2 have %j", (seedCount, counts) => {
  const seedsOf = (memberCount: number): number => {
    const room = new TestRoom();
    fill(room, memberCount);
    const seeds = room.seeds(seedCount);
    expect(new Set(seeds).size).toBe(seeds.length);
    return seeds.length;
  };
  expect([32, 31, 16, 2].map(seedsOf)).toEqual(counts);
});

test("there are no seeds where one is alone or nobody gives, and any giver where none is fit", () => {
  const room = new TestRoom();
  room.enter("a", both);
  expect(room.seeds(2)).toEqual([]);
  room.enter("b", { rung: 300, gives: false });
  expect(room.seeds(2)).toEqual(["a"]);
  room.enter("a", { rung: 300, gives: false });
  expect(room.seeds(2)).toEqual([]);
});

test("whoever has lost half of its peers calls others at once, then every two seconds", () => {
  const room = new TestRoom();
  fill(room, 30);
  const drop = (): void => {
    const [peer] = room.openOf("p29");
    room.drop("p29", peer!, "failed");
  };
  room.forgetTold();
  drop();
  drop();
  expect(room.lastTold("p29")).toEqual([]);
  drop();
  expect(room.lastTold("p29").map((told) => told.kind)).toEqual(["dial"]);
  expect(room.openOf("p29")).toHaveLength(dialCount);
  room.forgetTold();
  for (let n = 0; n < 4; n++) drop();
  room.nowMs += 1_500;
  room.tick();
  expect(room.dialsOf("p29")).toBe(0);
  room.nowMs += 600;
  room.tick();
  expect(room.dialsOf("p29")).toBe(1);
});

test("the two who gave each other up are not called again for a minute", () => {
  const room = new TestRoom();
  for (const peer of ["a", "b", "c"]) room.enter(peer, both);
  room.drop("a", "b", "slow");
  const again = (): boolean => room.openOf("a").includes("b");
  for (let second = 0; second < 59; second++) {
    room.nowMs += 1_000;
    room.tick();
    expect(again()).toBe(false);
  }
  for (let second = 0; second < 4; second++) {
    room.nowMs += 1_000;
    room.tick();
  }
  expect(again()).toBe(true);
});

test("who is given up is told so, and has its place free for another", () => {
  const room = new TestRoom();
  fill(room, 30);
  const [given] = room.openOf("p29");
  room.drop("p29", given!, "slow");
  expect(room.lastTold(given!)).toEqual([{ kind: "gone", peer: "p29" }]);
  expect(room.openOf(given!)).not.toContain("p29");
  // What the other side says of it comes too late to be news.
  room.drop(given!, "p29", "gone");
  expect(room.lastTold("p29")).toEqual([]);
});

test("one who gives up whoever it is given holds no more connections than others", () => {
  const room = new TestRoom();
  fill(room, cellViewerCountMax);
  for (let second = 0; second < 60; second++) {
    for (const peer of room.openOf("p31")) room.drop("p31", peer, "failed");
    room.nowMs += 1_000;
    room.tick();
    const holders = room.peers().filter((peer) => room.openOf(peer).includes("p31"));
    expect(holders.sort()).toEqual(room.openOf("p31").sort());
    expect(holders.length).toBeLessThanOrEqual(dialCount);
  }
});

test("two accusers shut a peer out, one does not", () => {
  const room = new TestRoom();
  fill(room, 10);
  const [one, other, third] = room.openOf("p0");
  room.drop(one!, "p0", "digest");
  room.drop(one!, "p0", "digest");
  expect(room.cellOf("p0")).toBeDefined();
  // The accused is faster to say that it lost its accuser.
  room.drop("p0", other!, "failed");
  room.forgetTold();
  room.drop(other!, "p0", "digest");
  expect(room.cellOf("p0")).toBeUndefined();
  expect(room.lastTold("p0")).toEqual([{ kind: "cell", size: null }]);
  expect(room.lastTold(third!)).toContainEqual({ kind: "gone", peer: "p0" });
  expect(room.cells.banCount).toBe(1);
  room.enter("p0", both);
  expect(room.cellOf("p0")).toBeUndefined();
});

test("who leaves its cell, or its rung, before it is accused is shut out all the same", () => {
  const room = new TestRoom();
  fill(room, 10);
  const [one, other] = room.openOf("p0");
  room.leave("p0");
  room.drop(one!, "p0", "digest");
  room.enter("p0", { rung: 600, gives: true });
  room.drop(other!, "p0", "digest");
  expect(room.cellOf("p0")).toBeUndefined();
  expect(room.cells.banCount).toBe(1);
});

test.each(["protocol", "slow", "silent", "failed", "gone"] as const)(
  "nobody is shut out as %s, however many say so",
  (reason) => {
    const room = new TestRoom();
    fill(room, 10);
    for (const peer of room.openOf("p0")) room.drop(peer, "p0", reason);
    expect(room.cells.banCount).toBe(0);
    expect(room.cellOf("p0")).toBeDefined();
  },
);

test("a ban ends after five minutes; its accusers are not called with it again", () => {
  const room = new TestRoom();
  fill(room, 3);
  for (const accuser of ["p1", "p2"]) room.drop(accuser, "p0", "digest");
  const readmittedAfter = (delayMs: number): readonly PeerId[] => {
    room.nowMs += delayMs;
    return room.cells.takeReadmitted(room.nowMs);
  };
  expect(readmittedAfter(5 * 60_000 - 1)).toEqual([]);
  expect(readmittedAfter(1)).toEqual(["p0"]);
  room.enter("p0", both);
  room.enter("p3", both);
  room.tick();
  expect(room.openOf("p0")).toEqual(["p3"]);
});

test("in the smallest cells one accuser has the two kept apart for good, and no more", () => {
  const room = new TestRoom();
  fill(room, 3);
  room.drop("p1", "p0", "digest");
  expect(room.cellOf("p0")).toBeDefined();
  for (let minute = 0; minute < 60; minute++) {
    room.nowMs += 60_000;
    room.tick();
  }
  expect(room.openOf("p0")).toEqual(["p2"]);
  expect(room.openOf("p1")).toEqual(["p2"]);
});

test("whom one has never met one cannot accuse", () => {
  const room = new TestRoom();
  fill(room, 32);
  const strangers = room.peers().filter((peer) => !room.openOf("p0").includes(peer));
  for (const peer of strangers) room.drop(peer, "p0", "digest");
  expect(room.cells.banCount).toBe(0);
});

test("to be called together is not to have met: both must have been heard", () => {
  const bansOf = (mute: PeerId[]): number => {
    const room = new TestRoom();
    for (const peer of mute) room.mute.add(peer);
    fill(room, 10);
    for (const peer of room.openOf("p0")) room.drop(peer, "p0", "digest");
    return room.cells.banCount;
  };
  expect(bansOf([])).toBe(1);
  expect(bansOf(["p0"])).toBe(0);
  expect(bansOf(Array.from({ length: 9 }, (_, n) => `p${n + 1}`))).toBe(0);
});

/** Liars who accuse all they are called with and come again under other names; how many are banned. */
function slander(honest: (n: number) => string, liars: readonly string[], seconds: number): number {
  const room = new TestRoom();
  for (let n = 0; n < 28; n++) room.enter(`p${n}`, both, honest(n));
  for (let round = 0; round < seconds; round++) {
    for (const [index, home] of liars.entries()) room.enter(`liar${index} ${round}`, both, home);
    for (const [index] of liars.entries()) {
      const liar = `liar${index} ${round}`;
      for (const peer of room.openOf(liar)) {
        if (!peer.startsWith("liar")) room.drop(liar, peer, "digest");
      }
    }
    for (const [index] of liars.entries()) room.forget(`liar${index} ${round}`);
    room.nowMs += 1_000;
    room.tick();
  }
  return room.cells.banCount;
}

test("any number of sockets of one address shut out nobody elsewhere", () => {
  expect(slander((n) => `home ${n}`, ["flat", "flat", "flat", "flat"], 120)).toBe(0);
});

test("two addresses that accuse everybody shut out four, and then no more than one a minute", () => {
  const banCount = slander((n) => `home ${n}`, ["flat", "house"], 120);
  expect(banCount).toBeGreaterThan(0);
  expect(banCount).toBeLessThanOrEqual(4 + 2);
});

test("within one address no more are shut out than that", () => {
  const banCount = slander(() => "school", ["school", "school"], 120);
  expect(banCount).toBeGreaterThan(0);
  expect(banCount).toBeLessThanOrEqual(4 + 2);
});

test("4 of 12 who send wrong bytes are shut out, also where all have one address", () => {
  for (const home of [() => "loopback", (n: number) => `home ${n}`]) {
    const room = new TestRoom();
    for (let n = 0; n < 12; n++) room.enter(`p${n}`, both, home(n));
    for (const honest of Array.from({ length: 8 }, (_, n) => `p${n}`)) {
      for (const peer of room.openOf(honest)) {
        if (Number(peer.slice(1)) >= 8) room.drop(honest, peer, "digest");
      }
    }
    expect(room.cells.banCount).toBe(4);
    expect(room.cellSizes()).toEqual([8]);
  }
});

test("who was shut out by several addresses gains nothing by coming again from its own", () => {
  const room = new TestRoom();
  for (let n = 0; n < 10; n++) room.enter(`p${n}`, both, n < 2 ? "flat" : `home ${n}`);
  const accusers = room.openOf("p0").filter((peer) => peer !== "p1");
  for (const peer of accusers.slice(0, 2)) room.drop(peer, "p0", "digest");
  room.forget("p0");
  room.enter("again", both, "flat");
  expect(room.cellOf("again")).toBeUndefined();
  // The others of its address are not it.
  expect(room.cellOf("p1")).toBeDefined();
  room.enter("brother", both, "flat");
  expect(room.cellOf("brother")).toBeDefined();
});

test("a seed that several had nothing from is passed over for two minutes, and stays", () => {
  const room = new TestRoom();
  fill(room, 10);
  room.nowMs += 10_000;
  const named = (): Set<PeerId> => new Set(Array.from({ length: 10 }, () => room.seeds(1)).flat());
  const [one, other] = room.openOf("p0");
  room.drop(one!, "p0", "silent");
  expect(named()).toContain("p0");
  room.drop(other!, "p0", "slow");
  expect(named()).not.toContain("p0");
  expect(named().size).toBe(9);
  expect(room.cellOf("p0")).toBeDefined();
  room.nowMs += 2 * 60_000;
  expect(named()).toContain("p0");
});

test("a seed that cannot be reached is passed over on the word of those who reach others", () => {
  const isSeedAfter = (openCount: number): boolean => {
    const room = new TestRoom();
    room.mute.add("p0");
    fill(room, 10);
    room.nowMs += 10_000;
    for (const peer of room.openOf("p0")) {
      room.cells.noteOpen(peer, openCount);
      room.drop(peer, "p0", "failed");
    }
    room.enter("late", both);
    return Array.from({ length: 20 }, () => room.seeds(1))
      .flat()
      .includes("p0");
  };
  expect(isSeedAfter(0)).toBe(true);
  expect(isSeedAfter(3)).toBe(false);
});

test("when the swarm goes off nobody is told a thing, and nothing is left", () => {
  const room = new TestRoom();
  const peers = fill(room, 40);
  room.tick();
  room.forgetTold();
  room.cells.enter({ id: "p40", addressKey: "p40" }, both, room.nowMs);
  room.clear();
  for (const peer of [...peers, "p40"]) expect(room.told(peer)).toEqual([]);
  expect(room.cells.counts()).toEqual({ cellCount: 0, memberCount: 0 });
  room.tick();
  expect(room.cells.rungOf("p0")).toBeUndefined();
  room.enter("p0", both);
  expect(room.cellSizes()).toEqual([1]);
  expect(room.sizeOf("p0")).toBe(1);
});

test("one seed of random numbers makes the same cells and calls", () => {
  const run = (): unknown => {
    const cells = new Cells({
      random: () => randomRatio({ seed: 1, owner: 0, stream: 0, n: n++ }),
    });
    let n = 0;
    for (let peer = 0; peer < 100; peer++) {
      cells.enter({ id: `p${peer}`, addressKey: "" }, both, peer);
    }
    return cells.take();
  };
  expect(run()).toEqual(run());
});

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("enter" as const), peer: fc.nat(79) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("leave" as const), peer: fc.nat(79) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("forget" as const), peer: fc.nat(79) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("drop" as const), peer: fc.nat(79) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("tick" as const), peer: fc.nat(5_000) }) },
);

test("whatever viewers do, cells are of the right size and calls go between members, once", () => {
  const arbitrary = fc.array(fc.tuple(step, fc.nat(1_000_000)), { size: "max", maxLength: 400 });
  fc.assert(
    fc.property(arbitrary, (steps) => {
      const room = new TestRoom();
      for (const [{ do: what, peer }, choice] of steps) {
        const id = `p${peer}`;
        const rung = choice % 3 === 0 ? 300 : 600;
        if (what === "enter") room.enter(id, { rung, gives: choice % 5 > 0 });
        else if (what === "leave") room.leave(id);
        else if (what === "forget") room.forget(id);
        else if (what === "tick") room.nowMs += peer;
        else {
          const links = room.openOf(id);
          const reasons = ["digest", "slow", "gone"] as const;
          if (links.length > 0) room.drop(id, links[choice % links.length]!, reasons[choice % 3]!);
        }
        if (what === "tick") room.tick();
        expect(problemsOf(room)).toEqual([]);
      }
      room.tick();
      for (const peer of room.peers()) {
        expect(room.sizeOf(peer) ?? 0).toBe(room.cellOf(peer)?.members.length ?? 0);
      }
    }),
    { numRuns: 40 },
  );
  // Two seconds of work, and a machine may have other things to do.
}, 30_000);

/** What is not as it should be. */
function problemsOf(room: TestRoom): string[] {
  const problems: string[] = [];
  const check = (holds: boolean, problem: string): void => {
    if (!holds) problems.push(problem);
  };
  const seen = new Set<PeerId>();
  const known: string[] = [];
  for (const rung of [300, 600]) {
    const cells = [...room.cells.ofRung(rung)];
    for (const cell of cells) {
      const size = cell.members.length;
      check(size >= (cells.length > 1 ? cellViewerCountMin : 1), `${size} in one of many cells`);
      check(size <= cellViewerCountMax, `${size} in a cell`);
      const givers = cell.members.filter(({ gives }) => gives).map(({ id }) => id);
      const seeds = cell.takeSeeds(2, room.nowMs);
      check(new Set(seeds).size === seeds.length, "a seed is named twice");
      check(
        seeds.every((seed) => givers.includes(seed)),
        "a seed does not give",
      );
      check(seeds.length > 0 || givers.length === 0 || size === 1, "no seeds");
      for (const member of cell.members) {
        check(!seen.has(member.id), `${member.id} is in two cells`);
        seen.add(member.id);
        check(member.links.size <= neighbourCountMax, `${member.id} has too many links`);
        for (const peer of member.links.values()) {
          known.push(`${member.id} ${peer.id}`);
          check(peer !== member, `${member.id} calls itself`);
          check(peer.links.get(member.id) === member, "a link has one side");
          check(peer.cell?.rung === rung, "a link leads to another rung");
        }
      }
    }
  }
  check(known.sort().join() === room.openPairs().join(), "viewers were told otherwise");
  return problems;
}
