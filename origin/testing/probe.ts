/** What ffprobe and ffmpeg say of media: independent judges of what the origin serves. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface ProbedPacket {
  codec_type: "video" | "audio";
  dts_time: string;
  flags: string;
}

export interface ProbedStream {
  codec_type: "video" | "audio";
  profile: string;
  level: number;
  width?: number;
  height?: number;
  r_frame_rate: string;
  sample_rate?: string;
}

/** Streams and packets of an fMP4 file; whatever ffprobe complains of is an error. */
export async function probe(
  bytes: Uint8Array,
): Promise<{ packets: ProbedPacket[]; streams: ProbedStream[] }> {
  const folder = mkdtempSync(join(tmpdir(), "fullhouse-probe-"));
  try {
    const path = join(folder, "media.mp4");
    writeFileSync(path, bytes);
    const args = ["-v", "warning", "-show_packets", "-show_streams", "-of", "json", path];
    const { stdout, stderr } = await run("ffprobe", args, { maxBuffer: 64e6 });
    if (stderr !== "") throw new Error(stderr);
    return JSON.parse(stdout) as { packets: ProbedPacket[]; streams: ProbedStream[] };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Plays so many seconds of a URL into nothing; returns what ffmpeg warned of. */
export async function play(url: string, { sec }: { sec: number }): Promise<string> {
  const args = ["-v", "warning", "-nostdin", "-i", url, "-map", "0", "-t", String(sec)];
  const { stderr } = await run("ffmpeg", [...args, "-f", "null", "-"], { maxBuffer: 64e6 });
  return stderr;
}
