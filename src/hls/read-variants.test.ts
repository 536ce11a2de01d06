import { expect, test } from "vitest";
import { readVariants } from "./read-variants.ts";

const stream = (attributes: string, uri: string): string =>
  `#EXT-X-STREAM-INF:${attributes}\n${uri}\n`;

function check(text: string, expected: [string, number, number][]): void {
  const found = readVariants(`#EXTM3U\n#EXT-X-VERSION:6\n${text}`);
  expect(
    found.map((one) => [one.uri, one.bandwidthBitsPerSec, one.averageBandwidthBitsPerSec]),
  ).toEqual(expected);
}

test("variants come lowest first, with peak and average, whatever their order", () => {
  check(
    stream(
      'BANDWIDTH=300000,AVERAGE-BANDWIDTH=270000,CODECS="avc1.64001e,mp4a.40.2",RESOLUTION=480x270',
      "300/index.m3u8",
    ) + stream("AVERAGE-BANDWIDTH=140000,RESOLUTION=320x180,BANDWIDTH=150000", "150/index.m3u8"),
    [
      ["150/index.m3u8", 150_000, 140_000],
      ["300/index.m3u8", 300_000, 270_000],
    ],
  );
});

test("the peak stands for an average that is not given", () => {
  check(stream("BANDWIDTH=300000,RESOLUTION=480x270", "a"), [["a", 300_000, 300_000]]);
});

test("sound alone is offered only when there is no picture", () => {
  const audio = stream('BANDWIDTH=64000,CODECS="mp4a.40.2"', "audio/index.m3u8");
  check(audio, [["audio/index.m3u8", 64_000, 64_000]]);
  check(stream("BANDWIDTH=150000,RESOLUTION=320x180", "150") + audio, [["150", 150_000, 150_000]]);
});

test.each([
  ["a media playlist", "#EXT-X-TARGETDURATION:4\n#EXTINF:4,\na.m4s\n"],
  ["a variant without rate", stream("RESOLUTION=320x180", "a")],
  ["a variant without URI", "#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=1x1"],
])("%s has none", (_what, text) => {
  check(text, []);
});
