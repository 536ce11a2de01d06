import { expect, test } from "vitest";
import { swarm as swarmSchema } from "../config/schema-scenario-audience.ts";
import { runSwarmWorld } from "../swarm/testing/swarm-world.ts";
import { peerShare } from "./swarm-model.ts";

interface Crowd {
  viewerCount: number;
  mediaKbps: number;
  segmentMs: number;
  latencyMs: number;
  uplinkKbps: readonly [number, number];
  unreachableRatio?: number;
  noUploadRatio?: number;
  replaceEveryMs?: number;
}

/** Twice the mean of one way between two viewers of the virtual world. */
const rttMs = 56;
/** The design's: within 5 points of offload. */
const pointsMax = 5;
/** Where long segments on slow lines leave time for few hops: the model says too much. */
const fewHopsPointsMax = 9;

function modelled(crowd: Crowd): number {
  const { viewerCount, unreachableRatio = 0, noUploadRatio = 0, uplinkKbps } = crowd;
  const natSuccessRatio = 1 - unreachableRatio;
  const swarm = { ...swarmSchema.parse({}), rttMs, natSuccessRatio };
  const share = peerShare(swarm, {
    count: viewerCount * natSuccessRatio,
    giverRatio: 1 - noUploadRatio,
    uploadKbpsMean: (uplinkKbps[0] + uplinkKbps[1]) / 2,
    rungKbps: crowd.mediaKbps,
    segmentSec: crowd.segmentMs / 1_000,
    latencyMs: crowd.latencyMs,
  });
  return natSuccessRatio * share;
}

/**
 * The swarm's own core, room and lines in virtual time; the mean of so many seeds. What newcomers
 * begin with the simulator has come from the edge before it asks the model.
 */
function played(crowd: Crowd, seedCount: number): number {
  const runs = Array.from({ length: seedCount }, (_, n) =>
    runSwarmWorld({ ...crowd, seed: n + 1, measureMs: Math.max(40_000, 20 * crowd.segmentMs) }),
  );
  return runs.reduce((sum, run) => sum + run.offloadWithoutStarts, 0) / seedCount;
}

function check(crowd: Crowd, { seedCount = 1, most = pointsMax } = {}): void {
  const points = 100 * (modelled(crowd) - played(crowd, seedCount));
  expect(Math.abs(points), `${points.toFixed(1)} points`).toBeLessThan(most);
}

const seconds = { mediaKbps: 360, segmentMs: 1_000 };
const hardship = {
  ...seconds,
  latencyMs: 10_000,
  uplinkKbps: [400, 1_200],
  unreachableRatio: 0.2,
  noUploadRatio: 0.3,
} as const;

test("40 viewers with slow lines, a fifth out of reach, a third not giving, one replaced each 2 s", () => {
  check({ ...hardship, viewerCount: 40, replaceEveryMs: 2_000 }, { seedCount: 3 });
});

test("100 such viewers, one replaced each 0.8 s", () => {
  check({ ...hardship, viewerCount: 100, replaceEveryMs: 800 });
});

test.each([
  [50, [50_000, 50_000]],
  [40, [400, 1_200]],
  [100, [400, 1_200]],
  [64, [200, 600]],
] as const)("%d viewers 6 s behind live, with lines of %j kbps", (viewerCount, uplinkKbps) => {
  check({ ...seconds, latencyMs: 6_000, viewerCount, uplinkKbps });
});

/** The lines of 2008, 438 kbps in the mean, from more than enough to half of what the media needs. */
test.each([150, 300, 450, 600, 750])("64 viewers of %d kbps with lines of 438", (mediaKbps) => {
  const media = { mediaKbps, segmentMs: 2_000, latencyMs: 12_000 };
  check({ ...media, viewerCount: 64, uplinkKbps: [438, 438] });
});

const fewHops = { mediaKbps: 360, viewerCount: 32, uplinkKbps: [400, 1_200] } as const;
const long = { mediaKbps: 360, viewerCount: 64, segmentMs: 4_000, latencyMs: 12_000 };

test.each<Crowd & { most?: number }>([
  { ...fewHops, segmentMs: 1_000, latencyMs: 4_000 },
  { ...fewHops, segmentMs: 2_000, latencyMs: 8_000 },
  { ...fewHops, segmentMs: 2_000, latencyMs: 6_000 },
  { ...fewHops, segmentMs: 4_000, latencyMs: 12_000 },
  { ...fewHops, segmentMs: 4_000, latencyMs: 16_000 },
  { ...fewHops, segmentMs: 4_000, latencyMs: 12_000, uplinkKbps: [1_000, 3_000] },
  { ...long, uplinkKbps: [50_000, 50_000] },
  { ...long, mediaKbps: 300, uplinkKbps: [438, 438], most: fewHopsPointsMax },
  { ...fewHops, segmentMs: 6_000, latencyMs: 18_000, viewerCount: 40, most: fewHopsPointsMax },
])(
  "$viewerCount viewers, segments of $segmentMs ms, $latencyMs ms behind, $uplinkKbps",
  (crowd) => {
    check(crowd, { seedCount: 2, most: crowd.most ?? pointsMax });
  },
);
