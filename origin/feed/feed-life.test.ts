import fc from "fast-check";
import { expect, test } from "vitest";
import { FeedLife } from "./feed-life.ts";

/** Input at a second: "+" a publisher comes, "-E" leaves epoch E, "xE" encoder of epoch E dies,
 *  "sE" a segment of epoch E is listed, "." a tick, "?" a look whether segments come. */
function check(inputs: string, expected: string): void {
  const life = new FeedLife({ graceMs: 30_000, endedKeepMs: 64_000, stallMs: 12_000 });
  const seen = inputs.split(" ").map((input) => {
    const [what, at] = input.split("@");
    const nowMs = Number(at ?? 0) * 1000;
    const epoch = Number(what!.slice(1));
    const actions = what!.startsWith("+") ? life.publisherCame(nowMs) : [];
    if (what!.startsWith("-")) life.publisherLeft(epoch, nowMs);
    if (what!.startsWith("x")) life.sourceLost(epoch);
    if (what!.startsWith("s")) life.segmentListed(epoch, nowMs);
    const stalled = what!.startsWith("?") && life.stalls(nowMs) ? ["stalled"] : [];
    if (what!.startsWith(".")) actions.push(...life.tick(nowMs));
    return [life.state, ...stalled, ...actions].join(":");
  });
  expect(seen.join(" ")).toBe(expected);
}

test("a feed is starting until three segments are listed", () => {
  check("+ s1 s1 s1", "starting:startBroadcast starting starting live");
});

test("a publisher who leaves is waited for, then the broadcast ends and is forgotten", () => {
  check(
    "+ s1 s1 s1 -1@10 s1@11 .@39 .@40 .@103 .@104",
    "starting:startBroadcast starting starting live waiting waiting waiting ended:endBroadcast " +
      "ended offline:forgetBroadcast",
  );
});

test("a publisher who comes back within the grace goes on with the same broadcast", () => {
  check(
    "+ s1 s1 s1 -1@10 +@20 .@60 s1@61 s2@62 .@99",
    "starting:startBroadcast starting starting live waiting waiting waiting waiting live live",
  );
});

test("a publisher who comes after the end starts another broadcast", () => {
  check(
    "+ s1 s1 s1 -1@0 .@30 +@31 s2 s2 s2 .@200",
    "starting:startBroadcast starting starting live waiting ended:endBroadcast " +
      "starting:startBroadcast starting starting live live",
  );
});

test("a take-over is no wait, and the tail of the former publisher proves nothing", () => {
  check(
    "+ s1 s1 s1 -1@10 +@10 s1@10 s2@16 x1@17",
    "starting:startBroadcast starting starting live waiting live live live live",
  );
  check(
    "+ s1 s1 s1 -1@10 +@10 -1@19 s1@19",
    "starting:startBroadcast starting starting live waiting live waiting waiting",
  );
});

test("while an encoder that died is replaced, the feed is waiting, and does not end", () => {
  check(
    "+ s1 s1 s1 x1@10 .@100 s1@101 s2@102",
    "starting:startBroadcast starting starting live waiting waiting waiting live",
  );
});

test("a publisher who leaves before three segments are listed leaves nothing behind", () => {
  check(
    "+ s1 -1@10 .@39 .@40",
    "starting:startBroadcast starting starting starting offline:forgetBroadcast",
  );
  check(
    "+ s1 s1 -1@10 s1@10 .@40",
    "starting:startBroadcast starting starting starting waiting ended:endBroadcast",
  );
});

test("a live feed without a segment for three target durations waits, until one comes", () => {
  check(
    "+ s1@0 s1@4 s1@8 ?@19 ?@20 ?@21 .@99 s1@100",
    "starting:startBroadcast starting starting live live waiting:stalled waiting waiting live",
  );
  check(
    "+ s1 s1 s1 -1@11 +@11 ?@22 ?@23 -1@24 .@54",
    "starting:startBroadcast starting starting live waiting live live waiting:stalled waiting " +
      "ended:endBroadcast",
  );
  check("+ s1@0 s1@4 ?@99", "starting:startBroadcast starting starting starting");
});

test("with no grace the broadcast ends at the next tick", () => {
  const life = new FeedLife({ graceMs: 0, endedKeepMs: 1, stallMs: 12_000 });
  life.publisherCame(0);
  for (let i = 0; i < 3; i++) life.segmentListed(1, 0);
  life.publisherLeft(1, 5);
  expect([life.state, life.tick(5), life.tick(6)]).toEqual([
    "waiting",
    ["endBroadcast"],
    ["forgetBroadcast"],
  ]);
});

test("in any order of events, a broadcast starts once before it ends, and ends once", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 40_000 })), { maxLength: 60 }),
      (events) => {
        const life = new FeedLife({ graceMs: 30_000, endedKeepMs: 64_000, stallMs: 12_000 });
        let nowMs = 0;
        let epoch = 0;
        let running = false;
        for (const [event, passedMs] of events) {
          nowMs += passedMs;
          const actions = event === 0 ? life.publisherCame(nowMs) : life.tick(nowMs);
          if (event === 1) life.publisherLeft(epoch, nowMs);
          if (event === 2) life.sourceLost(epoch);
          if (event === 3) epoch += 1;
          if (event === 4) life.segmentListed(epoch, nowMs);
          if (life.stalls(nowMs)) expect(running).toBe(true);
          for (const action of actions) {
            if (action === "startBroadcast")
              expect(running || life.state !== "starting").toBe(false);
            if (action === "endBroadcast") expect(running).toBe(true);
            running = action === "startBroadcast";
          }
          expect(life.state === "live" && !running).toBe(false);
        }
      },
    ),
  );
});
