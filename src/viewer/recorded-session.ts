/**
 * One viewer of recorded media over a recorded link, with the semantics of Sabre (K. Spiteri and
 * others, "From Theory to Practice", MMSys 2018): no live edge, one download after another, a
 * buffer that is waited for when full. Rules are those of live viewers; the numbers that Sabre
 * prints agree with it, and with it alone: it computes with Math.
 */
import { AppError } from "../base/errors.ts";
import { RecordedLink } from "./recorded-link.ts";
import type { RecordedMedia, RecordedTrace } from "./recorded-media.ts";
import { RecordedPlayout } from "./recorded-playout.ts";
import type { AbrRule } from "./rules/rule-table.ts";
import type { SabreEstimator } from "./sabre-estimator.ts";
import type { ViewerLadder } from "./viewer-ladder.ts";
import { createViewers, type Viewers } from "./viewers.ts";

/**
 * What happens to a segment whose download was given up: its rung is chosen anew, as Sabre does,
 * which means to do otherwise (a variable of another name); or the rule's own choice is fetched.
 */
export const abandonSemanticsNames = ["as-shipped", "repaired"] as const;
export type AbandonSemantics = (typeof abandonSemanticsNames)[number];

export interface RecordedSessionOptions {
  readonly media: RecordedMedia;
  /** May be more than the media has, which then starts over. */
  readonly segmentCount: number;
  readonly trace: RecordedTrace;
  /** Multiplies the rates of the trace. */
  readonly rateRatio: number;
  /** Of the media, by `recordedLadder`. */
  readonly ladder: ViewerLadder;
  readonly bufferMs: number;
  readonly rule: AbrRule;
  /** The rule's own numbers, such as the rung of `fixed`. */
  readonly ruleNumbers: readonly number[];
  readonly estimator: SabreEstimator;
  readonly abandonSemantics: AbandonSemantics | "none";
}

export interface RecordedSessionResult {
  /** Means over the time from the first request to the end, stalls included. */
  readonly timeAvgUtility: number;
  readonly timeAvgBitrateKbps: number;
  readonly rebufferSec: number;
  readonly rebufferCount: number;
  /** The sum of all changes from one played segment to the next. */
  readonly bitrateChangeKbps: number;
  readonly playTimeSec: number;
  /** Until a rung was played that the link sustains; all of the media where none was. */
  readonly rampUpSec: number;
  readonly abandonCount: number;
  /** The rung of each segment played. */
  readonly qualities: readonly number[];
  readonly abandonSemantics: AbandonSemantics | "none";
}

/** How often a rule is asked about a running download: at least so many bits and so much time. */
const progressBits = 12_000;
const progressMs = 50;
/** One segment given up so often is one that never comes; arbitrary. */
const abandonCountMax = 100_000;

/** The viewer is alone in its columns. */
const viewer = 0;

/** Throws an AppError (SESSION_ENDLESS) where the session would not end. */
export function recordedSession(options: RecordedSessionOptions): RecordedSessionResult {
  return new RecordedSession(options).run();
}

class RecordedSession {
  readonly #options: RecordedSessionOptions;
  readonly #viewers: Viewers = createViewers(1);
  readonly #link: RecordedLink;
  readonly #playout: RecordedPlayout;
  /** Of the last download: what came, when its first and its last bit came, and -1 or a rung. */
  #receivedBits = 0;
  #firstByteMs = 0;
  #elapsedMs = 0;
  #abandonTo = -1;
  #abandonCount = 0;
  #abandonCountOfSegment = 0;

  constructor(options: RecordedSessionOptions) {
    this.#options = options;
    this.#link = new RecordedLink(options.trace, options.rateRatio);
    this.#playout = new RecordedPlayout(options.ladder, this.#link);
    this.#viewers.nextMsn[viewer] = 0;
    this.#viewers.endMsn[viewer] = options.segmentCount - 1;
  }

  run(): RecordedSessionResult {
    this.#fetchFirst();
    while (this.#playout.rungs.length < this.#options.segmentCount) this.#fetchNext();
    this.#playout.play(this.#playout.bufferMs());
    return this.#result();
  }

  /** The first segment is never given up, and rules learn nothing from it but the throughput. */
  #fetchFirst(): void {
    const { rule } = this.#options;
    const rung = rule.firstRung ?? this.#choose(0);
    this.#download(this.#bitsOf(rung));
    this.#playout.totalMs += this.#elapsedMs;
    this.#append(rung);
    this.#sample();
  }

  #fetchNext(): void {
    const { ladder, bufferMs, abandonSemantics, rule } = this.#options;
    const fullMs = this.#playout.bufferMs() + ladder.segmentDurationMs - bufferMs;
    if (fullMs > 0) this.#wait(fullMs);
    const isRepair = abandonSemantics === "repaired" && this.#abandonTo >= 0;
    const rung = isRepair ? this.#abandonTo : this.#choose(Math.max(0, fullMs));
    const delayMs = isRepair ? 0 : this.#viewers.ruleDelayMs[viewer]!;
    if (delayMs > 0) this.#wait(delayMs);
    const bits = this.#bitsOf(rung);
    if (abandonSemantics === "none") this.#download(bits);
    else this.#downloadWatched(rung, bits);
    this.#playout.play(this.#elapsedMs);
    const { ruleSinceMs } = this.#viewers;
    // The rules' clock counts from the end of the last download: then it measures waits exactly.
    ruleSinceMs[viewer] = 0;
    if (this.#abandonTo >= 0) {
      this.#countAbandoned();
      this.#showBuffer();
      rule.abandoned?.(this.#viewers, viewer, ladder, 0, rung, this.#abandonTo);
      return;
    }
    this.#append(rung);
    rule.downloaded?.(this.#viewers, viewer, ladder, 0, rung, this.#elapsedMs);
    this.#sample();
  }

  /** The rule's choice, `waitedMs` after the end of the last download. */
  #choose(waitedMs: number): number {
    const { rule, ladder, ruleNumbers } = this.#options;
    this.#showBuffer();
    return rule.choose(this.#viewers, viewer, ladder, waitedMs, ...ruleNumbers);
  }

  #wait(ms: number): void {
    this.#playout.play(ms);
    this.#link.pass(ms);
  }

  #download(bits: number): void {
    this.#firstByteMs = this.#link.awaitFirstByte();
    this.#elapsedMs = this.#firstByteMs + this.#link.receive(bits);
    this.#receivedBits = bits;
    this.#abandonTo = -1;
  }

  /** A download about whose progress the rule is asked again and again. */
  #downloadWatched(rung: number, bits: number): void {
    const { rule, ladder } = this.#options;
    const bufferMs = this.#playout.bufferMs();
    this.#firstByteMs = this.#link.awaitFirstByte();
    this.#elapsedMs = this.#firstByteMs;
    this.#receivedBits = 0;
    this.#abandonTo = -1;
    let msMin = progressMs - this.#firstByteMs;
    while (this.#receivedBits < bits && this.#abandonTo < 0) {
      this.#link.receiveSome(bits - this.#receivedBits, progressBits, msMin);
      this.#elapsedMs += this.#link.receivingMs;
      this.#receivedBits += this.#link.receivedBits;
      msMin = progressMs;
      if (rule.abandonTo === undefined || this.#receivedBits >= bits) continue;
      this.#abandonTo = rule.abandonTo(
        this.#viewers,
        viewer,
        ladder,
        rung,
        bits,
        this.#receivedBits,
        this.#elapsedMs,
        this.#firstByteMs,
        Math.max(0, bufferMs - this.#elapsedMs),
      );
    }
  }

  #bitsOf(rung: number): number {
    const { media } = this.#options;
    const segment = this.#playout.rungs.length % media.segmentCount;
    return media.segmentBits[segment * media.kbps.length + rung]!;
  }

  #append(rung: number): void {
    this.#abandonCountOfSegment = 0;
    this.#playout.rungs.push(rung);
    this.#viewers.rungIndex[viewer] = rung;
    this.#viewers.segmentCount[viewer] = this.#playout.rungs.length;
    this.#viewers.nextMsn[viewer] = this.#playout.rungs.length;
    this.#showBuffer();
  }

  #showBuffer(): void {
    this.#viewers.bufferMs[viewer] = this.#playout.bufferMs();
  }

  #sample(): void {
    const receivingMs = this.#elapsedMs - this.#firstByteMs;
    if (receivingMs <= 0) return;
    const kbps = this.#receivedBits / receivingMs;
    this.#options.estimator.sample(this.#viewers, viewer, receivingMs, kbps, this.#firstByteMs);
  }

  #countAbandoned(): void {
    this.#abandonCount++;
    this.#abandonCountOfSegment++;
    if (this.#abandonCountOfSegment <= abandonCountMax) return;
    const segment = this.#playout.rungs.length;
    throw new AppError(
      "SESSION_ENDLESS",
      `segment ${segment} was given up ${abandonCountMax} times, and chosen the same each time`,
    );
  }

  #result(): RecordedSessionResult {
    const { ladder, segmentCount, abandonSemantics } = this.#options;
    const { totalMs, utility, playedKbps, stalledMs, stallCount, changedKbps, rampUpMs, rungs } =
      this.#playout;
    const toTimeAverage = 1 / (totalMs / ladder.segmentDurationMs);
    const rampUpMsOrAll = rampUpMs < 0 ? segmentCount * ladder.segmentDurationMs : rampUpMs;
    return {
      timeAvgUtility: utility * toTimeAverage,
      timeAvgBitrateKbps: playedKbps * toTimeAverage,
      rebufferSec: stalledMs / 1000,
      rebufferCount: stallCount,
      bitrateChangeKbps: changedKbps,
      playTimeSec: totalMs / 1000,
      rampUpSec: rampUpMsOrAll / 1000,
      abandonCount: this.#abandonCount,
      qualities: rungs,
      abandonSemantics,
    };
  }
}
