/**
 * A feed in virtual time for tests: the real normaliser, epochs, packager and states, with a scripted
 * publisher and an encoder that makes synthetic parts as time passes. No process, no file, no timer.
 */
import { pino } from "pino";
import type { Clock } from "../../src/base/clock.ts";
import { resolveConfig } from "../../src/config/resolve.ts";
import type { Config } from "../../src/config/schema.ts";
import { ticksPerFrame, videoTimescale } from "../../src/media/grid.ts";
import {
  aacConfig,
  aacSampleEntry,
  avcRecord,
  avcSampleEntry,
  fragmentBytes,
  moov,
  sample,
} from "../../src/media/testing/fmp4-builder.ts";
import { Metrics } from "../../src/node/metrics.ts";
import type { FlvTag } from "../../src/rtmp/flv.ts";
import { FeedCounters, type SavedCounters } from "../feed/feed-counters.ts";
import { feedMetrics } from "../feed/feed-metrics.ts";
import { FeedPipeline } from "../feed/feed-pipeline.ts";
import type { Publisher } from "../ingest/publisher.ts";
import { FeedPackager } from "../packager/feed-packager.ts";
import { packagerMetrics } from "../packager/packager-metrics.ts";
import type { Transcoder, TranscoderHooks } from "../transcode/media-source.ts";
import type { TranscodePlan } from "../transcode/transcode-plan.ts";

export class VirtualClock implements Clock {
  #nowMs = 0;
  readonly #startUnixMs = Date.UTC(2026, 10, 22);
  nowMs = (): number => this.#nowMs;
  unixMs = (): number => this.#startUnixMs + this.#nowMs;
  advance(ms: number): void {
    this.#nowMs += ms;
  }
}

export function testConfig(values: Record<string, unknown> = {}): Config {
  const rungs = [
    { kbps: 150, width: 320, height: 180 },
    { kbps: 300, width: 480, height: 270 },
  ];
  const resolved = resolveConfig([
    { source: "test", values: { ladder: { rungs }, window: { segmentCount: 6 } } },
    { source: "this test", values },
  ]);
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
  return resolved.config;
}

/** Makes one part of each track whenever it is told that a part's time has passed. */
class VirtualEncoder implements Transcoder {
  readonly plan: TranscodePlan;
  readonly #hooks: TranscoderHooks;
  #partCount = 0;
  #audioFrameCount = 0;
  #mediaMs = 0;
  ending = false;
  gone = false;

  constructor(plan: TranscodePlan, hooks: TranscoderHooks) {
    this.plan = plan;
    this.#hooks = hooks;
    plan.rungs.forEach((rung, index) => {
      const sampleEntry = avcSampleEntry({ width: rung.width, height: rung.height });
      hooks.trackBytes(index, moov({ timescale: videoTimescale, sampleEntry }));
    });
    const audio = moov({ timescale: 48_000, sampleEntry: aacSampleEntry() });
    hooks.trackBytes(plan.rungs.length, audio);
  }

  write(): boolean {
    return true;
  }

  end(): void {
    this.ending = true;
  }

  /** Ends when its time comes, not at once: settle() does it. */
  stop(): Promise<void> {
    this.ending = true;
    return Promise.resolve();
  }

  stats() {
    return { framesPerSec: 0, speedRatio: 1, droppedFrames: 0, duplicatedFrames: 0 };
  }

  /** So much media has come in. */
  advance(ms: number): void {
    if (this.gone) return;
    this.#mediaMs += ms;
    const { grid } = this.plan;
    const partMs = (grid.framesPerPart * 1000) / grid.frameRate;
    while ((this.#partCount + 1) * partMs <= this.#mediaMs) this.#part();
  }

  /** The process is gone. */
  exit(message: string): void {
    if (this.gone) return;
    this.gone = true;
    this.#hooks.exited({ expected: this.ending, message });
  }

  #part(): void {
    const { grid, rungs } = this.plan;
    const frameTicks = ticksPerFrame(grid);
    const firstFrame = this.#partCount * grid.framesPerPart;
    rungs.forEach((_, index) => {
      const samples = Array.from({ length: grid.framesPerPart }, (_, frame) =>
        sample({
          durationTicks: frameTicks,
          sync: (firstFrame + frame) % grid.framesPerGop === 0,
          data: new Uint8Array(40),
        }),
      );
      const decodeTicks = 10 * videoTimescale + firstFrame * frameTicks;
      this.#hooks.trackBytes(index, fragmentBytes({ timescale: videoTimescale, decodeTicks, samples })); // prettier-ignore
    });
    this.#partCount += 1;
    const untilSec = (this.#partCount * grid.framesPerPart) / grid.frameRate;
    while ((this.#audioFrameCount * 1024) / 48_000 < untilSec) {
      const decodeTicks = 480_000 + this.#audioFrameCount * 1024;
      const samples = [sample({ durationTicks: 1024, sync: true })];
      const bytes = fragmentBytes({ timescale: 48_000, decodeTicks, samples });
      this.#hooks.trackBytes(rungs.length, bytes);
      this.#audioFrameCount += 1;
    }
  }
}

/** What a publisher did to itself or had done to it. */
interface VirtualPublisher {
  publisher: Publisher;
  frameRate: number;
  /** The rate is announced too, so that the epoch starts sooner. */
  claims: boolean;
  sentMs: number;
  frameCount: number;
  audioFrameCount: number;
  headersSent: boolean;
}

const stepMs = 100;

export class VirtualFeed {
  readonly clock: VirtualClock;
  readonly config: Config;
  readonly pipeline: FeedPipeline;
  readonly packager: FeedPackager;
  /** What is on disk. */
  saved: SavedCounters;
  readonly encoders: VirtualEncoder[] = [];
  /** The next encoders cannot be started. */
  encoderFails = false;
  /** Encoders do not end when they are told to. */
  encoderHangs = false;
  /** Encoders take media and give none. */
  encoderStalls = false;
  /** Media that encoders make a second. */
  encoderSpeed = 1;
  /** The publisher's media does not arrive. */
  sourceStalls = false;
  /** What was said to the operator. */
  readonly warnings: string[] = [];
  /** What operators would be told: level and words. */
  readonly faults: [string, string][] = [];
  #current: VirtualPublisher | undefined;
  #publisherCount = 0;

  constructor(options: { config?: Config; clock?: VirtualClock; saved?: SavedCounters } = {}) {
    const clock = options.clock ?? new VirtualClock();
    this.clock = clock;
    this.config = options.config ?? testConfig();
    this.saved = options.saved ?? { epoch: 1_000, msn: 5_000, discontinuitySequence: 20_000 };
    const counters = new FeedCounters({
      saved: this.saved,
      continued: options.saved !== undefined,
      write: (saved) => (this.saved = saved),
      onWriteError: (error) => {
        throw error;
      },
    });
    const metrics = new Metrics({ tier: "origin", node: "test" });
    const warn = (line: string): void => {
      this.warnings.push((JSON.parse(line) as { msg: string }).msg);
    };
    const log = pino({ level: "warn" }, { write: warn });
    this.packager = new FeedPackager({
      ...{ feed: "main", clock, log, counters },
      window: this.config.window,
      metrics: packagerMetrics(metrics)({ feed: "main", rungs: [], capBitsPerSec: 0 }),
    });
    this.pipeline = new FeedPipeline({
      ...{ feed: "main", config: this.config, clock, log, counters },
      packager: this.packager,
      metrics: feedMetrics(metrics)("main"),
      note: (level, text) => this.faults.push([level, text]),
      startEncoder: (plan, hooks) => {
        if (this.encoderFails) return Promise.reject(new Error("no encoder here"));
        const encoder = new VirtualEncoder(plan, hooks);
        this.encoders.push(encoder);
        return Promise.resolve(encoder);
      },
    });
  }

  get publishing(): boolean {
    return this.#current !== undefined;
  }

  /** Somebody publishes; whoever did is taken over. */
  publish({ frameRate = 30, claims = false } = {}): void {
    this.leave();
    const publisher: Publisher = {
      id: `p${++this.#publisherCount}`,
      feed: "main",
      remote: "test",
      standby: false,
      pause: () => undefined,
      resume: () => undefined,
      refuse: (reason) => {
        throw new Error(`refused: ${reason}`);
      },
      close: () => undefined,
    };
    this.#current = {
      ...{ publisher, frameRate, claims, sentMs: 0, frameCount: 0, audioFrameCount: 0 },
      headersSent: false,
    };
    this.pipeline.publishStart(publisher);
  }

  leave(): void {
    if (this.#current === undefined) return;
    const { publisher } = this.#current;
    this.#current = undefined;
    this.pipeline.publishEnd(publisher);
  }

  /** The running encoder's process dies. */
  crashEncoder(): void {
    this.encoders.findLast((encoder) => !encoder.gone && !encoder.ending)?.exit("crashed");
  }

  /** Time passes: publishers send, encoders encode, states change. */
  async run(ms: number): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
      this.clock.advance(stepMs);
      if (!this.sourceStalls) this.#send();
      for (const encoder of this.encoders) {
        if (encoder.ending && !this.encoderHangs) encoder.exit("ended");
        else if (!this.encoderStalls) encoder.advance(stepMs * this.encoderSpeed);
      }
      this.pipeline.tick(this.clock.nowMs());
      // Starting an encoder and telling the listeners each take a turn of the event loop.
      await new Promise(setImmediate);
    }
  }

  #send(): void {
    const source = this.#current;
    if (source === undefined) return;
    const give = (kind: FlvTag["kind"], timestampMs: number, ...bytes: number[]): void => {
      this.pipeline.tag(source.publisher, { kind, timestampMs, payload: Uint8Array.from(bytes) });
    };
    if (!source.headersSent) {
      source.headersSent = true;
      if (source.claims) give("script", 0, ...claimOf(source.frameRate));
      give("video", 0, 0x17, 0, 0, 0, 0, ...avcRecord);
      give("audio", 0, 0xaf, 0, ...aacConfig);
    }
    source.sentMs += stepMs;
    for (;;) {
      const videoMs = Math.round((source.frameCount * 1000) / source.frameRate);
      const audioMs = Math.round((source.audioFrameCount * 1_024_000) / 48_000);
      if (Math.min(videoMs, audioMs) >= source.sentMs) return;
      if (videoMs <= audioMs) {
        const isKey = source.frameCount % (2 * source.frameRate) === 0;
        give("video", videoMs, isKey ? 0x17 : 0x27, 1, 0, 0, 0, 0, 0, 0, 1, isKey ? 0x65 : 0x41);
        source.frameCount += 1;
      } else {
        give("audio", audioMs, 0xaf, 1, 0x21, 0);
        source.audioFrameCount += 1;
      }
    }
  }
}

/** The part of onMetaData that tells the frame rate. */
function claimOf(frameRate: number): number[] {
  const number = new Uint8Array(new Float64Array([frameRate]).buffer).toReversed();
  return [0, 9, ...Buffer.from("framerate"), 0, ...number];
}
