import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recordReplay } from "./transcode/record-replay.ts";
import { probe } from "./testing/probe.ts";
import { testConfig } from "./testing/virtual-feed.ts";
import { TestOrigin } from "./testing/test-origin.ts";
import { walkRung } from "./testing/walk.ts";

let folder: string;
let origin: TestOrigin | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fullhouse-replay-"));
});
afterAll(async () => {
  await origin?.close();
  rmSync(folder, { recursive: true });
});

test("a recording shorter than a segment plays for ever, without a seam", async () => {
  const dir = join(folder, "loop");
  await recordReplay({ config: testConfig(), dir, seconds: 3, input: undefined });
  origin = await TestOrigin.start({ origin: { source: `replay:${dir}` } });
  await origin.reaches("live");
  const { segments, inits, versions } = await walkRung(origin, "300", { newSegments: 2 });
  const { playlist } = versions.at(-1)!;
  expect(playlist.segments.some((segment) => segment.discontinuity)).toBe(false);
  const init = inits.get(playlist.segments[0]!.mapUri!)!.bytes;
  const media = playlist.segments.map((segment) => segments.get(segment.uri)!.bytes);
  const { packets } = await probe(Buffer.concat([init, ...media]));
  const times = packets
    .filter((packet) => packet.codec_type === "video")
    .map((packet) => Number(packet.dts_time));
  expect(times.length).toBe(playlist.segments.length * 128);
  times.slice(1).forEach((sec, index) => expect(sec - times[index]!).toBeCloseTo(1 / 30, 3));
});

test("a folder that holds no recording stops the start, and says so", async () => {
  const source = `replay:${join(folder, "nothing")}`;
  await expect(TestOrigin.start({ origin: { source } })).rejects.toMatchObject({
    code: "REPLAY_UNUSABLE",
  });
});
