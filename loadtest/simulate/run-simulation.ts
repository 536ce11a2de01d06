/** Runs a night in as many threads as asked for; the report is the same for any number of them. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { AppError } from "../../src/base/errors.ts";
import type { ModelReport } from "../../src/config/schema-model-report.ts";
import type { Scenario } from "../../src/config/schema-scenario.ts";
import { Arena } from "../../src/sim/arena.ts";
import { modelReportOf } from "../../src/sim/model-report.ts";
import { planOf, type SimPlan } from "../../src/sim/plan.ts";
import {
  layOutNight,
  nightBytes,
  Simulation,
  type SimulationProgress,
} from "../../src/sim/simulation.ts";
import { task } from "./shard-control.ts";
import { ShardTeam } from "./shard-team.ts";

export interface SimulationRun {
  report: ModelReport;
  /** Facts of this machine and run, which are no part of the report. */
  run: {
    wallSec: number;
    workerCount: number;
    steps: number;
    stepsPerSecPerCore: number;
    rssBytes: number;
  };
}

/** How often progress is told and the event loop gets its turn. */
const turnMs = 100;

/**
 * Throws what `signal` was aborted with, once it is, and an AppError for an audience whose columns
 * would take more memory than is sensible.
 */
export async function runSimulation(options: {
  scenario: Scenario;
  commit: string;
  workerCount: number;
  onProgress?: (progress: SimulationProgress) => void;
  signal?: AbortSignal;
}): Promise<SimulationRun> {
  const { scenario, commit, signal } = options;
  const startMs = performance.now();
  const { plan, shardCount, byteCount } = refuseGiants(scenario, options.workerCount);
  const memory = shardCount > 1 ? new SharedArrayBuffer(byteCount) : new ArrayBuffer(byteCount);
  const night = layOutNight(plan, shardCount, new Arena(memory));
  const simulation = new Simulation(plan, night);
  const team = new ShardTeam({ plan, scenario, night, memory, shardCount });
  let rssBytes = 0;
  try {
    let toldMs = startMs;
    for (let window = 0; window < plan.windowCount;) {
      const turn = simulation.beginTurn(window);
      if (turn.failOver) await team.do(task.failOver, turn);
      if (turn.findMembers) await team.do(task.findMembers, turn);
      await team.do(task.run, turn);
      simulation.endTurn(turn);
      window = turn.turnEnd;
      if (performance.now() - toldMs < turnMs) continue;
      toldMs = performance.now();
      rssBytes = Math.max(rssBytes, process.memoryUsage.rss());
      options.onProgress?.(simulation.progress(window - 1));
      await nextTurn();
      signal?.throwIfAborted();
    }
    await team.do(task.finish, { turnStart: plan.windowCount - 1, turnEnd: plan.windowCount });
  } finally {
    await team.close();
  }
  const { log } = simulation;
  const report = modelReportOf({ plan, world: night.world, counts: night.counts, log, commit });
  const wallSec = (performance.now() - startMs) / 1_000;
  const { steps } = log;
  return {
    report,
    run: {
      wallSec,
      workerCount: shardCount,
      steps,
      stepsPerSecPerCore: steps / wallSec / shardCount,
      rssBytes: Math.max(rssBytes, process.memoryUsage.rss()),
    },
  };
}

/** Columns of about eleven million simulated viewers; past it a sample says as much. */
const memoryBytesMax = 2 ** 32;

/**
 * How a night is laid out. Throws an AppError for one whose columns would take more memory than is
 * sensible: USAGE where an option made it that large.
 */
export function refuseGiants(
  scenario: Scenario,
  workerCount: number,
  { byOption = false }: { byOption?: boolean } = {},
): { plan: SimPlan; shardCount: number; byteCount: number } {
  const plan = planOf(scenario);
  const shardCount = Math.max(1, Math.min(workerCount, plan.edgeCount));
  const byteCount = nightBytes(plan, shardCount);
  if (byteCount <= memoryBytesMax) return { plan, shardCount, byteCount };
  const { viewerCount, sampleWeight } = scenario.audience;
  const enough = Math.ceil((sampleWeight * byteCount) / memoryBytesMax);
  throw new AppError(
    byOption ? "USAGE" : "CONFIG_INVALID",
    `${scenario.name}: ${viewerCount} viewers at sampleWeight ${sampleWeight} on ` +
      `${scenario.topology.edges} edges would take ${(byteCount / 1e9).toFixed(1)} GB of memory; ` +
      `set audience.sampleWeight to ${enough} or more, or fewer edges`,
  );
}
