/** How the command line takes `fullhouse knee`. */
import { InvalidArgumentError, type Command } from "commander";
import type { KneeArguments } from "./knee.ts";

const help = `
Viewers have no emulated lines and come within a few seconds; each step is a run of its own. Progress
goes to standard error, the result to standard output (docs/knee-report.schema.json is the form of
--json). Measured figures are of this machine with all that runs on it; for the limit of an edge
rather than of the machine, leave it to this run and take --edges 1.

Exit codes: 0 something broke, or the last of the viewers that may be tried were good; 1 not even the
first step was good, or something it needs (Linux, k6 or Go, ffmpeg) is missing or broke; 2 wrong
usage; 130 interrupted.`;

export function addKnee(program: Command): void {
  program
    .command("knee")
    .description("raise real viewers until something breaks; what 500,000 would take by that")
    .argument("[scenario]", "name of a scenario, or path of a YAML file", "ci")
    .option("--cap <kbps>", "no rung above this is produced or offered", integer(100, 50_000))
    .option("--from <count>", "viewers of the first step", integer(1, 100_000), 250)
    .option("--to <count>", "most viewers that are tried", integer(1, 100_000), 100_000)
    .option("--step-sec <sec>", "length of a step, arrivals included", integer(10, 600), 36)
    .option("--edges <count>", "edges to start, 1 to 8; else the scenario's", integer(1, 8))
    .option("--for <count>", "the audience to extrapolate to", integer(1, 1e9), 500_000)
    .option(
      "--set <key=value>",
      "override one setting; may be repeated",
      (setting: string, before: string[]) => [...before, setting],
      [] as string[],
    )
    .option("--out <dir>", "write knee.json and knee.txt there")
    .option("--json", "print the result as one JSON object, and nothing else")
    .addHelpText("after", help)
    .action(async (scenario: string, options: KneeArguments) => {
      const { knee } = await import("./knee.ts");
      await knee(scenario, options);
    });
}

function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}
