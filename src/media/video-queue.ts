/**
 * The video of one rung between encoder and parts: frames by their place on the grid. A frame that
 * was there already is dropped; a hole or a frame off the grid is a fault of the encoder's run.
 */
import { ticksPerFrame, videoTimescale, type Grid } from "./grid.ts";
import { rescale } from "./rescale.ts";
import type { Fragment, Sample } from "./track.ts";

export class VideoQueue {
  readonly #grid: Grid;
  readonly #frames: Sample[] = [];
  #nextFrameIndex = 0;
  /** Frames that were there already. */
  framesRepeated = 0;

  constructor(grid: Grid) {
    this.#grid = grid;
  }

  get frameCount(): number {
    return this.#frames.length;
  }

  /**
   * Takes a fragment whose epoch began at `originTicks` of the encoder's clock (in videoTimescale).
   * Returns why the rung cannot go on, or undefined.
   */
  push(fragment: Fragment, originTicks: number): string | undefined {
    const frameTicks = ticksPerFrame(this.#grid);
    const { timescale } = fragment;
    let decodeTicks = fragment.decodeTicks;
    for (const sample of fragment.samples) {
      const ticks = rescale(decodeTicks, timescale, videoTimescale) - originTicks;
      const frameIndex = Math.round(ticks / frameTicks);
      // An eighth of a frame: a timescale's rounding stays below, another frame rate does not.
      if (Math.abs(ticks - frameIndex * frameTicks) > frameTicks / 8) {
        return `a frame ${ticks} ticks into the epoch is off the grid`;
      }
      if (frameIndex > this.#nextFrameIndex) {
        return `frames ${this.#nextFrameIndex} to ${frameIndex - 1} are missing`;
      }
      if (frameIndex < this.#nextFrameIndex) this.framesRepeated++;
      else this.#add(sample, timescale, frameTicks);
      decodeTicks += sample.durationTicks;
    }
    return undefined;
  }

  take(frameCount: number): Sample[] {
    return this.#frames.splice(0, frameCount);
  }

  #add(sample: Sample, timescale: number, frameTicks: number): void {
    this.#nextFrameIndex++;
    this.#frames.push({
      durationTicks: frameTicks,
      compositionOffsetTicks: rescale(sample.compositionOffsetTicks, timescale, videoTimescale),
      sync: sample.sync,
      data: sample.data,
    });
  }
}
