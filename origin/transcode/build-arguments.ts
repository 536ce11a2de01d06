/**
 * The encoder's command line: FLV on standard input, one decode, n H.264 rungs and one AAC track,
 * each written as single-track fragments to its own unix socket.
 *
 * Every option here was tried (ffmpeg 5.1): `frag_discont` keeps real timestamps, so that the
 * tracks share one clock; a constant frame rate before the split with fixed keyframe distance makes
 * all rungs cut at identical instants; the short probe starts 1 s sooner; one decoder thread saves
 * the delay of frame threading; `skip_trailer` leaves out a box that no live reader wants.
 */
import { samplesPerAacFrame, audioTimescale, videoTimescale } from "../../src/media/grid.ts";
import type { LadderRung } from "../../src/govern/effective-ladder.ts";
import { timelineOffsetSec, type TranscodePlan } from "./transcode-plan.ts";

export interface EncoderSockets {
  /** One path a track: the video rungs in ladder order, then the sound. */
  tracks: readonly string[];
  /** Where ffmpeg writes its progress, once a second. */
  progress: string;
}

export interface EncoderArguments {
  /** Global and input options, all before `-i`. */
  input: string[];
  filterGraph: string;
  outputs: { url: string; options: string[] }[];
  /** The whole list as ffmpeg gets it. */
  args: string[];
}

/** What `-movflags` every track has: fragments that stand alone and keep their timestamps. */
const fragmentFlags = "+empty_moov+default_base_moof+cmaf+frag_discont+skip_trailer";

export function buildArguments(plan: TranscodePlan, sockets: EncoderSockets): EncoderArguments {
  const input = [
    ...["-hide_banner", "-nostats", "-loglevel", "error"],
    ...["-progress", `unix:${sockets.progress}`, "-stats_period", "1"],
    ...["-filter_complex_threads", "1"],
    ...["-analyzeduration", "0", "-probesize", "32768", "-threads", "1", "-f", "flv"],
  ];
  const filterGraph = [...videoFilters(plan), audioFilter].join(";");
  const outputs = [
    ...plan.rungs.map((rung, index) => ({
      url: `unix:${sockets.tracks[index]}`,
      options: videoOptions(plan, rung, index),
    })),
    { url: `unix:${sockets.tracks[plan.rungs.length]}`, options: audioOptions() },
  ];
  const args = [
    ...input,
    ...["-i", "pipe:0", "-filter_complex", filterGraph],
    ...outputs.flatMap(({ url, options }) => [...options, url]),
  ];
  return { input, filterGraph, outputs, args };
}

/**
 * AAC frames in a fragment of sound. One: the encoder's priming puts fragments of a part's length
 * one frame early, so that a part's last frame would come a whole part later, at its deadline.
 */
export const aacFramesPerFragment = 1;

function videoFilters({ grid, rungs }: TranscodePlan): string[] {
  const pads = rungs.map((_, index) => `[s${index}]`).join("");
  return [
    `[0:v:0]fps=${grid.frameRate}:start_time=0,format=yuv420p,split=${rungs.length}${pads}`,
    ...rungs.map(
      ({ width, height }, index) =>
        `[s${index}]scale=${width}:${height}:flags=bicubic,setsar=1[v${index}]`,
    ),
  ];
}

/** Holes are filled with silence and drift is taken up, so the sound stays on the video's clock. */
const audioFilter =
  "[0:a:0]aresample=48000:async=1000:first_pts=0," +
  "aformat=sample_fmts=fltp:channel_layouts=stereo[a]";

function videoOptions({ grid, encoderPreset }: TranscodePlan, rung: LadderRung, index: number) {
  const bitsPerSec = String(rung.videoBitsPerSec);
  return [
    ...["-map", `[v${index}]`, "-c:v", "libx264"],
    ...["-preset", encoderPreset, "-tune", "zerolatency"],
    ...["-threads", String(encoderThreads(rung)), "-profile:v", "main", "-level:v", rung.avcLevel],
    ...["-g", String(grid.framesPerGop), "-keyint_min", String(grid.framesPerGop)],
    ...["-sc_threshold", "0"],
    ...["-b:v", bitsPerSec, "-maxrate:v", bitsPerSec, "-bufsize:v", String(rung.bufferBits)],
    ...["-video_track_timescale", String(videoTimescale)],
    ...fragmentOptions(`+frag_keyframe${fragmentFlags}`, grid.framesPerPart / grid.frameRate),
  ];
}

function audioOptions(): string[] {
  const durationSec = (aacFramesPerFragment * samplesPerAacFrame) / audioTimescale;
  return [
    ...["-map", "[a]", "-c:a", "aac", "-b:a", "48k"],
    ...fragmentOptions(fragmentFlags, durationSec),
  ];
}

function fragmentOptions(movFlags: string, durationSec: number): string[] {
  return [
    ...["-output_ts_offset", String(timelineOffsetSec)],
    ...["-f", "mp4", "-movflags", movFlags],
    ...["-frag_duration", String(Math.floor(durationSec * 1_000_000))],
  ];
}

/**
 * Up to 540 lines one thread a rung encodes in real time, and with five rungs the cores are busy
 * anyway; larger pictures are sliced (zerolatency encodes slices, not frames, in parallel).
 */
function encoderThreads({ width, height }: LadderRung): number {
  if (width * height <= 960 * 540) return 1;
  return width * height <= 1280 * 720 ? 2 : 4;
}
