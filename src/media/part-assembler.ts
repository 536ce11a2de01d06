/**
 * Cuts one epoch's samples into parts on the grid that all rungs share.
 * A part is 16 video frames and every AAC frame that starts within it; part k leaves for all rungs
 * at once, when every rung has its frames and the sound is there or has missed its deadline, one
 * part after the video. Missing sound is replaced by silence, because browsers play only where both
 * tracks are buffered: with sound left out of four parts Chromium 156 stopped at the hole for good,
 * with silence it played on (measured 2026-11-22). The encoder's fragment
 * boundaries and its clock's start are not trusted.
 */
import { assert } from "../base/assert.ts";
import { AudioQueue } from "./audio-queue.ts";
import {
  audioTimescale,
  samplesPerAacFrame,
  ticksPerFrame,
  videoTimescale,
  type Grid,
} from "./grid.ts";
import { audioTrackId, videoTrackId, writePart, type TrackRun } from "./part-writer.ts";
import { rescale } from "./rescale.ts";
import { silentAacFrames } from "./silent-aac.ts";
import type { Fragment } from "./track.ts";
import { VideoQueue } from "./video-queue.ts";

/** Where an epoch's media starts or ended on the timeline that continues over all epochs. */
export interface TimelinePoint {
  /** In videoTimescale; even, so that it is a whole number of audio ticks too. */
  videoTicks: number;
  /** In audioTimescale: no sound before this; later than videoTicks if the last frame overhangs. */
  audioTicks: number;
}

/** Where the timeline of a feed begins: 10 s, so that nothing ever falls before 0. */
export const timelineStart: TimelinePoint = {
  videoTicks: 10 * videoTimescale,
  audioTicks: 10 * audioTimescale,
};

export interface PartAssemblerOptions {
  grid: Grid;
  /** Names of the video rungs; their indexes are pushVideo's. */
  rungs: readonly string[];
  /** Whether the encoder makes a sound track. */
  audio: boolean;
  /** Also make parts of a rung named "audio", with sound alone. */
  audioRung: boolean;
  /** Of the encoder's sound; 2 when left out. */
  audioChannelCount?: 1 | 2;
  /** The former epoch's `endPoint`, or `timelineStart`. */
  epochStart: TimelinePoint;
}

export interface AssembledPart {
  rung: string;
  /** From 0 within the epoch; the same instant has the same index in every rung. */
  partIndex: number;
  /** Whether it begins with a sync sample, as the first part of each GOP must. */
  independent: boolean;
  /** In videoTimescale, on the continuing timeline. */
  startTicks: number;
  /** In videoTimescale; of the video frames, for the audio rung too. */
  durationTicks: number;
  /** 16, or less in the last part of an epoch. */
  frameCount: number;
  /** moof and mdat. */
  bytes: Uint8Array;
}

/** What went not as planned, counted over the epoch; for metrics. */
export interface AssemblerCounts {
  /** AAC frames dropped: their part had left, they overlapped the frame before, or were too many. */
  audioFramesLate: number;
  /** AAC frames that were not there when their part left; silence took their place. */
  audioFramesMissing: number;
  /** GOP starts without an IDR, over all rungs. */
  keyframesMissing: number;
  /** Video frames dropped: repeated, or past the common end of the rungs. */
  videoFramesDropped: number;
}

/** Parts of video that wait for their sound or for a slower rung: 32 s at 30 fps. */
export const pendingPartCountMax = 60;
/** Fragments of sound held until the first frame of video tells where the epoch began. */
const earlyAudioFragmentCountMax = 1_024;

export class PartAssembler {
  readonly #options: PartAssemblerOptions;
  readonly #ticksPerPart: number;
  readonly #partDurationMs: number;
  readonly #video: VideoQueue[];
  readonly #audio: AudioQueue | undefined;
  /** Start of the epoch on the encoder's clock, in videoTimescale: its first frame of video. */
  #originTicks: number | undefined;
  #earlyAudio: Fragment[] = [];
  /** When each part whose video is complete in all rungs became so. */
  #completeAtMs: number[] = [];
  #partIndex = 0;
  #framesOut = 0;
  #keyframesMissing = 0;
  #framesPastEnd = 0;
  #fault: string | undefined;
  #ended = false;

  constructor(options: PartAssemblerOptions) {
    const { grid, epochStart, audio, audioChannelCount = 2 } = options;
    assert(epochStart.videoTicks % 2 === 0, "an epoch starts on an even video tick");
    assert(options.rungs.length > 0, "an epoch has a video rung");
    assert(audio || !options.audioRung, "an audio rung needs a sound track");
    this.#options = options;
    this.#ticksPerPart = grid.framesPerPart * ticksPerFrame(grid);
    this.#partDurationMs = Math.ceil((this.#ticksPerPart * 1_000) / videoTimescale);
    this.#video = options.rungs.map(() => new VideoQueue(grid));
    if (audio) {
      this.#audio = new AudioQueue(
        Math.max(epochStart.audioTicks, toAudioTicks(epochStart.videoTicks)),
        silentAacFrames[audioChannelCount],
      );
    }
  }

  get counts(): AssemblerCounts {
    const repeated = this.#video.reduce((sum, queue) => sum + queue.framesRepeated, 0);
    return {
      audioFramesLate: this.#audio?.framesLate ?? 0,
      audioFramesMissing: this.#audio?.framesMissing ?? 0,
      keyframesMissing: this.#keyframesMissing,
      videoFramesDropped: repeated + this.#framesPastEnd,
    };
  }

  /** Why the epoch cannot go on (a hole in a rung's video, rungs apart): end it and begin another. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Where the parts returned so far end; after end() the next epoch's start. */
  get endPoint(): TimelinePoint {
    const videoTicks = this.#startTicks();
    const audioTicks = Math.max(toAudioTicks(videoTicks), this.#audio?.cursorTicks ?? 0);
    return { videoTicks, audioTicks };
  }

  /** When tick must be called at the latest, because a part waits for its sound. */
  get deadlineMs(): number | undefined {
    const completeAtMs = this.#completeAtMs[0];
    return completeAtMs === undefined ? undefined : completeAtMs + this.#partDurationMs;
  }

  pushVideo(rungIndex: number, fragment: Fragment, nowMs: number): AssembledPart[] {
    const queue = this.#video[rungIndex];
    assert(queue !== undefined, "a fragment's rung exists");
    assert(!this.#ended, "nothing is pushed after the end of an epoch");
    if (this.#fault !== undefined || fragment.samples.length === 0) return [];
    this.#originTicks ??= rescale(fragment.decodeTicks, fragment.timescale, videoTimescale);
    const problem = queue.push(fragment, this.#originTicks);
    const name = this.#options.rungs[rungIndex]!;
    if (problem !== undefined) this.#fault = `rung ${name}: ${problem}`;
    this.#placeEarlyAudio();
    return this.#release(nowMs);
  }

  pushAudio(fragment: Fragment, nowMs: number): AssembledPart[] {
    assert(!this.#ended, "nothing is pushed after the end of an epoch");
    if (this.#audio === undefined) return [];
    if (this.#originTicks === undefined) {
      this.#earlyAudio.push(fragment);
      if (this.#earlyAudio.length > earlyAudioFragmentCountMax) this.#earlyAudio.shift();
      return [];
    }
    this.#placeAudio(fragment, this.#originTicks, this.#audio);
    return this.#release(nowMs);
  }

  /** Lets parts go whose sound has missed its deadline. */
  tick(nowMs: number): AssembledPart[] {
    return this.#ended ? [] : this.#release(nowMs);
  }

  /** Flushes what all rungs have, the last short part included; nothing may be pushed afterwards. */
  end(): AssembledPart[] {
    this.#ended = true;
    const parts: AssembledPart[] = [];
    const { framesPerPart } = this.#options.grid;
    for (let left = this.#commonFrameCount(); left > 0; left -= framesPerPart) {
      parts.push(...this.#cutPart(Math.min(left, framesPerPart)));
    }
    for (const queue of this.#video) this.#framesPastEnd += queue.take(queue.frameCount).length;
    this.#completeAtMs = [];
    return parts;
  }

  #startTicks(): number {
    const { grid, epochStart } = this.#options;
    return epochStart.videoTicks + this.#framesOut * ticksPerFrame(grid);
  }

  #commonFrameCount(): number {
    return this.#video.reduce((least, queue) => Math.min(least, queue.frameCount), Infinity);
  }

  #placeEarlyAudio(): void {
    if (this.#earlyAudio.length === 0 || this.#originTicks === undefined) return;
    for (const fragment of this.#earlyAudio) {
      this.#placeAudio(fragment, this.#originTicks, this.#audio!);
    }
    this.#earlyAudio = [];
  }

  /** Moves frames from the encoder's clock to the continuing timeline; the same shift as video's. */
  #placeAudio(fragment: Fragment, originTicks: number, audio: AudioQueue): void {
    const { videoTicks } = this.#options.epochStart;
    const shiftTicks =
      toAudioTicks(videoTicks) - rescale(originTicks, videoTimescale, audioTimescale);
    let decodeTicks = fragment.decodeTicks;
    for (const { data, durationTicks } of fragment.samples) {
      const startTicks = rescale(decodeTicks, fragment.timescale, audioTimescale) + shiftTicks;
      // The frame's real length; the last duration an encoder writes is not always that.
      audio.push({ startTicks, durationTicks: samplesPerAacFrame, data });
      decodeTicks += durationTicks;
    }
  }

  #release(nowMs: number): AssembledPart[] {
    const { framesPerPart } = this.#options.grid;
    const completeCount = Math.floor(this.#commonFrameCount() / framesPerPart);
    while (this.#completeAtMs.length < completeCount) this.#completeAtMs.push(nowMs);
    const parts: AssembledPart[] = [];
    while (this.#completeAtMs.length > 0 && this.#soundIsSettled(nowMs)) {
      this.#completeAtMs.shift();
      parts.push(...this.#cutPart(framesPerPart));
    }
    this.#checkBacklog();
    return parts;
  }

  #soundIsSettled(nowMs: number): boolean {
    if (this.#audio === undefined) return true;
    if (this.#audio.isCompleteUntil(toAudioTicks(this.#startTicks() + this.#ticksPerPart))) {
      return true;
    }
    return nowMs >= this.deadlineMs! || this.#completeAtMs.length > pendingPartCountMax;
  }

  #checkBacklog(): void {
    const limit = (pendingPartCountMax + 1) * this.#options.grid.framesPerPart;
    const index = this.#video.findIndex((queue) => queue.frameCount > limit);
    if (index < 0 || this.#fault !== undefined) return;
    this.#fault = `rung ${this.#options.rungs[index]!} is more than ${limit} frames ahead of another`;
  }

  /** One part of every rung from the next frames, all with the same sound. */
  #cutPart(frameCount: number): AssembledPart[] {
    const { grid, rungs, audioRung } = this.#options;
    const frameTicks = ticksPerFrame(grid);
    const startTicks = this.#startTicks();
    const durationTicks = frameCount * frameTicks;
    const startsGop = this.#framesOut % grid.framesPerGop === 0;
    const partIndex = this.#partIndex++;
    this.#framesOut += frameCount;
    const sound = this.#takeSound(startTicks + durationTicks);
    // Rises with every part of a feed, over epochs and grids: the shortest frame has 640 ticks.
    const sequenceNumber = Math.floor(startTicks / 640);
    const place = { partIndex, startTicks, durationTicks, frameCount };
    const parts = this.#video.map((queue, rungIndex): AssembledPart => {
      const samples = queue.take(frameCount);
      const independent = samples[0]!.sync;
      if (startsGop && !independent) this.#keyframesMissing++;
      const picture: TrackRun = {
        trackId: videoTrackId,
        decodeTicks: startTicks,
        defaultDurationTicks: frameTicks,
        samples,
      };
      const bytes = writePart(sequenceNumber, [picture, ...sound]);
      return { rung: rungs[rungIndex]!, independent, bytes, ...place };
    });
    if (audioRung) {
      const bytes = writePart(sequenceNumber, sound);
      parts.push({ rung: "audio", independent: true, bytes, ...place });
    }
    return parts;
  }

  #takeSound(untilTicks: number): TrackRun[] {
    if (this.#audio === undefined) return [];
    const { decodeTicks, samples } = this.#audio.take(toAudioTicks(untilTicks));
    if (samples.length === 0) return [];
    return [
      {
        trackId: audioTrackId,
        decodeTicks,
        defaultDurationTicks: samplesPerAacFrame,
        samples,
      },
    ];
  }
}

/** Exact for even video ticks, as all frames of the three grids begin on. */
function toAudioTicks(videoTicks: number): number {
  return (videoTicks / 2) * 5;
}
