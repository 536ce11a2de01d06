/** A small ladder for tests: recorded once by ffmpeg, faster than real time, into a temporary folder. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface RecordedLadder {
  /** All rungs share these. */
  segmentDurationSec: number;
  rungs: RecordedRung[];
}

export interface RecordedRung {
  /** As in URLs: kbps, or "audio". */
  rung: string;
  /** Attributes of its EXT-X-STREAM-INF. */
  streamInf: string;
  init: Buffer;
  segments: Buffer[];
}

const frameRate = 30;

/** A moving picture with a tone: rungs 150, 300 and 450, and the sound alone. */
export async function recordLadder(options: {
  framesPerSegment: number;
  segmentCount: number;
}): Promise<RecordedLadder> {
  const { framesPerSegment, segmentCount } = options;
  const dir = await mkdtemp(join(tmpdir(), "fullhouse-ladder-"));
  const durationSec = (framesPerSegment * segmentCount) / frameRate;
  const hls = (name: string): string[] => [
    ...["-f", "hls", "-hls_time", "0.1", "-hls_list_size", "0", "-hls_segment_type", "fmp4"],
    ...["-hls_fmp4_init_filename", `${name}-init.mp4`],
    ...["-hls_segment_filename", join(dir, `${name}-%d.m4s`), join(dir, `${name}.m3u8`)],
  ];
  const video = (name: string, size: string, kbps: number): string[] => [
    ...["-map", "0:v", "-map", "1:a", "-s", size, "-c:v", "libx264", "-preset", "ultrafast"],
    ...["-profile:v", "baseline", "-pix_fmt", "yuv420p", "-sc_threshold", "0"],
    ...["-g", String(framesPerSegment), "-keyint_min", String(framesPerSegment)],
    ...["-b:v", `${kbps}k`, "-c:a", "aac", "-b:a", "48k", "-ar", "48000", ...hls(name)],
  ];
  const segmentSec = framesPerSegment / frameRate;
  const audioHls = hls("audio").map((word) => (word === "0.1" ? String(segmentSec) : word));
  await run("ffmpeg", [
    ...["-hide_banner", "-loglevel", "error", "-f", "lavfi"],
    ...["-i", `testsrc2=size=640x360:rate=${frameRate}`, "-f", "lavfi"],
    ...["-i", "sine=frequency=330:sample_rate=48000", "-t", String(durationSec)],
    ...video("450", "640x360", 380),
    ...["-t", String(durationSec), ...video("300", "480x270", 240)],
    ...["-t", String(durationSec), ...video("150", "320x180", 100)],
    ...["-t", String(durationSec), "-map", "1:a", "-c:a", "aac", "-b:a", "64k", ...audioHls],
  ]);
  const read = async (rung: string, streamInf: string): Promise<RecordedRung> => ({
    rung,
    streamInf,
    init: await readFile(join(dir, `${rung}-init.mp4`)),
    segments: await Promise.all(
      Array.from({ length: segmentCount }, (_, i) => readFile(join(dir, `${rung}-${i}.m4s`))),
    ),
  });
  const codecs = "avc1.42c01e,mp4a.40.2";
  const rungs = [
    await read("150", `BANDWIDTH=150000,RESOLUTION=320x180,CODECS="${codecs}"`),
    await read("300", `BANDWIDTH=300000,RESOLUTION=480x270,CODECS="${codecs}"`),
    await read("450", `BANDWIDTH=450000,RESOLUTION=640x360,CODECS="${codecs}"`),
    await read("audio", 'BANDWIDTH=70000,CODECS="mp4a.40.2"'),
  ];
  await rm(dir, { recursive: true });
  return { segmentDurationSec: segmentSec, rungs };
}

async function run(command: string, args: string[]): Promise<void> {
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${command} failed (${code}): ${said}`);
}
