/** A report made by formula, for tests of what shows reports. No run of the simulator gave it. */
import type { ModelReport } from "../../../src/config/schema-model-report.ts";
import type { RunCommand } from "../run-command.ts";

const rungs = [150, 300, 450, 600, 750];
const durationSec = 6_900;

/** How the made report was asked for. */
export const madeCommand: RunCommand = { scenarios: ["made-night"], settings: [] };

export function madeReport(changes: Partial<ModelReport> = {}): ModelReport {
  return {
    evidence: "modelled",
    version: 1,
    scenario: "made-night",
    title: "A night that was made up",
    seed: 7,
    commit: "0123456789ab",
    headline: madeHeadline(),
    conservation: {
      viewerBytes: "180000000000000001",
      edgeEgressBytes: "180000000000000001",
      peerBytes: 0,
      edgeFillBytes: 155_250_000_000,
      uniqueFillBytes: 155_250_000_000,
      downloadedMs: 3_000_000_500_000,
      playedMs: 2_990_000_000_000,
      bufferedMs: 3_000_000_000,
      discardedMs: 7_000_500_000,
      overCapacityQuanta: 0,
    },
    timeline: Array.from({ length: durationSec / 2 }, (_, i) => madeRow(i * 2)),
    events: [
      { tSec: 3_000, kind: "edge-down", count: 1, detection: "silent" },
      { tSec: 3_010, kind: "edges-full", count: 12 },
      { tSec: 3_300, kind: "edges-relieved" },
      { tSec: 4_200, kind: "edge-up", count: 1 },
    ],
    distributions: {
      startupMs: {
        upTo: [250, 500, 1_000, 1_500, 2_000, 3_000, 5_000, 8_000, 12_000, 20_000, 30_000],
        counts: [0, 12_000, 160_000, 210_000, 90_000, 41_000, 9_000, 2_000, 600, 250, 90, 0],
      },
      stallRatio: {
        upTo: [0.0001, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5],
        counts: [431_000, 9_000, 21_000, 14_000, 9_500, 7_000, 4_200, 2_600, 1_500, 200],
      },
      sessionKbps: {
        upTo: Array.from({ length: 15 }, (_, i) => (i + 1) * 50),
        counts: [
          ...[900, 3_100, 41_000, 66_000, 44_000, 39_000, 36_000, 31_000],
          ...[29_000, 27_000, 25_000, 24_000, 26_000, 31_000, 77_000, 0],
        ],
      },
      edgeUtilisation: {
        upTo: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99],
        counts: [0, 0, 0, 0, 93, 7, 0, 0, 0, 0, 0, 0],
      },
    },
    relay: {
      hitRatio: 0.9981,
      joinRatio: 0.0018,
      missCount: 172_000,
      fillCount: 1_724_980,
      retryCount: 4,
    },
    ...changes,
  };
}

function madeHeadline(): ModelReport["headline"] {
  return {
    viewers: 500_000,
    concurrentMean: 499_213.4,
    joinsPerSecPeak: 1_324,
    egressGbpsMean: 241.803_12,
    egressGbpsPeak: 245.112_9,
    kbpsPerViewer: 484.366_8,
    rungShare: { "150": 0.241, "300": 0.153, "450": 0.118, "600": 0.089, "750": 0.399 },
    stallRatio: 0.015_312,
    stallsPerHour: 4.117_3,
    startupMsP50: 1_140,
    startupMsP95: 2_815,
    startFailureRatio: 0.000_412,
    switchesPerMin: 0.471_2,
    latencyMsP50: 7_912,
    latencyMsP95: 11_340,
    fillGbps: 0.225,
    edgeCount: 100,
    edgeCapacityGbps: 500,
    edgeUtilisation: 0.483_606,
    requestsPerSec: 499_800,
    p2pOffloadRatio: 0,
    segmentDurationSec: 2,
    edgesNeededAt10GbE: 33,
    edgesNeededAt25GbE: 13,
  };
}

function madeRow(tSec: number): ModelReport["timeline"][number] {
  const arrived = Math.min(
    1,
    tSec < 1_380 ? 0.2 + (0.5 * tSec) / 1_380 : 0.7 + (0.3 * (tSec - 1_380)) / 240,
  );
  const swing = 1 + 0.006 * Math.sin(tSec / 61) + 0.004 * Math.sin(tSec / 7.3);
  const isHurt = tSec >= 3_000 && tSec < 3_030;
  const egressGbps = 241.8 * arrived * swing * (isHurt ? 0.93 : 1);
  const settled = Math.min(1, (tSec + 20) / 300);
  const high = 0.4 * settled;
  const rest = 1 - high;
  return {
    tSec,
    egressGbps,
    kbpsPerViewer: 484 * swing,
    edgeUtilisation: egressGbps / 500,
    stalledRatio: 0.015 * swing * (isHurt ? 5 : 1),
    viewers: Math.round(500_000 * arrived * 0.998),
    p2pRatio: 0,
    fillGbps: 0.225 * (tSec < 4 ? 2 : 1),
    rungShare: Object.fromEntries(
      rungs.map((kbps, i) => [kbps, i === 4 ? high : rest * [0.4, 0.256, 0.197, 0.147][i]!]),
    ),
  };
}
