/**
 * One feed from publisher to packaged segments: it joins the publisher's session, the encoders, the
 * chain of epochs, the packager and the feed's states, and says when what is served has changed.
 */
import { assert } from "../../src/base/assert.ts";
import type { Clock } from "../../src/base/clock.ts";
import { LineBudget } from "../../src/base/line-budget.ts";
import type { Config } from "../../src/config/schema.ts";
import {
  effectiveLadder,
  isAudioRung,
  type LadderRung,
} from "../../src/govern/effective-ladder.ts";
import type { FaultLevel } from "../../src/health/fault-log.ts";
import { readViewerReport, type ViewerReport } from "../../src/health/viewer-report.ts";
import type { FeedState, FeedStatus } from "../../src/hls/status.ts";
import { gridFor, targetDurationSec, videoTimescale, type Grid } from "../../src/media/grid.ts";
import type { SourceDescription } from "../../src/media/source-description.ts";
import type { Log } from "../../src/node/log.ts";
import type { FlvTag } from "../../src/rtmp/flv.ts";
import { p2pOf } from "../swarm-permission.ts";
import type { Publisher } from "../ingest/publisher.ts";
import type { FeedPackager, NewSegment } from "../packager/feed-packager.ts";
import type { Transcoder, TranscoderHooks } from "../transcode/media-source.ts";
import type { TranscodePlan } from "../transcode/transcode-plan.ts";
import { EncoderRun } from "./encoder-run.ts";
import { EpochChain } from "./epoch-chain.ts";
import type { FeedCounters } from "./feed-counters.ts";
import { FeedLife, type FeedLifeAction } from "./feed-life.ts";
import type { EpochFaultReason, FeedMetrics, RepairCounts } from "./feed-metrics.ts";
import { FeedStatusBoard } from "./feed-status-board.ts";
import { PublisherSession, type EncodedEpoch } from "./publisher-session.ts";
import { ViewerCounts } from "./viewer-counts.ts";

/** Starts the encoder of one epoch. */
export type StartEncoder = (plan: TranscodePlan, hooks: TranscoderHooks) => Promise<Transcoder>;

export interface FeedPipelineOptions {
  feed: string;
  config: Config;
  clock: Clock;
  log: Log;
  packager: FeedPackager;
  counters: FeedCounters;
  metrics: FeedMetrics;
  startEncoder: StartEncoder;
  /** Says what goes wrong, for operators. */
  note: (level: FaultLevel, text: string) => void;
}

/** A recording that takes the publisher's and the encoder's place. */
export interface ReplayMedia {
  grid: Grid;
  /** Video rungs in rising order. */
  rungs: readonly LadderRung[];
}

const countsEveryMs = 1_000;

/** Target durations without a segment after which a feed is not live; players wait as long. */
const stallTargetDurations = 3;

/**
 * An encoder that is given media so far beyond the segments it completes is behind; the queue before
 * it holds twice as much. Once may be a burst.
 */
const lagMsMax = 1_200;
const lagCountMin = 2;
const lagLogEveryMs = 60_000;

export class FeedPipeline {
  readonly name: string;
  readonly packager: FeedPackager;
  readonly #options: FeedPipelineOptions;
  readonly #life: FeedLife;
  readonly #chain: EpochChain;
  readonly #board: FeedStatusBoard;
  readonly #viewers = new ViewerCounts();
  readonly #listeners = new Set<() => void>();
  readonly #stopping = new Set<Promise<void>>();
  #p2p: FeedStatus["p2p"];
  #session: PublisherSession | undefined;
  /** Of the last epoch: epochs of all publishers together are a second apart. */
  #epochBeganMs: number | undefined;
  #countedAtMs = -Infinity;
  /** Of the session, as far as the metrics know. */
  #repairs: RepairCounts | undefined;
  #lagLoggedMs = -Infinity;
  /** Segments in a row that came too late. */
  #lagCount = 0;
  #changeScheduled = false;
  readonly #lines = new LineBudget({ lineCountMax: 10 });
  /** Of the newest epoch that a publisher began. */
  #source: SourceDescription | undefined;

  constructor(options: FeedPipelineOptions) {
    const { feed, config, clock, packager } = options;
    this.name = feed;
    this.packager = packager;
    this.#options = options;
    const windowMs = config.window.segmentCount * targetDurationSec * 1000;
    this.#life = new FeedLife({
      graceMs: config.window.graceMs,
      endedKeepMs: 2 * windowMs,
      stallMs: stallTargetDurations * targetDurationSec * 1000,
    });
    this.#p2p = p2pOf(config.swarm.mode);
    this.#board = new FeedStatusBoard({ clock, p2p: this.#p2p });
    this.#chain = new EpochChain({
      clock,
      events: {
        segment: (segment) => this.#segment(segment),
        fault: (epoch, reason) => this.#epochFailed(epoch, "media", reason),
        ended: (_epoch, counts) => options.metrics.epochEnded(counts),
      },
    });
    options.metrics.state(this.#life.state);
  }

  get state(): FeedState {
    return this.#life.state;
  }

  /** What status.json says now. */
  status(): FeedStatus {
    return this.#board.status();
  }

  /** Whether viewers may pass segments on to each other: told to all tiers at once. */
  setP2p(p2p: FeedStatus["p2p"]): void {
    this.#p2p = p2p;
    this.#changed();
  }

  /** What the present publisher sends, once it is known. */
  get source(): SourceDescription | undefined {
    return this.#session === undefined ? undefined : this.#source;
  }

  /** When the newest segment was listed, by the monotonic clock; undefined before the first. */
  get lastSegmentMs(): number | undefined {
    return this.#board.lastSegmentMs;
  }

  /** Calls back whenever state, playlists or status have changed. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  publishStart(publisher: Publisher): void {
    this.#session?.close();
    const session: PublisherSession = new PublisherSession({
      publisher,
      clock: this.#options.clock,
      epochBeganMs: this.#epochBeganMs,
      beginEpoch: (source, startUnixMs) => this.#beginEncoded(session, source, startUnixMs),
      epochChanged: (epoch, reason) => {
        this.#options.metrics.epochFault("source");
        this.#say("info", { epoch, reason }, "the source changed");
        this.#note("warning", `the source changed: ${reason}`);
      },
      warned: (reason) => {
        const { id } = publisher;
        this.#say("warn", { publisher: id, reason }, "nothing can start yet");
        this.#note("warning", `nothing can start yet: ${reason}`);
      },
      tooFast: () => {
        this.#say(
          "warn",
          { publisher: publisher.id },
          "the publisher sends faster than real time and is held up (ffmpeg needs -re)",
        );
        this.#note("warning", "the publisher sends faster than real time and is held up");
      },
    });
    this.#session = session;
    this.#source = undefined;
    this.#repairs = session.counts;
    this.#perform(this.#life.publisherCame(this.#options.clock.nowMs()));
  }

  tag(publisher: Publisher, tag: FlvTag): void {
    if (this.#session?.publisher === publisher) this.#session.tag(tag);
  }

  publishEnd(publisher: Publisher): void {
    if (this.#session?.publisher !== publisher) return;
    this.#countRepairs();
    this.#session.close();
    this.#session = undefined;
    this.#life.publisherLeft(this.#options.counters.epoch, this.#options.clock.nowMs());
    this.#changed();
  }

  /** Begins the one epoch of a replay; its tracks come by `trackBytes`. */
  startReplay({ grid, rungs }: ReplayMedia): (trackIndex: number, bytes: Uint8Array) => void {
    this.#perform(this.#life.publisherCame(this.#options.clock.nowMs()));
    const audio = effectiveLadder({ ladder: this.#options.config.ladder, grid }).filter(
      isAudioRung,
    );
    const startUnixMs = this.#options.clock.unixMs();
    const epoch = this.#beginEpoch({ grid, rungs: [...rungs, ...audio], startUnixMs });
    return (trackIndex, bytes) => this.#chain.trackBytes(epoch, trackIndex, bytes);
  }

  /** To be called ten times a second. */
  tick(nowMs: number): void {
    this.#session?.tick(nowMs);
    this.#chain.tick(nowMs);
    this.#noticeStall(nowMs);
    // The last segments of an epoch belong before ENDLIST, however short the grace is.
    if (this.#chain.openCount === 0) this.#perform(this.#life.tick(nowMs));
    if (nowMs - this.#countedAtMs < countsEveryMs) return;
    this.#countedAtMs = nowMs;
    this.#countRepairs();
    this.#viewers.tick(nowMs);
    if (this.#viewers.total !== this.#board.viewers) this.#changed();
  }

  /** Takes a child relay's viewer count, and returns the report; or what is wrong with it. */
  reportViewers(body: unknown): ViewerReport | string {
    const report = readViewerReport(body);
    const taken =
      typeof report !== "string" && this.#viewers.report(report, this.#options.clock.nowMs());
    if (taken) return report;
    this.#options.metrics.viewerReportRefused();
    return typeof report === "string" ? report : "too many processes report viewers";
  }

  /** Ends the encoders; resolves when they are gone. */
  async close(): Promise<void> {
    this.#session?.close();
    this.#session = undefined;
    await Promise.all(this.#stopping);
    this.#options.counters.close();
  }

  #beginEncoded(
    session: PublisherSession,
    source: SourceDescription,
    startUnixMs: number,
  ): EncodedEpoch {
    const { config, startEncoder } = this.#options;
    const grid = gridFor(source.video?.frameRate ?? 30);
    const rungs = effectiveLadder({ ladder: config.ladder, grid, source: source.video });
    const epoch = this.#beginEpoch({ grid, rungs, startUnixMs });
    this.#say("info", { epoch, source, frameRate: grid.frameRate }, "epoch began");
    this.#source = source;
    const ended = (reason: string | undefined): void => {
      this.#chain.end(epoch);
      if (reason !== undefined) this.#epochFailed(epoch, "encoder", reason);
    };
    const drained = (): void => session.drained(epoch);
    const plan: TranscodePlan = {
      grid,
      rungs: rungs.filter((rung) => !isAudioRung(rung)),
      source,
      encoderPreset: config.ladder.encoderPreset,
    };
    const hooks: TranscoderHooks = {
      trackBytes: (trackIndex, bytes) => this.#chain.trackBytes(epoch, trackIndex, bytes),
      drained,
      exited: ({ expected, message }) => ended(expected ? undefined : message),
    };
    const encoder = new EncoderRun({
      start: () => startEncoder(plan, hooks),
      queueBytesMax: config.rtmp.inputQueueBytesMax,
      drained,
      failed: ended,
      stopping: (stopped) => this.#awaitStop(stopped),
    });
    return { epoch, encoder };
  }

  #beginEpoch(media: { grid: Grid; rungs: readonly LadderRung[]; startUnixMs: number }): number {
    const { counters, packager, metrics } = this.#options;
    // Epochs that have begun and given nothing yet will each add a break before this one's.
    const number = packager.nextDiscontinuityNumber + this.#chain.openCount;
    const epoch = counters.beginEpoch(number);
    this.#epochBeganMs = this.#options.clock.nowMs();
    metrics.epochBegan();
    this.#chain.begin(epoch, media);
    return epoch;
  }

  #segment(segment: NewSegment): void {
    this.packager.append(segment);
    this.#board.segmentListed();
    this.#life.segmentListed(segment.epoch, this.#options.clock.nowMs());
    this.#session?.epochWorks(segment.epoch);
    this.#warnOfLag(segment);
    this.#changed();
  }

  /** Whatever the reason: nobody may take a feed for live that gives nothing. */
  #noticeStall(nowMs: number): void {
    if (!this.#life.stalls(nowMs)) return;
    const sec = stallTargetDurations * targetDurationSec;
    this.#say("warn", {}, `no new segment for ${sec} s: the feed is waiting`);
    this.#note("bad", `no new segment for ${sec} s`);
    this.#changed();
  }

  /** Latency that grows because the machine is too slow must not grow in silence. */
  #warnOfLag({ epoch, startUnixMs, durationTicks }: NewSegment): void {
    const { clock, log } = this.#options;
    const endUnixMs = startUnixMs + (durationTicks * 1000) / videoTimescale;
    // By what the encoder was given: media that the publisher keeps back is not the machine's fault.
    const givenUnixMs = this.#session?.givenUnixMs(epoch) ?? endUnixMs;
    const lagMs = Math.round(givenUnixMs - endUnixMs);
    this.#lagCount = lagMs < lagMsMax ? 0 : this.#lagCount + 1;
    const nowMs = clock.nowMs();
    if (this.#lagCount < lagCountMin || nowMs - this.#lagLoggedMs < lagLogEveryMs) return;
    this.#lagLoggedMs = nowMs;
    log.warn({ feed: this.name, lagMs }, "the encoder is behind: this machine is too slow");
    this.#note("warning", "the encoder is behind: this machine is too slow");
  }

  #epochFailed(epoch: number, kind: EpochFaultReason, reason: string): void {
    const { metrics } = this.#options;
    this.#say("error", { epoch, reason }, "the epoch cannot go on");
    metrics.epochFault(kind);
    this.#note("bad", `the epoch ended before its time (${kind}): ${reason}`);
    this.#life.sourceLost(epoch);
    this.#session?.epochFailed(epoch, reason);
    this.#changed();
  }

  /** An encoder that comes and goes, or changes what it sends, must not fill the log. */
  #say(level: "info" | "warn" | "error", fields: Record<string, unknown>, text: string): void {
    const { clock, log } = this.#options;
    const leftOut = this.#lines.take(text, clock.nowMs());
    if (leftOut === undefined) return;
    log[level]({ feed: this.name, ...fields, ...(leftOut === 0 ? {} : { leftOut }) }, text);
  }

  #note(level: FaultLevel, text: string): void {
    this.#options.note(level, `feed ${this.name}: ${text}`);
  }

  #countRepairs(): void {
    const now = this.#session?.counts;
    if (now === undefined || this.#repairs === undefined) return;
    this.#options.metrics.timeline(now, this.#repairs);
    this.#repairs = now;
  }

  #perform(actions: readonly FeedLifeAction[]): void {
    for (const action of actions) {
      if (action === "startBroadcast") this.packager.startBroadcast();
      if (action === "endBroadcast") this.packager.endBroadcast();
      if (action === "forgetBroadcast") this.packager.forgetBroadcast();
    }
    if (actions.length > 0) this.#changed();
  }

  #awaitStop(stopped: Promise<void>): void {
    this.#stopping.add(stopped);
    void stopped.finally(() => this.#stopping.delete(stopped));
  }

  /**
   * Tells the listeners once the present turn is over: a take-over is an end and a start in one
   * turn, and nobody should see the moment between.
   */
  #changed(): void {
    if (this.#changeScheduled) return;
    this.#changeScheduled = true;
    setImmediate(() => {
      this.#changeScheduled = false;
      this.#tell();
    });
  }

  #tell(): void {
    const { state } = this.#life;
    assert(state !== "live" || this.packager.listedCount > 0, "a live feed has segments");
    this.#options.metrics.state(state);
    this.#options.metrics.viewers(this.#viewers.total);
    if (
      this.#board.update({
        state,
        viewers: this.#viewers.total,
        ladderVersion: this.packager.ladderVersion,
        p2p: this.#p2p,
      })
    ) {
      this.#options.log.debug({ feed: this.name, ...this.#board.status() }, "status");
    }
    for (const listener of this.#listeners) listener();
  }
}
