/** A small run of viewers that need nothing but an edge, for tests. */
import type { WireRun } from "../scripts/wire-run.ts";

export function madeWireRun(changes: Partial<WireRun> = {}): WireRun {
  return {
    feed: "main",
    targets: [["http://127.0.0.1:8080"]],
    linkRatios: [1],
    seed: 7,
    viewerCount: 30,
    durationSec: 14,
    arrivals: [
      { atSec: 0, ratio: 0 },
      { atSec: 4, ratio: 1 },
    ],
    churnPerMinRatio: 0,
    startGraceSec: 20,
    startLeavePerSecRatio: 0.01,
    stallLeaveSecPerSec: 0,
    holdBackTargetDurations: 3,
    bufferMsMax: 30_000,
    blockingReload: false,
    sampleEvery: 4,
    rttMs: 0,
    judgedBy: "lines",
    ...changes,
  };
}
