/**
 * Cuts one epoch's samples into parts on the grid that all rungs share (DESIGN: media contract).
 * A part is 16 video frames and every AAC frame that starts within it; part k leaves for all rungs
 * at once, when every rung has its frames and the sound is there or has missed its deadline.
 * The encoder's fragment boundaries and its clock's start are not trusted.
 */
import { audioTimescale, videoTimescale, type Grid } from "./grid.ts";
import type { Fragment } from "./track.ts";

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
  /** AAC frames that came after their part had left, or overlapped the frame before. */
  audioFramesLate: number;
  /** AAC frames that were missing when their part left. */
  audioFramesMissing: number;
  /** GOP starts without an IDR. */
  keyframesMissing: number;
  /** Video frames dropped: repeated, beyond a limit, or past the common end of the rungs. */
  videoFramesDropped: number;
}

export class PartAssembler {
  readonly counts: AssemblerCounts = {
    audioFramesLate: 0,
    audioFramesMissing: 0,
    keyframesMissing: 0,
    videoFramesDropped: 0,
  };
  #endPoint: TimelinePoint;

  constructor(options: PartAssemblerOptions) {
    this.#endPoint = options.epochStart;
  }

  /** Why the epoch cannot go on (a hole in a rung's video, rungs apart): end it and begin another. */
  get fault(): string | undefined {
    return undefined;
  }

  /** Where the parts returned so far end; after end() the next epoch's start. */
  get endPoint(): TimelinePoint {
    return this.#endPoint;
  }

  /** When tick must be called at the latest, because a part waits for its sound. */
  get deadlineMs(): number | undefined {
    return undefined;
  }

  pushVideo(_rungIndex: number, _fragment: Fragment, _nowMs: number): AssembledPart[] {
    return [];
  }

  pushAudio(_fragment: Fragment, _nowMs: number): AssembledPart[] {
    return [];
  }

  /** Lets parts go whose sound has missed its deadline. */
  tick(_nowMs: number): AssembledPart[] {
    return [];
  }

  /** Flushes what is left, the last short part included; nothing may be pushed afterwards. */
  end(): AssembledPart[] {
    return [];
  }
}
