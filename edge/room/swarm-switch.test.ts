import { beforeEach, expect, test } from "vitest";
import { resolveConfig } from "../../src/config/resolve.ts";
import type { FeedStatus } from "../../src/hls/status.ts";
import { CapturedLog } from "../../src/node/testing/captured-log.ts";
import { swarmOff } from "../../src/swarm/policy.ts";
import { heardMsMin, SwarmSwitch, unheardMsMax, watchMs } from "./swarm-switch.ts";

const query = new URLSearchParams();
let p2p: FeedStatus["p2p"] | undefined;
let egressBytes: number;
let nowMs: number;
/** When the parents last confirmed the status. */
let heardMs: number;
let changes: number[];

beforeEach(() => {
  p2p = "on";
  egressBytes = 0;
  nowMs = 0;
  heardMs = 0;
  changes = [];
});

function newSwitch(swarm: Record<string, unknown>): SwarmSwitch {
  const resolved = resolveConfig([{ source: "test", values: { swarm } }]);
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
  const made = new SwarmSwitch({
    feeds: ["main"],
    swarm: resolved.config.swarm,
    statusOf: () => (p2p === undefined ? undefined : ({ p2p } as FeedStatus)),
    statusAgeMs: () => nowMs - heardMs,
    load: () => ({ egressBytes, peerBytes: 0, memberBitsPerSec: 0 }),
    changed: (feed) => changes.push(feed),
    nowMs: () => nowMs,
    log: new CapturedLog().log,
  });
  made.tick();
  return made;
}

function post(to: SwarmSwitch, mode: unknown) {
  return to.call()({ method: "POST", query, body: { mode } });
}

function reasonOf(of: SwarmSwitch): string {
  const answer = of.call()({ method: "GET", query, body: undefined });
  return (answer as { feeds: { reason: string }[] }).feeds[0]!.reason;
}

test("on gives what is configured; off gives nothing, no credential of a TURN server either", () => {
  const iceServers = [{ url: "turn:a", username: "u", credential: "c" }];
  const made = newSwitch({ mode: "on", uploadKbpsMax: 700, seedCount: 3, iceServers });
  const whileOn = { mode: "on", uploadKbpsMax: 700, seedCount: 3, iceServers };
  expect(made.policyOf(0)).toEqual(whileOn);
  post(made, "off");
  expect(made.policyOf(0)).toBe(swarmOff);
  expect(JSON.stringify(made.call()({ method: "GET", query, body: undefined }))).not.toContain(
    '"c"',
  );
});

test("the origin's word is above this edge's, whatever a call says", () => {
  const made = newSwitch({ mode: "on" });
  p2p = "off";
  made.look(0);
  expect([made.isOn(0), reasonOf(made)]).toEqual([false, "the origin forbids it"]);
  post(made, "on");
  post(made, "auto");
  expect(made.isOn(0)).toBe(false);
  post(made, "on");
  p2p = "on";
  made.look(0);
  expect(made.isOn(0)).toBe(true);
});

test("nothing is on before a parent has said what the feed does", () => {
  p2p = undefined;
  const made = newSwitch({ mode: "on" });
  expect([made.isOn(0), reasonOf(made)]).toEqual([false, "no parent has said what it does"]);
});

test("a call is above the configuration until it gives the word back", () => {
  const made = newSwitch({ mode: "off" });
  expect(made.isOn(0)).toBe(false);
  post(made, "on");
  expect([made.isOn(0), reasonOf(made)]).toEqual([true, "the mode of this edge is on by a call"]);
  post(made, null);
  expect(reasonOf(made)).toBe("the mode of this edge is off by configuration");
  expect(() => post(made, "sometimes")).toThrow(/mode must be one of/);
  expect(made.isOn(0)).toBe(false);
});

/** Passes time as the edge does; `isHeard`: whether the parents confirm the status. */
function pass(made: SwarmSwitch, ms: number, isHeard: boolean): void {
  for (const endMs = nowMs + ms; nowMs < endMs;) {
    nowMs += watchMs;
    if (isHeard) heardMs = nowMs;
    made.watch();
    if (nowMs % 1_000 === 0) made.tick();
  }
}

const unheard = "no parent has said for long enough that the origin allows it";

test("nobody knows what the origin says now: off within 5 s, and on again once it was heard for long", () => {
  const made = newSwitch({ mode: "on" });
  pass(made, 60_000, true);
  pass(made, unheardMsMax, false);
  expect([made.isOn(0), changes]).toEqual([true, [0]]);
  pass(made, watchMs, false);
  expect(nowMs - heardMs).toBeLessThan(5_000);
  expect([made.isOn(0), reasonOf(made), changes]).toEqual([false, unheard, [0, 0]]);

  pass(made, 60_000, false);
  pass(made, heardMsMin - 1_000, true);
  post(made, "on");
  expect([made.isOn(0), reasonOf(made), changes]).toEqual([false, unheard, [0, 0]]);
  pass(made, 2_000, true);
  expect([made.isOn(0), changes]).toEqual([true, [0, 0, 0]]);
});

test("a parent that comes and goes switches once, not in turn", () => {
  const made = newSwitch({ mode: "on" });
  for (let i = 0; i < 20; i++) {
    pass(made, 5_000, false);
    pass(made, 5_000, true);
  }
  expect([made.isOn(0), changes]).toEqual([false, [0, 0]]);
});

test("a parent that restarts within two seconds switches nothing", () => {
  const made = newSwitch({ mode: "on" });
  for (let i = 0; i < 20; i++) {
    // Heard a second ago, two seconds of outage, and a pause before it is asked again.
    pass(made, 1_100 + 2_000 + 550, false);
    pass(made, 1_100, true);
  }
  expect([made.isOn(0), changes]).toEqual([true, [0]]);
});

test("an edge that stood still itself asks before it judges its parents by their silence", () => {
  const made = newSwitch({ mode: "on" });
  pass(made, 1_000, true);
  nowMs += 20_000;
  pass(made, 1_400, false);
  pass(made, 10_000, true);
  expect([made.isOn(0), changes]).toEqual([true, [0]]);
  nowMs += 20_000;
  pass(made, 2_000, false);
  expect([made.isOn(0), changes]).toEqual([false, [0, 0]]);
});

test("silence is no news where the swarm is off", () => {
  const made = newSwitch({ mode: "off" });
  pass(made, 60_000, false);
  expect([reasonOf(made), changes]).toEqual([unheard, []]);
  pass(made, heardMsMin, true);
  expect(reasonOf(made)).toBe("the mode of this edge is off by configuration");
});

test("the room is told of changes only", () => {
  const made = newSwitch({ mode: "on" });
  expect(changes).toEqual([0]);
  made.tick();
  made.look(0);
  post(made, "on");
  expect(changes).toEqual([0]);
  post(made, "off");
  expect(changes).toEqual([0, 0]);
});

test("auto goes on by what the edge sends, and says so", () => {
  const made = newSwitch({ mode: "auto", autoOnMbps: 8, autoOffMbps: 4 });
  const run = (sec: number, mbps: number): void => {
    for (let i = 0; i < sec; i++) {
      nowMs += 1_000;
      egressBytes += mbps * 125_000;
      made.tick();
    }
  };
  run(20, 7);
  expect(reasonOf(made)).toBe("auto by configuration: the load has not passed 8 Mbps");
  run(10, 10);
  expect([made.isOn(0), changes]).toEqual([true, [0]]);
  expect(reasonOf(made)).toMatch(/the load passed 8 Mbps and has not fallen below 4 since$/);
  run(60, 1);
  expect([made.isOn(0), changes]).toEqual([false, [0, 0]]);
});
