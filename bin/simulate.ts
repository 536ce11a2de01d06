/**
 * `fullhouse simulate`: a rehearsal of a night in virtual time. Progress goes to standard error, the
 * summary or the JSON to standard output, reports to the folder of --out.
 */
import { constants, availableParallelism } from "node:os";
import { join } from "node:path";
import {
  prepareFolder,
  jsonLine,
  writeComparison,
  writeReport,
} from "../loadtest/report/report-files.ts";
import { clock, counted, decimal } from "../loadtest/report/number-format.ts";
import type { RunCommand } from "../loadtest/report/run-command.ts";
import { textComparison } from "../loadtest/report/text-comparison.ts";
import { textSummary } from "../loadtest/report/text-summary.ts";
import { runSimulation, type SimulationRun } from "../loadtest/simulate/run-simulation.ts";
import { AppError } from "../src/base/errors.ts";
import { viewersLayer } from "../src/config/resolve-scenario.ts";
import type { ModelComparison } from "../src/config/schema-model-report.ts";
import type { Scenario } from "../src/config/schema-scenario.ts";
import { commitOf } from "../src/node/commit.ts";
import { hostFacts } from "../src/node/host.ts";
import { loadScenario } from "../src/node/scenario-file.ts";
import { progressLine, workRatio } from "./simulation-progress.ts";
import { StatusDisplay } from "./status-display.ts";

/** More threads than this share too little work each. */
const workerCountMax = 8;

export interface SimulateArguments {
  seed?: number;
  viewers?: number;
  set: string[];
  workers?: number;
  out?: string;
  json?: boolean;
  compare?: string[];
}

/** Throws an AppError: USAGE or CONFIG_INVALID before anything runs. */
export async function simulate(
  scenario: string | undefined,
  args: SimulateArguments,
): Promise<void> {
  const command = commandOf(scenario, args);
  const scenarios = command.scenarios.map((name) => scenarioOf(name, command));
  refuseTwins(scenarios);
  if (args.out !== undefined) prepareFolder(args.out);
  const display = new StatusDisplay(process.stderr, () => performance.now());
  endOnSignal(display);
  const commit = commitOf();
  const workerCount = args.workers ?? Math.min(workerCountMax, availableParallelism());
  const runs: SimulationRun[] = [];
  for (const one of scenarios) {
    const run = await runOne(one, { commit, workerCount, display });
    runs.push(run);
    if (args.out !== undefined) {
      const folder = scenarios.length === 1 ? args.out : join(args.out, one.name);
      const page = writeReport(folder, {
        ...filesOf(run, one),
        command: alone(command, runs.length),
      });
      display.say(`Report: ${page}`);
    }
  }
  present(runs, { command, args, display });
}

/** The command line of one of the scenarios that were asked for. */
function alone(command: RunCommand, ordinal: number): RunCommand {
  return { ...command, scenarios: command.scenarios.slice(ordinal - 1, ordinal) };
}

function commandOf(scenario: string | undefined, args: SimulateArguments): RunCommand {
  const scenarios = [...(scenario === undefined ? [] : [scenario]), ...(args.compare ?? [])];
  if (scenarios.length === 0) {
    throw new AppError("USAGE", "name a scenario, as in fullhouse simulate oprah-2008");
  }
  if (args.compare !== undefined && scenarios.length < 2) {
    throw new AppError("USAGE", "--compare needs two scenarios or more");
  }
  return { scenarios, seed: args.seed, viewers: args.viewers, settings: args.set };
}

function scenarioOf(name: string, { seed, viewers, settings }: RunCommand): Scenario {
  const options = [
    ...(seed === undefined ? [] : [{ source: "--seed", values: { seed } }]),
    ...(viewers === undefined ? [] : [viewersLayer(viewers)]),
  ];
  return loadScenario({ scenario: name, options, settings }).scenario;
}

/** Reports and folders are told apart by the scenarios' names. */
function refuseTwins(scenarios: readonly Scenario[]): void {
  const names = scenarios.map(({ name }) => name);
  const twin = names.find((name, i) => names.indexOf(name) !== i);
  if (twin !== undefined) throw new AppError("USAGE", `two of the scenarios are named ${twin}`);
}

async function runOne(
  scenario: Scenario,
  options: { commit: string; workerCount: number; display: StatusDisplay },
): Promise<SimulationRun> {
  const { display } = options;
  const { name, seed, durationSec, audience } = scenario;
  display.say(
    `Simulating ${name}, seed ${seed}: ${counted(audience.viewerCount)} viewers, ${clock(durationSec)}; all figures are modelled.`,
  );
  const startMs = performance.now();
  const run = await runSimulation({
    scenario,
    commit: options.commit,
    workerCount: options.workerCount,
    onProgress: (now) => {
      const doneRatio = workRatio(scenario, now.tSec);
      const line = progressLine(now, { doneRatio, elapsedMs: performance.now() - startMs });
      display.show({ line, key: name });
    },
  });
  display.end();
  const { wallSec, workerCount, steps, stepsPerSecPerCore, rssBytes } = run.run;
  display.say(
    `Done in ${clock(wallSec)} with ${workerCount} ${workerCount === 1 ? "worker" : "workers"}: ${decimal(steps / 1e6)} million steps, ${decimal(stepsPerSecPerCore / 1e6)} million a second and core, ${counted(rssBytes / 1e6)} MB.`,
  );
  return run;
}

/** What differs between equal runs, and what a report does not hold: the scenario as it ran. */
function filesOf({ report, run }: SimulationRun, scenario: Scenario) {
  return { report, facts: { ...run, host: hostFacts(), scenario } };
}

function present(
  runs: readonly SimulationRun[],
  {
    command,
    args,
    display,
  }: { command: RunCommand; args: SimulateArguments; display: StatusDisplay },
): void {
  const [first] = runs;
  if (args.compare === undefined) {
    const { report } = first!;
    process.stdout.write(args.json === true ? jsonLine(report) : textSummary(report, command));
    return;
  }
  const comparison: ModelComparison = {
    evidence: "modelled",
    version: 1,
    scenarios: runs.map(({ report }) => report),
  };
  if (args.out !== undefined) {
    display.say(`Comparison: ${writeComparison(args.out, { comparison, command })}`);
  }
  process.stdout.write(
    args.json === true ? jsonLine(comparison) : textComparison(comparison.scenarios, command),
  );
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
