/** A publisher for tests: ffmpeg sending a moving picture and a tone by RTMP. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";

export interface TestPublisherOptions {
  url: string;
  frameRate?: number;
  size?: string;
}

export class TestPublisher {
  readonly #child: ChildProcess;
  /** When the process is gone, for whatever reason. */
  readonly exited: Promise<unknown>;

  constructor({ url, frameRate = 30, size = "640x360" }: TestPublisherOptions) {
    const args = [
      ...["-hide_banner", "-loglevel", "error", "-nostdin", "-re"],
      ...["-f", "lavfi", "-i", `testsrc2=size=${size}:rate=${frameRate}`],
      ...["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100"],
      ...["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency"],
      ...["-pix_fmt", "yuv420p", "-g", String(2 * frameRate), "-c:a", "aac", "-f", "flv", url],
    ];
    this.#child = spawn("ffmpeg", args, { stdio: "ignore" });
    this.exited = once(this.#child, "exit");
  }

  /** Ends it at once, as a pulled cable would. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.exited;
  }
}
