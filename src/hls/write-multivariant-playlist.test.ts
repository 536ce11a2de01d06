import { expect, test } from "vitest";
import type { LadderDocument } from "./ladder-document.ts";
import { writeMultivariantPlaylist } from "./write-multivariant-playlist.ts";

const ladder: LadderDocument = {
  version: 1,
  targetDurationSec: 4,
  variants: [
    {
      rung: "300",
      bandwidthBitsPerSec: 300_000,
      averageBandwidthBitsPerSec: 286_000,
      codecs: "avc1.4d401e,mp4a.40.2",
      width: 480,
      height: 270,
      frameRate: 30,
      stableVariantId: "300",
    },
    {
      rung: "450",
      bandwidthBitsPerSec: 450_000,
      averageBandwidthBitsPerSec: 426_000,
      codecs: "avc1.4d401e,mp4a.40.2",
      width: 640,
      height: 360,
      frameRate: 23.976,
      stableVariantId: "450",
    },
    {
      rung: "audio",
      bandwidthBitsPerSec: 64_000,
      averageBandwidthBitsPerSec: 53_000,
      codecs: "mp4a.40.2",
      stableVariantId: "audio",
    },
  ],
};

test("every rung is a variant with its attributes, sound last", () => {
  expect(writeMultivariantPlaylist(ladder)).toBe(`#EXTM3U
#EXT-X-VERSION:6
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-STREAM-INF:BANDWIDTH=300000,AVERAGE-BANDWIDTH=286000,CODECS="avc1.4d401e,mp4a.40.2",RESOLUTION=480x270,FRAME-RATE=30.000,STABLE-VARIANT-ID="300"
300/index.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=450000,AVERAGE-BANDWIDTH=426000,CODECS="avc1.4d401e,mp4a.40.2",RESOLUTION=640x360,FRAME-RATE=23.976,STABLE-VARIANT-ID="450"
450/index.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=64000,AVERAGE-BANDWIDTH=53000,CODECS="mp4a.40.2",STABLE-VARIANT-ID="audio"
audio/index.m3u8
`);
});

test("a node with a cap offers nothing above it", () => {
  const capped = writeMultivariantPlaylist(ladder, { capKbps: 449 });
  expect(capped.match(/^[^#].*$/gm)).toEqual(["300/index.m3u8", "audio/index.m3u8"]);
});

test("a codecs string that would break out of its quotes is a bug", () => {
  const variants = [{ ...ladder.variants[0]!, codecs: 'avc1"\n#EXT' }];
  expect(() => writeMultivariantPlaylist({ ...ladder, variants })).toThrow("quotes");
});
