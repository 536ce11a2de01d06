/**
 * Plays a recording for ever at the pace of the clock, in the encoder's place: the same tracks, the
 * same hooks, and timestamps that go on over the loop's seam. Load tests use it, so that encoding
 * does not eat the machine under test.
 */
import type { Clock } from "../../src/base/clock.ts";
import type { TrackHooks } from "./media-source.ts";
import { movedFragment, type RawTrack } from "./raw-track.ts";
import {
  fragmentCount,
  loopSec,
  pictureClock,
  soundClock,
  type FragmentClock,
  type ReplayRecording,
} from "./replay-recording.ts";
import { timelineOffsetSec } from "./transcode-plan.ts";

export interface Replay {
  /** Nothing is delivered afterwards. */
  stop(): void;
  /** Parts delivered so far, of each rung. */
  partCount(): number;
}

/**
 * Later than this (a suspended machine, a stopped process) the replay goes on from now, instead of
 * pouring out at once what a camera would have lost.
 */
const lateMsMax = 5_000;

/** Starts at once; the first part comes when its length has passed, as from a camera. */
export function startReplay({
  recording,
  clock,
  hooks,
}: {
  recording: ReplayRecording;
  clock: Clock;
  hooks: TrackHooks;
}): Replay {
  const player = new ReplayPlayer(recording, hooks);
  const partMs = (recording.grid.framesPerPart * 1000) / recording.grid.frameRate;
  let startMs = clock.nowMs();
  let timer: NodeJS.Timeout;
  const dueMs = (): number => startMs + (player.partCount + 1) * partMs;
  const play = (): void => {
    const nowMs = clock.nowMs();
    if (nowMs - dueMs() > lateMsMax) startMs += nowMs - dueMs();
    while (dueMs() <= nowMs) player.nextPart();
    timer = setTimeout(play, Math.ceil(Math.max(0, dueMs() - clock.nowMs())));
  };
  timer = setTimeout(play, partMs);
  return { stop: () => clearTimeout(timer), partCount: () => player.partCount };
}

/** Delivers part after part, without regard to time. */
export class ReplayPlayer {
  readonly #recording: ReplayRecording;
  readonly #hooks: TrackHooks;
  readonly #tracks: LoopedTrack[];
  #partCount = 0;

  constructor(recording: ReplayRecording, hooks: TrackHooks) {
    this.#recording = recording;
    this.#hooks = hooks;
    const { grid, gopCount, tracks } = recording;
    const seconds = loopSec(grid, gopCount);
    this.#tracks = tracks.map((track, index) => {
      const frames = index === tracks.length - 1 ? soundClock() : pictureClock(grid);
      return new LoopedTrack(track, frames, seconds);
    });
  }

  get partCount(): number {
    return this.#partCount;
  }

  /** The next part of every rung, and every AAC frame that starts before its end. */
  nextPart(): void {
    if (this.#partCount === 0) {
      this.#recording.tracks.forEach(({ init }, index) => {
        this.#hooks.trackBytes(index, new Uint8Array(init));
      });
    }
    this.#partCount += 1;
    const { grid } = this.#recording;
    const untilSec = (this.#partCount * grid.framesPerPart) / grid.frameRate;
    this.#tracks.forEach((track, index) => {
      for (const bytes of track.fragmentsUntil(untilSec)) this.#hooks.trackBytes(index, bytes);
    });
  }
}

class LoopedTrack {
  readonly #track: RawTrack;
  readonly #clock: FragmentClock;
  readonly #fragmentsPerLoop: number;
  #next = 0;

  constructor(track: RawTrack, clock: FragmentClock, seconds: number) {
    this.#track = track;
    this.#clock = clock;
    this.#fragmentsPerLoop = fragmentCount(clock, seconds);
  }

  /** The fragments, from the one after the last given, that start within so many seconds of video. */
  *fragmentsUntil(untilSec: number): Generator<Uint8Array> {
    const { startTicks, fragmentTicks, ticksPerSec } = this.#clock;
    const endTicks = (untilSec + timelineOffsetSec) * ticksPerSec - 1e-6 * ticksPerSec;
    for (;;) {
      const decodeTicks = startTicks + this.#next * fragmentTicks;
      if (decodeTicks >= endTicks) return;
      const fragment = this.#track.fragments[this.#next % this.#fragmentsPerLoop]!;
      this.#next += 1;
      yield movedFragment(fragment, { decodeTicks, sequence: this.#next % 2 ** 32 });
    }
  }
}
