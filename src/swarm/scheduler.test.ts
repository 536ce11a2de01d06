import { describe, expect, test } from "vitest";
import { segmentBytesMax } from "./peer-message.ts";
import {
  factsOf,
  idOf,
  kinds,
  SchedulerBench,
  segmentBytes,
  sent,
} from "./testing/scheduler-bench.ts";

/** The segment's second, an answer of 200 ms, and 800 of what may be under way, before the deadline. */
const edgeBeforeMs = 2_000;

/** A viewer who waits for segment 2 with 5 s left, and has peer `a` asked for it. */
function waiting(): SchedulerBench {
  const bench = SchedulerBench.playing();
  bench.open("a", "b");
  bench.announce(2);
  bench.want(2, 5_000);
  expect(kinds(bench.have("a", 2))).toEqual(["request to a"]);
  return bench;
}

describe("from the edge", () => {
  test("a segment that was not announced is refused at once", () => {
    const bench = SchedulerBench.playing();
    expect(bench.want(7, 9_000)).toEqual([{ kind: "refuse", id: idOf(7) }]);
  });

  test("who has no neighbours does not wait for any", () => {
    const bench = SchedulerBench.playing();
    bench.announce(2);
    expect(bench.want(2, 9_000)).toEqual([{ kind: "fetch", id: idOf(2) }]);
  });

  test("nor who has only neighbours that give nothing", () => {
    const bench = SchedulerBench.playing();
    bench.open("a");
    bench.hear("a", { kind: "share", allowed: false });
    bench.announce(2);
    expect(kinds(bench.want(2, 9_000))).toEqual(["fetch"]);
  });

  test("a seed fetches at the announcement, and tells its neighbours when it is checked", () => {
    const bench = SchedulerBench.playing();
    bench.open("a");
    expect(kinds(bench.announce(2, { isSeed: true }))).toEqual(["fetch"]);
    expect(kinds(bench.fetched(2))).toEqual(["verify"]);
    expect(sent(bench.verified(2, true))).toEqual([["a", { kind: "have", segments: [idOf(2)] }]]);
    expect(kinds(bench.want(2, 5_000))).toEqual(["deliver"]);
  });

  test.each(["who gives nothing", "whose player does not play"])("no seed is one %s", (who) => {
    const bench = SchedulerBench.playing();
    bench.open("a");
    if (who === "who gives nothing") bench.take({ kind: "share", allowed: false });
    else bench.nowMs += 40_000;
    expect(kinds(bench.announce(2, { isSeed: true }))).toEqual([]);
  });

  test("it is asked in time for the deadline if no neighbour has the segment, and not before", () => {
    const bench = SchedulerBench.playing();
    bench.open("a");
    bench.take({ kind: "share", allowed: false });
    bench.announce(2);
    bench.want(2, 5_000);
    const deadlineMs = bench.nowMs + 5_000;
    expect(bench.passTo(deadlineMs - edgeBeforeMs - 1)).toEqual([]);
    expect(kinds(bench.passTo(deadlineMs - edgeBeforeMs))).toEqual(["fetch"]);
  });

  test("a viewer who could give does so of its own accord before, should nobody have it", () => {
    const bench = SchedulerBench.playing();
    bench.open("a");
    bench.announce(2);
    bench.want(2, 5_000);
    expect(kinds(bench.passTo(bench.nowMs + 5_000 - edgeBeforeMs - 500))).toEqual(["fetch"]);
  });

  test.each(["gives", "only takes"])(
    "what nobody was told to fetch who %s fetches at once",
    (who) => {
      const bench = SchedulerBench.playing();
      bench.open("a", "b");
      bench.take({ kind: "share", allowed: who === "gives" });
      bench.announce(2, { hasSeeds: false });
      bench.want(2, 12_000);
      expect(bench.passTo(bench.nowMs + 399)).toEqual([]);
      expect(kinds(bench.passTo(bench.nowMs + 1))).toEqual(["fetch"]);
    },
  );

  test("which is not late, though a neighbour was asked", () => {
    const bench = SchedulerBench.playing();
    bench.open("a");
    bench.announce(2, { hasSeeds: false });
    bench.want(2, 12_000);
    bench.have("a", 2);
    bench.hear("a", { kind: "busy", transfer: 0, waitMs: 5_000 });
    expect(kinds(bench.passTo(bench.nowMs + 600))).toEqual(["fetch", "cancel to a"].toReversed());
    bench.fetched(2);
    bench.verified(2, true);
    expect(bench.scheduler.counts.lateCount).toBe(0);
  });

  test("unless a neighbour sends it, or the player does not wait for it yet", () => {
    const bench = SchedulerBench.playing();
    bench.open("a", "b");
    bench.announce(2, { hasSeeds: false });
    bench.announce(3, { hasSeeds: false });
    bench.want(2, 12_000);
    expect(kinds(bench.have("a", 2))).toEqual(["request to a"]);
    bench.chunk("a", 0, 0);
    expect(kinds(bench.passTo(bench.nowMs + 600))).not.toContain("fetch");
  });

  test("it is asked sooner when the buffer runs down faster than was thought", () => {
    const bench = waiting();
    bench.hear("a", { kind: "busy", transfer: 0, waitMs: 4_000 });
    bench.nowMs += 100;
    expect(bench.take({ kind: "buffer", aheadMs: 2_100 })).toEqual([]);
    expect(kinds(bench.take({ kind: "buffer", aheadMs: 1_900 }))).toEqual(["cancel to a", "fetch"]);
  });

  test("bytes from the edge that are not those announced are not delivered", () => {
    const bench = SchedulerBench.playing();
    bench.announce(2);
    bench.want(2, 9_000);
    bench.fetched(2);
    expect(bench.verified(2, false)).toEqual([{ kind: "refuse", id: idOf(2) }]);
    bench.announce(3);
    bench.want(3, 9_000);
    expect(kinds(bench.fetched(3, new Uint8Array(1)))).toEqual(["refuse"]);
  });

  test("a fetch that failed is the player's to repeat", () => {
    const bench = SchedulerBench.playing();
    bench.announce(2);
    bench.want(2, 9_000);
    expect(kinds(bench.fetched(2, null))).toEqual(["refuse"]);
  });

  test("when it is stuck neighbours are asked, and then the player asks in its own way", () => {
    const bench = SchedulerBench.playing();
    bench.open("a");
    bench.announce(2);
    bench.want(2, 500);
    bench.have("a", 2);
    const stuck = bench.passTo(bench.nowMs + 1_600);
    expect(kinds(stuck)).toEqual(["request to a"]);
    const late = kinds(bench.passTo(bench.nowMs + 4_000));
    expect(late).toContain("abortFetch");
    expect(late.at(-1)).toBe("refuse");
  });
});

describe("from a neighbour", () => {
  test("a segment is checked before it is delivered and announced", () => {
    const bench = waiting();
    const decisions = bench.transfer("a", 0);
    expect(kinds(decisions)).toEqual(["done to a", "verify"]);
    expect(decisions[1]).toMatchObject({ peer: "a", sha256: factsOf(2).sha256 });
    const id = idOf(2);
    expect(bench.verified(2, true)).toMatchObject([
      { kind: "deliver", id, source: "peer" },
      { kind: "send", peer: "a", message: { kind: "have", segments: [id] } },
      { kind: "send", peer: "b", message: { kind: "have", segments: [id] } },
    ]);
    expect(bench.scheduler.counts).toMatchObject({ peerBytes: segmentBytes, lateCount: 0 });
  });

  test("with wrong bytes it is dropped, never taken again, and another is asked", () => {
    const bench = waiting();
    bench.have("b", 2);
    bench.transfer("a", 0);
    const decisions = bench.verified(2, false);
    expect(kinds(decisions)).toEqual(["drop", "request to b"]);
    expect(decisions[0]).toEqual({ kind: "drop", peer: "a", reason: "digest" });
    expect(bench.scheduler.counts).toMatchObject({ refusedCount: 1, bannedCount: 1, peerBytes: 0 });
    bench.nowMs += 10_000_000;
    expect(kinds(bench.take({ kind: "peerOpen", peer: "a" }))).toContain("drop");
    expect(bench.scheduler.peerCount).toBe(1);
  });

  test.each<[string, (bench: SchedulerBench) => void]>([
    ["out of order", (bench) => bench.chunk("a", 0, 15_000)],
    ["twice", (bench) => [bench.chunk("a", 0, 0), bench.chunk("a", 0, 0)]],
    ["beyond the announced length", (bench) => bench.chunk("a", 0, 0, segmentBytes + 1)],
    ["that nobody asked for", (bench) => bench.chunk("a", 5, 0)],
    ["that are no message", (bench) => bench.take({ kind: "unreadable", peer: "a" })],
  ])("bytes %s end it for a while, and accuse nobody", (_, offend) => {
    const bench = waiting();
    offend(bench);
    expect(bench.scheduler.peerCount).toBe(1);
    expect(bench.reasons).toEqual(["protocol"]);
    expect(bench.scheduler.counts).toMatchObject({ bannedCount: 0, refusedCount: 0 });
    bench.open("a");
    expect(bench.scheduler.peerCount).toBe(1);
    bench.nowMs += 60_000;
    bench.open("a");
    expect(bench.scheduler.peerCount).toBe(2);
  });

  test("that could not be checked it is let go, and accused of nothing", () => {
    const bench = waiting();
    bench.have("b", 2);
    bench.transfer("a", 0);
    expect(kinds(bench.verified(2, null))).toEqual(["drop", "request to b"]);
    expect(bench.reasons).toEqual(["gone"]);
    expect(bench.scheduler.counts).toMatchObject({ bannedCount: 0, refusedCount: 0 });
  });

  test("what was on its way when a request was given up is no offence, more of it is", () => {
    const bench = waiting();
    bench.chunk("a", 0, 0);
    expect(kinds(bench.passTo(bench.nowMs + 3_000))).toContain("cancel to a");
    bench.chunk("a", 0, 15_000);
    bench.chunk("a", 0, 30_000);
    expect(bench.scheduler.peerCount).toBe(2);
    bench.chunk("a", 0, 0);
    expect(bench.scheduler.peerCount).toBe(1);
    expect(bench.reasons).toEqual(["protocol"]);
  });

  test("what makes room for another is who was of no use for a minute, the idlest", () => {
    const bench = SchedulerBench.playing();
    const spare = (): string | null => bench.scheduler.sparePeer(bench.nowMs);
    expect(spare()).toBeNull();
    bench.open("giver");
    bench.nowMs += 10_000;
    bench.open("taker", "idler");
    bench.nowMs += 49_999;
    expect(spare()).toBeNull();
    bench.announce(2);
    bench.want(2, 5_000);
    bench.have("giver", 2);
    bench.transfer("giver", 0, 0);
    bench.verified(2, true);
    const request = { transfer: 0, segment: idOf(2), withinMs: 900 };
    bench.hear("taker", { kind: "request", ...request });
    const end = { sentBytes: segmentBytes, isWhole: true };
    bench.take({ kind: "uploadEnd", peer: "taker", transfer: 0, ...end });
    bench.nowMs += 10_000;
    expect(spare()).toBeNull();
    bench.nowMs += 1;
    expect(spare()).toBe("idler");
    bench.take({ kind: "peerClosed", peer: "idler" });
    expect(spare()).toBeNull();
    bench.nowMs += 60_000;
    expect(spare()).toBe("giver");
  });

  test("one that floods with messages is dropped, one that says much is not", () => {
    const bench = waiting();
    for (let i = 0; i < 500; i++) bench.have("b", 2);
    expect(bench.scheduler.peerCount).toBe(2);
    for (let i = 0; i < 200; i++) bench.have("b", 2);
    expect(bench.scheduler.peerCount).toBe(1);
    expect(bench.reasons).toEqual(["protocol"]);
  });

  test("a segment waits in several queues, and the first piece ends the others", () => {
    const bench = waiting();
    bench.have("b", 2);
    const busy = bench.hear("a", { kind: "busy", transfer: 0, waitMs: 900 });
    expect(kinds(busy)).toEqual(["request to b"]);
    bench.hear("b", { kind: "busy", transfer: 0, waitMs: 900 });
    expect(kinds(bench.chunk("b", 0, 0))).toEqual(["cancel to a"]);
  });

  test("a turn that comes soon is waited for before another is asked", () => {
    const bench = waiting();
    bench.have("b", 2);
    expect(bench.hear("a", { kind: "busy", transfer: 0, waitMs: 100 })).toEqual([]);
    expect(kinds(bench.passTo(bench.nowMs + 300))).toEqual(["request to b"]);
  });

  test("one that does not answer holds nothing up", () => {
    const bench = waiting();
    bench.have("b", 2);
    expect(kinds(bench.passTo(bench.nowMs + 160))).toEqual(["request to b"]);
  });

  test("a transfer that stops is given up for another neighbour", () => {
    const bench = waiting();
    bench.have("b", 2);
    bench.chunk("a", 0, 0);
    bench.nowMs += 100;
    bench.chunk("a", 0, 15_000);
    expect(kinds(bench.passTo(bench.nowMs + 700))).toEqual(["cancel to a", "request to b"]);
  });

  test("one whose transfers stop again and again is dropped as slow", () => {
    const bench = SchedulerBench.playing();
    bench.open("a");
    const decisions = [2, 3, 4].flatMap((msn, transfer) => {
      bench.announce(msn);
      bench.want(msn, 9_000);
      bench.have("a", msn);
      bench.chunk("a", transfer, 0);
      return bench.passTo(bench.nowMs + 2_600);
    });
    expect(decisions).toContainEqual({ kind: "drop", peer: "a", reason: "slow" });
    expect(bench.scheduler.counts.bannedCount).toBe(0);
  });

  /** Waits until just before the edge has to be asked, and gets a third of the segment then. */
  function lateBegun(): { bench: SchedulerBench; deadlineMs: number } {
    const bench = waiting();
    const deadlineMs = bench.nowMs + 5_000;
    bench.hear("a", { kind: "busy", transfer: 0, waitMs: 3_000 });
    bench.passTo(deadlineMs - edgeBeforeMs - 400);
    bench.chunk("a", 0, 0);
    return { bench, deadlineMs };
  }

  test("a transfer that will be in time is let end when the edge would have been asked", () => {
    const { bench, deadlineMs } = lateBegun();
    bench.passTo(deadlineMs - edgeBeforeMs - 50);
    bench.chunk("a", 0, 15_000);
    expect(bench.passTo(deadlineMs - edgeBeforeMs + 300)).toEqual([]);
    expect(kinds(bench.chunk("a", 0, 30_000))).toEqual(["done to a", "verify"]);
  });

  test("one that falls behind is overtaken, but not given up once half of it is there", () => {
    const { bench, deadlineMs } = lateBegun();
    bench.passTo(deadlineMs - edgeBeforeMs - 50);
    bench.chunk("a", 0, 15_000, 10_000);
    // What is left would take four ninths of the time over a line that has fallen.
    const overtakenAtMs = deadlineMs - (4 / 9) * edgeBeforeMs;
    expect(bench.passTo(overtakenAtMs - 2)).toEqual([]);
    expect(kinds(bench.passTo(overtakenAtMs + 2))).toEqual(["fetch"]);
    expect(bench.passTo(deadlineMs - 600)).toEqual([]);
    bench.chunk("a", 0, 25_000);
    bench.chunk("a", 0, 40_000, 5_000);
    expect(kinds(bench.verified(2, true)).slice(0, 2)).toEqual(["deliver", "abortFetch"]);
  });

  test("one of which little is there when it falls behind makes way", () => {
    const { bench, deadlineMs } = lateBegun();
    bench.passTo(deadlineMs - edgeBeforeMs - 50);
    bench.chunk("a", 0, 15_000, 1_000);
    expect(kinds(bench.take({ kind: "tick" }))).toEqual(["cancel to a", "fetch"]);
  });

  test("a transfer that cannot end in time is given up at once", () => {
    const bench = waiting();
    bench.chunk("a", 0, 0);
    bench.nowMs += 2_000;
    expect(kinds(bench.chunk("a", 0, 15_000, 2_000))).toEqual(["cancel to a"]);
  });
});

describe("what the player and the room change", () => {
  test("another rung ends what runs for the former, which may still be given", () => {
    const bench = waiting();
    bench.announce(3);
    expect(kinds(bench.have("b", 3))).toEqual(["request to b"]);
    expect(kinds(bench.take({ kind: "rung", rung: 750 }))).toEqual(["cancel to b"]);
    const segment = idOf(1);
    const asked = bench.hear("b", { kind: "request", transfer: 0, segment, withinMs: 900 });
    expect(kinds(asked)).toEqual(["upload"]);
  });

  test("the kill switch ends all, and the player goes on alone", () => {
    const bench = waiting();
    expect(kinds(bench.setPolicy("off"))).toEqual([
      "share to a",
      "share to b",
      "cancel to a",
      "refuse",
    ]);
    bench.announce(3);
    expect(kinds(bench.want(3, 9_000))).toEqual(["refuse"]);
    expect(bench.scheduler.nextTickMs).toBe(Infinity);
  });

  test("what the player will ask for next is looked for beside what it asks for", () => {
    const bench = waiting();
    bench.announce(3);
    expect(sent(bench.have("b", 3))).toMatchObject([["b", { kind: "request", segment: idOf(3) }]]);
  });

  test("what the player has passed is looked for no more", () => {
    const bench = waiting();
    bench.announce(3);
    bench.have("b", 3);
    bench.transfer("a", 0);
    bench.verified(2, true);
    bench.announce(5);
    expect(kinds(bench.want(5, 9_000))).toEqual(["cancel to b"]);
  });

  test("what the player gave up, or fetches itself, is sent by nobody any more", () => {
    const bench = waiting();
    bench.have("b", 2);
    bench.chunk("a", 0, 0);
    expect(kinds(bench.take({ kind: "unwant", id: idOf(2) }))).toEqual(["cancel to a"]);
    expect(bench.have("b", 2)).toEqual([]);
    expect(kinds(bench.announce(3))).toEqual([]);
    expect(kinds(bench.want(2, 4_000))).toEqual(["request to a"]);
  });

  test("nor does a fetch go on that the player began in its own way", () => {
    const bench = SchedulerBench.playing();
    bench.announce(2);
    expect(kinds(bench.want(2, 4_000))).toEqual(["fetch"]);
    expect(kinds(bench.take({ kind: "unwant", id: idOf(2) }))).toEqual(["abortFetch"]);
  });

  test("segments longer than peers exchange are the player's, and cost no neighbour its place", () => {
    const bench = SchedulerBench.playing();
    bench.open("a");
    const announce = (msn: number, bytes: number) =>
      bench.take({
        kind: "segment",
        segment: { ...factsOf(msn), bytes },
        hasSeeds: true,
        isSeed: true,
      });
    expect(announce(2, segmentBytesMax + 1)).toEqual([]);
    bench.have("a", 2);
    expect(kinds(bench.want(2, 9_000))).toEqual(["refuse"]);
    expect(kinds(announce(3, segmentBytesMax))).toEqual(["fetch"]);
    expect(bench.scheduler.peerCount).toBe(1);
  });

  test("the answer about bytes that were given up is not taken for those that came after", () => {
    const bench = waiting();
    bench.transfer("a", 0);
    const former = bench.checks.get(2)!;
    bench.take({ kind: "unwant", id: idOf(2) });
    bench.take({ kind: "peerClosed", peer: "a" });
    bench.have("b", 2);
    bench.want(2, 9_000);
    expect(kinds(bench.transfer("b", 0))).toEqual(["done to b", "verify"]);
    expect(bench.take({ kind: "verified", check: former, ok: true })).toEqual([]);
    expect(kinds(bench.verified(2, false))).toEqual(["drop", "fetch"]);
    expect(bench.scheduler.counts.peerBytes).toBe(0);
  });
});
