/**
 * The deadline rule: when the edge is asked for a segment so that it is there in time whatever
 * neighbours do, even if the line has meanwhile fallen to just above what the media needs; and when
 * an edge that does not answer is given up.
 */
import { swarmParameters } from "../config/swarm-parameters.ts";
import { audioRung } from "../hls/path.ts";
import type { FetchEstimate } from "./fetch-estimate.ts";
import type { Need } from "./need.ts";
import type { Playhead } from "./playhead.ts";
import { schedulerParameters as parameters } from "./scheduler-parameters.ts";
import type { SegmentFacts } from "./segment.ts";

export class EdgeTimes {
  readonly #playhead: Playhead;
  readonly #estimate: FetchEstimate;
  readonly #heardAtMs: () => number;
  #isThin = false;
  #oldestFetchAtMs = Infinity;
  #runningMs = 0;

  constructor(options: {
    playhead: Playhead;
    estimate: FetchEstimate;
    /** When anything last came from a neighbour. */
    heardAtMs: () => number;
  }) {
    this.#playhead = options.playhead;
    this.#estimate = options.estimate;
    this.#heardAtMs = options.heardAtMs;
  }

  /**
   * When the oldest of the fetches that run began; Infinity: none does. What it has taken by now the
   * next may take as well.
   */
  fetching(oldestFetchAtMs: number, nowMs: number): void {
    this.#oldestFetchAtMs = oldestFetchAtMs;
    this.#runningMs = Math.max(0, nowMs - oldestFetchAtMs);
  }

  /** When the edge has to be asked at the latest. */
  fetchByMs({ facts }: Need): number {
    return Math.min(this.#safeByMs(facts), this.#deadlineMs(facts) - this.#slowMs(facts));
  }

  /**
   * The same for one of which a neighbour has sent so much: bytes that come show what the line
   * carries, and what is left would come in time over one that falls.
   */
  overtakeAtMs({ facts }: Need, receivedBytes: number): number {
    const leftRatio = 1 - receivedBytes / facts.bytes;
    return this.#deadlineMs(facts) - leftRatio * this.#slowMs(facts);
  }

  /** Until when it helps to have it from a neighbour; while the edge is stuck, any time. */
  usefulUntilMs({ facts, fetch }: Need): number {
    if (fetch !== null) return fetch.progressAtMs + parameters.stuckUsefulMs;
    return this.#safeByMs(facts) + swarmParameters.graceMs;
  }

  /**
   * When the fetch that runs is to have the line for itself: it, or one that runs beside it, takes
   * longer than expected, or it has little time left.
   */
  aloneAtMs({ facts, fetch }: Need): number {
    if (fetch === null) return Infinity;
    const expectedMs = this.#estimate.expectedMs(facts.bytes);
    const partMs = this.#durationMs(facts) * parameters.aloneRatio;
    const sinceMs = Math.min(fetch.sinceMs, this.#oldestFetchAtMs);
    const slowAtMs = sinceMs + Math.max(expectedMs, partMs);
    return Math.min(slowAtMs, this.#deadlineMs(facts) - expectedMs - partMs);
  }

  /** Whether the line carries so little that only what the player waits for may use it. */
  isThin(facts: SegmentFacts, nowMs: number): boolean {
    const { thinRatioIn, thinRatioOut } = parameters;
    const ratio = this.#isThin ? thinRatioOut : thinRatioIn;
    this.#isThin = this.#estimate.isSlow(ratio * this.#durationMs(facts), nowMs);
    return this.#isThin;
  }

  /** A neighbour's segment came in that time: a line that brings it so fast is not thin. */
  came(facts: SegmentFacts, tookMs: number, nowMs: number): void {
    if (tookMs < parameters.thinRatioOut * this.#durationMs(facts)) this.#estimate.noteFast(nowMs);
  }

  /**
   * When the fetch that runs counts as stuck; Infinity without one. While something else comes it is
   * the line that is full.
   */
  stuckAtMs({ fetch }: Need): number {
    if (fetch === null) return Infinity;
    return Math.max(fetch.progressAtMs, this.#heardAtMs()) + parameters.fetchStuckMs;
  }

  /** When a stuck fetch is given up: the player has run dry, or soon will. */
  lateAtMs(need: Need): number {
    const deadlineMs = this.#deadlineMs(need.facts);
    return Math.max(deadlineMs + parameters.fetchLateMs, this.stuckAtMs(need));
  }

  /**
   * When neighbours that might hold a segment are given up and this viewer becomes its seed, by
   * chance, so that not all of a cell do: in the later half of the time that there is, if any. What
   * the player waits for and nobody was told to fetch is not waited for: a viewer who came just now
   * has nothing in stock yet.
   */
  backupAtMs(need: Need): number {
    if (need.isWanted && !need.hasSeeds) {
      return need.sinceMs + parameters.seedlessWaitMs * (0.5 + need.backupChance);
    }
    const spanMs = this.fetchByMs(need) - need.sinceMs;
    return spanMs <= 0 ? Infinity : need.sinceMs + spanMs * (0.5 + 0.5 * need.backupChance);
  }

  #deadlineMs(facts: SegmentFacts): number {
    return this.#playhead.deadlineMs(facts);
  }

  /** When a line that is as it was must be asked. */
  #safeByMs(facts: SegmentFacts): number {
    const expectedMs = Math.max(this.#estimate.expectedMs(facts.bytes), this.#runningMs);
    const safetyMs = Math.max(swarmParameters.safetyMs, expectedMs / 2);
    return this.#deadlineMs(facts) - expectedMs - safetyMs;
  }

  /** What a fetch takes over a line just above what the media needs, with what is under way on it. */
  #slowMs(facts: SegmentFacts): number {
    const durationMs = this.#durationMs(facts);
    const answerMs = Math.min(this.#estimate.expectedMs(facts.bytes), durationMs / 2);
    return durationMs + answerMs + swarmParameters.jamMs;
  }

  /** Announcements tell; before two, what the rung's rate makes of the bytes. */
  #durationMs({ bytes, rung }: SegmentFacts): number {
    const guessMs = rung === audioRung ? 0 : (bytes * 8) / rung;
    return this.#playhead.knownDurationMs() ?? guessMs;
  }
}
