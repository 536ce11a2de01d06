/**
 * The sound of one epoch between encoder and parts: AAC frames in order on the continuing timeline,
 * without overlaps. Frames that come after their part has left are dropped; where frames are
 * missing, silent ones take their place, so that the track has no hole.
 */
import { samplesPerAacFrame } from "./grid.ts";
import type { Sample } from "./track.ts";

/** Frames held while their video is not there: 40 s. Beyond it new ones are dropped. */
const audioFrameCountMax = 1_875;

interface AudioFrame {
  startTicks: number;
  durationTicks: number;
  data: Uint8Array;
}

/** A frame this close before the end of the frame before it is moved there: rounding, not overlap. */
const jitterTicks = 64;

export class AudioQueue {
  /** Start of the next frame that a part can take: the end of what has left. */
  #cursorTicks: number;
  /** End of the newest frame received; sound comes in order, so all before it is settled. */
  #receivedTicks: number;
  readonly #firstTicks: number;
  readonly #silentFrame: Uint8Array;
  #frames: AudioFrame[] = [];
  /** Frames dropped because they came too late, overlapped, or were too many. */
  framesLate = 0;
  /** Frames that were not there when their part left. */
  framesMissing = 0;

  constructor(startTicks: number, silentFrame: Uint8Array) {
    this.#cursorTicks = startTicks;
    this.#receivedTicks = startTicks;
    this.#firstTicks = startTicks;
    this.#silentFrame = silentFrame;
  }

  get cursorTicks(): number {
    return this.#cursorTicks;
  }

  /** Whether all sound that starts before this instant has come. */
  isCompleteUntil(ticks: number): boolean {
    return Math.max(this.#receivedTicks, this.#cursorTicks) >= ticks;
  }

  /** Takes a frame that starts at an instant of the continuing timeline, in audioTimescale. */
  push(frame: AudioFrame): void {
    const floorTicks = Math.max(this.#receivedTicks, this.#cursorTicks);
    let { startTicks } = frame;
    if (startTicks < floorTicks && startTicks >= floorTicks - jitterTicks) startTicks = floorTicks;
    if (startTicks < floorTicks) {
      // Before the epoch's first instant lies the encoder's priming, not sound.
      if (startTicks >= this.#firstTicks) this.framesLate++;
      return;
    }
    if (this.#frames.length >= audioFrameCountMax) {
      this.framesLate++;
      return;
    }
    this.#frames.push(startTicks === frame.startTicks ? frame : { ...frame, startTicks });
    this.#receivedTicks = startTicks + frame.durationTicks;
  }

  /** The frames that start before this instant, holes filled; `decodeTicks` is the first one's. */
  take(untilTicks: number): { decodeTicks: number; samples: Sample[] } {
    const run = { decodeTicks: this.#cursorTicks, samples: [] as Sample[] };
    let count = 0;
    for (const frame of this.#frames) {
      if (frame.startTicks >= untilTicks) break;
      this.#bridge(run, frame.startTicks);
      run.samples.push(aacSample(frame.data, frame.durationTicks));
      this.#cursorTicks = frame.startTicks + frame.durationTicks;
      count++;
    }
    this.#frames.splice(0, count);
    while (this.#cursorTicks < untilTicks && this.#isHoleAhead(untilTicks)) this.#addSilence(run);
    return run;
  }

  /** Fills with silence up to a frame's start; what is shorter than a frame lengthens one. */
  #bridge(run: { decodeTicks: number; samples: Sample[] }, startTicks: number): void {
    while (startTicks - this.#cursorTicks >= samplesPerAacFrame) this.#addSilence(run);
    const restTicks = startTicks - this.#cursorTicks;
    if (restTicks === 0) return;
    const last = run.samples.at(-1);
    if (last === undefined) run.decodeTicks = startTicks;
    else last.durationTicks += restTicks;
  }

  /** No silence where the next real frame starts less than a frame later, in the next part. */
  #isHoleAhead(untilTicks: number): boolean {
    const next = this.#frames[0];
    if (next === undefined) return this.#cursorTicks < untilTicks;
    return next.startTicks - this.#cursorTicks >= samplesPerAacFrame;
  }

  #addSilence(run: { samples: Sample[] }): void {
    run.samples.push(aacSample(this.#silentFrame, samplesPerAacFrame));
    this.#cursorTicks += samplesPerAacFrame;
    this.framesMissing++;
  }
}

function aacSample(data: Uint8Array, durationTicks: number): Sample {
  return { data, durationTicks, compositionOffsetTicks: 0, sync: true };
}
