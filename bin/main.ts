/**
 * The command line: subcommands, options and exit codes (0 good, 1 operating error, 2 wrong usage).
 * Each subcommand is a file of its own, loaded when it is asked for.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { AppError } from "../src/base/errors.ts";
import type { ConfigPrintOptions } from "./config.ts";
import type { ConfigOptions } from "./config-options.ts";
import { addKnee } from "./knee-command.ts";
import { loadtestHelp } from "./loadtest-help.ts";
import type { LoadtestArguments } from "./loadtest.ts";
import type { LogsArguments } from "./logs.ts";
import type { PrettyOption } from "./pretty-option.ts";
import type { RecordArguments } from "./record.ts";
import type { SimulateArguments } from "./simulation-plan.ts";
import { addSegments } from "./segments-command.ts";
import { addSession } from "./session-command.ts";
import type { StartArguments, StartLaunch } from "./start.ts";

/** What the launcher (fullhouse.mjs) hands over. */
export interface Launch extends StartLaunch {
  /** Prints what the machine has; true when nothing that running needs is missing. */
  doctor: () => Promise<boolean>;
}

/** Runs one command and sets the exit code. */
export async function main(args: readonly string[], launch: Launch): Promise<void> {
  try {
    await commandLine(launch).parseAsync([...args], { from: "user" });
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

/** Says what was wrong; anything that is no operating error is a bug and is thrown on. */
function exitCodeOf(error: unknown): number {
  // commander has already printed its message, or the help that was asked for.
  if (error instanceof CommanderError) {
    return ["commander.helpDisplayed", "commander.version"].includes(error.code) ? 0 : 2;
  }
  if (!(error instanceof AppError)) throw error;
  console.error(`fullhouse: ${error.message}`);
  return error.code === "USAGE" ? 2 : 1;
}

export function commandLine(launch: Launch): Command {
  const program = new Command("fullhouse")
    .description("A live-streaming edge relay: RTMP in, a capped HLS ladder out through tiers.")
    .exitOverride()
    .showHelpAfterError("(fullhouse --help lists the commands and options)");
  addStart(program, launch);
  addPrograms(program);
  addSimulate(program);
  addLoadtest(program);
  addKnee(program);
  addSegments(program);
  addTools(program, launch);
  addSession(program);
  return program;
}

function addStart(program: Command, launch: Launch): void {
  withConfig(program.command("start"))
    .description("a whole broadcast on this machine: origin, shield, edges and a test card")
    .option("--cap <kbps>", "no rung above this is produced or offered", integer(100, 50_000))
    .addOption(
      new Option("--ladder <name>", "the rungs to make").choices(["oprah-2008", "hd"] as const),
    )
    .option("--edges <count>", "edges to start, 1 to 8", integer(1, 8), 2)
    .option(
      "--port-base <port>",
      "move all ports to this one and after; 0: any free ones",
      portBase,
    )
    .option("--no-testcard", "publish no test card")
    .option("--prometheus", "also run the local Prometheus, with our rules and alerts")
    .option("--state <dir>", "folder for keys, logs and counters")
    .action(async (options: StartArguments) => {
      const { start } = await import("./start.ts");
      await start(options, launch);
    });
}

function addPrograms(program: Command): void {
  withPretty(withConfig(program.command("origin")))
    .description("take publishers, make the ladder, serve it to relays")
    .action(async (options: ConfigOptions & PrettyOption) => {
      const { origin } = await import("./origin.ts");
      await origin(options);
    });
  withPretty(withConfig(program.command("edge")))
    .description("relay from parents to viewers, or as a shield to other relays")
    .action(async (options: ConfigOptions & PrettyOption) => {
      const { edge } = await import("./edge.ts");
      await edge(options);
    });
}

function addSimulate(program: Command): void {
  withSettings(program.command("simulate"))
    .description("rehearse a night in virtual time, with 500,000 viewers and more")
    .argument("[scenario]", "name of a scenario, or path of a YAML file (docs/scenarios.md)")
    .option("--seed <number>", "another run of the same night", integer(0, 4_294_967_295))
    .option("--seeds <count>", "run that many seeds, and say how far they differ", integer(2, 50))
    .option("--viewers <count>", "another audience; arrivals and capacity follow", integer(1, 1e8))
    .option("--workers <count>", "threads; the figures do not depend on it", integer(1, 64))
    .option("--out <dir>", "write report.html, report.json and run.json there")
    .option("--json", "print the report as one JSON object, and nothing else")
    .option("--compare <scenario...>", "run several, and set them side by side")
    .option("--replay <file>", "run a night again that a load test recorded (its inputs.json)")
    .action(async (scenario: string | undefined, options: SimulateArguments) => {
      const { simulate } = await import("./simulate.ts");
      await simulate(scenario, options);
    });
  withPretty(program.command("sim-server"))
    .description("the model paced in real time and driven over HTTP, as load tests run it")
    .requiredOption("--state <dir>", "folder for ready.json, which names its port")
    .action(async (options: { state: string } & PrettyOption) => {
      const { simServer } = await import("./sim-server.ts");
      await simServer(options);
    });
}

function addLoadtest(program: Command): void {
  withSettings(program.command("loadtest"))
    .description("real viewers in k6 at real edges, the modelled night beside them, one report")
    .argument("<scenario>", "name of a scenario, or path of a YAML file (docs/loadtest.md)")
    .option("--viewers <count>", "real viewers beside the modelled ones", integer(1, 100_000))
    .option("--seed <number>", "another run of the same night", integer(0, 4_294_967_295))
    .option("--target <url>", "somebody else's edge, instead of a broadcast of our own")
    .option("--no-validation", "leave out the runs that hold the model against the wire")
    .option(
      "--threshold <bound>",
      "what the model must keep to, such as 'sim_stall_ratio<0.02'; may be repeated",
      (bound: string, before: string[]) => [...before, bound],
      [] as string[],
    )
    .option("--budgets <file>", "what a viewer may cost at the most, as loadtest/budgets.json")
    .option("--metrics <host:port>", "serve /metrics there while it runs; 0: any free port")
    .option("--prometheus <url>", "have k6 write its figures to this Prometheus")
    .option("--out <dir>", "write report.html, report.json, summary.txt and inputs.json there")
    .option("--json", "print the report as one JSON object, and nothing else")
    .addHelpText("after", loadtestHelp)
    .action(async (scenario: string, options: LoadtestArguments) => {
      const { loadtest } = await import("./loadtest.ts");
      await loadtest(scenario, options);
    });
}

function addTools(program: Command, launch: Launch): void {
  program
    .command("doctor")
    .description("what this machine has, what is missing, and the command that installs it")
    .action(async () => {
      if (!(await launch.doctor())) process.exitCode = 1;
    });
  withConfig(program.command("logs"))
    .description("what the nodes of a broadcast on this machine have logged, for people")
    .option("--state <dir>", "the broadcast's folder (stateDir)")
    .option("--node <name>", "one node only: origin, shield, edge-1 ...")
    .option("--id <id>", "the lines of one request, at all tiers (requestId or fillId of a line)")
    .option("--lines <count>", "at most so many of the newest", integer(1, 1_000_000), 200)
    .option("--follow", "and those to come, until Ctrl-C")
    .option("--json", "the lines as they were written, for jq")
    .action(async (options: LogsArguments) => {
      const { logs } = await import("./logs.ts");
      await logs(options);
    });
  program
    .command("key")
    .description("a new stream key and its hash for feeds[].keyHashes, or the hash of your own key")
    .argument("[key]", "the key to hash; -: the first line of standard input")
    .action(async (streamKey?: string) => {
      const { key } = await import("./key.ts");
      key(streamKey);
    });
  withConfig(program.command("config"))
    .description("check the configuration, or show it")
    .option("--print", "every value, and where it comes from")
    .option("--example", "a commented configuration file with the defaults")
    .action(async (options: ConfigPrintOptions) => {
      const { config } = await import("./config.ts");
      config(options);
    });
  withConfig(program.command("record"))
    .description("encode a file or the test card into a folder that origin.source replay:DIR loops")
    .argument("<dir>", "folder to write")
    .option("--input <file>", "media to encode; the test card without it")
    .option("--seconds <count>", "length of the recording", integer(10, 3_600), 60)
    .action(async (dir: string, options: Omit<RecordArguments, "dir">) => {
      const { record } = await import("./record.ts");
      await record({ ...options, dir });
    });
}

/** The two options that every command with a configuration has. */
function withConfig(command: Command): Command {
  return withSettings(
    command.option("--config <file>", "configuration file (fullhouse.yaml, if it exists)"),
  );
}

function withPretty(command: Command): Command {
  return command.option("--pretty", "a log for people, in colour on a terminal");
}

function withSettings(command: Command): Command {
  return command.option(
    "--set <key=value>",
    "override one setting; may be repeated",
    (setting: string, before: string[]) => [...before, setting],
    [] as string[],
  );
}

function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

function portBase(text: string): number {
  if (text === "0") return 0;
  return integer(1_024, 65_000)(text);
}
