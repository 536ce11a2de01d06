/**
 * Real encoder output for tests: single-track fragments made by ffmpeg with the arguments that the
 * transcoder uses, and ffmpeg and ffprobe as judges of what we write.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface EncodeRequest {
  /** Inputs as ffmpeg takes them; the first has the picture, the last the sound. */
  inputs: string[][];
  frameRate: number;
  /** Frame sizes of the rungs. */
  sizes: string[];
  durationSec: number;
  /** "zerolatency" has no B-frames, "b-frames" has. */
  tuning?: "zerolatency" | "b-frames";
  audioFragmentUs?: number;
}

export interface EncodedTracks {
  video: Uint8Array[];
  audio: Uint8Array;
}

const flashFilter = "geq=lum='if(lt(mod(T,1),0.099),235,16)':cb=128:cr=128";

/** A white flash and a beep of a tenth of a second, both at every full second. */
export function flashAndBeep(frameRate: number): string[][] {
  return [
    ["-f", "lavfi", "-i", `color=black:s=320x180:r=${frameRate},${flashFilter}`],
    [
      "-f",
      "lavfi",
      "-i",
      "aevalsrc='if(lt(mod(t,1),0.1),0.8*sin(2*PI*1000*t),0)':s=44100:c=stereo",
    ],
  ];
}

/** A noisy moving picture and a tone. */
export function movingPicture(frameRate: number): string[][] {
  return [
    ["-f", "lavfi", "-i", `testsrc2=s=640x360:r=${frameRate}`],
    ["-f", "lavfi", "-i", "sine=440:r=44100"],
  ];
}

export async function encodeTracks(request: EncodeRequest): Promise<EncodedTracks> {
  const folder = mkdtempSync(join(tmpdir(), "fullhouse-media-"));
  try {
    await run("ffmpeg", encodeArguments(request, folder));
    return {
      video: request.sizes.map((_, index) => readFileSync(join(folder, `v${index}.mp4`))),
      audio: readFileSync(join(folder, "a.mp4")),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function encodeArguments(request: EncodeRequest, folder: string): string[] {
  const { inputs, frameRate, sizes, durationSec, tuning = "zerolatency" } = request;
  const gop = frameRate === 30 ? 64 : 48;
  const partUs = Math.floor(16_000_000 / frameRate);
  const flags = "empty_moov+default_base_moof+cmaf+frag_discont+skip_trailer";
  const out = ["-output_ts_offset", "10", "-f", "mp4", "-movflags"];
  const split = sizes.map((_, index) => `[s${index}]`).join("");
  const scales = sizes.map((size, i) => `[s${i}]scale=${size.replace("x", ":")},setsar=1[v${i}]`);
  const graph = [
    `[0:v:0]fps=${frameRate}:start_time=0,format=yuv420p,split=${sizes.length}${split}`,
    ...scales,
    `[${inputs.length - 1}:a:0]aresample=48000:async=1000:first_pts=0,aformat=channel_layouts=stereo[a]`,
  ];
  const latency = tuning === "zerolatency" ? ["-tune", "zerolatency"] : ["-bf", "3"];
  return [
    ...["-nostdin", "-v", "error", "-t", String(durationSec)],
    ...inputs.flatMap((input, index) =>
      index === 0 ? input : ["-t", String(durationSec), ...input],
    ),
    ...["-filter_complex", graph.join(";")],
    ...sizes.flatMap((_, index) => [
      ...["-map", `[v${index}]`, "-c:v", "libx264", "-preset", "superfast", ...latency],
      ...["-threads", "1", "-profile:v", "main", "-sc_threshold", "0"],
      ...["-g", String(gop), "-keyint_min", String(gop)],
      ...["-b:v", "200k", "-maxrate:v", "200k", "-bufsize:v", "100k"],
      ...[...out, `+frag_keyframe+${flags}`, "-frag_duration", String(partUs)],
      join(folder, `v${index}.mp4`),
    ]),
    ...["-map", "[a]", "-c:a", "aac", "-b:a", "48k"],
    ...[...out, `+${flags}`, "-frag_duration", String(request.audioFragmentUs ?? partUs)],
    join(folder, "a.mp4"),
  ];
}

export interface ProbedPacket {
  kind: "video" | "audio";
  ptsSec: number;
  dtsSec: number;
  durationSec: number;
  keyframe: boolean;
}

/** Every packet of a file, and what ffprobe has to say about it. */
export async function probePackets(
  bytes: Uint8Array,
): Promise<{ packets: ProbedPacket[]; complaints: string }> {
  const { stdout, stderr } = await run(
    "ffprobe",
    ["-v", "warning", "-show_packets", "-of", "json", "-i", "pipe:0"],
    bytes,
  );
  const { packets } = JSON.parse(stdout.toString()) as { packets: Record<string, string>[] };
  return {
    complaints: stderr,
    packets: packets.map((packet) => ({
      kind: packet["codec_type"] as ProbedPacket["kind"],
      ptsSec: Number(packet["pts_time"]),
      dtsSec: Number(packet["dts_time"]),
      durationSec: Number(packet["duration_time"]),
      keyframe: packet["flags"]!.startsWith("K"),
    })),
  };
}

/** Decodes everything; the complaints are empty when all is well. */
export async function decodeComplaints(bytes: Uint8Array): Promise<string> {
  const { stderr } = await run(
    "ffmpeg",
    ["-nostdin", "-v", "warning", "-xerror", "-i", "pipe:0", "-f", "null", "-"],
    bytes,
  );
  return stderr;
}

/** Runs a decoder command over bytes on standard input. */
export async function run(
  command: string,
  args: string[],
  input: Uint8Array = new Uint8Array(),
): Promise<{ stdout: Buffer; stderr: string }> {
  const child = spawn(command, args);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  // A command that has seen enough closes its input; its exit code tells whether that was an error.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", (error) =>
      reject(new Error(`${command} is needed: apt-get install ffmpeg`, { cause: error })),
    );
    child.on("close", resolve);
  });
  const complaints = Buffer.concat(stderr).toString();
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${complaints}`);
  return { stdout: Buffer.concat(stdout), stderr: complaints };
}
