import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { canDrawText, testCardArguments, testCardSize } from "./test-card.ts";

const run = promisify(execFile);

/** Codec, size and frame rate of each stream of a test card of two seconds. */
async function streamsOf(options: { frameRate: number; text: boolean }): Promise<unknown[]> {
  const args = testCardArguments({ url: "pipe:1", realTime: false, seconds: 2, ...options });
  const card = await run("ffmpeg", args, { encoding: "buffer", maxBuffer: 1 << 24 });
  const probe = run("ffprobe", [
    ...["-v", "error", "-f", "flv", "-count_packets", "-of", "json"],
    ...["-show_entries", "stream=codec_name,width,height,nb_read_packets,sample_rate", "pipe:0"],
  ]);
  probe.child.stdin?.end(card.stdout);
  return (JSON.parse((await probe).stdout) as { streams: unknown[] }).streams;
}

test.each([
  { frameRate: 30, text: true },
  { frameRate: 25, text: true },
  { frameRate: 30, text: false },
])("the test card has a picture and a tone: %o", async (options) => {
  expect(await streamsOf(options)).toMatchObject([
    { codec_name: "h264", ...testCardSize, nb_read_packets: String(2 * options.frameRate) },
    { codec_name: "aac", sample_rate: "48000" },
  ]);
});

test("an ffmpeg that is not there cannot draw text", async () => {
  expect(await canDrawText("ffmpeg-that-is-not-there")).toBe(false);
  expect(await canDrawText("ffmpeg")).toBe(true);
});

test("the test card keeps to the clock unless told otherwise", () => {
  expect(testCardArguments({ url: "x" }).filter((arg) => arg === "-re")).toHaveLength(2);
  expect(testCardArguments({ url: "x", realTime: false })).not.toContain("-re");
});
