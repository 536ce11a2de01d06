import { decodeCmcd } from "@svta/cml-cmcd";
import { expect, test } from "vitest";
import { CmcdWatch } from "./cmcd-watch.ts";
import { faceOf } from "../state/player-face.ts";
import { initialPlayerState } from "../state/player-machine.ts";
import type { PlayerState } from "../state/player-state.ts";

const facts = {
  bufferMs: 4_000,
  throughputKbps: 900,
  rungKbps: 300,
  latencyMs: 14_000,
  playbackRate: 1,
};

/** An evening of one page: states of the player, step by step, and what was told of them. */
class Page {
  nowMs = 0;
  readonly watch = new CmcdWatch({ feed: "main", sid: "a", originUnixMs: 1_795_370_000_000 });
  player: PlayerState = initialPlayerState(0, { online: true, hidden: false });

  at(nowMs: number, change: Partial<PlayerState>): string[] {
    this.nowMs = nowMs;
    this.player = { ...this.player, ...change };
    const player = { ...this.player, ...faceOf(this.player, nowMs) };
    return this.watch.observe({ player, facts, nowMs }).map(short);
  }

  query(): string {
    return decodeURIComponent(this.watch.query(facts));
  }
}

/** Event, state and second of an event line, and what is special in it. */
function short(line: string): string {
  const keys = decodeCmcd(line) as Record<string, string | number | (string | number)[]>;
  const sec = (Number(keys["ts"]) - 1_795_370_000_000) / 1_000;
  const rest = ["bsa", "bsda", "msd", "ec"]
    .map((key): [string, string] => [key, [keys[key] ?? 0].flat().join()])
    .filter(([, value]) => value !== "0")
    .map(([key, value]) => ` ${key}=${value}`);
  return `${String(keys["e"])} ${String(keys["sta"])} ${sec}${rest.join("")}`;
}

const opening = { playback: "opening", feed: "live" } as const;
const moving = (nowMs: number) =>
  ({ playback: "open", hadFrame: true, lastProgressMs: nowMs }) as const;

test("a start, a stall and the time in between are told, each by when it happened", () => {
  const page = new Page();
  expect(page.at(100, { playback: "opening" })).toEqual([]);
  expect(page.at(300, opening)).toEqual(["ps s 0"]);
  expect(page.at(900, moving(900))).toEqual(["ps p 0.9 msd=900"]);
  expect(page.at(15_000, moving(15_000))).toEqual([]);
  expect(page.at(21_000, moving(21_000))).toEqual(["t p 21"]);
  expect(page.at(23_000, { lastProgressMs: 22_000 })).toEqual(["ps r 22 bsa=1"]);
  expect(page.at(25_500, moving(25_500))).toEqual(["ps p 25.5 bsa=1 bsda=3500"]);
  expect(page.at(46_000, moving(46_000))).toEqual(["t p 46 bsa=1 bsda=3500"]);
});

test("a picture before the first word of the edge is told with its start", () => {
  const page = new Page();
  page.at(100, { playback: "opening" });
  expect(page.at(700, moving(700))).toEqual(["ps s 0", "ps p 0.7 msd=700"]);
});

test("nothing is told before the broadcast, and its start is not what the viewer waited for it", () => {
  const page = new Page();
  for (const feed of ["offline", "starting"] as const) {
    expect(page.at(60_000, { playback: "closed", feed })).toEqual([]);
  }
  expect(page.at(61_000, { playback: "closed", feed: "live" })).toEqual(["ps s 61"]);
  expect(page.at(62_500, moving(62_500))).toEqual(["ps p 62.5 msd=1500"]);
  expect(page.at(70_000, { playback: "closed", feed: "ended", hadFrame: true })).toEqual([
    "ps e 70",
  ]);
  expect(page.at(170_000, { feed: "offline" })).toEqual([]);
});

test("who has to tap first was not kept waiting by us", () => {
  const page = new Page();
  expect(page.at(500, { ...opening, paused: true })).toEqual([]);
  expect(page.at(8_000, { paused: false })).toEqual(["ps s 8"]);
  expect(page.at(8_400, moving(8_400))).toEqual(["ps p 8.4 msd=400"]);
  expect(page.at(10_000, { paused: true })).toEqual(["ps a 10"]);
  expect(page.query()).toContain("pr=0");
});

test("playback that is opened again, or waits for its source, goes on with the same stall", () => {
  const page = new Page();
  page.at(0, opening);
  page.at(1_000, moving(1_000));
  expect(page.at(3_000, { lastProgressMs: 1_500 })).toEqual(["ps r 1.5 bsa=1"]);
  expect(page.at(9_000, { playback: "closed" })).toEqual([]);
  expect(page.at(10_000, { playback: "opening" })).toEqual([]);
  expect(page.at(12_000, { feed: "waiting", playback: "closed" })).toEqual([]);
  expect(page.at(15_500, { ...moving(15_500), feed: "live" })).toEqual([
    "ps p 15.5 bsa=1 bsda=14000",
  ]);
});

test("a hidden page, looked at once a second, does not stall for that", () => {
  const page = new Page();
  page.at(0, opening);
  page.at(1_000, moving(1_000));
  expect(page.at(2_900, { hidden: true, lastProgressMs: 1_000 })).toEqual([]);
  expect(page.at(3_600, {})).toEqual(["ps r 1 bsa=1"]);
});

test("media that does not play is told as an error, once", () => {
  const page = new Page();
  page.at(0, opening);
  expect(page.at(9_000, { playback: "closed", openAttemptCount: 3 })).toEqual([
    "ps f 9",
    "e f 9 ec=unplayable",
  ]);
  expect(page.at(40_000, {})).toEqual([]);
});

test("a page that is left says so, and one that comes back goes on", () => {
  const page = new Page();
  const moment = () => ({ player: page.player, facts, nowMs: page.nowMs });
  expect(page.watch.leave(moment())).toEqual([]);
  page.at(0, opening);
  page.at(1_000, moving(1_000));
  page.nowMs = 5_000;
  expect(page.watch.leave(moment()).map(short)).toEqual(["ps q 5"]);
  expect(page.watch.leave(moment())).toEqual([]);
  expect(page.at(9_000, moving(9_000))).toEqual(["ps p 9"]);
});

test("a query tells of a stall once, and that the picture is awaited", () => {
  const page = new Page();
  page.at(0, opening);
  expect(page.query()).toContain(",su");
  page.at(1_000, moving(1_000));
  expect(page.query()).not.toMatch(/,su|,bs/);
  page.at(3_000, { lastProgressMs: 1_500 });
  expect(page.query()).toMatch(/br=300,bs,.*,su$/);
  expect(page.query()).not.toContain(",bs");
});
