/**
 * What `fullhouse simulate` runs: its options made into scenarios, in order, each with its folder.
 * Everything that an option can be at fault for is refused here, before anything runs.
 */
import { join } from "node:path";
import type { RunCommand } from "../loadtest/report/run-command.ts";
import { refuseGiants } from "../loadtest/simulate/night-size.ts";
import { AppError } from "../src/base/errors.ts";
import { viewersLayer } from "../src/config/resolve-scenario.ts";
import type { Scenario } from "../src/config/schema-scenario.ts";
import type { SimInputs } from "../src/config/schema-sim-inputs.ts";
import { readInputsFile } from "../loadtest/simulate/inputs-file.ts";
import { loadScenario, type LoadedScenario } from "../src/node/scenario-file.ts";

export interface SimulateArguments {
  seed?: number;
  seeds?: number;
  viewers?: number;
  set: string[];
  workers?: number;
  out?: string;
  json?: boolean;
  compare?: string[];
  replay?: string;
}

export interface PlannedRun {
  scenario: Scenario;
  /** The recorded night that is run again; undefined for one that goes by its scenario. */
  recorded?: SimInputs;
  /** Where its report goes; undefined without --out. */
  folder: string | undefined;
  /** How this run alone is asked for. */
  command: RunCommand;
}

export interface SimulationPlan {
  /** What the runs are shown as together. */
  kind: "report" | "comparison" | "seeds";
  command: RunCommand;
  runs: readonly PlannedRun[];
}

/** Throws an AppError: USAGE, CONFIG_UNREADABLE, CONFIG_INVALID or INPUTS_UNUSABLE. */
export function planSimulation(
  scenario: string | undefined,
  args: SimulateArguments,
  workerCount: number,
): SimulationPlan {
  if (args.replay !== undefined) return replayOf(args.replay, scenario, args, workerCount);
  const command = commandOf(scenario, args);
  const loaded = command.scenarios.map((name) => loadedOf(name, command));
  for (const { scenario: one, sources } of loaded) {
    refuseGiants(one, workerCount, { byOption: isSizedByOption(sources) });
  }
  const scenarios = loaded.map(({ scenario: one }) => one);
  refuseTwins(scenarios);
  const { out } = args;
  if (args.seeds !== undefined) {
    return { kind: "seeds", command, runs: seedRuns(scenarios[0]!, args.seeds, { command, out }) };
  }
  const kind = args.compare === undefined ? "report" : "comparison";
  const runs = scenarios.map((one, i) => ({
    scenario: one,
    folder: kind === "report" ? out : within(out, one.name),
    command: { ...command, scenarios: command.scenarios.slice(i, i + 1) },
  }));
  return { kind, command, runs };
}

/** The recorded night and nothing else: whatever would make it another one is refused. */
function replayOf(
  replay: string,
  scenario: string | undefined,
  args: SimulateArguments,
  workerCount: number,
): SimulationPlan {
  const given = [
    ...(scenario === undefined ? [] : [`the scenario ${scenario}`]),
    ...(args.set.length === 0 ? [] : ["--set"]),
    ...(["seed", "seeds", "viewers", "compare"] as const)
      .filter((name) => args[name] !== undefined)
      .map((name) => `--${name}`),
  ];
  if (given.length > 0) {
    throw new AppError(
      "USAGE",
      `--replay runs what its file holds, seed and scenario included: leave out ${given.join(", ")}`,
    );
  }
  const recorded = readInputsFile(replay);
  refuseGiants(recorded.scenario, workerCount, { driving: recorded });
  const command = { scenarios: [recorded.scenario.name], settings: [], replay };
  const run = { scenario: recorded.scenario, recorded, folder: args.out, command };
  return { kind: "report", command, runs: [run] };
}

function within(out: string | undefined, name: string): string | undefined {
  return out === undefined ? undefined : join(out, name);
}

function commandOf(scenario: string | undefined, args: SimulateArguments): RunCommand {
  const scenarios = [...(scenario === undefined ? [] : [scenario]), ...(args.compare ?? [])];
  if (scenarios.length === 0) {
    throw new AppError("USAGE", "name a scenario, as in fullhouse simulate oprah-2008");
  }
  if (args.compare !== undefined && args.seeds !== undefined) {
    throw new AppError("USAGE", "--seeds is of one scenario: leave it or --compare out");
  }
  if (args.compare !== undefined && scenarios.length < 2) {
    throw new AppError("USAGE", "--compare needs two scenarios or more");
  }
  return { scenarios, seed: args.seed, viewers: args.viewers, settings: args.set };
}

function loadedOf(name: string, { seed, viewers, settings }: RunCommand): LoadedScenario {
  const options = [
    ...(seed === undefined ? [] : [{ source: "--seed", values: { seed } }]),
    ...(viewers === undefined ? [] : [viewersLayer(viewers)]),
  ];
  return loadScenario({ scenario: name, options, settings });
}

/** Keys that say how much memory a night takes. */
const sizeKeys = [
  ...["audience.viewerCount", "audience.sampleWeight", "topology.edges"],
  ...["durationSec", "segment.durationMs"],
];

function isSizedByOption(sources: LoadedScenario["sources"]): boolean {
  return sizeKeys.some((key) => sources.get(key)?.startsWith("--"));
}

/** Reports and folders are told apart by the scenarios' names. */
function refuseTwins(scenarios: readonly Scenario[]): void {
  const names = scenarios.map(({ name }) => name);
  const twin = names.find((name, i) => names.indexOf(name) !== i);
  if (twin !== undefined) throw new AppError("USAGE", `two of the scenarios are named ${twin}`);
}

const seedMax = 4_294_967_295;

/** The same night with its seed and those after it. */
function seedRuns(
  scenario: Scenario,
  seedCount: number,
  { command, out }: { command: RunCommand; out: string | undefined },
): PlannedRun[] {
  const last = scenario.seed + seedCount - 1;
  if (last > seedMax) {
    throw new AppError(
      "USAGE",
      `--seeds ${seedCount}: seeds from ${scenario.seed} end at ${seedMax}`,
    );
  }
  return Array.from({ length: seedCount }, (_, i) => {
    const seed = scenario.seed + i;
    return {
      scenario: { ...scenario, seed },
      folder: within(out, `seed-${seed}`),
      // A --set seed=… would win over --seed.
      command: {
        ...command,
        seed,
        settings: command.settings.filter((one) => !one.startsWith("seed=")),
      },
    };
  });
}
