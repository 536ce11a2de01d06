/**
 * A player of the virtual world: asks for one segment after the other as hls.js does, plays what it
 * has, and counts each time that it runs dry.
 */
import type { SwarmInput } from "../scheduler-io.ts";
import type { SegmentId } from "../segment.ts";
import type { EventQueue } from "./event-queue.ts";
import type { Tally, WorldOptions } from "./world-options.ts";

/** Where it plays. */
export interface PlayerWorld {
  readonly events: EventQueue;
  readonly options: WorldOptions;
  tally: Tally;
  draw(stream: number): number;
}

export interface PlayerSide {
  take: (input: SwarmInput) => void;
  fetchAlone: (id: SegmentId, deadlineMs: number) => void;
}

const bufferReportMs = 500;

export class WorldPlayer {
  readonly #world: PlayerWorld;
  readonly #side: PlayerSide;
  #msn = 0;
  /** When what is buffered will have been played; null: not playing. */
  #dryAtMs: number | null = null;
  #askedAtMs: number | null = null;
  #hasPlayed = false;
  #stalledAtMs: number | null = null;
  #isStopped = false;

  constructor(world: PlayerWorld, side: PlayerSide) {
    this.#world = world;
    this.#side = side;
  }

  start(): void {
    const { latencyMs, segmentMs } = this.#world.options;
    this.#msn = Math.floor((this.#world.events.nowMs - latencyMs) / segmentMs);
    this.#askNext();
    this.#reportBuffer();
  }

  stop(): void {
    this.#isStopped = true;
  }

  deliver(id: SegmentId): void {
    if (id.msn !== this.#msn || this.#askedAtMs === null || this.#isStopped) return;
    const { events, tally, options } = this.#world;
    tally.deliveredCount++;
    tally.waitsMs.push(events.nowMs - this.#askedAtMs);
    this.#askedAtMs = null;
    if (this.#dryAtMs === null) this.#dryAtMs = events.nowMs;
    if (this.#stalledAtMs !== null) tally.stalledMs += events.nowMs - this.#stalledAtMs;
    this.#stalledAtMs = null;
    this.#dryAtMs += options.segmentMs;
    this.#hasPlayed = true;
    this.#watchDry(this.#dryAtMs);
    this.#msn++;
    this.#askNext();
  }

  refused(id: SegmentId): void {
    if (id.msn !== this.#msn) return;
    this.#side.fetchAlone(id, this.#world.events.nowMs + this.#aheadMs());
  }

  #askNext(): void {
    const { events, options } = this.#world;
    const listedMs = (this.#msn + 1) * options.segmentMs;
    const seenMs = listedMs + 60 + this.#world.draw(30) * 0.5 * options.segmentMs;
    const msn = this.#msn;
    events.at(Math.max(events.nowMs + 5, listedMs > events.nowMs ? seenMs : 0), () => {
      if (this.#isStopped || msn !== this.#msn) return;
      this.#askedAtMs = events.nowMs;
      const deadlineMs = events.nowMs + this.#aheadMs();
      this.#side.take({ kind: "want", id: { rung: 360, epoch: 1, msn }, deadlineMs });
    });
  }

  #aheadMs(): number {
    return this.#dryAtMs === null ? 0 : Math.max(0, this.#dryAtMs - this.#world.events.nowMs);
  }

  #watchDry(atMs: number): void {
    this.#world.events.at(atMs, () => {
      if (this.#dryAtMs !== atMs || this.#isStopped) return;
      this.#dryAtMs = null;
      if (!this.#hasPlayed) return;
      this.#stalledAtMs = atMs;
      this.#world.tally.stallCount++;
    });
  }

  #reportBuffer(): void {
    if (this.#isStopped) return;
    this.#side.take({ kind: "buffer", aheadMs: this.#aheadMs() });
    this.#world.events.after(bufferReportMs, () => this.#reportBuffer());
  }
}
