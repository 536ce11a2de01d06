import fc from "fast-check";
import { expect, test } from "vitest";
import type { MediaPlaylist } from "./media-playlist.ts";
import { readTail } from "./read-tail.ts";
import { writeMediaPlaylist } from "./write-media-playlist.ts";

const live = `#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:100
#EXT-X-DISCONTINUITY-SEQUENCE:3
#EXT-X-MAP:URI="init-aaaaaaaa.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T18:00:00.000Z
#EXTINF:4.266667,
7-100.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T18:00:04.267Z
#EXTINF:4.266667,
7-101.m4s
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="init-bbbbbbbb.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-11-22T18:00:10.000Z
#EXTINF:1.500000,
8-102.m4s
#EXTINF:4.266667,
8-103.m4s
`;

function check(text: string, knownMsn: number, expected: unknown): void {
  const tail = readTail(text, knownMsn);
  const uris = tail?.segments.map(({ msn, uri }) => `${msn} ${uri}`);
  expect(tail && { ...tail, segments: uris }).toEqual(expected);
}

const ends = {
  targetDurationSec: 4,
  firstMsn: 100,
  lastMsn: 103,
  ended: false,
  mapUri: "init-bbbbbbbb.mp4",
  endUnixMs: Date.parse("2026-11-22T18:00:15.766667Z") + 0.667,
};
const uris = ["100 7-100.m4s", "101 7-101.m4s", "102 8-102.m4s", "103 8-103.m4s"];

test.each([
  ["everything for a newcomer", -1, uris, true],
  ["what is new, with the break before it", 101, uris.slice(2), true],
  ["what is new after the break", 102, uris.slice(3), false],
  ["nothing when nothing is new", 103, [], false],
  ["nothing from a playlist that fell behind", 200, [], false],
  ["everything when the known segment has left the window", 50, uris, true],
])("gives %s", (_what, knownMsn, segments, discontinuity) => {
  check(live, knownMsn, {
    ...ends,
    endUnixMs: expect.closeTo(ends.endUnixMs, 0) as number,
    segments,
    discontinuity,
  });
});

test.each([
  ["an empty text", ""],
  ["a web page", "<html>#EXTM3U</html>"],
  ["a playlist without target duration", "#EXTM3U\n#EXTINF:4,\na.m4s\n"],
  ["a sequence that is no number", live.replace("SEQUENCE:100", "SEQUENCE:x")],
  ["a duration that is no number", live.replace("#EXTINF:1.5", "#EXTINF:x")],
  ["a segment without URI", `${live}#EXTINF:4.0,\n`],
])("refuses %s", (_what, text) => {
  check(text, -1, undefined);
});

test("tags between EXTINF and the URI, an ENDLIST and CRLF are understood", () => {
  const text =
    "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n#EXT-X-BITRATE:300\na.m4s\r\n#EXT-X-ENDLIST\n";
  check(text, -1, {
    targetDurationSec: 4,
    firstMsn: 0,
    lastMsn: 0,
    ended: true,
    segments: ["0 a.m4s"],
    discontinuity: false,
    mapUri: "",
    endUnixMs: 0,
  });
});

const playlists: fc.Arbitrary<MediaPlaylist> = fc
  .record({
    mediaSequence: fc.integer({ min: 0, max: 2_000_000_000 }),
    ended: fc.boolean(),
    durationsUs: fc.array(fc.integer({ min: 1, max: 6_000_000 }), { maxLength: 12 }),
    breakAt: fc.integer({ min: 0, max: 20 }),
  })
  .map(({ mediaSequence, ended, durationsUs, breakAt }) => ({
    version: 6,
    targetDurationSec: 4,
    mediaSequence,
    discontinuitySequence: 0,
    independentSegments: true,
    ended,
    segments: durationsUs.map((durationUs, n) => ({
      uri: `${n < breakAt ? 1 : 2}-${mediaSequence + n}.m4s`,
      durationUs,
      discontinuity: n === breakAt,
      mapUri: n < breakAt ? "init-1.mp4" : "init-2.mp4",
      programDateTimeUnixMs: 1_700_000_000_000 + n,
    })),
  }));

test("agrees with the model of any playlist that we write", () => {
  const compare = (playlist: MediaPlaylist, known: number) => {
    const knownMsn = playlist.mediaSequence + known;
    const fresh = playlist.segments.slice(Math.max(0, known + 1));
    const tail = readTail(writeMediaPlaylist(playlist), knownMsn)!;
    expect(tail.lastMsn).toBe(playlist.mediaSequence + playlist.segments.length - 1);
    expect(tail.ended).toBe(playlist.ended);
    expect(tail.segments.map((segment) => segment.uri)).toEqual(fresh.map((one) => one.uri));
    tail.segments.forEach((segment, n) =>
      expect(segment.durationMs).toBeCloseTo(fresh[n]!.durationUs / 1000, 6),
    );
    expect(tail.discontinuity).toBe(fresh.some((segment) => segment.discontinuity));
    expect(tail.mapUri).toBe(playlist.segments.at(-1)?.mapUri ?? "");
  };
  fc.assert(fc.property(playlists, fc.integer({ min: -3, max: 14 }), compare));
});

test("never throws on arbitrary text", () => {
  const line = fc.oneof(fc.constantFrom(...live.split("\n")), fc.string());
  const text = fc.array(line).map((lines) => `#EXTM3U\n${lines.join("\n")}`);
  fc.assert(fc.property(text, fc.integer(), (any, msn) => void readTail(any, msn)));
});
