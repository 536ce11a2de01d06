import { expect, test } from "vitest";
import { resolveConfig } from "../../src/config/resolve.ts";
import type { LadderConfig } from "../../src/config/schema.ts";
import { effectiveLadder } from "../../src/govern/effective-ladder.ts";
import { gridFor } from "../../src/media/grid.ts";
import type { SourceDescription } from "../../src/media/source-description.ts";
import { buildArguments } from "./build-arguments.ts";

function argumentsFor(source: SourceDescription, ladder: Partial<LadderConfig> = {}): string[] {
  const result = resolveConfig([
    { source: "test", values: { ladder: { ...ladder, audioRung: false } } },
  ]);
  if (!result.ok) throw new Error("refused");
  const config = result.config.ladder;
  const grid = gridFor(source.video?.frameRate ?? 30);
  const rungs = effectiveLadder({ ladder: config, grid, source: source.video });
  const tracks = [...rungs.map((rung) => `/t/${rung.rung}.sock`), "/t/audio.sock"];
  const plan = { grid, rungs, source, encoderPreset: config.encoderPreset };
  return buildArguments(plan, { tracks, progress: "/t/progress.sock" }).args;
}

const sound = { sampleRateHz: 44_100, channelCount: 2 };

function sourceAt(frameRate: number, width = 1920, height = 1080): SourceDescription {
  return { video: { width, height, frameRate }, audio: sound };
}

/** All values that follow an option, in order. */
function valuesOf(args: readonly string[], option: string): string[] {
  return args.flatMap((arg, index) => (arg === option ? [args[index + 1]!] : []));
}

test("the whole command line under a cap of 300", () => {
  expect(argumentsFor(sourceAt(30), { capKbps: 300 }).join(" ")).toBe(
    [
      "-hide_banner -nostats -loglevel error -progress unix:/t/progress.sock -stats_period 1",
      "-filter_complex_threads 1 -analyzeduration 0 -probesize 32768 -threads 1 -f flv -i pipe:0",
      "-filter_complex [0:v:0]fps=30:start_time=0,format=yuv420p,split=2[s0][s1];" +
        "[s0]scale=320:180:flags=bicubic,setsar=1[v0];" +
        "[s1]scale=480:270:flags=bicubic,setsar=1[v1];" +
        "[0:a:0]aresample=48000:async=1000:first_pts=0," +
        "aformat=sample_fmts=fltp:channel_layouts=stereo[a]",
      "-map [v0] -c:v libx264 -preset superfast -tune zerolatency -threads 1 -profile:v main",
      "-level:v 3.0 -g 64 -keyint_min 64 -sc_threshold 0",
      "-b:v 86222 -maxrate:v 86222 -bufsize:v 21555 -video_track_timescale 19200",
      "-output_ts_offset 10 -f mp4 -movflags",
      "+frag_keyframe+empty_moov+default_base_moof+cmaf+frag_discont+skip_trailer",
      "-frag_duration 533333 unix:/t/150.sock",
      "-map [v1] -c:v libx264 -preset superfast -tune zerolatency -threads 1 -profile:v main",
      "-level:v 3.0 -g 64 -keyint_min 64 -sc_threshold 0",
      "-b:v 219555 -maxrate:v 219555 -bufsize:v 54888 -video_track_timescale 19200",
      "-output_ts_offset 10 -f mp4 -movflags",
      "+frag_keyframe+empty_moov+default_base_moof+cmaf+frag_discont+skip_trailer",
      "-frag_duration 533333 unix:/t/300.sock",
      "-map [a] -c:a aac -b:a 48k -output_ts_offset 10 -f mp4 -movflags",
      "+empty_moov+default_base_moof+cmaf+frag_discont+skip_trailer",
      "-frag_duration 21333 unix:/t/audio.sock",
    ].join(" "),
  );
});

test.each([
  [30, "fps=30:", "64", "533333"],
  [29.97, "fps=30:", "64", "533333"],
  [60, "fps=30:", "64", "533333"],
  [59.94, "fps=30:", "64", "533333"],
  [15, "fps=30:", "64", "533333"],
  [25, "fps=25:", "48", "640000"],
  [50, "fps=25:", "48", "640000"],
  [24, "fps=24:", "48", "666666"],
  [23.976, "fps=24:", "48", "666666"],
])("a source of %d fps is cut on the grid of %s", (frameRate, filter, gop, fragmentUs) => {
  const args = argumentsFor(sourceAt(frameRate));
  expect(valuesOf(args, "-filter_complex")[0]).toContain(`[0:v:0]${filter}start_time=0`);
  expect(valuesOf(args, "-g")).toEqual(Array.from({ length: 5 }, () => gop));
  expect(valuesOf(args, "-keyint_min")).toEqual(valuesOf(args, "-g"));
  expect(valuesOf(args, "-frag_duration").slice(0, 5)).toEqual(
    Array.from({ length: 5 }, () => fragmentUs),
  );
});

test("a portrait source is scaled to portrait sizes", () => {
  const graph = valuesOf(argumentsFor(sourceAt(30, 720, 1280)), "-filter_complex")[0];
  expect(graph).toContain("scale=180:320:");
  expect(graph).toContain("scale=480:848:");
});

test("whatever the source lacks, the command line is the same: it is put in before", () => {
  const whole = argumentsFor(sourceAt(30));
  expect(argumentsFor({ video: sourceAt(30).video! })).toEqual(whole);
  expect(argumentsFor({ audio: sound })).toEqual(whole);
  expect(
    argumentsFor({ ...sourceAt(30), audio: { sampleRateHz: 48_000, channelCount: 1 } }),
  ).toEqual(whole);
});

test("a ladder of one's own, with its preset and levels", () => {
  const args = argumentsFor(sourceAt(30), {
    rungs: [
      { kbps: 400, width: 640, height: 360 },
      { kbps: 6_000, width: 1920, height: 1080 },
    ],
    encoderPreset: "veryfast",
  });
  expect(valuesOf(args, "-preset")).toEqual(["veryfast", "veryfast"]);
  expect(valuesOf(args, "-level:v")).toEqual(["3.0", "4.0"]);
  expect(valuesOf(args, "-threads")).toEqual(["1", "1", "4"]);
  expect(args.filter((arg) => arg.startsWith("unix:"))).toEqual([
    "unix:/t/progress.sock",
    "unix:/t/400.sock",
    "unix:/t/6000.sock",
    "unix:/t/audio.sock",
  ]);
});
