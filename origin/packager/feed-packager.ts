/**
 * The packaged media of one feed: takes complete segments of all rungs, names and numbers them,
 * keeps the window in memory, and renders playlists and the ladder once per version. All rungs'
 * playlists are switched in one step. It decides nothing about the feed's state.
 */
import { assert } from "../../src/base/assert.ts";
import type { Clock } from "../../src/base/clock.ts";
import { LineBudget } from "../../src/base/line-budget.ts";
import { LiveWindow, type WindowSegment } from "../../src/hls/live-window.ts";
import { playlistVersion, type MediaPlaylist } from "../../src/hls/media-playlist.ts";
import { formatInitName, formatSegmentName } from "../../src/hls/path.ts";
import { writeMediaPlaylist } from "../../src/hls/write-media-playlist.ts";
import { bandwidthBitsPerSec, type LadderRung } from "../../src/govern/effective-ladder.ts";
import { targetDurationSec, videoTimescale } from "../../src/media/grid.ts";
import type { Log } from "../../src/node/log.ts";
import { LadderBook } from "./ladder-book.ts";
import { mediaObject, renderedText, type MediaObject, type RenderedText } from "./media-object.ts";
import type { PackagerMetrics } from "./packager-metrics.ts";
import type { RungInit } from "./rung-init.ts";

export interface NewSegment {
  epoch: number;
  /** In videoTimescale, on the continuing timeline. */
  startTicks: number;
  durationTicks: number;
  /** Wall clock of the first sample, by the epoch's anchor. */
  startUnixMs: number;
  /** In ladder order, the same rungs in every segment of a broadcast. */
  rungs: readonly { rung: LadderRung; init: RungInit; bytes: Uint8Array }[];
}

interface PackagedSegment extends WindowSegment {
  durationUs: number;
  programDateTimeUnixMs: number;
  rungs: ReadonlyMap<string, { object: MediaObject; init: RungInit }>;
}

/** What the packager needs of the counters that outlive the program. */
export interface MsnSource {
  readonly continued: boolean;
  readonly epoch: number;
  readonly discontinuitySequence: number;
  takeMsn(): number;
}

/**
 * Dates of a new epoch that lie further back than this are believed: the former epoch's media ran
 * fast, or the system's clock was set back.
 */
const dateShiftMsMax = 10_000;

export interface FeedPackagerOptions {
  feed: string;
  window: { segmentCount: number; bytesMax: number };
  counters: MsnSource;
  clock: Clock;
  log: Log;
  metrics: PackagerMetrics;
}

export class FeedPackager {
  readonly #options: FeedPackagerOptions;
  readonly #window: LiveWindow<PackagedSegment>;
  readonly #ladder: LadderBook;
  readonly #segmentByMsn = new Map<number, PackagedSegment>();
  #initByName = new Map<string, MediaObject>();
  #playlists: ReadonlyMap<string, RenderedText> = new Map();
  #ended = false;
  readonly #breachLines = new LineBudget();
  /** Where the newest segment ends on the wall clock. */
  #endUnixMs = 0;
  #epochShift = { epoch: -1, ms: 0 };

  constructor(options: FeedPackagerOptions) {
    const { window, counters, clock } = options;
    this.#options = options;
    this.#ladder = new LadderBook(clock);
    const { epoch, discontinuitySequence } = counters;
    this.#window = new LiveWindow({
      ...window,
      keptCount: 2 * window.segmentCount,
      discontinuitySequence,
      ...(counters.continued ? { before: { epoch, discontinuitySequence } } : {}),
    });
  }

  /** Segments listed of this broadcast. */
  get listedCount(): number {
    return this.#window.listedCount;
  }

  /** MSN of the newest segment listed; undefined when none is. */
  get lastMsn(): number | undefined {
    return this.#window.listed.at(-1)?.msn;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The discontinuity number that the segments of an epoch begun now would have. */
  get nextDiscontinuityNumber(): number {
    return this.#window.discontinuityNumberOfNextEpoch;
  }

  playlist(rung: string): RenderedText | undefined {
    return this.#playlists.get(rung);
  }

  /** The ladder document, rendered; its version is `ladderVersion`. */
  get ladder(): RenderedText | undefined {
    return this.#ladder.document;
  }

  /** The multivariant playlist of the whole ladder, rendered. */
  get multivariant(): RenderedText | undefined {
    return this.#ladder.multivariant;
  }

  /** 0 while there is no ladder. */
  get ladderVersion(): number {
    return this.#ladder.version;
  }

  segment(name: { rung: string; epoch: number; msn: number }): MediaObject | undefined {
    const segment = this.#segmentByMsn.get(name.msn);
    return segment?.epoch === name.epoch ? segment.rungs.get(name.rung)?.object : undefined;
  }

  init(name: { rung: string; hash: string }): MediaObject | undefined {
    return this.#initByName.get(initKey(name));
  }

  /** The next segments are another broadcast's: only they will be listed. */
  startBroadcast(): void {
    this.#ended = false;
    this.#drop(this.#window.unlistAll());
    this.#playlists = new Map();
    this.#ladder.startBroadcast();
  }

  /** Lists a segment in all rungs at once. */
  append(segment: NewSegment): void {
    assert(!this.#ended, "nothing is listed after the end");
    const { counters, metrics, clock } = this.#options;
    const packaged: Omit<PackagedSegment, "discontinuity"> = {
      msn: counters.takeMsn(),
      epoch: segment.epoch,
      durationUs: toUs(segment.startTicks + segment.durationTicks) - toUs(segment.startTicks),
      programDateTimeUnixMs: this.#forwardDate(segment),
      bytes: segment.rungs.reduce((sum, { bytes }) => sum + bytes.length, 0),
      rungs: new Map(
        segment.rungs.map(({ rung, init, bytes }) => [
          rung.rung,
          { object: mediaObject(bytes), init },
        ]),
      ),
    };
    this.#drop(this.#window.append(packaged));
    metrics.windowLimited(this.#window.droppedForBytesCount);
    this.#segmentByMsn.set(packaged.msn, this.#window.listed.at(-1)!);
    this.#indexInits();
    this.#measure(segment, packaged.durationUs);
    this.#render();
    const nowUnixMs = clock.unixMs();
    metrics.listed(nowUnixMs, nowUnixMs - this.#endUnixMs);
    metrics.windowBytes(this.#window.bytes);
  }

  /** Writes ENDLIST. */
  endBroadcast(): void {
    this.#ended = true;
    this.#render();
  }

  /** Nothing can be fetched any more; the numbers go on. */
  forgetBroadcast(): void {
    this.#drop(this.#window.clear());
    this.#playlists = new Map();
    this.#initByName = new Map();
    this.#ladder.forget();
    this.#options.metrics.windowBytes(0);
    this.#options.metrics.forgotten();
  }

  /**
   * Within an epoch dates follow the media; a new epoch does not begin before the last one's end,
   * unless that is so far ahead that it must be wrong.
   */
  #forwardDate({ epoch, startUnixMs, durationTicks }: NewSegment): number {
    if (epoch !== this.#epochShift.epoch) {
      const overlapMs = Math.max(0, this.#endUnixMs - startUnixMs);
      this.#epochShift = { epoch, ms: overlapMs > dateShiftMsMax ? 0 : overlapMs };
    }
    const unixMs = Math.round(startUnixMs + this.#epochShift.ms);
    this.#endUnixMs = unixMs + Math.round((durationTicks * 1000) / videoTimescale);
    return unixMs;
  }

  #measure(segment: NewSegment, durationUs: number): void {
    const { metrics } = this.#options;
    for (const { rung, init, bytes } of segment.rungs) {
      const meter = this.#ladder.meter(rung);
      const { peakBitsPerSec, breach } = meter.push({ durationUs, bytes: bytes.length });
      metrics.measured(rung.rung, {
        bytes: bytes.length,
        peakBitsPerSec: meter.peakBitsPerSec,
        bandwidthBitsPerSec: bandwidthBitsPerSec(rung),
      });
      metrics.rate(rung.rung, this.#listedBitsPerSec(rung.rung));
      if (breach) {
        metrics.breached(rung.rung);
        this.#warnOfBreach(rung, { peakBitsPerSec, epoch: segment.epoch });
      }
      this.#ladder.describe(rung, init);
    }
    this.#ladder.publish();
  }

  /** It may go on for many segments: a line for a rung in ten seconds. */
  #warnOfBreach(
    { rung, kbps }: LadderRung,
    { peakBitsPerSec, epoch }: { peakBitsPerSec: number; epoch: number },
  ): void {
    const { log, feed, clock } = this.#options;
    const leftOut = this.#breachLines.take(rung, clock.nowMs());
    if (leftOut === undefined) return;
    log.warn(
      { feed, rung, kbps: Math.round(peakBitsPerSec / 1000), epoch, leftOut },
      `rung ${rung} went above its BANDWIDTH of ${kbps} kbps`,
    );
  }

  #listedBitsPerSec(rung: string): number {
    let [bytes, durationUs] = [0, 0];
    for (const segment of this.#window.listed) {
      bytes += segment.rungs.get(rung)?.object.bytes.length ?? 0;
      durationUs += segment.durationUs;
    }
    return (8_000_000 * bytes) / durationUs;
  }

  #render(): void {
    const rungs = this.#window.listed.at(-1)?.rungs.keys() ?? [];
    const playlists = new Map<string, RenderedText>();
    for (const rung of rungs) {
      playlists.set(rung, renderedText(writeMediaPlaylist(this.#playlistOf(rung))));
    }
    this.#playlists = playlists;
  }

  #playlistOf(rung: string): MediaPlaylist {
    const { listed, discontinuitySequence } = this.#window;
    return {
      version: playlistVersion,
      targetDurationSec,
      mediaSequence: listed[0]!.msn,
      discontinuitySequence,
      independentSegments: true,
      ended: this.#ended,
      segments: listed.map((segment) => ({
        uri: formatSegmentName(segment),
        durationUs: segment.durationUs,
        discontinuity: segment.discontinuity,
        mapUri: formatInitName(segment.rungs.get(rung)!.init.hash),
        programDateTimeUnixMs: segment.programDateTimeUnixMs,
      })),
    };
  }

  #drop(segments: readonly PackagedSegment[]): void {
    for (const { msn } of segments) this.#segmentByMsn.delete(msn);
  }

  #indexInits(): void {
    const byName = new Map<string, MediaObject>();
    for (const { rungs } of this.#window.fetchable) {
      for (const [rung, { init }] of rungs) byName.set(initKey({ rung, ...init }), init.object);
    }
    this.#initByName = byName;
  }
}

function initKey({ rung, hash }: { rung: string; hash: string }): string {
  return `${rung}/${hash}`;
}

/** Differences of these add up without drift, whatever the frame rate. */
function toUs(ticks: number): number {
  return Math.round((ticks * 1_000_000) / videoTimescale);
}
