import { expect, test } from "vitest";
import { K6Figures } from "../wire/k6-figures.ts";
import { nodeCounters } from "../wire/node-counters.ts";
import type { MeasuredRun } from "../wire/measured-run.ts";
import type { Sample } from "../wire/sampler.ts";
import { evidenceOf, wholeSegments } from "./step-evidence.ts";

const idle = nodeCounters("");

/** A second of a run of 40 s; both edges and k6 use so many cores all the time. */
function sampleAt(sec: number, { answers = true } = {}): Sample {
  const node = (bytesPerSec: number) => ({ ...idle, egressBytes: bytesPerSec * sec });
  return {
    atMs: 1_000 * sec,
    nodes: new Map(answers ? [["edge-1", node(50e6)] as const, ["edge-2", node(75e6)]] : []),
    cpuSec: new Map([
      ["edge-1", 0.2 * sec],
      ["edge-2", 0.3 * sec],
      ["k6", 0.8 * sec],
    ]),
    rssBytes: new Map([
      ["edge-1", 80e6],
      ["edge-2", 90e6],
      ["k6", 400e6],
    ]),
    machine: { busy: 1.5 * sec, all: 2 * sec },
  };
}

function runOf(samples: readonly Sample[], cores = 2): MeasuredRun {
  return {
    setup: {
      ...{ viewerCount: 1_000, edgeCount: 2, durationSec: 40, links: [], rttMs: 0 },
      sharedEdgeKbps: null,
      arrivals: [
        { atSec: 0, ratio: 0 },
        { atSec: 8, ratio: 1 },
      ],
    },
    figures: new K6Figures({}),
    code: 0,
    samples,
    nodes: ["edge-1", "edge-2"].map((name) => ({
      ...{ name, tier: "edge" as const },
      scrape: () => Promise.resolve(""),
      pid: () => 1,
    })),
    processes: ["edge-1", "edge-2", "k6"],
    startMs: 0,
    startedUnixMs: 0,
    linesLateMsP99: 0,
    restarts: [],
    cores,
  };
}

const seconds = Array.from({ length: 41 }, (_, sec) => sampleAt(sec));
const of = { segmentMs: 4_267, edgeSockets: 1_002, k6Version: "2" };

test("a step's figures are over whole segments, with what others used", () => {
  const { step, generator } = evidenceOf(runOf(seconds), of);
  // From 18 s, when everybody is there, to 39 s there are four segments: 17.07 s.
  expect(step).toMatchObject({
    ...{ viewers: 1_000, measuredSec: 17, edgeBytes: 170e6, generatorBytes: 400e6 },
    edgeSockets: 1_002,
  });
  expect(step.gbps).toBeCloseTo(1);
  expect(step.edgeCores).toBeCloseTo(0.5);
  expect(step.busiestEdge).toEqual({ name: "edge-2", cores: expect.closeTo(0.3) as number });
  expect(step.generatorCores).toBeCloseTo(0.8);
  expect(step.machineBusyRatio).toBeCloseTo(0.75);
  expect(step.otherCores).toBeCloseTo(0.2);
  expect(generator.busyRatio).toBeCloseTo(0.4);
});

test("a sample that edges did not answer is no end of the measured time", () => {
  const samples = seconds.map((sample, sec) =>
    sec > 36 ? sampleAt(sec, { answers: false }) : sample,
  );
  const { step } = evidenceOf(runOf(samples), of);
  expect(step.gbps).toBeCloseTo(1);
  expect(step.measuredSec).toBe(17);
});

test("where a control group leaves less than the machine has, only the run's own cores count", () => {
  const { step } = evidenceOf(runOf(seconds, 1.4), of);
  expect(step.machineBusyRatio).toBeCloseTo(1.3 / 1.4);
  expect(step.otherCores).toBe(0);
});

test.each([
  [4_000, 16_000],
  [5_300, 16_000],
  [30_000, 17_000],
])("of 17 s, with segments of %i ms, %i ms are whole segments", (segmentMs, expected) => {
  const { before, after } = wholeSegments(seconds.slice(20, 38), segmentMs);
  expect(after.atMs - before.atMs).toBe(expected);
});
