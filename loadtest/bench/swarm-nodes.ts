/**
 * Viewers in Node, with real WebRTC through a real edge and its room, on loopback: how much of their
 * segments they have from each other, with lines as they are at home, with viewers who cannot be
 * reached, do not give, come and go, and with peers who send wrong bytes or none. Beside it, what
 * the simulator's model says of the same crowds.
 */
import { modelledOffloadRatio } from "../swarm/model-agreement.ts";
import { runSwarm, type SwarmRunOptions, type SwarmRunResult } from "../swarm/swarm-run.ts";
import {
  mediansOf,
  type BenchOptions,
  type BenchResult,
  type BenchRow,
  type BenchTarget,
} from "./harness/bench-result.ts";

/** The lowest rung of 2008 in segments that suit short latencies, as in research/p2p-player.md. */
const media = { kbps: 360, segmentDurationMs: 1_000 };
const quiet = {
  ...media,
  uplinkKbps: null,
  unreachableRatio: 0,
  takeOnlyRatio: 0,
  faulty: null,
  replaceEveryMs: 0,
  joinMs: 6_000,
  settleMs: 10_000,
  measuredMs: 30_000,
};
const homeLines = { uplinkKbps: { min: 400, max: 1_200 } };
const hardship = {
  ...homeLines,
  unreachableRatio: 0.2,
  takeOnlyRatio: 0.3,
  replaceEveryMs: 2_000,
  latencyMs: 10_000,
  settleMs: 20_000,
  measuredMs: 40_000,
};

type Crowd = Omit<SwarmRunOptions, "seed">;

interface Task {
  name: string;
  crowd: Crowd;
  /** Of the medians. */
  targets: Partial<Record<string, { min?: number; max?: number }>>;
}

/** With less left idle, threads wait for a core. */
const busyRatioMax = 0.8;
/** Points of offload that the model may be off. */
const modelErrorMax = 0.05;

const tasks: readonly Task[] = [
  {
    name: "50 viewers, free lines",
    crowd: { ...quiet, viewerCount: 50, latencyMs: 6_000 },
    targets: { offloadRatio: { min: 0.93 }, stallCount: { max: 0 } },
  },
  {
    name: "40 viewers, lines of 0.4-1.2 Mbps",
    crowd: { ...quiet, ...homeLines, viewerCount: 40, latencyMs: 6_000 },
    targets: { offloadRatio: { min: 0.85 }, stallCount: { max: 0 } },
  },
  {
    name: "40 viewers, such lines, 20 % unreachable, 30 % only take, one replaced each 2 s",
    crowd: { ...quiet, ...hardship, viewerCount: 40 },
    targets: {
      offloadRatio: { min: 0.55 },
      stallCount: { max: 0 },
      modelError: { min: -modelErrorMax, max: modelErrorMax },
    },
  },
  {
    name: "100 viewers, as those, one replaced each 0.8 s",
    crowd: { ...quiet, ...hardship, viewerCount: 100, joinMs: 12_000, replaceEveryMs: 800 },
    targets: {
      stallCount: { max: 0 },
      modelError: { min: -modelErrorMax, max: modelErrorMax },
    },
  },
  {
    name: "12 viewers, 4 send wrong bytes",
    crowd: { ...quiet, viewerCount: 12, latencyMs: 6_000, faulty: { fault: "liar", count: 4 } },
    targets: {
      corruptPlayedCount: { max: 0 },
      stallCount: { max: 0 },
      liesPerConnectionMax: { min: 1, max: 3 },
    },
  },
  {
    name: "12 viewers, 4 stop within each segment",
    crowd: { ...quiet, viewerCount: 12, latencyMs: 6_000, faulty: { fault: "staller", count: 4 } },
    targets: { corruptPlayedCount: { max: 0 }, stallCount: { max: 0 } },
  },
];

export async function run({ rounds, viewerCount, say }: BenchOptions): Promise<BenchResult> {
  const rows: BenchRow[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const { name, crowd } of tasks) {
      const options = { ...crowd, viewerCount: viewerCount ?? crowd.viewerCount, seed: round };
      const values = valuesOf(options, await runSwarm(options));
      if (values.machineBusyRatio > busyRatioMax) {
        say("The machine had other things to do: what comes late or stalls here may be its doing.");
      }
      rows.push({ task: name, contender: "Node", values });
      say(
        `round ${round}: ${name}: ${(100 * values.offloadRatio).toFixed(1)} % from peers ` +
          `(model ${(100 * values.modelOffloadRatio).toFixed(1)} %), ${values.stallCount} stalls`,
      );
    }
  }
  const results = mediansOf(rows);
  return { results, ratios: {}, targets: tasks.flatMap((task) => targetsOf(task, results)) };
}

function valuesOf(options: SwarmRunOptions, result: SwarmRunResult) {
  const { measured } = result;
  const { offloadRatio, peerBytes, httpBytes, startupBytes } = measured;
  const modelOffloadRatio = modelledOffloadRatio(options, measured.connectedMsP50);
  return {
    viewers: options.viewerCount,
    rungKbps: options.kbps,
    segmentSec: options.segmentDurationMs / 1_000,
    latencySec: options.latencyMs / 1_000,
    offloadRatio,
    offloadRatioWithStarts: peerBytes / (peerBytes + httpBytes + startupBytes),
    modelOffloadRatio,
    modelError: modelOffloadRatio - offloadRatio,
    sentInVainRatio: measured.uploadedBytes / measured.receivedBytes - 1,
    stallCount: result.total.stallCount,
    fetchMsP50: measured.fetchMsP50,
    fetchMsP99: measured.fetchMsP99,
    connectedMsP50: measured.connectedMsP50,
    peersPerViewer: measured.peerCountMean,
    refusedCount: result.total.refusedCount,
    corruptPlayedCount: result.corruptPlayedCount,
    liesPerConnectionMax: result.liesPerConnectionMax,
    cpuCores: measured.cpuCores,
    loopLagMsMax: measured.loopLagMsMax,
    machineBusyRatio: measured.machineBusyRatio,
    rssMB: measured.rssBytes / 1e6,
  };
}

function targetsOf({ name, targets }: Task, results: readonly BenchRow[]): BenchTarget[] {
  const values = results.find(({ task }) => task === name)?.values ?? {};
  return Object.entries(targets).map(([key, bound]) => ({
    name: `${name}: ${key}`,
    value: values[key] ?? Number.NaN,
    ...bound,
  }));
}
