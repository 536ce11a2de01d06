/** Runs a night in as many threads as asked for; the report is the same for any number of them. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ModelReport } from "../../src/config/schema-model-report.ts";
import type { Scenario } from "../../src/config/schema-scenario.ts";
import type { SimInputs, SimOrder } from "../../src/config/schema-sim-inputs.ts";
import type { SimulationProgress } from "../../src/sim/simulation.ts";
import { NightRunner } from "./night-runner.ts";

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
 * Runs the scenario, or a recorded night again: then `scenario` is its own. Throws what `signal` was
 * aborted with, once it is, and an AppError for an audience whose columns would take more memory than
 * is sensible.
 */
export async function runSimulation(options: {
  scenario: Scenario;
  commit: string;
  workerCount: number;
  recorded?: SimInputs | undefined;
  onProgress?: (progress: SimulationProgress) => void;
  signal?: AbortSignal;
}): Promise<SimulationRun> {
  const { recorded, signal } = options;
  const startMs = performance.now();
  const runner = new NightRunner({ ...options, driving: recorded });
  const { simulation, shardCount } = runner;
  const { windowUs, windowCount } = runner.night.plan;
  const endWindow = recorded === undefined ? windowCount : recorded.endedUs / windowUs;
  const ordersOf = byWindow(recorded, windowUs);
  let rssBytes = 0;
  let report: ModelReport;
  try {
    let toldMs = startMs;
    while (runner.windowCount < endWindow) {
      await runner.runTurn(ordersOf.get(runner.windowCount));
      if (performance.now() - toldMs < turnMs) continue;
      toldMs = performance.now();
      rssBytes = Math.max(rssBytes, process.memoryUsage.rss());
      options.onProgress?.(simulation.progress(runner.windowCount - 1));
      await nextTurn();
      signal?.throwIfAborted();
    }
    report = await runner.finish();
  } finally {
    await runner.close();
  }
  const wallSec = (performance.now() - startMs) / 1_000;
  const { steps } = simulation.log;
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

/** What the night is told at the start of each window. */
function byWindow(recorded: SimInputs | undefined, windowUs: number): Map<number, SimOrder[]> {
  const orders = new Map<number, SimOrder[]>();
  for (const input of recorded?.inputs ?? []) {
    const window = input.atUs / windowUs;
    const before = orders.get(window);
    if (before === undefined) orders.set(window, [input]);
    else before.push(input);
  }
  return orders;
}
