import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  isAacSequenceHeader,
  isAvcKeyframe,
  isAvcSequenceHeader,
  writeFlvHeader,
  writeFlvTag,
} from "../../src/rtmp/flv.ts";
import { mainKey, TestServer } from "./testing/rtmp-peer.ts";

let server: TestServer;
beforeEach(async () => {
  server = await TestServer.start();
});
afterEach(() => server.close());

interface Ran {
  code: number | null;
  output: string;
}

async function run(program: string, args: readonly string[], input?: Uint8Array): Promise<Ran> {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (text) => (output += String(text)));
  child.stderr.on("data", (text) => (output += String(text)));
  child.stdin.end(input);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
}

const quiet = ["-hide_banner", "-loglevel", "warning", "-nostdin"];
const picture = ["-f", "lavfi", "-i", "testsrc=size=320x180:rate=30"];
const sound = ["-f", "lavfi", "-i", "sine=sample_rate=48000"];
const avcAndAac = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "30", "-c:a", "aac"];

function publish(url: string, codecs: readonly string[] = avcAndAac): Promise<Ran> {
  const media = [...picture, ...sound, "-t", "2", ...codecs];
  return run("ffmpeg", [...quiet, ...media, "-f", "flv", url]);
}

test("ffmpeg publishes, and the tags make an FLV file with every frame of it", async () => {
  const { code } = await publish(server.url(`${mainKey}?token=1`));
  expect(code).toBe(0);
  await server.until("end", 1);
  expect(server.of("end").map(({ reason }) => reason)).toEqual(["stopped publishing"]);
  const tags = server.of("tag").map(({ tag }) => tag);
  expect(tags[0]!.kind).toBe("script");
  const video = tags.filter(({ kind }) => kind === "video").map(({ payload }) => payload);
  const audio = tags.filter(({ kind }) => kind === "audio").map(({ payload }) => payload);
  expect(isAvcSequenceHeader(video[0]!)).toBe(true);
  expect(video.filter(isAvcKeyframe)).toHaveLength(2);
  expect(isAacSequenceHeader(audio[0]!)).toBe(true);

  const file = Buffer.concat([
    writeFlvHeader({ audio: true, video: true }),
    ...tags.map((tag) => writeFlvTag(tag)),
  ]);
  const count = ["-count_packets", "-show_entries", "stream=codec_name,nb_read_packets"];
  const probed = await run("ffprobe", ["-v", "warning", ...count, "-of", "csv=p=0", "-"], file);
  expect(probed.code).toBe(0);
  const [videoLine, audioLine, ...complaints] = probed.output.trim().split("\n").sort().reverse();
  expect(videoLine).toBe("h264,60");
  expect(audioLine).toBe(`aac,${audio.length - 1}`);
  expect(complaints).toEqual([]);
});

test.each([
  ["a wrong key", () => server.url("wrong"), "The stream key is wrong."],
  ["a wrong application", () => server.url(mainKey, "other"), "must end in /live"],
])("ffmpeg with %s is told so and fails", async (_, url, message) => {
  const { code, output } = await publish(url());
  expect(code).not.toBe(0);
  expect(output).toContain(message);
  expect(server.calls).toEqual([]);
});

test("ffmpeg with a codec that is not supported is told so and fails", async () => {
  const { code, output } = await publish(server.url(mainKey), ["-c:v", "flv", "-c:a", "aac"]);
  await server.until("end", 1);
  expect(code).not.toBe(0);
  expect(output).toMatch(/Unsupported Sorenson H\.263|Broken pipe|reset by peer/);
  expect(server.of("tag").filter(({ tag }) => tag.kind === "video")).toEqual([]);
  expect(server.of("end")[0]!.reason).toMatch(/^sends Sorenson H\.263, which is not supported/);
});

test("ffmpeg with MP3 sound is told so and fails", async () => {
  const codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "libmp3lame", "-ar", "44100"];
  const { code } = await publish(server.url(mainKey), codecs);
  await server.until("end", 1);
  expect(code).not.toBe(0);
  expect(server.of("tag").filter(({ tag }) => tag.kind === "audio")).toEqual([]);
  expect(server.of("end")[0]!.reason).toMatch(/^sends MP3, which is not supported/);
});
