import { describe, expect, test } from "vitest";
import { runSwarmWorld } from "./testing/swarm-world.ts";
import type { WorldOptions } from "./testing/world-options.ts";

const free = [50_000, 50_000] as const;
const capped = [400, 1_200] as const;
const seconds = { segmentMs: 1_000, mediaKbps: 360 };
const seeds = [1, 2, 3];

/**
 * No run may have a stall, deliver a wrong byte, or have anybody take a fair viewer for one who is
 * not. Returns the least offload over the seeds.
 */
function leastOffload(options: Omit<WorldOptions, "seed">): number {
  const results = seeds.map((seed) => runSwarmWorld({ ...options, seed }));
  for (const { stallCount, corruptCount, deliveredCount, dropCounts } of results) {
    expect({ stallCount, corruptCount }).toEqual({ stallCount: 0, corruptCount: 0 });
    expect(dropCounts).not.toHaveProperty("protocol");
    expect(deliveredCount).toBeGreaterThan(0);
  }
  return Math.min(...results.map(({ offload }) => offload));
}

describe("share of the media that comes from peers, without a stall", () => {
  test.each([
    { latencyMs: 12_000, segmentMs: 4_267, warmUpMs: 30_000, measureMs: 120_000 },
    { latencyMs: 8_000, segmentMs: 1_000 },
    { latencyMs: 4_000, segmentMs: 1_000 },
  ])("4 viewers $latencyMs ms behind, $segmentMs ms segments: 95 % of the most there is", (of) => {
    const offload = leastOffload({ ...seconds, ...of, viewerCount: 4, uplinkKbps: free });
    expect(offload).toBeGreaterThanOrEqual(0.95 * 0.75);
  });

  test.each([6_000, 4_000])("50 viewers with free lines, %d ms behind", (latencyMs) => {
    const offload = leastOffload({ ...seconds, latencyMs, viewerCount: 50, uplinkKbps: free });
    expect(offload).toBeGreaterThanOrEqual(0.93);
  });

  test.each([40, 50])("%d viewers with uplinks of 0.4 to 1.2 Mbps", (viewerCount) => {
    const options = { ...seconds, viewerCount, latencyMs: 6_000, uplinkKbps: capped };
    expect(leastOffload(options)).toBeGreaterThanOrEqual(0.9);
  });

  test("the same, a fifth out of reach, a third not giving, one replaced every 2 s", () => {
    const offload = leastOffload({
      ...seconds,
      viewerCount: 40,
      latencyMs: 10_000,
      uplinkKbps: capped,
      unreachableRatio: 0.2,
      noUploadRatio: 0.3,
      replaceEveryMs: 2_000,
    });
    expect(offload).toBeGreaterThanOrEqual(0.62);
  });

  test("uplinks that carry less than half of the media end in fetches, not in stalls", () => {
    const uplinkKbps = [50, 250] as const;
    const options = { ...seconds, viewerCount: 20, latencyMs: 6_000, uplinkKbps };
    expect(leastOffload(options)).toBeGreaterThan(0.05);
  });
});

test("little is sent in vain", () => {
  for (const uplinkKbps of [free, capped]) {
    const options = { ...seconds, viewerCount: 50, latencyMs: 6_000, uplinkKbps, seed: 1 };
    const { sentBytes, peerBytes } = runSwarmWorld(options);
    expect(sentBytes / peerBytes).toBeLessThan(1.1);
  }
});

describe("4 of 12 viewers", () => {
  const twelve = { ...seconds, viewerCount: 12, latencyMs: 6_000, warmUpMs: 0 };

  test.each([free, capped])("who lie (uplinks %d to %d kbps) are shut out", (...uplinkKbps) => {
    for (const seed of seeds) {
      const result = runSwarmWorld({ ...twelve, uplinkKbps, liarCount: 4, seed });
      expect(result).toMatchObject({ stallCount: 0, corruptCount: 0, shutOutCount: 4 });
      expect(result.badPerPairMax).toBe(1);
    }
  });

  test.each([free, capped])(
    "who stop in the middle (%d to %d kbps) stall nobody",
    (...uplinkKbps) => {
      const offload = leastOffload({ ...twelve, uplinkKbps, stallerCount: 4 });
      expect(offload).toBeGreaterThan(0.5);
    },
  );
});

describe("lines that fall", () => {
  /** Segments are 432 kbps at most. */
  const barely = 540;
  /** As good as no line: neighbours promise segments and do not bring them. */
  const hopeless = [20, 40] as const;

  function dropped(
    of: Pick<WorldOptions, "latencyMs" | "segmentMs" | "uplinkKbps"> & Partial<WorldOptions>,
    { kbps, viewerCount }: { kbps: number; viewerCount: number },
  ): { stallCount: number; stalledMs: number; offload: number } {
    const world = { ...seconds, viewerCount: 12, warmUpMs: 30_000, measureMs: 50_000, ...of };
    const lineDrop = { afterMs: 5_300, kbps, viewerCount };
    const runs = seeds.map((seed) => runSwarmWorld({ ...world, lineDrop, seed }));
    return {
      stallCount: runs.reduce((sum, run) => sum + run.stallCount, 0),
      stalledMs: runs.reduce((sum, run) => sum + run.stalledMs, 0),
      offload: Math.min(...runs.map(({ offload }) => offload)),
    };
  }

  describe.each([
    { latencyMs: 12_000, segmentMs: 4_267, viewerCount: 12 },
    { latencyMs: 12_000, segmentMs: 2_000, viewerCount: 12 },
    { latencyMs: 8_000, segmentMs: 1_000, viewerCount: 1 },
    { latencyMs: 6_000, segmentMs: 1_000, viewerCount: 1 },
    { latencyMs: 4_000, segmentMs: 1_000, viewerCount: 1 },
  ])("$latencyMs ms behind, $segmentMs ms segments, of $viewerCount viewers", (of) => {
    const { viewerCount, ...times } = of;

    test.each([free, capped, hopeless])(
      "to barely enough: nobody stalls (uplinks %d to %d kbps)",
      (...uplinkKbps) => {
        const result = dropped({ ...times, uplinkKbps }, { kbps: barely, viewerCount });
        expect(result).toMatchObject({ stallCount: 0, stalledMs: 0 });
      },
    );
  });

  test("to too little stall with others or without, which is how a stall is seen here", () => {
    const of = { latencyMs: 6_000, segmentMs: 1_000, uplinkKbps: free };
    const drop = { kbps: 200, viewerCount: 1 };
    expect(dropped({ ...of, mode: "off" }, drop).stallCount).toBeGreaterThan(0);
    expect(dropped(of, drop).stallCount).toBeGreaterThan(0);
  });

  test("those of all by a little more than with the edge alone: half a second at most, and seldom", () => {
    const of = { latencyMs: 6_000, segmentMs: 1_000, uplinkKbps: free };
    const drop = { kbps: barely, viewerCount: 12 };
    expect(dropped({ ...of, mode: "off" }, drop).stallCount).toBe(0);
    const { stallCount, stalledMs } = dropped(of, drop);
    expect(stallCount).toBeLessThanOrEqual(4);
    expect(stalledMs).toBeLessThanOrEqual(500 * stallCount);
  });

  test("of one leave the others their help", () => {
    const of = { latencyMs: 6_000, segmentMs: 1_000, uplinkKbps: free };
    expect(dropped(of, { kbps: barely, viewerCount: 1 }).offload).toBeGreaterThan(0.85);
  });
});

test.each([free, capped])(
  "4 of 12 who promise everything and are busy for ever (%d to %d kbps) take nobody's help away",
  (...uplinkKbps) => {
    const twelve = { ...seconds, viewerCount: 12, latencyMs: 6_000, warmUpMs: 0 };
    for (const seed of seeds) {
      const options = { ...twelve, uplinkKbps, busyCount: 4, seed };
      const { stallCount, offload, dropCounts } = runSwarmWorld(options);
      expect(stallCount).toBe(0);
      expect(offload).toBeGreaterThan(0.6);
      expect(dropCounts["silent"]).toBeGreaterThan(0);
    }
  },
);

describe("4 of 12 viewers who would have all of their neighbours' lines", () => {
  const twelve = { ...seconds, viewerCount: 12, latencyMs: 6_000, warmUpMs: 0, greedyCount: 4 };

  test.each([free, capped])("(%d to %d kbps) get no segment twice, and are dropped", (...kbps) => {
    for (const seed of seeds) {
      const result = runSwarmWorld({ ...twelve, uplinkKbps: kbps, seed });
      const { sentBytes, peerBytes, dropCounts } = result;
      expect(result).toMatchObject({ stallCount: 0, corruptCount: 0, shutOutCount: 0 });
      expect(sentBytes / peerBytes).toBeLessThan(1.15);
      expect(dropCounts["protocol"]).toBeGreaterThan(4);
      expect(result.offload).toBeGreaterThan(0.7);
    }
  });
});

test("one seed gives the same run twice", () => {
  const options = { ...seconds, viewerCount: 20, latencyMs: 6_000, uplinkKbps: capped, seed: 5 };
  const run = () => runSwarmWorld({ ...options, replaceEveryMs: 3_000, measureMs: 20_000 });
  expect(run()).toEqual(run());
});
