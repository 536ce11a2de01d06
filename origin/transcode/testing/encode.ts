/** For tests: sources made by ffmpeg, and what the encoder makes of them, as samples. */
import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { promisify } from "node:util";
import type { Config } from "../../../src/config/schema.ts";
import { resolveConfig } from "../../../src/config/resolve.ts";
import { effectiveLadder } from "../../../src/govern/effective-ladder.ts";
import { FragmentReader } from "../../../src/media/fragment-reader.ts";
import { gridFor } from "../../../src/media/grid.ts";
import type { SourceDescription } from "../../../src/media/source-description.ts";
import type { Fragment, TrackInit } from "../../../src/media/track.ts";
import { createLog } from "../../../src/node/log.ts";
import { Metrics } from "../../../src/node/metrics.ts";
import { systemClock } from "../../../src/node/system-clock.ts";
import type { TranscodePlan } from "../transcode-plan.ts";
import { startTranscoder, type TranscoderOptions } from "../transcoder.ts";

export interface EncodedTrack {
  init: TrackInit | undefined;
  fragments: Fragment[];
}

export interface Encoded {
  tracks: EncodedTrack[];
  exit: { expected: boolean; message: string };
}

/** An FLV file made by ffmpeg from the given inputs, filters and codecs. */
export async function makeFlv(...args: string[]): Promise<Uint8Array> {
  const { stdout } = await promisify(execFile)(
    "ffmpeg",
    ["-v", "error", ...args, "-f", "flv", "-flvflags", "no_duration_filesize", "pipe:1"],
    { encoding: "buffer", maxBuffer: 1 << 28 },
  );
  return new Uint8Array(stdout);
}

/** A quick H.264 picture source and an AAC tone, as a publisher sends them. */
export function publisherArgs(options: {
  seconds: number;
  frameRate: string;
  width?: number;
  height?: number;
  sampleRateHz?: number;
  channelCount?: number;
}): string[] {
  const { width = 320, height = 180, sampleRateHz = 44_100, channelCount = 2 } = options;
  const seconds = String(options.seconds);
  return [
    ...["-f", "lavfi", "-i", `testsrc2=s=${width}x${height}:r=${options.frameRate}:d=${seconds}`],
    ...["-f", "lavfi", "-i", `sine=f=440:r=${sampleRateHz}:d=${seconds}`],
    ...["-c:v", "libx264", "-preset", "ultrafast", "-g", "48", "-pix_fmt", "yuv420p"],
    ...["-c:a", "aac", "-ac", String(channelCount), "-b:a", "64k"],
  ];
}

export function testConfig(ladder: Partial<Config["ladder"]> = {}): Config {
  const result = resolveConfig([{ source: "test", values: { ladder } }]);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.config;
}

/** The plan that the origin would make for a source. */
export function planFor(
  source: SourceDescription,
  ladder: Partial<Config["ladder"]> = {},
): TranscodePlan {
  const config = testConfig({ ...ladder, audioRung: false });
  const grid = gridFor(source.video?.frameRate ?? 30);
  return {
    grid,
    rungs: effectiveLadder({ ladder: config.ladder, grid, source: source.video }),
    source,
    encoderPreset: config.ladder.encoderPreset,
  };
}

export function testOptions(plan: TranscodePlan): Omit<TranscoderOptions, "hooks"> {
  return {
    feed: "main",
    plan,
    ffmpegPath: "ffmpeg",
    socketDir: tmpdir(),
    log: createLog({ level: "silent", node: "test" }),
    metrics: new Metrics({ tier: "origin", node: "test" }),
    clock: systemClock,
  };
}

/** Feeds a whole FLV file, as fast as the encoder takes it, and collects what comes out. */
export async function encode(plan: TranscodePlan, flv: Uint8Array): Promise<Encoded> {
  const readers = Array.from({ length: plan.rungs.length + 1 }, () => new FragmentReader());
  const tracks = readers.map((): EncodedTrack => ({ init: undefined, fragments: [] }));
  let wake: () => void = () => undefined;
  let exited: (exit: Encoded["exit"]) => void = () => undefined;
  const exit = new Promise<Encoded["exit"]>((resolve) => (exited = resolve));
  const transcoder = await startTranscoder({
    ...testOptions(plan),
    hooks: {
      trackBytes: (index, bytes) => {
        for (const event of readers[index]!.push(bytes)) {
          if (event.kind === "init") tracks[index]!.init = event.init;
          else if (event.kind === "fragment") tracks[index]!.fragments.push(event.fragment);
          else throw new Error(`track ${index}: ${event.reason}`);
        }
      },
      drained: () => wake(),
      exited,
    },
  });
  for (let offset = 0; offset < flv.length; offset += 4096) {
    if (transcoder.write(flv.subarray(offset, offset + 4096))) continue;
    await new Promise<void>((resolve) => (wake = resolve));
  }
  transcoder.end();
  return { tracks, exit: await exit };
}
