import fc from "fast-check";
import { expect, test } from "vitest";
import type { MediaPlaylist, PlaylistSegment } from "./media-playlist.ts";
import { readMediaPlaylist } from "./read-media-playlist.ts";
import { writeMediaPlaylist } from "./write-media-playlist.ts";

function playlist(over: Partial<MediaPlaylist> = {}): MediaPlaylist {
  return {
    version: 6,
    targetDurationSec: 4,
    mediaSequence: 0,
    discontinuitySequence: 0,
    independentSegments: false,
    ended: false,
    segments: [],
    ...over,
  };
}

/** A text, the text we write for the same playlist, and its model. */
const triplets: { name: string; text: string; canonical: string; model: MediaPlaylist }[] = [
  {
    name: "the least there can be",
    text: "#EXTM3U\n#EXT-X-TARGETDURATION:4\n",
    canonical:
      "#EXTM3U\n#EXT-X-VERSION:1\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:0\n" +
      "#EXT-X-DISCONTINUITY-SEQUENCE:0\n",
    model: playlist({ version: 1 }),
  },
  {
    name: "a window across two epochs with different init segments",
    text:
      "#EXTM3U\r\n#EXT-X-INDEPENDENT-SEGMENTS\r\n#EXT-X-VERSION:6\r\n" +
      "#EXT-X-MEDIA-SEQUENCE:1792000041\r\n#EXT-X-DISCONTINUITY-SEQUENCE:7\r\n" +
      '#EXT-X-TARGETDURATION:4\r\n#EXT-X-MAP:URI="init-00aa00aa.mp4",X-OTHER=1\r\n' +
      "#EXT-X-PROGRAM-DATE-TIME:2026-11-22T19:00:00.250+0100\r\n#EXTINF:4.2666669,a title\r\n" +
      "1792000000-1792000041.m4s\r\n\r\n# a comment\r\n#EXT-X-FUTURE-TAG:1\r\n" +
      '#EXT-X-DISCONTINUITY\r\n#EXT-X-MAP:URI="init-11bb11bb.mp4"\r\n#EXTINF:4,\r\n' +
      "1792000001-1792000042.m4s\r\n#EXTINF:.5\r\n".replace(".5", "0.5") +
      "1792000001-1792000043.m4s\r\n#EXT-X-ENDLIST\r\n",
    canonical:
      "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:1792000041\n" +
      "#EXT-X-DISCONTINUITY-SEQUENCE:7\n#EXT-X-INDEPENDENT-SEGMENTS\n" +
      '#EXT-X-MAP:URI="init-00aa00aa.mp4"\n#EXT-X-PROGRAM-DATE-TIME:2026-11-22T18:00:00.250Z\n' +
      "#EXTINF:4.266666,\n1792000000-1792000041.m4s\n" +
      '#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="init-11bb11bb.mp4"\n' +
      "#EXTINF:4.000000,\n1792000001-1792000042.m4s\n" +
      "#EXTINF:0.500000,\n1792000001-1792000043.m4s\n#EXT-X-ENDLIST\n",
    model: playlist({
      mediaSequence: 1_792_000_041,
      discontinuitySequence: 7,
      independentSegments: true,
      ended: true,
      segments: [
        {
          uri: "1792000000-1792000041.m4s",
          durationUs: 4_266_666,
          discontinuity: false,
          mapUri: "init-00aa00aa.mp4",
          programDateTimeUnixMs: Date.UTC(2026, 10, 22, 18, 0, 0, 250),
        },
        {
          uri: "1792000001-1792000042.m4s",
          durationUs: 4_000_000,
          discontinuity: true,
          mapUri: "init-11bb11bb.mp4",
        },
        {
          uri: "1792000001-1792000043.m4s",
          durationUs: 500_000,
          discontinuity: false,
          mapUri: "init-11bb11bb.mp4",
        },
      ],
    }),
  },
];

test.each(triplets)("reads and writes $name", ({ text, canonical, model }) => {
  expect(readMediaPlaylist(text)).toEqual({ ok: true, playlist: model });
  expect(writeMediaPlaylist(model)).toBe(canonical);
});

const head = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n";

test.each([
  ["nothing", "", ["1 #EXTM3U", "1 #EXT-X-TARGETDURATION"]],
  ["HTML", "<html>\n", ["1 #EXTM3U", "2 #EXT-X-TARGETDURATION"]],
  ["a target duration with decimals", "#EXTM3U\n#EXT-X-TARGETDURATION:4.5\n", [2, 3]],
  ["a negative sequence", `${head}#EXT-X-MEDIA-SEQUENCE:-1`, ["3 #EXT-X-MEDIA-SEQUENCE"]],
  ["a sequence past 2^53", `${head}#EXT-X-MEDIA-SEQUENCE:9007199254740993`, [3]],
  ["a late sequence", `${head}#EXTINF:4,\na\n#EXT-X-MEDIA-SEQUENCE:3`, [5]],
  ["a tag twice", `${head}#EXT-X-TARGETDURATION:4`, ["3 #EXT-X-TARGETDURATION"]],
  ["a segment without EXTINF", `${head}a.m4s`, ["3 URI"]],
  ["EXTINF without a segment", `${head}#EXTINF:4,`, ["3 #EXTINF"]],
  ["EXTINF twice", `${head}#EXTINF:4,\n#EXTINF:4,\na.m4s`, ["4 #EXTINF"]],
  ["EXTINF that is no number", `${head}#EXTINF:four,\na.m4s`, ["3 #EXTINF", "4 URI"]],
  ["a URI with a space", `${head}#EXTINF:4,\na b.m4s`, ["4 URI", "4 #EXTINF"]],
  ["a map without URI", `${head}#EXT-X-MAP:X="1"`, ["3 #EXT-X-MAP"]],
  ["a map with an open quote", `${head}#EXT-X-MAP:URI="a`, ["3 #EXT-X-MAP"]],
  ["a map of a byte range", `${head}#EXT-X-MAP:URI="a",BYTERANGE="1@0"`, ["3 #EXT-X-MAP"]],
  ["a byte range", `${head}#EXT-X-BYTERANGE:1@0`, ["3 #EXT-X-BYTERANGE"]],
  ["an encrypted segment", `${head}#EXT-X-KEY:METHOD=AES-128,URI="k"`, ["3 #EXT-X-KEY"]],
  ["a delta update", `${head}#EXT-X-SKIP:SKIPPED-SEGMENTS=3`, ["3 #EXT-X-SKIP"]],
  ["a date that is none", `${head}#EXT-X-PROGRAM-DATE-TIME:today`, [3]],
  ["the 32nd of a month", `${head}#EXT-X-PROGRAM-DATE-TIME:2026-01-32T00:00:00Z`, [3]],
  ["a date before 1970", `${head}#EXT-X-PROGRAM-DATE-TIME:0000-01-01T00:00:00Z`, [3]],
])("refuses %s and says where", (_name, text, places: (string | number)[]) => {
  const result = readMediaPlaylist(text);
  const found = result.ok ? [] : result.problems;
  const byLine = places.every((place) => typeof place === "number");
  expect(found.map(({ line, key }) => (byLine ? line : `${line} ${key}`))).toEqual(places);
});

test("endless rubbish gives a bounded list of problems", () => {
  const result = readMediaPlaylist("x\n".repeat(100_000));
  expect(result.ok ? 0 : result.problems.length).toBeLessThan(25);
  const tooLong = readMediaPlaylist(`#EXTM3U\n${"#".repeat(2_000_000)}`);
  expect(tooLong).toMatchObject({ ok: false, problems: [{ line: 0 }] });
});

const count = fc.integer({ min: 0, max: 2 ** 40 });
const segment: fc.Arbitrary<PlaylistSegment> = fc
  .record({
    uri: fc.stringMatching(/^[a-z0-9][a-z0-9./-]{0,30}$/),
    durationUs: fc.integer({ min: 0, max: 999_999_999_999_999 }),
    discontinuity: fc.boolean(),
    mapUri: fc.constantFrom("init-0.mp4", "init-1.mp4"),
    unixMs: fc.option(fc.integer({ min: 0, max: 4_102_444_800_000 }), { nil: undefined }),
  })
  .map(({ unixMs, ...rest }) =>
    unixMs === undefined ? rest : { ...rest, programDateTimeUnixMs: unixMs },
  );
const model: fc.Arbitrary<MediaPlaylist> = fc.record({
  version: fc.integer({ min: 1, max: 13 }),
  targetDurationSec: fc.integer({ min: 1, max: 600 }),
  mediaSequence: count,
  discontinuitySequence: count,
  independentSegments: fc.boolean(),
  ended: fc.boolean(),
  segments: fc.array(segment, { maxLength: 12 }),
});

test("reading what was written gives the same playlist", () => {
  fc.assert(
    fc.property(model, (written) => {
      expect(readMediaPlaylist(writeMediaPlaylist(written))).toEqual({
        ok: true,
        playlist: written,
      });
    }),
  );
});

const line = fc.oneof(
  fc.string(),
  fc.constantFrom("#EXTINF:4,", "a.m4s", "#EXT-X-DISCONTINUITY", "#EXT-X-ENDLIST"),
  fc
    .tuple(
      fc.constantFrom("#EXTINF", "#EXT-X-MAP", "#EXT-X-MEDIA-SEQUENCE", "#EXT-X-KEY", "#EXT"),
      fc.string(),
    )
    .map(([tag, value]) => `${tag}:${value}`),
);

test("any text is read without throwing, and what is read can be written and read again", () => {
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const result = readMediaPlaylist([...head.trim().split("\n"), ...lines].join("\n"));
      if (result.ok) {
        expect(readMediaPlaylist(writeMediaPlaylist(result.playlist))).toEqual(result);
      } else {
        expect(result.problems.length).toBeGreaterThan(0);
      }
    }),
  );
});
