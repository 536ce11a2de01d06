import { describe, expect, test } from "vitest";
import { idOf, kinds, SchedulerBench, sent } from "./testing/scheduler-bench.ts";

/**
 * How long before its deadline the edge is asked for what nobody has, of segments that are announced
 * so far apart; one before took the edge 200 ms.
 */
function askedBeforeMs(segmentMs: number): number {
  const bench = SchedulerBench.playing();
  bench.open("a");
  bench.take({ kind: "share", allowed: false });
  for (const msn of [2, 3, 4]) {
    bench.nowMs += segmentMs;
    bench.announce(msn);
  }
  const deadlineMs = bench.nowMs + 9_000;
  bench.want(4, 9_000);
  for (let atMs = bench.nowMs; atMs < deadlineMs; atMs += 10) {
    if (kinds(bench.passTo(atMs)).includes("fetch")) return deadlineMs - bench.nowMs;
  }
  return 0;
}

test.each([
  [4_000, 5_000],
  [2_000, 3_000],
  [1_000, 2_000],
])("a line that has fallen to one segment each %d ms is asked in time", (segmentMs, beforeMs) => {
  expect(askedBeforeMs(segmentMs)).toBe(beforeMs);
});

test("the edge is asked sooner while it takes long over another segment", () => {
  const bench = SchedulerBench.playing();
  bench.open("a");
  bench.announce(2);
  bench.want(2, 9_000);
  expect(kinds(bench.announce(3, { isSeed: true }))).toEqual(["fetch"]);
  const untilMs = bench.nowMs + 3_000;
  while (bench.nowMs < untilMs) {
    bench.nowMs += 500;
    expect(kinds(bench.take({ kind: "fetchProgress", id: idOf(3), loadedBytes: 1 }))).toEqual([]);
  }
  // Three seconds so far, and half as much for safety.
  bench.nowMs += 500;
  expect(kinds(bench.take({ kind: "buffer", aheadMs: 5_000 }))).toContain("fetch");
});

/** Waits for segment 2 of the edge, for 25 ms, while 3 has come from a neighbour for 100. */
function fetchingBeside(): SchedulerBench {
  const bench = SchedulerBench.playing();
  bench.open("a", "b");
  bench.announce(2);
  bench.announce(3);
  bench.want(2, 2_500);
  bench.have("a", 3);
  bench.passTo(bench.nowMs + 300);
  bench.chunk("a", 0, 0);
  expect(kinds(bench.passTo(bench.nowMs + 100))).toEqual(["fetch"]);
  return bench;
}

describe("while the player waits for the edge", () => {
  test("nothing else is begun", () => {
    const bench = fetchingBeside();
    bench.announce(4);
    expect(kinds(bench.have("b", 4))).toEqual([]);
    expect(kinds(bench.announce(5, { isSeed: true }))).toEqual([]);
    expect(kinds(bench.fetched(2))).toEqual(["verify", "request to b"]);
  });

  test("what comes beside may go on as long as the fetch takes no longer than expected", () => {
    const bench = fetchingBeside();
    expect(bench.passTo(bench.nowMs + 174)).toEqual([]);
    expect(kinds(bench.fetched(2))).toEqual(["verify"]);
  });

  test("and gives way when it does", () => {
    const bench = fetchingBeside();
    expect(kinds(bench.passTo(bench.nowMs + 175))).toEqual(["cancel to a"]);
  });

  test("a fetch beside that is slow already gives way at once", () => {
    const bench = SchedulerBench.playing();
    bench.open("a");
    bench.announce(2);
    bench.want(2, 2_500);
    expect(kinds(bench.announce(3, { isSeed: true }))).toEqual(["fetch"]);
    expect(bench.passTo(bench.nowMs + 500)).toEqual([
      { kind: "fetch", id: idOf(2) },
      { kind: "abortFetch", id: idOf(3) },
    ]);
  });

  test("it is not stuck as long as pieces of anything come", () => {
    const bench = fetchingBeside();
    bench.have("b", 2);
    bench.passTo(bench.nowMs + 1_000);
    bench.chunk("a", 0, 15_000, 5_000);
    expect(kinds(bench.passTo(bench.nowMs + 1_400))).toEqual([]);
    expect(kinds(bench.passTo(bench.nowMs + 200))).toContain("request to b");
  });
});

describe("over a line that has brought two segments slowly", () => {
  /** The edge takes so long for two segments. */
  function after(tookMs: number): SchedulerBench {
    const bench = SchedulerBench.playing();
    for (const msn of [2, 3]) {
      bench.announce(msn);
      bench.want(msn, 500);
      bench.nowMs += tookMs;
      bench.fetched(msn);
      bench.verified(msn, true);
      bench.nowMs += 1_000 - tookMs;
    }
    bench.open("a");
    bench.announce(4);
    bench.have("a", 4);
    return bench;
  }

  test("the edge is asked at once, and nobody for what comes after", () => {
    const bench = after(700);
    expect(kinds(bench.want(4, 9_000))).toContain("fetch");
    bench.announce(5);
    expect(kinds(bench.have("a", 5))).toEqual([]);
  });

  test("neighbours are asked again when it has brought one fast", () => {
    const bench = after(700);
    bench.want(4, 9_000);
    bench.nowMs += 400;
    bench.fetched(4);
    bench.verified(4, true);
    bench.announce(5);
    expect(kinds(bench.have("a", 5))).toEqual(["request to a"]);
    expect(kinds(bench.want(5, 9_000))).toEqual([]);
  });

  test("one that is fast enough is shared", () => {
    expect(kinds(after(600).want(4, 9_000))).toEqual(["request to a"]);
  });
});

describe("while the player fetches media in its own way", () => {
  function fetchingAlone(): SchedulerBench {
    const bench = SchedulerBench.playing();
    bench.open("a", "b");
    bench.announce(2);
    bench.announce(3);
    bench.want(2, 9_000);
    expect(kinds(bench.have("a", 3))).toEqual(["request to a"]);
    expect(kinds(bench.announce(4, { isSeed: true }))).toEqual(["fetch"]);
    return bench;
  }

  const ownFetch = (bench: SchedulerBench, id = idOf(2)) =>
    bench.take({ kind: "ownFetch", id, deadlineMs: bench.nowMs + 900 });

  test("nothing else is on the line, of peers or of the edge", () => {
    const bench = fetchingAlone();
    bench.take({ kind: "unwant", id: idOf(2) });
    expect(kinds(ownFetch(bench))).toEqual(["cancel to a", "abortFetch"]);
    expect(kinds(bench.announce(5, { isSeed: true }))).toEqual([]);
    expect(kinds(bench.have("b", 3, 4))).toEqual([]);
    expect(kinds(bench.passTo(bench.nowMs + 600))).toEqual([]);
  });

  test("and when that is over others are asked for what comes after it, and not for the same", () => {
    const bench = fetchingAlone();
    bench.take({ kind: "unwant", id: idOf(2) });
    ownFetch(bench);
    bench.have("b", 2, 3);
    const asked = sent(bench.take({ kind: "ownFetchEnd" }));
    expect(asked).toMatchObject([[expect.any(String), { kind: "request", segment: idOf(3) }]]);
  });

  test("of another rung as well, which it tries", () => {
    const bench = fetchingAlone();
    expect(kinds(ownFetch(bench, idOf(2, 750)))).toEqual(["cancel to a", "abortFetch"]);
  });

  test("what is waited for here is fetched all the same", () => {
    const bench = fetchingAlone();
    ownFetch(bench, idOf(3, 750));
    expect(kinds(bench.take({ kind: "buffer", aheadMs: 500 }))).toEqual(["fetch"]);
  });
});

test("a fetch that the player gave up for being slow shows what the line carries", () => {
  const bench = SchedulerBench.playing();
  bench.open("a");
  bench.announce(2);
  bench.want(2, 1_000);
  bench.nowMs += 3_000;
  bench.take({ kind: "unwant", id: idOf(2) });
  bench.announce(3);
  // Asked three seconds before it is due, and half as much for safety.
  expect(kinds(bench.want(3, 4_000))).toEqual(["fetch"]);
});
