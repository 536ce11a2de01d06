import { describe, expect, test } from "vitest";
import { idOf, kinds, SchedulerBench, segmentBytes, sent } from "./testing/scheduler-bench.ts";

function giving(...peers: string[]): SchedulerBench {
  const bench = SchedulerBench.playing();
  bench.gain(2);
  bench.open(...peers);
  return bench;
}

function request(
  bench: SchedulerBench,
  peer: string,
  msn = 1,
  { transfer = 0, withinMs = 5_000 } = {},
) {
  return bench.hear(peer, { kind: "request", transfer, segment: idOf(msn), withinMs });
}

/** The upload to a peer goes over in a time. */
function goesOver(bench: SchedulerBench, peer: string, tookMs: number) {
  bench.nowMs += tookMs;
  const end = { peer, transfer: 0, sentBytes: segmentBytes, isWhole: true };
  const decisions = bench.take({ kind: "uploadEnd", ...end });
  return [...decisions, ...bench.hear(peer, { kind: "done", transfer: 0 })];
}

/** The adapter says that the upload to a peer was cut after so many bytes. */
function isCut(bench: SchedulerBench, peer: string, sentBytes: number, transfer = 0) {
  const isWhole = sentBytes === segmentBytes;
  return bench.take({ kind: "uploadEnd", peer, transfer, sentBytes, isWhole });
}

test("a newcomer is told what is held", () => {
  const bench = giving();
  expect(sent(bench.take({ kind: "peerOpen", peer: "a" }))).toEqual([
    ["a", { kind: "have", segments: [idOf(1), idOf(2)] }],
  ]);
});

test("one is served, the next waits its turn and is served when the line is free", () => {
  const bench = giving("a", "b");
  expect(kinds(request(bench, "a"))).toEqual(["upload"]);
  expect(kinds(request(bench, "b"))).toEqual(["busy to b"]);
  expect(goesOver(bench, "a", 400)).toMatchObject([{ kind: "upload", peer: "b" }]);
  expect(bench.scheduler.counts.uploadedBytes).toBe(segmentBytes);
});

test("who waits is told for how long, once the line is known", () => {
  const bench = giving("a", "b");
  request(bench, "a");
  goesOver(bench, "a", 400);
  request(bench, "a", 2, { transfer: 1 });
  expect(sent(request(bench, "b"))).toEqual([["b", { kind: "busy", transfer: 0, waitMs: 400 }]]);
});

test("what is not held is refused", () => {
  expect(kinds(request(giving("a"), "a", 9))).toEqual(["refuse to a"]);
});

test("a request that was given up is not served", () => {
  const bench = giving("a", "b");
  request(bench, "a");
  request(bench, "b");
  bench.hear("b", { kind: "cancel", transfer: 0 });
  expect(goesOver(bench, "a", 400)).toEqual([]);
});

test("a cancelled upload is stopped, and the next begins when it has been", () => {
  const bench = giving("a", "b");
  request(bench, "a");
  request(bench, "b");
  expect(kinds(bench.hear("a", { kind: "cancel", transfer: 0 }))).toEqual(["stopUpload"]);
  expect(kinds(isCut(bench, "a", 20_000))).toEqual(["upload"]);
  expect(bench.scheduler.counts.uploadedBytes).toBe(0);
});

test("what could not be there in time is refused when its turn comes, not sent", () => {
  const bench = giving("a", "b");
  request(bench, "a");
  request(bench, "b", 1, { withinMs: 700 });
  expect(kinds(goesOver(bench, "a", 400))).toEqual(["upload"]);
  const late = giving("a", "b");
  request(late, "a");
  goesOver(late, "a", 400);
  request(late, "a", 2, { transfer: 1 });
  request(late, "b", 1, { withinMs: 700 });
  late.nowMs += 400;
  const end = { peer: "a", transfer: 1, sentBytes: segmentBytes, isWhole: true };
  expect(kinds(late.take({ kind: "uploadEnd", ...end }))).toEqual(["refuse to b"]);
});

test("the segment that fewest neighbours hold goes first", () => {
  const bench = giving("a", "b", "c");
  request(bench, "a");
  bench.have("c", 1);
  request(bench, "b", 1);
  request(bench, "c", 2);
  expect(goesOver(bench, "a", 400)).toMatchObject([{ kind: "upload", peer: "c" }]);
});

test("who gives goes before who does not", () => {
  const bench = giving("a", "b", "c");
  bench.hear("b", { kind: "share", allowed: false });
  request(bench, "a");
  request(bench, "b");
  request(bench, "c");
  expect(goesOver(bench, "a", 400)).toMatchObject([{ kind: "upload", peer: "c" }]);
});

test("one neighbour cannot fill the queue", () => {
  const bench = giving("a", "b");
  for (let msn = 3; msn <= 9; msn++) bench.gain(msn);
  request(bench, "b");
  const answers = Array.from({ length: 9 }, (_, transfer) =>
    kinds(request(bench, "a", 1 + transfer, { transfer })),
  );
  expect(answers.slice(0, 8).flat()).toEqual(new Array(8).fill("busy to a"));
  expect(answers[8]).toEqual(["refuse to a"]);
});

test("who stops giving cuts what runs, says so, and refuses; giving again it tells what it has", () => {
  const bench = giving("a", "b");
  request(bench, "a");
  request(bench, "b");
  expect(kinds(bench.take({ kind: "share", allowed: false }))).toEqual([
    "stopUpload",
    "refuse to a",
    "refuse to b",
    "share to a",
    "share to b",
  ]);
  expect(kinds(request(bench, "a", 1, { transfer: 1 }))).toEqual(["refuse to a"]);
  const again = kinds(bench.take({ kind: "share", allowed: true }));
  expect(again).toEqual(["share to a", "have to a", "share to b", "have to b"]);
});

test("a line that is never said to be free frees itself", () => {
  const bench = giving("a", "b", "c");
  for (const peer of ["a", "b"]) {
    request(bench, peer);
    bench.nowMs += 10;
    bench.take({ kind: "uploadEnd", peer, transfer: 0, sentBytes: segmentBytes, isWhole: true });
  }
  expect(kinds(request(bench, "c"))).toEqual(["busy to c"]);
  expect(kinds(bench.passTo(bench.nowMs + 1_500))).toEqual(["upload"]);
});

describe("to say `done` before all has been sent", () => {
  /** `a` is being served, `b` waits. */
  function serving(): SchedulerBench {
    const bench = giving("a", "b");
    request(bench, "a");
    request(bench, "b");
    return bench;
  }
  const done = { kind: "done", transfer: 0 } as const;

  test("stops the upload, and the next begins when it has been, not before", () => {
    const bench = serving();
    expect(kinds(bench.hear("a", done))).toEqual(["stopUpload"]);
    expect(kinds(bench.hear("a", done))).toEqual([]);
    expect(isCut(bench, "a", 20_000)).toMatchObject([{ kind: "upload", peer: "b" }]);
  });

  test("counts nothing as given, and says nothing of the line", () => {
    const bench = serving();
    bench.nowMs += 1;
    bench.hear("a", done);
    isCut(bench, "a", 20_000);
    expect(bench.scheduler.counts.uploadedBytes).toBe(0);
    // A wait that is not known is said to be the longest.
    const [answer] = sent(request(bench, "a", 2, { transfer: 1 }));
    expect(answer).toEqual(["a", { kind: "busy", transfer: 1, waitMs: 600_000 }]);
  });

  test("is fair when all is in the channel: it arrived before the channel was seen to be empty", () => {
    const bench = serving();
    bench.nowMs += 400;
    bench.hear("a", done);
    expect(kinds(isCut(bench, "a", segmentBytes))).toEqual(["upload"]);
    expect(bench.scheduler.counts.uploadedBytes).toBe(segmentBytes);
    const [answer] = sent(request(bench, "a", 2, { transfer: 1 }));
    expect(answer).toEqual(["a", { kind: "busy", transfer: 1, waitMs: 400 }]);
  });

  test("ends it when repeated, and what it had running", () => {
    const bench = giving("a", "b");
    for (const transfer of [0, 1]) {
      request(bench, "a", 1, { transfer });
      if (transfer === 1) request(bench, "b");
      bench.hear("a", { kind: "done", transfer });
      expect(bench.scheduler.peerCount).toBe(2);
      const kindsThen = kinds(isCut(bench, "a", 1_000, transfer));
      // Who waits is served all the same.
      if (transfer === 1) expect(kindsThen).toEqual(["upload", "drop"]);
    }
    expect(bench.scheduler.peerCount).toBe(1);
    expect(bench.scheduler.counts.bannedCount).toBe(0);
  });

  test("is nothing to one who was never served", () => {
    const bench = serving();
    for (let i = 0; i < 5; i++) expect(bench.hear("b", done)).toEqual([]);
    expect(bench.scheduler.peerCount).toBe(2);
  });
});

describe("nobody has a segment twice", () => {
  const ask = (bench: SchedulerBench, transfer: number, msn = 1) =>
    kinds(request(bench, "a", msn, { transfer }));

  test("what went to a peer whole is refused it from then on, other segments are not", () => {
    const bench = giving("a");
    ask(bench, 0);
    isCut(bench, "a", segmentBytes);
    for (let transfer = 1; transfer < 9; transfer++) {
      expect(ask(bench, transfer)).toEqual(["refuse to a"]);
    }
    expect(ask(bench, 9, 2)).toEqual(["upload"]);
    expect(bench.scheduler.peerCount).toBe(1);
  });

  test("what was cut short may be asked for again, until as much went as there is", () => {
    const bench = giving("a");
    for (const transfer of [0, 1, 2]) {
      expect(ask(bench, transfer)).toEqual(["upload"]);
      bench.hear("a", { kind: "cancel", transfer });
      isCut(bench, "a", 20_000, transfer);
    }
    expect(ask(bench, 3)).toEqual(["refuse to a"]);
  });

  test("nor in two requests at a time, waiting or running", () => {
    const bench = giving("a", "b");
    expect(ask(bench, 0)).toEqual(["upload"]);
    expect(ask(bench, 1)).toEqual(["refuse to a"]);
    expect(ask(bench, 2, 2)).toEqual(["busy to a"]);
    expect(ask(bench, 3, 2)).toEqual(["refuse to a"]);
    expect(kinds(request(bench, "b"))).toEqual(["busy to b"]);
  });

  test("who asks again at once for what it said to have is dropped the second time", () => {
    const bench = giving("a", "b");
    ask(bench, 0);
    goesOver(bench, "a", 400);
    expect(ask(bench, 1)).toEqual(["refuse to a"]);
    const again = request(bench, "a", 1, { transfer: 2 });
    expect(again).toEqual([{ kind: "drop", peer: "a", reason: "protocol" }]);
    expect(kinds(request(bench, "b"))).toEqual(["upload"]);
  });

  test("who asks again later, when it may have lost it, is only refused", () => {
    const bench = giving("a");
    ask(bench, 0);
    goesOver(bench, "a", 400);
    bench.nowMs += 10_000;
    for (const transfer of [1, 2, 3]) expect(ask(bench, transfer)).toEqual(["refuse to a"]);
    expect(bench.scheduler.peerCount).toBe(1);
  });

  test("nor over a new connection, which is no offence", () => {
    const bench = giving("a");
    ask(bench, 0);
    goesOver(bench, "a", 400);
    bench.take({ kind: "peerClosed", peer: "a" });
    bench.open("a");
    for (const transfer of [1, 2, 3]) expect(ask(bench, transfer)).toEqual(["refuse to a"]);
    expect(bench.scheduler.peerCount).toBe(1);
    expect(ask(bench, 4, 2)).toEqual(["upload"]);
  });
});

test("who had the line lately comes after who had not, until that is long ago", () => {
  const next = (pauseMs: number): unknown => {
    const bench = giving("a", "b", "c");
    request(bench, "a");
    goesOver(bench, "a", 4_000);
    bench.nowMs += pauseMs;
    request(bench, "c");
    request(bench, "a", 2, { transfer: 1 });
    request(bench, "b", 1);
    // Of what both want, `b` wants the commoner segment.
    bench.have("c", 1);
    return goesOver(bench, "c", 400)[0];
  };
  expect(next(0)).toMatchObject({ kind: "upload", peer: "b" });
  expect(next(60_000)).toMatchObject({ kind: "upload", peer: "a" });
});

test("who says long after that it has all makes the line seem slow by so much, and no more", () => {
  const bench = giving("a", "b");
  request(bench, "a");
  bench.nowMs += 400;
  isCut(bench, "a", segmentBytes);
  bench.nowMs += 100_000;
  bench.hear("a", { kind: "done", transfer: 0 });
  expect(kinds(request(bench, "a", 2, { transfer: 1 }))).toEqual(["upload"]);
  // Twice the time of the handing over, and a second.
  expect(sent(request(bench, "b"))).toEqual([["b", { kind: "busy", transfer: 0, waitMs: 1_800 }]]);
});

test("a peer that leaves in the middle has its upload stopped before the next begins", () => {
  const bench = giving("a", "b");
  request(bench, "a");
  request(bench, "b");
  expect(kinds(bench.take({ kind: "peerClosed", peer: "a" }))).toEqual(["stopUpload", "upload"]);
});

test("one that reads nothing is dropped, and not taken again for a while", () => {
  const bench = giving("a");
  const deaf = { kind: "deaf", peer: "a" } as const;
  expect(bench.take(deaf)).toEqual([{ kind: "drop", peer: "a", reason: "slow" }]);
  expect(bench.take(deaf)).toEqual([]);
  expect(kinds(bench.take({ kind: "peerOpen", peer: "a" }))).toEqual(["drop"]);
  bench.nowMs += 60_000;
  expect(kinds(bench.take({ kind: "peerOpen", peer: "a" }))).toEqual(["have to a"]);
});

describe("who reads slowly", () => {
  test("holds the line of others for a while only", () => {
    const bench = giving("a", "b");
    request(bench, "a");
    goesOver(bench, "a", 400);
    request(bench, "a", 2, { transfer: 1, withinMs: 600_000 });
    request(bench, "b", 1, { withinMs: 60_000 });
    expect(kinds(bench.passTo(bench.nowMs + 3_900))).toEqual([]);
    expect(kinds(bench.passTo(bench.nowMs + 200))).toEqual(["stopUpload", "refuse to a"]);
    expect(kinds(isCut(bench, "a", 20_000, 1))).toEqual(["upload"]);
  });

  test("may while nobody else waits", () => {
    const bench = giving("a", "b");
    request(bench, "a", 2, { withinMs: 600_000 });
    expect(kinds(bench.passTo(bench.nowMs + 60_000))).toEqual([]);
  });
});

test("while its own fetch is late a viewer gives nothing, and goes on afterwards", () => {
  const bench = giving("a", "b");
  request(bench, "a", 1, { withinMs: 60_000 });
  request(bench, "b", 2, { withinMs: 60_000 });
  bench.announce(3);
  bench.want(3, 400);
  const decisions = bench.passTo(bench.nowMs + 100);
  expect(kinds(decisions)).toEqual(expect.arrayContaining(["stopUpload", "refuse to a"]));
  expect(kinds(isCut(bench, "a", 20_000))).toEqual([]);
  expect(kinds(bench.fetched(3))).toContain("upload");
});
