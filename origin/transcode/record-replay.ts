/**
 * Makes a replay's folder: runs the test card, a file or a URL through the very encoder that a
 * publisher meets, as fast as the machine allows, and keeps a whole number of loops of it.
 */
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { AppError } from "../../src/base/errors.ts";
import type { Config } from "../../src/config/schema.ts";
import { effectiveLadder, isAudioRung } from "../../src/govern/effective-ladder.ts";
import { gridFor, type Grid } from "../../src/media/grid.ts";
import type { SourceDescription } from "../../src/media/source-description.ts";
import { createLog, type Log } from "../../src/node/log.ts";
import { Metrics } from "../../src/node/metrics.ts";
import { systemClock } from "../../src/node/system-clock.ts";
import { canDrawText, testCardArguments, testCardSize } from "../../src/node/test-card.ts";
import { checkFfmpeg } from "./ffmpeg-command.ts";
import { readRawTrack, type RawTrack } from "./raw-track.ts";
import {
  fragmentCount,
  gopsPerLoopUnit,
  loopSec,
  openReplay,
  pictureClock,
  replayFormat,
  replayManifestName,
  replayVersion,
  soundClock,
  unusable,
  type ReplayManifest,
} from "./replay-recording.ts";
import { startTranscoder } from "./transcoder.ts";
import type { TranscodePlan } from "./transcode-plan.ts";

export interface RecordOptions {
  config: Config;
  /** Made, or replaced when it is a replay already. */
  dir: string;
  /** Wanted length; rounded up to whole loops, and down to what the input has. */
  seconds: number;
  /** A file or URL that ffmpeg reads; the test card when absent. */
  input?: string | undefined;
  log?: Log;
}

export interface RecordResult {
  seconds: number;
  byteCount: number;
  rungs: string[];
}

/** More source than the loop needs, so that its last fragments are whole. */
const marginSec = 1;

export async function recordReplay(options: RecordOptions): Promise<RecordResult> {
  const { config } = options;
  const dir = resolve(options.dir);
  const { ffmpegPath } = config.origin;
  await checkFfmpeg(ffmpegPath);
  await checkReplaceable(dir);
  const source = options.input === undefined ? testCardSource : await probe(ffmpegPath, options);
  const grid = gridFor(source.video?.frameRate ?? 30);
  const plan: TranscodePlan = {
    grid,
    rungs: effectiveLadder({ ladder: config.ladder, grid, source: source.video }).filter(
      (rung) => !isAudioRung(rung),
    ),
    source,
    encoderPreset: config.ladder.encoderPreset,
  };
  const gopCount = wholeLoops(grid, options.seconds, Math.ceil);
  const sourceArgs = await sourceArguments(options, loopSec(grid, gopCount) + marginSec);
  const log = options.log ?? createLog({ level: "warn", node: "record" });
  const tracks = await encodeTracks({ plan, ffmpegPath, sourceArgs, log });
  const recorded = cutToLoop({ tracks, grid, gopCount });
  if (typeof recorded === "string") throw unusable(dir, recorded);
  const byteCount = await writeReplay(dir, { plan, ...recorded });
  // Reading it back proves what was written.
  await openReplay({ dir, capKbps: null });
  return {
    seconds: loopSec(grid, recorded.gopCount),
    byteCount,
    rungs: [...plan.rungs.map((rung) => rung.rung), "audio"],
  };
}

const testCardSource: SourceDescription = {
  video: { ...testCardSize, frameRate: 30 },
  audio: { sampleRateHz: 48_000, channelCount: 2 },
};

/** Whole loops in so many seconds, in GOPs; at least one loop. */
function wholeLoops(grid: Grid, seconds: number, round: (count: number) => number): number {
  const unit = gopsPerLoopUnit(grid);
  return Math.max(1, round(seconds / loopSec(grid, unit) - 1e-9)) * unit;
}

/** ffmpeg's arguments that write the source as FLV to standard output. */
async function sourceArguments(options: RecordOptions, seconds: number): Promise<string[]> {
  if (options.input === undefined) {
    const text = await canDrawText(options.config.origin.ffmpegPath);
    return testCardArguments({ url: "pipe:1", realTime: false, seconds, text });
  }
  return [
    ...["-hide_banner", "-nostats", "-loglevel", "error", "-nostdin"],
    ...["-i", options.input, "-map", "0:v:0?", "-map", "0:a:0?", "-t", String(seconds)],
    ...["-c:v", "libx264", "-preset", "ultrafast", "-crf", "18", "-pix_fmt", "yuv420p"],
    ...["-c:a", "aac", "-b:a", "192k", "-ar", "48000", "-ac", "2"],
    ...["-f", "flv", "-flvflags", "no_duration_filesize", "pipe:1"],
  ];
}

/** What an input has, by ffprobe, which comes with ffmpeg. */
async function probe(
  ffmpegPath: string,
  { input, dir }: RecordOptions,
): Promise<SourceDescription> {
  const ffprobePath = join(dirname(ffmpegPath), basename(ffmpegPath).replace("ffmpeg", "ffprobe"));
  const args = ["-v", "error", "-show_streams", "-of", "json", input!];
  let text: string;
  try {
    text = (await promisify(execFile)(ffprobePath, args)).stdout;
  } catch (error) {
    const message = (error as { stderr?: string }).stderr?.trim() ?? String(error);
    throw new AppError("USAGE", `the input ${input!} cannot be read: ${message}`, error);
  }
  const { streams } = JSON.parse(text) as { streams: Partial<Record<string, unknown>>[] };
  const video = streams.find((stream) => stream["codec_type"] === "video");
  const audio = streams.some((stream) => stream["codec_type"] === "audio");
  if (video === undefined && !audio) throw unusable(dir, `the input ${input!} has no media`);
  return {
    ...(video && {
      video: {
        width: Number(video["width"]),
        height: Number(video["height"]),
        frameRate: ratio(String(video["avg_frame_rate"])),
      },
    }),
    ...(audio && { audio: { sampleRateHz: 48_000, channelCount: 2 } }),
  };
}

/** "30000/1001" as a number; 30 when it says nothing. */
function ratio(text: string): number {
  const [count = 0, perCount = 1] = text.split("/").map(Number);
  return count > 0 && perCount > 0 ? count / perCount : 30;
}

/** Runs the source into the encoder, with back-pressure, and returns each track's bytes. */
async function encodeTracks(options: {
  plan: TranscodePlan;
  ffmpegPath: string;
  sourceArgs: string[];
  log: Log;
}): Promise<Uint8Array[]> {
  const { plan, ffmpegPath, log } = options;
  const chunks = Array.from({ length: plan.rungs.length + 1 }, (): Uint8Array[] => []);
  const source = spawn(ffmpegPath, options.sourceArgs, { stdio: ["ignore", "pipe", "pipe"] });
  let complaint = "";
  source.stderr.on(
    "data",
    (text: Buffer) => (complaint = (complaint + text.toString()).slice(-500)),
  );
  let failure = "";
  let resolveExit: () => void = () => undefined;
  const exited = new Promise<void>((done) => (resolveExit = done));
  const transcoder = await startTranscoder({
    feed: "record",
    plan,
    ffmpegPath,
    socketDir: tmpdir(),
    log,
    metrics: new Metrics({ tier: "origin", node: "record" }),
    clock: systemClock,
    hooks: {
      trackBytes: (index, bytes) => chunks[index]!.push(bytes),
      drained: () => source.stdout.resume(),
      exited: ({ expected, message }) => {
        if (!expected) failure = message;
        source.kill();
        resolveExit();
      },
    },
  });
  source.stdout.on("data", (bytes: Buffer) => {
    if (!transcoder.write(bytes)) source.stdout.pause();
  });
  source.on("error", (error) => (complaint = error.message));
  source.on("close", () => transcoder.end());
  await exited;
  if (failure !== "") throw new AppError("TRANSCODER_FAILED", `the encoder failed: ${failure}`);
  if (source.exitCode !== 0 && source.exitCode !== null) {
    throw new AppError("TRANSCODER_FAILED", `the source cannot be read: ${complaint.trim()}`);
  }
  return chunks.map((track) => Buffer.concat(track));
}

interface Loop {
  gopCount: number;
  tracks: RawTrack[];
}

/** As many whole loops as every track has, at most those wanted; in words why there is none. */
function cutToLoop(options: { tracks: Uint8Array[]; grid: Grid; gopCount: number }): Loop | string {
  const { grid } = options;
  const raw: RawTrack[] = [];
  let availableSec = Infinity;
  for (const [index, bytes] of options.tracks.entries()) {
    const track = readRawTrack(bytes);
    if (typeof track === "string") return `the encoder made nothing usable (${track})`;
    const clock = index === options.tracks.length - 1 ? soundClock() : pictureClock(grid);
    // The last fragment may be short.
    const wholeTicks = (track.fragments.length - 1) * clock.fragmentTicks;
    availableSec = Math.min(availableSec, wholeTicks / clock.ticksPerSec);
    raw.push(track);
  }
  const unitSec = loopSec(grid, gopsPerLoopUnit(grid));
  if (availableSec < unitSec) {
    return `the input has ${availableSec.toFixed(1)} s, and a loop has at least ${unitSec} s`;
  }
  const gopCount = Math.min(options.gopCount, wholeLoops(grid, availableSec, Math.floor));
  const seconds = loopSec(grid, gopCount);
  const tracks = raw.map((track, index) => {
    const clock = index === raw.length - 1 ? soundClock() : pictureClock(grid);
    return { ...track, fragments: track.fragments.slice(0, fragmentCount(clock, seconds)) };
  });
  return { gopCount, tracks };
}

/** Writes beside the folder and puts it in its place at the end. */
async function writeReplay(
  dir: string,
  { plan, gopCount, tracks }: Loop & { plan: TranscodePlan },
): Promise<number> {
  await mkdir(dirname(dir), { recursive: true });
  const fresh = await mkdtemp(`${dir}.new-`);
  const manifest: ReplayManifest = {
    format: replayFormat,
    version: replayVersion,
    frameRate: plan.grid.frameRate,
    gopCount,
    source: plan.source,
    rungs: [...plan.rungs],
    tracks: [],
  };
  const names = [...plan.rungs.map((rung) => rung.rung), "audio"];
  for (const [index, { init, fragments }] of tracks.entries()) {
    const bytes = Buffer.concat([init, ...fragments.map((fragment) => fragment.bytes)]);
    const file = `${names[index]!}.mp4`;
    await writeFile(join(fresh, file), bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    manifest.tracks.push({ file, byteCount: bytes.length, sha256 });
  }
  await writeFile(join(fresh, replayManifestName), `${JSON.stringify(manifest, undefined, 2)}\n`);
  await rm(dir, { recursive: true, force: true });
  await rename(fresh, dir);
  return manifest.tracks.reduce((sum, track) => sum + track.byteCount, 0);
}

/** Replaces nothing but an empty folder or another replay. */
async function checkReplaceable(dir: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw new AppError("USAGE", `${dir} cannot be used: ${String(error)}`, error);
  }
  if (names.length === 0) return;
  const isReplay =
    names.includes(replayManifestName) &&
    (await readFile(join(dir, replayManifestName), "utf8")).includes(replayFormat);
  if (!isReplay) throw new AppError("USAGE", `${dir} has other files in it: name another folder`);
}
