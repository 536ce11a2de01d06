import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { readMediaPlaylist } from "../../src/hls/read-media-playlist.ts";
import { recordLadder, type RecordedLadder } from "../../src/node/testing/recorded-ladder.ts";
import { loopedMedia } from "./looped-media.ts";
import { startScriptedOrigin } from "./scripted-origin.ts";

const segmentCount = 16;
let ladder: RecordedLadder;

beforeAll(async () => {
  ladder = await recordLadder({ framesPerSegment: 30, segmentCount });
});

/** Presentation times of the packets of one kind, in seconds. */
function timesSec(file: string, kind: "v" | "a"): number[] {
  const output = execFileSync(
    "ffprobe",
    [
      ...["-v", "error", "-select_streams", kind, "-show_entries", "packet=pts_time"],
      ...["-of", "csv=p=0", file],
    ],
    { encoding: "utf8" },
  );
  return output.trim().split("\n").map(parseFloat);
}

test("a recording repeats on one timeline, without a gap in picture or sound", () => {
  const media = loopedMedia(ladder.rungs, ladder.segmentDurationSec);
  const indices = Array.from({ length: 2 * segmentCount + 1 }, (_, n) => n);
  const folder = mkdtempSync(join(tmpdir(), "fullhouse-looped-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "looped.mp4");
  writeFileSync(
    file,
    Buffer.concat([media.init(300), ...indices.map((n) => media.segment(300, n))]),
  );
  const picture = timesSec(file, "v");
  expect(picture).toHaveLength(indices.length * 30);
  expect(longestStepSec(picture)).toBeLessThan(1 / 30 + 0.001);
  expect(longestStepSec(timesSec(file, "a"))).toBeLessThan(1_024 / 48_000 + 0.001);
  expect(picture.at(-1)! - picture[0]!).toBeCloseTo(indices.length - 1 / 30, 2);
});

function longestStepSec(times: readonly number[]): number {
  return Math.max(...times.slice(1).map((time, n) => time - times[n]!));
}

test("a recording that does not end with a whole tick cannot be joined", () => {
  expect(() => loopedMedia(ladder.rungs, 1.000_01)).toThrow("whole number of ticks");
});

test("a scripted feed lists the media with its hold-back, and a relay's reader takes it", async () => {
  const origin = await startScriptedOrigin({
    feed: "main",
    rungs: [{ kbps: 300, width: 480, height: 270 }],
    segmentDurationMs: 1_000,
    playlistCount: 20,
    media: loopedMedia(ladder.rungs, ladder.segmentDurationSec),
    holdBackSec: 8,
  });
  onTestFinished(() => origin.close());
  const url = `${origin.url}/live/main/300/index.m3u8`;
  const text = await (await fetch(url)).text();
  expect(text).toContain("\n#EXT-X-SERVER-CONTROL:HOLD-BACK=8.0\n");
  const result = readMediaPlaylist(text);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const { segments, targetDurationSec } = result.playlist;
  expect([segments.length, targetDurationSec]).toEqual([20, 1]);
  const segment = await fetch(new URL(segments.at(-1)!.uri, url));
  expect(Buffer.from(await segment.arrayBuffer()).includes("moof")).toBe(true);
});
