/** A run of real viewers as it might have been measured, for tests: an edge and k6, steady for 40 s. */
import { K6Figures, type K6Metrics } from "../k6-figures.ts";
import type { MeasuredRun } from "../measured-run.ts";
import { nodeCounters } from "../node-counters.ts";

export function madeMeasuredRun(
  { metrics = {}, egressBytesPerSec = 0 }: { metrics?: K6Metrics; egressBytesPerSec?: number } = {},
  viewerCount = 20,
): MeasuredRun {
  const idle = nodeCounters("");
  return {
    setup: {
      ...{ viewerCount, edgeCount: 1, durationSec: 40, links: [], rttMs: 0, sharedEdgeKbps: null },
      arrivals: [{ atSec: 0, ratio: 1 }],
    },
    figures: new K6Figures(metrics),
    code: 0,
    samples: Array.from({ length: 41 }, (_, sec) => ({
      atMs: 1_000 * sec,
      nodes: new Map([["edge-1", { ...idle, egressBytes: egressBytesPerSec * sec }]]),
      cpuSec: new Map([
        ["edge-1", 0.1 * sec],
        ["k6", 0.2 * sec],
      ]),
      rssBytes: new Map([
        ["edge-1", 80e6],
        ["k6", 60e6],
      ]),
      machine: { busy: 0.5 * sec, all: 2 * sec },
    })),
    nodes: [
      { name: "edge-1", tier: "edge", scrape: () => Promise.resolve(""), pid: () => process.pid },
    ],
    processes: ["edge-1", "k6"],
    startMs: 0,
    startedUnixMs: 0,
    restarts: [],
    linesLateMsP99: 0,
    cores: 2,
  };
}
