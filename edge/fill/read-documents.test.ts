import fc from "fast-check";
import { expect, test } from "vitest";
import { readLadder, readPlaylistFacts, readStatus } from "./read-documents.ts";
import { ChildViewers } from "./viewer-reports.ts";

const playlist = (changes: (text: string) => string = (text) => text): string =>
  changes(
    [
      "#EXTM3U",
      "#EXT-X-VERSION:6",
      "#EXT-X-TARGETDURATION:4",
      "#EXT-X-MEDIA-SEQUENCE:100",
      '#EXT-X-MAP:URI="init-0123abcd.mp4"',
      "#EXTINF:4.266667,",
      "7-100.m4s",
      "#EXT-X-DISCONTINUITY",
      '#EXT-X-MAP:URI="init-4567abcd.mp4"',
      "#EXTINF:4.000000,",
      "8-101.m4s",
      "",
    ].join("\n"),
  );

test("a playlist's facts are its numbers, epochs and init segments", () => {
  expect(readPlaylistFacts(playlist())).toEqual({
    firstMsn: 100,
    epochs: [7, 8],
    initNames: ["0123abcd", "4567abcd"],
    lastDurationMs: 4_000,
    ended: false,
  });
});

test("a playlist whose names are not ours, or contradict its numbers, is none", () => {
  const spoiled: ((text: string) => string)[] = [
    (text) => text.replace("7-100.m4s", "7-99.m4s"),
    (text) => text.replace("7-100.m4s", "../7-100.m4s"),
    (text) => text.replace("7-100.m4s", "http://evil.example/7-100.m4s"),
    (text) => text.replace("7-100.m4s", "7-100.m4s?x"),
    (text) => text.replace("init-0123abcd.mp4", "init.mp4"),
    (text) => text.replace("#EXTM3U", "#EXTM3V"),
    () => "#EXTM3U\n#EXT-X-TARGETDURATION:4\n",
    () => "",
  ];
  for (const spoil of spoiled) expect(readPlaylistFacts(playlist(spoil))).toBeUndefined();
});

const status = {
  version: 1,
  state: "live",
  sinceUnixMs: 1,
  lastSegmentUnixMs: 1,
  nowUnixMs: 1,
  viewers: 1,
  p2p: "off",
  ladderVersion: 1,
};

test("a status with a field that does not fit is none", () => {
  expect(readStatus(JSON.stringify(status))).toEqual(status);
  for (const change of [
    { version: -1 },
    { version: "1" },
    { state: "unknown" },
    { viewers: 1.5 },
    { p2p: "maybe" },
    { ladderVersion: null },
  ]) {
    expect(readStatus(JSON.stringify({ ...status, ...change }))).toBeUndefined();
  }
});

test("a ladder whose texts could break out of a playlist is none", () => {
  const variant = {
    rung: "300",
    bandwidthBitsPerSec: 300_000,
    averageBandwidthBitsPerSec: 300_000,
    codecs: "avc1.42c01e",
    stableVariantId: "300",
  };
  const ladder = (change: object): string =>
    JSON.stringify({ version: 1, targetDurationSec: 4, variants: [{ ...variant, ...change }] });
  expect(readLadder(ladder({}))).toBeDefined();
  for (const change of [
    { codecs: 'a"\n#EXT-X-ENDLIST' },
    { rung: "../300" },
    { rung: "0300" },
    { bandwidthBitsPerSec: 0 },
    { width: Number.NaN },
    { width: -1 },
  ]) {
    expect(readLadder(ladder(change)), JSON.stringify(change)).toBeUndefined();
  }
});

test("whatever a parent sends, reading it throws nothing", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      readPlaylistFacts(text);
      readStatus(text);
      readLadder(text);
    }),
  );
});

test("children's viewers add up, and a silent child is dropped after 15 s", () => {
  const time = { nowMs: 0 };
  const children = new ChildViewers({ feedCount: 2, nowMs: () => time.nowMs });
  children.note(0, { node: "a", process: 1, viewers: 10 });
  children.note(0, { node: "a", process: 2, viewers: 5 });
  children.note(1, { node: "a", process: 1, viewers: 1 });
  time.nowMs = 10_000;
  children.note(0, { node: "a", process: 1, viewers: 12 });
  expect([children.count(0), children.count(1)]).toEqual([17, 1]);
  time.nowMs = 15_001;
  expect([children.count(0), children.count(1)]).toEqual([12, 0]);
});
