/**
 * The buffer and the playback of recorded media, and what Sabre measures of them. Playback stands
 * whenever the buffer is empty and goes on with the next segment.
 */
import type { RecordedLink } from "./recorded-link.ts";
import type { ViewerLadder } from "./viewer-ladder.ts";

export class RecordedPlayout {
  /** The rungs of the segments fetched so far. */
  readonly rungs: number[] = [];
  /** From the request of the first segment on. */
  totalMs = 0;
  stalledMs = 0;
  stallCount = 0;
  /** Sums over the segments whose playback began. */
  utility = 0;
  playedKbps = 0;
  changedKbps = 0;
  /** When a rung that the link sustains was first played; -1 before. */
  rampUpMs = -1;

  readonly #ladder: ViewerLadder;
  readonly #link: RecordedLink;
  /** The first segment in the buffer, and how much of it is played. */
  #first = 0;
  #firstPlayedMs = 0;
  #lastRung = -1;

  constructor(ladder: ViewerLadder, link: RecordedLink) {
    this.#ladder = ladder;
    this.#link = link;
  }

  bufferMs(): number {
    const count = this.rungs.length - this.#first;
    return this.#ladder.segmentDurationMs * count - this.#firstPlayedMs;
  }

  /** Plays for `durationMs`, or stands where there is nothing to play. */
  play(durationMs: number): void {
    const { segmentDurationMs } = this.#ladder;
    let ms = durationMs;
    if (this.#first === this.rungs.length) {
      this.stalledMs += ms;
      this.totalMs += ms;
      return;
    }
    if (this.#firstPlayedMs > 0) {
      if (ms + this.#firstPlayedMs < segmentDurationMs) {
        this.#firstPlayedMs += ms;
        this.totalMs += ms;
        return;
      }
      ms -= segmentDurationMs - this.#firstPlayedMs;
      this.totalMs += segmentDurationMs - this.#firstPlayedMs;
      this.#first++;
      this.#firstPlayedMs = 0;
    }
    while (ms > 0 && this.#first < this.rungs.length) {
      this.#begin(this.rungs[this.#first]!);
      if (ms >= segmentDurationMs) {
        this.#first++;
        this.totalMs += segmentDurationMs;
        ms -= segmentDurationMs;
      } else {
        this.#firstPlayedMs = ms;
        this.totalMs += ms;
        ms = 0;
      }
    }
    if (ms <= 0) return;
    // Sabre counts a stall also where ms is what rounding left over.
    this.stalledMs += ms;
    this.totalMs += ms;
    this.stallCount++;
  }

  #begin(rung: number): void {
    const { peakKbps, utility } = this.#ladder;
    this.utility += utility[rung]!;
    this.playedKbps += peakKbps[rung]!;
    if (this.#lastRung >= 0) {
      this.changedKbps += Math.abs(peakKbps[rung]! - peakKbps[this.#lastRung]!);
    }
    this.#lastRung = rung;
    if (this.rampUpMs < 0 && rung >= this.#sustainedRung()) this.rampUpMs = this.totalMs;
  }

  /** The rung that the present period of the link would carry for ever. */
  #sustainedRung(): number {
    const { peakKbps, rungCount, segmentDurationMs } = this.#ladder;
    const kbps = this.#link.kbps() * (1 - this.#link.latencyMs() / segmentDurationMs);
    let rung = 0;
    while (rung + 1 < rungCount && peakKbps[rung + 1]! <= kbps) rung++;
    return rung;
  }
}
