/**
 * The one place that knows fluent-ffmpeg 2.1.3, and how to live with it:
 * - a failing spawn reaches its callback without the output rings it then reads, which would end
 *   the process (its issue 861): the rings are supplied here;
 * - the path of ffmpeg, and what that ffmpeg can do, are kept once for the process;
 * - `kill` does nothing before the spawn, so a signal asked for earlier is sent at the start.
 */
import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import Ffmpeg from "fluent-ffmpeg";
import { AppError } from "../../src/base/errors.ts";
import type { EncoderArguments } from "./build-arguments.ts";

export interface FfmpegProcess {
  /** Undefined until it is spawned. */
  readonly pid: number | undefined;
  kill(signal: "SIGTERM" | "SIGKILL"): void;
}

export interface FfmpegEvents {
  started(): void;
  stderrLine(line: string): void;
  /** The process is gone, or could not be started. */
  ended(failure: Error | undefined): void;
}

/** What fluent-ffmpeg has and its types leave out. */
interface CommandInternals {
  _spawnFfmpeg: SpawnFfmpeg;
  ffmpegProc?: ChildProcess;
}
interface LinesRing {
  get(): string;
}
type EndCallback = (error: unknown, stdout?: LinesRing, stderr?: LinesRing) => void;
type SpawnFfmpeg = (
  args: string[],
  options: object,
  processCallback: unknown,
  endCallback?: EndCallback,
) => void;

/** Starts ffmpeg with `stdin` as its input; events come later, never from within the call. */
export function runFfmpeg(options: {
  ffmpegPath: string;
  stdin: Readable;
  encoder: EncoderArguments;
  events: FfmpegEvents;
}): FfmpegProcess {
  const { encoder, events } = options;
  const command = Ffmpeg(options.stdin);
  const internals = command as unknown as CommandInternals;
  command.setFfmpegPath(options.ffmpegPath);
  command.inputOptions(encoder.input).complexFilter(encoder.filterGraph);
  for (const { url, options: outputOptions } of encoder.outputs) {
    command.output(url).outputOptions(outputOptions);
  }
  let signalAtStart: NodeJS.Signals | undefined;
  let pid: number | undefined;
  command.on("start", () => {
    pid = internals.ffmpegProc?.pid;
    if (signalAtStart !== undefined) command.kill(signalAtStart);
    events.started();
  });
  command.on("stderr", (line: string) => events.stderrLine(line));
  command.on("end", () => events.ended(undefined));
  command.on("error", (error: Error) => events.ended(error));
  withSafeSpawn(internals);
  setImmediate(() => command.run());
  return {
    get pid() {
      return pid;
    },
    kill: (signal) => {
      if (pid === undefined) signalAtStart = signal;
      else if (internals.ffmpegProc !== undefined) command.kill(signal);
    },
  };
}

/** Encoders the command line needs. */
const neededEncoders = ["libx264", "aac"] as const;

/**
 * Throws TOOL_MISSING, with what to type, when there is no ffmpeg or it lacks an encoder. Also has
 * fluent-ffmpeg ask its own questions, whose answers it keeps, so that the first start of the
 * encoder does not wait for them.
 */
export async function checkFfmpeg(ffmpegPath: string): Promise<void> {
  const command = Ffmpeg();
  const internals = command as unknown as CommandInternals;
  withSafeSpawn(internals);
  command.setFfmpegPath(ffmpegPath);
  const listing = await new Promise<string>((resolve, reject) => {
    const options = { captureStdout: true, stdoutLines: 0 };
    internals._spawnFfmpeg(["-hide_banner", "-encoders"], options, ((error, stdout) => {
      if (error instanceof Error) reject(missing(ffmpegPath, error));
      else resolve(stdout?.get() ?? "");
    }) satisfies EndCallback);
  });
  const lacking = neededEncoders.filter((name) => !listing.includes(` ${name} `));
  if (lacking.length > 0) {
    throw new AppError(
      "TOOL_MISSING",
      `"${ffmpegPath}" was built without ${lacking.join(" and ")}: ${installHint()}`,
    );
  }
  await new Promise<void>((resolve) => command.getAvailableFormats(() => resolve()));
  await new Promise<void>((resolve) => command.getAvailableEncoders(() => resolve()));
}

/** How to get ffmpeg on this platform. */
export function installHint(platform: NodeJS.Platform = process.platform): string {
  const command = platform === "darwin" ? "brew install ffmpeg" : "sudo apt-get install -y ffmpeg";
  return `install it with "${command}", or set origin.ffmpegPath`;
}

function missing(ffmpegPath: string, error: Error): AppError {
  const { code } = error as NodeJS.ErrnoException;
  const what = code === "ENOENT" ? "was not found" : `does not run (${error.message})`;
  return new AppError("TOOL_MISSING", `"${ffmpegPath}" ${what}: ${installHint()}`, error);
}

const emptyRing: LinesRing = { get: () => "" };

/**
 * An origin that another program started is in a process group that this one ends: the encoder stays
 * in it, so that none outlives the origin, not even one that hangs. An origin of a terminal has its
 * encoder in a group of its own: Ctrl-C then reaches only our process, which ends the encoder in
 * order, and should our process die, the encoder ends with its standard input.
 */
const isSupervised = process.send !== undefined;

function withSafeSpawn(command: CommandInternals): void {
  const spawn = command._spawnFfmpeg.bind(command);
  command._spawnFfmpeg = (args, options, processCallback, endCallback) => {
    const end = endCallback ?? (processCallback as EndCallback);
    const safeEnd: EndCallback = (error, stdout = emptyRing, stderr = emptyRing) =>
      end(error, stdout, stderr);
    const started = endCallback === undefined ? () => undefined : processCallback;
    try {
      spawn(args, { ...options, detached: !isSupervised }, started, safeEnd);
    } catch (error) {
      safeEnd(error, emptyRing, emptyRing);
    }
  };
}
