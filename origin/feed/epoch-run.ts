/**
 * One epoch's media on its way from track bytes to complete segments: readers, part assembler,
 * segmenter. No I/O: bytes and time come in, segments go out. A fault ends the epoch, not the feed.
 */
import { isAudioRung, type LadderRung } from "../../src/govern/effective-ladder.ts";
import { FragmentReader, type FragmentEvent } from "../../src/media/fragment-reader.ts";
import { videoTimescale, type Grid } from "../../src/media/grid.ts";
import {
  PartAssembler,
  type AssembledPart,
  type AssemblerCounts,
  type TimelinePoint,
} from "../../src/media/part-assembler.ts";
import type { TrackInit } from "../../src/media/track.ts";
import type { NewSegment } from "../packager/feed-packager.ts";
import { rungInit, type RungInit } from "../packager/rung-init.ts";
import { Segmenter, type CompleteSegment } from "../packager/segmenter.ts";

/** What is known of an epoch when it begins. */
export interface EpochMedia {
  grid: Grid;
  /** As made: video rungs in rising order, then the audio rung if there is one. */
  rungs: readonly LadderRung[];
  /** Wall clock at which the epoch's first picture came in. */
  startUnixMs: number;
}

/** Segments that may wait for the description of a track; ffmpeg sends those first. */
const waitingSegmentCountMax = 2;

export class EpochRun {
  readonly epoch: number;
  readonly #media: EpochMedia;
  readonly #startTicks: number;
  readonly #assembler: PartAssembler;
  readonly #segmenter: Segmenter;
  readonly #readers: FragmentReader[];
  readonly #tracks: (TrackInit | undefined)[];
  #inits: readonly RungInit[] | undefined;
  /** Complete, but a track's description is still missing. */
  #waiting: CompleteSegment[] = [];
  #fault: string | undefined;

  constructor(options: { epoch: number; media: EpochMedia; start: TimelinePoint }) {
    const { epoch, media, start } = options;
    const videoRungs = media.rungs.filter((rung) => !isAudioRung(rung));
    this.epoch = epoch;
    this.#media = media;
    this.#startTicks = start.videoTicks;
    this.#assembler = new PartAssembler({
      grid: media.grid,
      rungs: videoRungs.map((rung) => rung.rung),
      audio: true,
      audioRung: videoRungs.length < media.rungs.length,
      epochStart: start,
    });
    this.#segmenter = new Segmenter({
      rungs: media.rungs.map((rung) => rung.rung),
      grid: media.grid,
    });
    this.#readers = [...videoRungs, "audio"].map(() => new FragmentReader());
    this.#tracks = this.#readers.map(() => undefined);
  }

  /** Why the epoch must end. */
  get fault(): string | undefined {
    return this.#fault ?? this.#assembler.fault ?? this.#segmenter.fault;
  }

  /** Where the next epoch starts. */
  get endPoint(): TimelinePoint {
    return this.#assembler.endPoint;
  }

  get counts(): AssemblerCounts {
    return this.#assembler.counts;
  }

  /** Takes bytes of a track: video rungs in order, then the sound. */
  trackBytes(trackIndex: number, bytes: Uint8Array, nowMs: number): NewSegment[] {
    const reader = this.#readers[trackIndex];
    if (reader === undefined || this.fault !== undefined) return [];
    return reader.push(bytes).flatMap((event) => this.#event(trackIndex, event, nowMs));
  }

  tick(nowMs: number): NewSegment[] {
    return this.fault === undefined ? this.#parts(this.#assembler.tick(nowMs)) : [];
  }

  /** No more bytes: what is left, the last short segment included. */
  end(): NewSegment[] {
    const segments = this.#parts(this.#assembler.end());
    const last = this.#segmenter.end();
    return last === undefined ? segments : [...segments, ...this.#complete(last)];
  }

  #event(trackIndex: number, event: FragmentEvent, nowMs: number): NewSegment[] {
    switch (event.kind) {
      case "init":
        this.#tracks[trackIndex] = event.init;
        this.#describe();
        return this.#inits === undefined ? [] : this.#release();
      case "fault":
        this.#fault ??= `track ${trackIndex}: ${event.reason}`;
        return [];
      case "fragment": {
        const isSound = trackIndex === this.#readers.length - 1;
        const parts = isSound
          ? this.#assembler.pushAudio(event.fragment, nowMs)
          : this.#assembler.pushVideo(trackIndex, event.fragment, nowMs);
        return this.#parts(parts);
      }
    }
  }

  #parts(parts: readonly AssembledPart[]): NewSegment[] {
    return parts.flatMap((part) => {
      const segment = this.#segmenter.push(part);
      return segment === undefined ? [] : this.#complete(segment);
    });
  }

  #complete(segment: CompleteSegment): NewSegment[] {
    this.#waiting.push(segment);
    if (this.#inits !== undefined) return this.#release();
    if (this.#waiting.length > waitingSegmentCountMax) this.#fault ??= "a track has no description";
    return [];
  }

  #release(): NewSegment[] {
    const complete = this.#waiting;
    this.#waiting = [];
    return complete.map((segment) => this.#newSegment(segment));
  }

  /** Makes the init segments once every track has said what it is. */
  #describe(): void {
    const { rungs, grid } = this.#media;
    const audio = this.#tracks.at(-1);
    if (audio === undefined || this.#tracks.includes(undefined)) return;
    this.#inits = rungs.map((rung, index) => {
      const video = isAudioRung(rung) ? undefined : this.#tracks[index];
      return rungInit({ rung, grid, audio, ...(video ? { video } : {}) });
    });
  }

  #newSegment(segment: CompleteSegment): NewSegment {
    const { startTicks, durationTicks } = segment;
    const sinceStartMs = ((startTicks - this.#startTicks) * 1000) / videoTimescale;
    return {
      epoch: this.epoch,
      startTicks,
      durationTicks,
      startUnixMs: this.#media.startUnixMs + sinceStartMs,
      rungs: this.#media.rungs.map((rung, index) => ({
        rung,
        init: this.#inits![index]!,
        bytes: Buffer.concat(segment.rungs[index]!),
      })),
    };
  }
}
