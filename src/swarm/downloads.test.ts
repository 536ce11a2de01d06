import { describe, expect, test } from "vitest";
import { chunkBytesUsual } from "./peer-message.ts";
import { idOf, kinds, SchedulerBench, segmentBytes } from "./testing/scheduler-bench.ts";

/** A viewer who waits for segment 2 with so much time left, which all these hold. */
function waiting(withinMs: number, ...peers: string[]): SchedulerBench {
  const bench = SchedulerBench.playing();
  bench.open(...peers);
  bench.announce(2);
  bench.want(2, withinMs);
  for (const peer of peers) bench.have(peer, 2);
  return bench;
}

/** Peers who were asked, in order, each told that its turn comes so much later. */
function allBusy(bench: SchedulerBench, asked: readonly string[], waitMs: number): string[] {
  const more: string[] = [];
  for (const peer of asked) {
    const decisions = bench.hear(peer, { kind: "busy", transfer: 0, waitMs });
    more.push(...requests(kinds(decisions)));
  }
  return more;
}

function requests(lines: readonly string[]): string[] {
  return lines.flatMap((line) => (line.startsWith("request to ") ? [line.slice(11)] : []));
}

const six = ["a", "b", "c", "d", "e", "f"];

/** Has all who are asked answer `busy`; gives them. */
function fillPlaces(bench: SchedulerBench, waitMs: number): string[] {
  const asked: string[] = [];
  for (let next = ["a"]; next.length > 0; next = allBusy(bench, next, waitMs)) asked.push(...next);
  return asked;
}

describe("a request that waits", () => {
  test("has one of four places until some time after its turn, then another neighbour has it", () => {
    const bench = waiting(9_000, ...six);
    const asked = fillPlaces(bench, 1_000);
    expect(asked).toHaveLength(4);
    expect(bench.passTo(bench.nowMs + 1_990)).toEqual([]);
    const decisions = kinds(bench.passTo(bench.nowMs + 20));
    for (const peer of asked) expect(decisions).toContain(`cancel to ${peer}`);
    expect(requests(decisions).every((peer) => !asked.includes(peer))).toBe(true);
    expect(requests(decisions)).not.toEqual([]);
  });

  test("has none when its turn is said to come too late, but is kept in hope", () => {
    const bench = waiting(9_000, ...six);
    expect(fillPlaces(bench, 600_000)).toHaveLength(6);
    expect(kinds(bench.chunk("f", 0, 0))).toContain("cancel to a");
  });

  test.each([
    ["is dropped as silent the third time in a row that its turn does not come", 3, ["silent"]],
    ["is not, the second time", 2, []],
  ])("who has it wait %s", (_, count, reasons) => {
    const bench = SchedulerBench.playing();
    bench.open("a");
    for (let transfer = 0; transfer < count; transfer++) {
      bench.announce(2 + transfer);
      bench.want(2 + transfer, 9_000);
      bench.have("a", 2 + transfer);
      bench.hear("a", { kind: "busy", transfer, waitMs: 500 });
      bench.passTo(bench.nowMs + 1_600);
    }
    expect(bench.reasons).toEqual(reasons);
  });

  test("nor is one who gives in between", () => {
    const bench = SchedulerBench.playing();
    bench.open("a");
    for (let transfer = 0; transfer < 6; transfer++) {
      bench.announce(2 + transfer);
      bench.want(2 + transfer, 9_000);
      bench.have("a", 2 + transfer);
      bench.hear("a", { kind: "busy", transfer, waitMs: 500 });
      if (transfer % 2 === 1) bench.transfer("a", transfer);
      bench.passTo(bench.nowMs + 1_600);
    }
    expect(bench.reasons).toEqual([]);
  });
});

describe("what a neighbour says that it can give", () => {
  test.each([
    ["one past the newest", 2, ["request to a"]],
    ["two past the newest", 3, ["request to a"]],
    ["more", 4, []],
  ])("%s before it is announced counts as far as announcements race", (_, msn, then) => {
    const bench = SchedulerBench.playing();
    bench.open("a");
    bench.have("a", msn);
    bench.want(1, 9_000);
    expect(kinds(bench.announce(msn))).toEqual(then);
  });

  test("before it is announced is remembered of few segments", () => {
    const bench = SchedulerBench.playing();
    bench.open("a");
    const segments = Array.from({ length: 5 }, (_, n) => idOf(1 + n, 750));
    bench.take({ kind: "rung", rung: 750 });
    // Of another rung nothing is.
    bench.hear("a", { kind: "have", segments: [...segments, idOf(5), idOf(6)] });
    bench.take({ kind: "want", id: idOf(0, 750), deadlineMs: bench.nowMs + 9_000 });
    expect(kinds(bench.announce(1, { rung: 750 }))).toEqual([]);
    expect(kinds(bench.announce(2, { rung: 750 }))).toEqual(["request to a"]);
  });
});

describe("a transfer", () => {
  /**
   * Gets the beginning of a segment, so much more after 400 ms, and the rest if that is in time; one
   * segment after the other.
   */
  function gets(...moreBytes: number[]): SchedulerBench {
    const bench = SchedulerBench.playing();
    bench.open("a");
    moreBytes.forEach((bytes, transfer) => {
      const msn = 2 + transfer;
      bench.announce(msn);
      bench.want(msn, 20_000);
      bench.have("a", msn);
      bench.chunk("a", transfer, 0, 5_000);
      bench.nowMs += 400;
      bench.chunk("a", transfer, 5_000, bytes);
      if (kinds(bench.take({ kind: "tick" })).includes("cancel to a")) {
        bench.take({ kind: "unwant", id: idOf(msn) });
        return;
      }
      bench.chunk("a", transfer, 5_000 + bytes, 40_000 - bytes);
      bench.verified(msn, true);
    });
    return bench;
  }

  test("too slow to end in time three times in a row has its sender dropped as slow", () => {
    expect(gets(500, 500, 500).reasons).toEqual(["slow"]);
  });

  test.each([
    ["in time does not", [20_000, 20_000, 20_000], 3],
    ["nor one in time in between", [500, 500, 20_000, 500, 500], 1],
  ])("%s", (_, moreBytes, gotCount) => {
    const { reasons, scheduler } = gets(...moreBytes);
    expect(reasons).toEqual([]);
    expect(scheduler.counts.peerBytes).toBe(gotCount * segmentBytes);
  });

  test("too slow for what the player waits for is not begun anew when half is there", () => {
    const bench = waiting(5_000, "a");
    bench.chunk("a", 0, 0, 15_000);
    bench.nowMs += 2_000;
    bench.chunk("a", 0, 15_000, 7_500);
    expect(bench.take({ kind: "tick" })).toEqual([]);
    expect(kinds(bench.passTo(bench.nowMs + 1_100))).toEqual(["fetch"]);
    bench.chunk("a", 0, 22_500, 16_000);
    bench.chunk("a", 0, 38_500, 6_500);
    expect(kinds(bench.verified(2, true))).toContain("abortFetch");
  });

  test("that brings other pieces meanwhile has an answer waited for longer", () => {
    const bench = waiting(9_000, "a");
    bench.announce(3);
    bench.open("b", "c");
    bench.have("b", 3);
    bench.chunk("a", 0, 0, 5_000);
    expect(kinds(bench.have("c", 3))).toEqual([]);
    bench.nowMs += 100;
    bench.chunk("a", 0, 5_000, 5_000);
    expect(kinds(bench.passTo(bench.nowMs + 400))).toEqual([]);
    bench.chunk("a", 0, 10_000, 5_000);
    expect(kinds(bench.passTo(bench.nowMs + 110))).toEqual(["request to c"]);
  });

  test("ends what waits elsewhere when a usual piece has come, and not before", () => {
    const bench = waiting(9_000, "a", "b");
    bench.hear("a", { kind: "busy", transfer: 0, waitMs: 900 });
    bench.hear("b", { kind: "busy", transfer: 0, waitMs: 900 });
    expect(bench.chunk("a", 0, 0, 1)).toEqual([]);
    expect(kinds(bench.chunk("b", 0, 0, chunkBytesUsual))).toEqual(["cancel to a"]);
  });

  test("of a segment that is shorter than a usual piece counts when all has come", () => {
    const bench = SchedulerBench.playing();
    bench.open("a", "b");
    const segment = { ...idOf(2), bytes: 100, sha256: "digest of 2" };
    bench.take({ kind: "segment", segment, hasSeeds: true, isSeed: false });
    bench.want(2, 9_000);
    bench.have("a", 2);
    bench.have("b", 2);
    bench.hear("a", { kind: "busy", transfer: 0, waitMs: 900 });
    expect(kinds(bench.chunk("b", 0, 0, 100))).toEqual(["cancel to a", "done to b", "verify"]);
  });

  test("with other pieces coming meanwhile may stand still for longer", () => {
    const bench = waiting(9_000, "a");
    bench.announce(3);
    bench.open("b");
    bench.have("b", 3);
    bench.chunk("a", 0, 0);
    bench.nowMs += 100;
    bench.chunk("a", 0, 15_000);
    bench.chunk("b", 0, 0, 5_000);
    bench.nowMs += 300;
    bench.chunk("b", 0, 5_000, 5_000);
    expect(kinds(bench.passTo(bench.nowMs + 400))).toEqual([]);
    expect(kinds(bench.passTo(bench.nowMs + 2_000))).toContain("cancel to a");
  });

  test("that was given up has fewer run at a time until more have come whole", () => {
    const bench = SchedulerBench.playing();
    bench.open("a", "b");
    const askedOf = (msn: number): string[] => {
      bench.announce(msn);
      return kinds(bench.have("b", msn));
    };
    bench.announce(2);
    bench.want(2, 60_000);
    for (const msn of [3, 4]) {
      bench.announce(msn);
      expect(kinds(bench.have("a", msn))).toEqual(["request to a"]);
    }
    expect(askedOf(5)).toEqual([]);
    // Both stop: 2, then 1 at a time.
    for (const transfer of [0, 1]) bench.chunk("a", transfer, 0);
    expect(kinds(bench.passTo(bench.nowMs + 2_600))).toContain("request to b");
    bench.chunk("b", 0, 0);
    expect(askedOf(6)).toEqual([]);
    bench.chunk("b", 0, 15_000);
    bench.chunk("b", 0, 30_000);
    expect(kinds(bench.verified(5, true))).toEqual(expect.arrayContaining(["request to b"]));
  });

  test("that begins after its time is none too many", () => {
    const bench = SchedulerBench.playing();
    bench.open("a", "b", "c");
    for (const msn of [2, 3, 4, 5]) bench.announce(msn);
    bench.want(2, 60_000);
    expect(kinds(bench.have("a", 3))).toEqual(["request to a"]);
    expect(kinds(bench.have("b", 4))).toEqual(["request to b"]);
    expect(kinds(bench.have("c", 5))).toEqual([]);
    // Who does not answer keeps no other segment waiting.
    expect(kinds(bench.passTo(bench.nowMs + 150))).toEqual(["request to c"]);
    expect(kinds(bench.chunk("c", 0, 0))).toEqual([]);
    expect(kinds(bench.chunk("a", 0, 0))).toEqual([]);
    expect(kinds(bench.chunk("b", 0, 0))).toEqual(["cancel to b"]);
  });
});
