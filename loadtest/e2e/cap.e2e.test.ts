/** The cap: with 300 kbps and the noisiest content, nothing above 300 is offered or sent. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { publish, type TestPublisher } from "./publisher.ts";
import { startStack, type Stack } from "../wire/stack.ts";

let stack: Stack;
let publisher: TestPublisher | undefined;

beforeAll(async () => {
  stack = await startStack(["--no-testcard", "--cap", "300"]);
});

afterAll(async () => {
  await publisher?.kill();
  expect(await stack.stop(), stack.output()).toBe(0);
});

interface Variant {
  bandwidthBitsPerSec: number;
  uri: string;
}

function variantsOf(multivariant: string): Variant[] {
  return [...multivariant.matchAll(/#EXT-X-STREAM-INF:.*?BANDWIDTH=(\d+).*\n(.+)/g)].map(
    (match) => ({
      bandwidthBitsPerSec: Number(match[1]),
      uri: match[2]!,
    }),
  );
}

test("no rung is offered above the cap, and no segment exceeds its rung's BANDWIDTH", async () => {
  publisher = publish({ url: await stack.publishUrl(), noise: true });
  const base = `${await stack.edgeUrl("edge-1")}/live/main/`;
  await expect
    .poll(async () => (await fetch(`${base}index.m3u8`)).status, { timeout: 60_000 })
    .toBe(200);
  const variants = variantsOf(await (await fetch(`${base}index.m3u8`)).text());
  expect(Math.max(...variants.map((v) => v.bandwidthBitsPerSec))).toBe(300_000);
  for (const { uri, bandwidthBitsPerSec } of variants) {
    const playlistUrl = new URL(uri, base);
    // Held while the feed starts, and then 503: asked again until the first segments are listed.
    await expect.poll(async () => (await fetch(playlistUrl)).status, { timeout: 60_000 }).toBe(200);
    const playlist = await (await fetch(playlistUrl)).text();
    const segments = [...playlist.matchAll(/#EXTINF:([\d.]+),[^\n]*\n(?:#[^\n]*\n)*([^#\n]+)/g)];
    expect(segments.length).toBeGreaterThanOrEqual(3);
    for (const [, durationSec, segmentUri] of segments) {
      const bytes = (await (await fetch(new URL(segmentUri!, playlistUrl))).arrayBuffer())
        .byteLength;
      expect((bytes * 8) / Number(durationSec), segmentUri).toBeLessThanOrEqual(
        bandwidthBitsPerSec,
      );
    }
  }
});
