/**
 * Reads ffmpeg's `-progress` blocks (key=value lines, closed by `progress=`) into figures over the
 * last seconds. Speed is that of the window, not of the whole run, so that an encoder that begins
 * to lag shows at once.
 */
import type { TranscoderStats } from "./media-source.ts";

interface Sample {
  atMs: number;
  mediaUs: number;
  frameCount: number;
}

/** Long enough to smooth the one report a second, short enough to see an overload. */
const windowMs = 10_000;

/** A block is a few hundred bytes; more without a line end is not progress. */
const textLengthMax = 65_536;

export class EncoderProgress {
  #text = "";
  #block = new Map<string, string>();
  #samples: Sample[] = [];
  #droppedFrames = 0;

  /** Takes text as it comes; `nowMs` is monotonic. Returns whether a block was completed. */
  push(text: string, nowMs: number): boolean {
    const lines = (this.#text + text).split("\n");
    this.#text = (lines.pop() ?? "").slice(0, textLengthMax);
    let completed = false;
    for (const line of lines) {
      const separator = line.indexOf("=");
      if (separator < 0) continue;
      const key = line.slice(0, separator).trim();
      this.#block.set(key, line.slice(separator + 1).trim());
      if (key !== "progress") continue;
      this.#closeBlock(nowMs);
      completed = true;
    }
    return completed;
  }

  /** Pictures made so far in the first rung. */
  get frameCount(): number {
    return this.#samples.at(-1)?.frameCount ?? 0;
  }

  /** All but the repeated pictures, which ffmpeg does not know (see transcoder.ts). */
  stats(): Omit<TranscoderStats, "duplicatedFrames"> {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    const passedMs = first && last ? last.atMs - first.atMs : 0;
    const known = first !== undefined && last !== undefined && passedMs > 0;
    return {
      framesPerSec: known ? ((last.frameCount - first.frameCount) * 1000) / passedMs : 0,
      speedRatio: known ? (last.mediaUs - first.mediaUs) / 1000 / passedMs : 0,
      droppedFrames: this.#droppedFrames,
    };
  }

  #closeBlock(nowMs: number): void {
    const number = (key: string): number => {
      const value = Number.parseInt(this.#block.get(key) ?? "", 10);
      return Number.isFinite(value) ? Math.max(0, value) : 0;
    };
    const mediaUs = number("out_time_us");
    this.#droppedFrames = number("drop_frames");
    if (mediaUs > 0) {
      this.#samples.push({ atMs: nowMs, mediaUs, frameCount: number("frame") });
      while (this.#samples.length > 2 && this.#samples[0]!.atMs < nowMs - windowMs) {
        this.#samples.shift();
      }
    }
    this.#block.clear();
  }
}
