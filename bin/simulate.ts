/**
 * `fullhouse simulate`: a rehearsal of a night in virtual time. Progress goes to standard error, the
 * summary or the JSON to standard output, reports to the folder of --out.
 */
import { constants, availableParallelism } from "node:os";
import {
  jsonLine,
  prepareFolder,
  writeComparison,
  writeReport,
  writeSeeds,
} from "../loadtest/report/report-files.ts";
import { clock, counted, decimal, things } from "../loadtest/report/number-format.ts";
import { modelSeedsOf } from "../loadtest/report/seed-figures.ts";
import { textComparison } from "../loadtest/report/text-comparison.ts";
import { textSeeds } from "../loadtest/report/text-seeds.ts";
import { textSummary } from "../loadtest/report/text-summary.ts";
import { runSimulation, type SimulationRun } from "../loadtest/simulate/run-simulation.ts";
import { AppError } from "../src/base/errors.ts";
import type { ModelComparison, ModelReport } from "../src/config/schema-model-report.ts";
import type { Scenario } from "../src/config/schema-scenario.ts";
import type { SimInputs } from "../src/config/schema-sim-inputs.ts";
import { commitOf } from "../src/node/commit.ts";
import { hostFacts } from "../src/node/host.ts";
import { progressLine, workRatio } from "./simulation-progress.ts";
import {
  planSimulation,
  type PlannedRun,
  type SimulateArguments,
  type SimulationPlan,
} from "./simulation-plan.ts";
import { StatusDisplay } from "./status-display.ts";

/** More threads than this share too little work each. */
const workerCountMax = 8;

/**
 * Throws an AppError: USAGE, CONFIG_INVALID or STATE_UNUSABLE before anything runs; STATE_UNUSABLE
 * after everything has run and was printed, when it could not be written.
 */
export async function simulate(
  scenario: string | undefined,
  args: SimulateArguments,
): Promise<void> {
  const workerCount = args.workers ?? Math.min(workerCountMax, availableParallelism());
  const plan = planSimulation(scenario, args, workerCount);
  prepareFolders(plan, args.out);
  const display = new StatusDisplay(process.stderr, () => performance.now());
  endOnSignal(display);
  const commit = commitOf();
  const unwritten: AppError[] = [];
  /** What was computed is still printed where it cannot be written. */
  const say = (what: string, write: () => string): void => {
    try {
      display.say(`${what}: ${write()}`);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      unwritten.push(error);
    }
  };
  const reports: ModelReport[] = [];
  for (const planned of plan.runs) {
    const { scenario: one, folder, command } = planned;
    const { report, run } = await runOne(planned, { commit, workerCount, display });
    reports.push(report);
    // What differs between equal runs, and what a report does not hold: the scenario as it ran.
    const facts = { ...run, host: hostFacts(), scenario: one };
    if (folder !== undefined) say("Report", () => writeReport(folder, { report, facts, command }));
  }
  const together = togetherOf(plan, reports);
  const { out } = args;
  if (out !== undefined && together.write !== undefined)
    say(together.title, () => together.write!(out));
  process.stdout.write(args.json === true ? together.json : together.text);
  if (unwritten.length > 0) throw unwritten[0]!;
}

function prepareFolders({ kind, runs }: SimulationPlan, out: string | undefined): void {
  if (out !== undefined && kind !== "report") prepareFolder(out, kind);
  for (const { folder } of runs) if (folder !== undefined) prepareFolder(folder, "report");
}

async function runOne(
  { scenario, recorded }: PlannedRun,
  options: { commit: string; workerCount: number; display: StatusDisplay },
): Promise<SimulationRun> {
  const { display } = options;
  const { name, seed, durationSec, audience } = scenario;
  display.say(
    `Simulating ${name}, seed ${seed}: ${things(audience.viewerCount, "viewer")}, ${clock(durationSec)}; all figures are modelled.`,
  );
  if (recorded?.commit !== undefined && recorded.commit !== options.commit) {
    display.say(
      `Recorded by commit ${recorded.commit}, run again by ${options.commit}: figures may differ.`,
    );
  }
  const startMs = performance.now();
  const run = await runSimulation({
    scenario,
    recorded,
    commit: options.commit,
    workerCount: options.workerCount,
    onProgress: (now) => {
      const doneRatio = doneRatioOf(scenario, recorded, now.tSec);
      const line = progressLine(now, { doneRatio, elapsedMs: performance.now() - startMs });
      display.show({ line, key: `${name} ${seed}` });
    },
  });
  display.end();
  const { wallSec, workerCount, steps, stepsPerSecPerCore, rssBytes } = run.run;
  display.say(
    `Done in ${clock(wallSec)} with ${things(workerCount, "worker")}: ${decimal(steps / 1e6)} million steps, ${decimal(stepsPerSecPerCore / 1e6)} million a second and core, ${counted(rssBytes / 1e6)} MB.`,
  );
  return run;
}

/** Of a recorded night nobody knows the curve: its time stands for its work. */
function doneRatioOf(scenario: Scenario, recorded: SimInputs | undefined, tSec: number): number {
  return recorded === undefined ? workRatio(scenario, tSec) : (1e6 * tSec) / recorded.endedUs;
}

/** What the runs are printed as, and what is written of them together. */
interface Together {
  title: string;
  json: string;
  text: string;
  /** Writes to the folder of --out, beside the reports; gives the path. */
  write?: (out: string) => string;
}

function togetherOf({ kind, command }: SimulationPlan, reports: ModelReport[]): Together {
  switch (kind) {
    case "report": {
      const report = reports[0]!;
      return { title: "Report", json: jsonLine(report), text: textSummary(report, command) };
    }
    case "comparison": {
      const comparison: ModelComparison = { evidence: "modelled", version: 1, scenarios: reports };
      return {
        title: "Comparison",
        json: jsonLine(comparison),
        text: textComparison(reports, command),
        write: (out) => writeComparison(out, { comparison, command }),
      };
    }
    case "seeds": {
      const seeds = modelSeedsOf(reports);
      return {
        title: "Seeds",
        json: jsonLine(seeds),
        text: textSeeds(seeds, command),
        write: (out) => writeSeeds(out, seeds),
      };
    }
  }
}

/** Threads end with the process: nothing has to be closed. */
function endOnSignal(display: StatusDisplay): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      display.end();
      display.say("fullhouse: interrupted; the run that was under way is lost");
      process.exit(128 + constants.signals[signal]);
    });
  }
}
