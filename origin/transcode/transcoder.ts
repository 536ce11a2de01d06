/**
 * One run of the encoder: an ffmpeg process from the first tag of an epoch to its last. It is fed
 * FLV through a bounded queue, its outputs are always drained, and its end is reported once, after
 * its last bytes. It decides nothing: when to start again is its owner's business.
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../../src/base/errors.ts";
import type { Clock } from "../../src/base/clock.ts";
import type { Log } from "../../src/node/log.ts";
import type { Metrics } from "../../src/node/metrics.ts";
import { buildArguments } from "./build-arguments.ts";
import { EncoderLog } from "./encoder-log.ts";
import { EncoderProgress } from "./encoder-progress.ts";
import { runFfmpeg, type FfmpegProcess } from "./ffmpeg-command.ts";
import { FlvInput } from "./flv-input.ts";
import { InputQueue } from "./input-queue.ts";
import type { Transcoder, TranscoderHooks, TranscoderStats } from "./media-source.ts";
import { MissingTrack } from "./missing-track.ts";
import { StallWatch } from "./stall-watch.ts";
import { TrackSockets } from "./track-sockets.ts";
import {
  transcoderMetrics,
  type ExitReason,
  type TranscoderMetrics,
} from "./transcoder-metrics.ts";
import type { TranscodePlan } from "./transcode-plan.ts";

export interface TranscoderOptions {
  feed: string;
  plan: TranscodePlan;
  ffmpegPath: string;
  /** Existing folder in which a private one is made for the sockets; short (see below). */
  socketDir: string;
  log: Log;
  metrics: Metrics;
  clock: Clock;
  hooks: TranscoderHooks;
  /** Media waiting for the encoder; past it, or past 2 s of media, write() returns false. */
  inputQueueBytesMax?: number;
}

/** Time for the encoder to end by itself, and then after SIGTERM. */
const stopStepMs = 2_000;

/** ffmpeg may quote its whole command line. */
const messageLengthMax = 500;

/** Path length of a unix socket that Linux (108) and macOS (104) take, with the closing zero. */
const socketPathBytesMax = 103;

/** Starts the encoder; resolves when it can be written to, which is before the process runs. */
export async function startTranscoder(options: TranscoderOptions): Promise<Transcoder> {
  // It may be gone: systems clear their temporary folder of what nobody used for days.
  await mkdir(options.socketDir, { recursive: true, mode: 0o700 });
  const dir = await mkdtemp(join(options.socketDir, "fh-"));
  const sockets = new TrackSockets();
  const run = new TranscoderRun(options, { dir, sockets });
  try {
    await run.start();
  } catch (error) {
    sockets.close();
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
  return run;
}

class TranscoderRun implements Transcoder {
  readonly #options: TranscoderOptions;
  readonly #dir: string;
  readonly #sockets: TrackSockets;
  readonly #queue: InputQueue;
  readonly #input: FlvInput;
  readonly #progress = new EncoderProgress();
  readonly #metrics: TranscoderMetrics;
  readonly #encoderLog: EncoderLog;
  readonly #stall: StallWatch;
  readonly #exit: Promise<undefined>;
  #resolveExit: (value: undefined) => void = () => undefined;
  #process: FfmpegProcess | undefined;
  #stallTimer: NodeJS.Timeout | undefined;
  #stats: TranscoderStats = {
    framesPerSec: 0,
    speedRatio: 0,
    droppedFrames: 0,
    duplicatedFrames: 0,
  };
  #paused = false;
  #ending = false;
  #stalled = false;
  #gone = false;

  constructor(options: TranscoderOptions, place: { dir: string; sockets: TrackSockets }) {
    this.#options = options;
    this.#exit = new Promise((resolve) => (this.#resolveExit = resolve));
    this.#dir = place.dir;
    this.#sockets = place.sockets;
    this.#metrics = transcoderMetrics(options.metrics);
    this.#encoderLog = new EncoderLog(options.log);
    this.#stall = new StallWatch(options.clock.nowMs());
    this.#queue = new InputQueue({
      bytesMax: options.inputQueueBytesMax ?? 8_388_608,
      room: () => this.#drained(),
    });
    const { video, audio } = options.plan.source;
    const missing = video === undefined ? "video" : audio === undefined ? "audio" : undefined;
    this.#input = new FlvInput(missing && new MissingTrack(missing));
  }

  async start(): Promise<void> {
    const { plan, hooks, clock, feed } = this.#options;
    const tracks = [...plan.rungs.map((rung) => rung.rung), "audio"].map((name) =>
      join(this.#dir, `${name}.sock`),
    );
    const progress = join(this.#dir, "progress.sock");
    checkPathLength(progress);
    await this.#sockets.listen([
      ...tracks.map((path, index) => ({
        path,
        bytes: (bytes: Uint8Array) => {
          this.#stall.output(clock.nowMs());
          hooks.trackBytes(index, bytes);
        },
      })),
      { path: progress, bytes: (bytes) => this.#readProgress(bytes) },
    ]);
    this.#stallTimer = setInterval(() => this.#checkStall(), 1_000);
    this.#process = runFfmpeg({
      ffmpegPath: this.#options.ffmpegPath,
      stdin: this.#queue,
      encoder: buildArguments(plan, { tracks, progress }),
      events: {
        started: () => this.#metrics.started(feed),
        stderrLine: (line) => {
          this.#metrics.logLine(feed);
          this.#encoderLog.line(line, clock.nowMs());
        },
        ended: (failure) => void this.#ended(failure),
      },
    });
  }

  write(bytes: Uint8Array): boolean {
    if (this.#gone || this.#ending) return true;
    let room = true;
    for (const piece of this.#input.push(bytes)) {
      room = this.#queue.offer(piece, this.#input.mediaMs);
    }
    this.#stall.input(this.#options.clock.nowMs());
    if (!room && !this.#paused) {
      this.#paused = true;
      this.#metrics.inputPaused(this.#options.feed);
    }
    return room;
  }

  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#queue.end();
  }

  async stop(): Promise<void> {
    this.end();
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      if (await this.#exitsWithin(stopStepMs)) return;
      this.#options.log.warn({ signal }, "the encoder does not end by itself");
      this.#process?.kill(signal);
    }
    await this.#exit;
  }

  stats(): TranscoderStats {
    return this.#stats;
  }

  #drained(): void {
    if (!this.#paused || this.#gone) return;
    this.#paused = false;
    this.#options.hooks.drained();
  }

  #readProgress(bytes: Uint8Array): void {
    const nowMs = this.#options.clock.nowMs();
    if (!this.#progress.push(Buffer.from(bytes).toString("latin1"), nowMs)) return;
    const before = this.#stats;
    const now = this.#progress.stats();
    this.#stats = {
      ...now,
      // ffmpeg adds up all outputs.
      droppedFrames: Math.round(now.droppedFrames / this.#options.plan.rungs.length),
      duplicatedFrames: Math.max(before.duplicatedFrames, this.#framesMadeUp()),
    };
    this.#metrics.progress(this.#options.feed, this.#stats, before);
  }

  /** What the filter that keeps the frame rate repeats, ffmpeg does not count: more out than in. */
  #framesMadeUp(): number {
    const { grid, source } = this.#options.plan;
    const perFrame = Math.max(1, Math.round((source.video?.frameRate ?? 0) / grid.frameRate));
    return Math.floor(this.#progress.frameCount - this.#input.pictureCount / perFrame);
  }

  #checkStall(): void {
    const nowMs = this.#options.clock.nowMs();
    if (this.#stalled || !this.#stall.isStalled(nowMs, { queueFull: this.#paused })) return;
    this.#stalled = true;
    this.#options.log.error("the encoder takes media but gives none: ending it");
    this.#process?.kill("SIGKILL");
  }

  async #exitsWithin(timeoutMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), timeoutMs);
    });
    const exited = this.#exit.then(() => true);
    const result = await Promise.race([exited, late]);
    clearTimeout(timer);
    return result;
  }

  async #ended(failure: Error | undefined): Promise<void> {
    clearInterval(this.#stallTimer);
    await this.#sockets.drainAndClose();
    // From here on input is dropped, so whoever waits for room may go on.
    this.#drained();
    this.#gone = true;
    this.#queue.destroy();
    this.#encoderLog.flush();
    await rm(this.#dir, { recursive: true, force: true });
    const reason: ExitReason = this.#stalled ? "stalled" : this.#ending ? "ended" : "crashed";
    this.#metrics.exited(this.#options.feed, reason);
    this.#options.hooks.exited({
      expected: reason === "ended",
      message: exitMessage(reason, failure),
    });
    this.#resolveExit(undefined);
  }
}

function exitMessage(reason: ExitReason, failure: Error | undefined): string {
  if (reason === "stalled") return "the encoder hung: media went in, nothing came out";
  if (failure !== undefined) return failure.message.trim().slice(0, messageLengthMax);
  return reason === "ended" ? "ended" : "the encoder ended before its input did";
}

function checkPathLength(path: string): void {
  const byteCount = Buffer.byteLength(path);
  if (byteCount <= socketPathBytesMax) return;
  throw new AppError(
    "STATE_UNUSABLE",
    `the socket path ${path} has ${byteCount} bytes, and at most ${socketPathBytesMax} work: ` +
      "use a shorter folder (TMPDIR)",
  );
}
