/** What an edge hears of one page by CMCD and by beacons is the same evening. */
import { expect, test } from "vitest";
import { randomRatio } from "../../src/base/prng.ts";
import { CmcdIntake } from "../cmcd/cmcd-intake.ts";
import { CmcdWatch } from "../player/page/telemetry/cmcd-watch.ts";
import { faceOf } from "../player/page/state/player-face.ts";
import { initialPlayerState } from "../player/page/state/player-machine.ts";
import type { PlayerState } from "../player/page/state/player-state.ts";
import { QoeSender } from "../player/page/telemetry/qoe-sender.ts";
import { QoeTotals } from "../player/page/telemetry/qoe-totals.ts";
import { QoeIntake } from "./qoe-intake.ts";

const tickMs = 250;
/** As the page has it: what is shorter is no stall. */
const haltMsMin = 700;
const originUnixMs = 1_795_370_000_000;
const sender = { getRemoteAddress: () => new ArrayBuffer(4) };
const facts = {
  bufferMs: 9_000,
  throughputKbps: 900,
  rungKbps: 300,
  latencyMs: 14_000,
  playbackRate: 1,
};
const counts = { httpBytes: 0, peerBytes: 0, uploadedBytes: 0, framesShown: 0, framesDropped: 0 };

/** One page that stands still now and then, and the edge that it reports to both ways. */
function evening(stallsAt: readonly { fromMs: number; toMs: number }[], untilMs: number) {
  const cmcd = new CmcdIntake({
    sessionCountMax: 10,
    connectionSessionCountMax: 10,
    reportsPerSecMax: 1_000,
    audience: { connectionCount: () => 1, namelessCount: () => 1 },
  });
  const qoe = new QoeIntake({
    beaconsPerSecMax: 100,
    sessionCountMax: 10,
    feeds: ["main"],
    rungKbpsMax: () => 750,
    uploadKbpsMax: 2_000,
    watchesSinceMs: (sid) => cmcd.sessions.sinceMs(sid),
  });
  const watch = new CmcdWatch({ feed: "main", sid: "a", originUnixMs });
  const totals = new QoeTotals({ sid: "a", feed: "main" });
  let player: PlayerState = initialPlayerState(0, { online: true, hidden: false });
  player = { ...player, playback: "opening", feed: "live" };
  const tell = (lines: readonly string[], nowMs: number): void => {
    if (lines.length > 0) cmcd.takeEvents(lines.join("\n"), originUnixMs + nowMs, sender);
  };
  const beacon = (nowMs: number): void => {
    const told = totals.report();
    if (told === null) return;
    expect(qoe.take(JSON.stringify(told.report), originUnixMs + nowMs, "a")).toBe("taken");
    told.taken();
  };
  for (let nowMs = tickMs; nowMs <= untilMs; nowMs += tickMs) {
    const isHeld = stallsAt.some(({ fromMs, toMs }) => nowMs > fromMs && nowMs < toMs);
    if (nowMs >= 800 && !isHeld) {
      player = { ...player, playback: "open", hadFrame: true, lastProgressMs: nowMs };
    }
    player = { ...player, ...faceOf(player, nowMs) };
    const moment = { player, facts, nowMs };
    tell(nowMs === untilMs ? watch.leave(moment) : watch.observe(moment), nowMs);
    const { rungKbps, latencyMs } = facts;
    totals.observe({ face: player.face, watch: watch.sums(nowMs), counts, rungKbps, latencyMs });
    if (nowMs % 10_000 === 0 || nowMs === untilMs) beacon(nowMs);
  }
  const { totals: byCmcd } = cmcd.sessions;
  return {
    cmcd: { playMs: byCmcd.playMs, stallMs: byCmcd.stallMs, stalls: byCmcd.stallCount },
    qoe: { playMs: qoe.sums.playedMs, stallMs: qoe.sums.stalledMs, stalls: qoe.sums.stalls },
  };
}

const ratio = ({ playMs, stallMs }: { playMs: number; stallMs: number }): number =>
  stallMs / (playMs + stallMs);

/** From the last tick that moved to the next one. */
function heldMs(stallsAt: readonly { fromMs: number; toMs: number }[]): number {
  const spans = stallsAt.map(({ fromMs, toMs }) => {
    const stillMs = Math.ceil(toMs / tickMs) * tickMs - Math.floor(fromMs / tickMs) * tickMs;
    return stillMs - tickMs > haltMsMin ? stillMs : 0;
  });
  return spans.reduce((sum, spanMs) => sum + spanMs, 0);
}

test("an evening without a stall has none either way, and the same time of play", () => {
  const { cmcd, qoe } = evening([], 95_250);
  expect(qoe).toEqual({ ...cmcd, stallMs: 0, stalls: 0 });
  expect(qoe.playMs).toBeGreaterThan(90_000);
});

test("stalls, their time and the stall ratio agree, wherever beacons fall between them", () => {
  let n = 0;
  const random = (): number => randomRatio({ seed: 7, owner: 0, stream: 0, n: n++ });
  for (let round = 0; round < 50; round += 1) {
    const stallsAt = Array.from({ length: 6 }, (_, index) => {
      const fromMs = 5_000 + index * 14_000 + Math.floor(random() * 6_000);
      return { fromMs, toMs: fromMs + 500 + Math.floor(random() * 7_000) };
    });
    const { cmcd, qoe } = evening(stallsAt, 100_000 + Math.floor(random() * 40) * tickMs);
    expect(qoe.stalls).toBe(cmcd.stalls);
    expect([qoe.stallMs, cmcd.stallMs]).toEqual([heldMs(stallsAt), heldMs(stallsAt)]);
    expect(Math.abs(ratio(qoe) - ratio(cmcd))).toBeLessThan(0.002);
  }
});

test("a page that plays the top rung all the time is believed, wherever its clock's fractions fall", () => {
  const rungKbps = 300;
  const qoe = new QoeIntake({
    beaconsPerSecMax: 100,
    sessionCountMax: 1,
    feeds: ["main"],
    rungKbpsMax: () => rungKbps,
    uploadKbpsMax: 2_000,
    watchesSinceMs: () => originUnixMs,
  });
  const totals = new QoeTotals({ sid: "a", feed: "main" });
  let n = 0;
  let playMs = 0;
  for (let round = 0; round < 500; round += 1) {
    for (let tick = 0; tick < 40; tick += 1) {
      playMs += tickMs + randomRatio({ seed: 8, owner: 0, stream: 0, n: n++ });
      const watch = { token: "p" as const, startupMs: 700, playMs, stallMs: 0, stallCount: 0 };
      totals.observe({ face: "live", watch, counts, rungKbps, latencyMs: 9_000 });
    }
    const { report, taken } = totals.report()!;
    expect(qoe.take(JSON.stringify(report), originUnixMs + playMs, "a")).toBe("taken");
    taken();
  }
});

test("a page that is hidden and shown all the time, and left at last, is heard whole and once", async () => {
  const qoe = new QoeIntake({
    beaconsPerSecMax: 100,
    sessionCountMax: 1,
    feeds: ["main"],
    rungKbpsMax: () => 750,
    uploadKbpsMax: 2_000,
    watchesSinceMs: () => originUnixMs,
  });
  const totals = new QoeTotals({ sid: "a", feed: "main" });
  let nowMs = 0;
  const take = (body: string): boolean => qoe.take(body, originUnixMs + nowMs, "a") === "taken";
  const sender = new QoeSender({
    source: totals,
    post: (body) => Promise.resolve(take(body) ? 204 : 429),
    // Whatever the edge then says: the page does not hear it.
    beacon: (body) => {
      take(body);
      return true;
    },
    random: 0,
  });
  const untilMs = 90_000;
  for (; nowMs <= untilMs; nowMs += tickMs) {
    const watch = { token: "p" as const, startupMs: 0, playMs: nowMs, stallMs: 0, stallCount: 0 };
    totals.observe({ face: "live", watch, counts, rungKbps: 300, latencyMs: 9_000 });
    if (nowMs % 1_750 === 0) sender.flush(nowMs, { isLast: false });
    sender.poll(nowMs);
    await Promise.resolve();
    await Promise.resolve();
  }
  nowMs = untilMs;
  sender.flush(nowMs, { isLast: true });
  expect(qoe.sums.playedMs).toBe(untilMs);
  expect(Object.values(qoe.refused).every((count) => count === 0)).toBe(true);
});
