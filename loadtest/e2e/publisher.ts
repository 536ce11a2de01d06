/** A publisher for tests: ffmpeg sending a moving picture and a tone by RTMP, as OBS would. */
import { spawn } from "node:child_process";
import { once } from "node:events";

export interface PublisherOptions {
  url: string;
  frameRate?: number;
  size?: string;
  /** Noise instead of a test picture: the hardest content for a cap. */
  noise?: boolean;
}

export interface TestPublisher {
  /** Resolves with ffmpeg's exit code and what it said, when it ends by itself. */
  ended: Promise<{ code: number | null; stderr: string }>;
  /** Ends it as OBS's Stop button does: it unpublishes. */
  end(): Promise<void>;
  /** Ends it at once, as a pulled cable would. */
  kill(): Promise<void>;
}

export function publish(options: PublisherOptions): TestPublisher {
  const { url, frameRate = 30, size = "848x480", noise = false } = options;
  const picture = noise
    ? `nullsrc=size=${size}:rate=${frameRate},noise=alls=100:allf=t`
    : `testsrc2=size=${size}:rate=${frameRate}`;
  const child = spawn(
    "ffmpeg",
    [
      ...["-hide_banner", "-loglevel", "warning", "-re"],
      ...["-f", "lavfi", "-i", picture],
      ...["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100"],
      ...["-map", "0:v", "-map", "1:a", "-c:v", "libx264", "-preset", "ultrafast"],
      ...["-tune", "zerolatency", "-pix_fmt", "yuv420p", "-g", String(frameRate * 2)],
      ...["-b:v", "1500k", "-c:a", "aac", "-b:a", "96k", "-f", "flv", url],
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-20_000);
  });
  const ended = once(child, "exit").then(([code]) => ({ code: code as number | null, stderr }));
  return {
    ended,
    end: async () => {
      child.kill("SIGINT");
      await ended;
    },
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
