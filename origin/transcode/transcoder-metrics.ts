/** The encoder's instruments: made once a process, because a registry takes each name once. */
import { originMetrics } from "../../src/metrics/origin.ts";
import type { Metrics } from "../../src/node/metrics.ts";
import type { TranscoderStats } from "./media-source.ts";

const exitReasons = ["ended", "crashed", "stalled"] as const;
export type ExitReason = (typeof exitReasons)[number];

export interface TranscoderMetrics {
  /** Has the feed's series exist before its first encoder. */
  expect(feed: string): void;
  started(feed: string): void;
  exited(feed: string, reason: ExitReason): void;
  inputPaused(feed: string): void;
  logLine(feed: string): void;
  /** `before` is what the same encoder reported last. */
  progress(feed: string, now: TranscoderStats, before: TranscoderStats): void;
}

const instruments = new WeakMap<Metrics, TranscoderMetrics>();

export function transcoderMetrics(metrics: Metrics): TranscoderMetrics {
  let known = instruments.get(metrics);
  if (known === undefined) {
    known = register(metrics);
    instruments.set(metrics, known);
  }
  return known;
}

function register(metrics: Metrics): TranscoderMetrics {
  const speed = metrics.gauge(originMetrics.transcodeSpeed);
  const frameRate = metrics.gauge(originMetrics.transcodeFrameRate);
  const dropped = metrics.counter(originMetrics.transcodeFramesDropped);
  const duplicated = metrics.counter(originMetrics.transcodeFramesDuplicated);
  const starts = metrics.counter(originMetrics.transcodeStarts);
  const exits = metrics.counter(originMetrics.transcodeExits);
  const pauses = metrics.counter(originMetrics.transcodeInputPauses);
  const lines = metrics.counter(originMetrics.transcodeLogLines);
  return {
    expect: (feed) => {
      for (const gauge of [speed, frameRate]) gauge.set(0, { feed });
      for (const counter of [dropped, duplicated, starts, pauses, lines]) counter.add(0, { feed });
      for (const reason of exitReasons) exits.add(0, { feed, reason });
    },
    started: (feed) => starts.add(1, { feed }),
    exited: (feed, reason) => {
      exits.add(1, { feed, reason });
      speed.set(0, { feed });
      frameRate.set(0, { feed });
    },
    inputPaused: (feed) => pauses.add(1, { feed }),
    logLine: (feed) => lines.add(1, { feed }),
    progress: (feed, now, before) => {
      speed.set(now.speedRatio, { feed });
      frameRate.set(now.framesPerSec, { feed });
      dropped.add(Math.max(0, now.droppedFrames - before.droppedFrames), { feed });
      duplicated.add(Math.max(0, now.duplicatedFrames - before.duplicatedFrames), { feed });
    },
  };
}
