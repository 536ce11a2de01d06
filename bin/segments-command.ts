/** How the command line takes `fullhouse segments`: load tests past one machine. */
import { InvalidArgumentError, type Command } from "commander";
import type { MergeArguments, PlanArguments, RunArguments } from "./segments.ts";

const help = `
plan and run need k6, or Go 1.25 or newer, which builds it (once, a minute), and run one open file
(ulimit -n) a viewer of its segments. Machines need clocks that agree to some tens of
milliseconds. Generators judge nothing: run of all segments does, and merge.

Exit codes: 0 passed, or planned, or one segment run; 99 a threshold was missed; 1 the run is void
(a generator was late), something broke, or the summaries are not the whole of this run; 2 wrong
usage; 130 interrupted. docs/loadtest-scale.md has the order of operations.`;

export function addSegments(program: Command): void {
  const segments = program
    .command("segments")
    .description("real viewers past one machine, as segments of one run (docs/loadtest-scale.md)")
    .addHelpText("afterAll", help);
  segments
    .command("plan")
    .description(
      "write the run of a scenario at edges of yours: wire.json, wire.js, and wire.tar of both",
    )
    .argument("<scenario>", "name of a scenario, or path of a YAML file")
    .requiredOption("--edge <url...>", "base URLs of the edges, such as http://edge-1:8080")
    .requiredOption("--viewers <count>", "real viewers, over all machines", wholeNumber(1e8))
    .option("--feed <name>", "what they watch", "main")
    .requiredOption("--out <dir>", "folder to write to")
    .option(
      "--set <key=value>",
      "override one setting; may be repeated",
      (setting: string, before: string[]) => [...before, setting],
      [] as string[],
    )
    .action(async (scenario: string, options: PlanArguments) => {
      const { plan } = await import("./segments.ts");
      await plan(scenario, options);
    });
  segments
    .command("run")
    .description("run all segments on this machine and judge them, or one of many")
    .argument("<wire>", "the run: wire.json of plan")
    .requiredOption("--segments <count>", "generators of the run", wholeNumber(10_000))
    .option("--only <number>", "run this one alone, from 1; needs --start", wholeNumber(10_000))
    .option(
      "--script <file>",
      "wire.js of plan; needed where viewers have other rules than hls.js's",
    )
    .option("--start <instant>", "when the run begins, such as 2026-09-01T18:00:00Z")
    .option("--out <dir>", "write segment-N.json and whole.json there")
    .action(async (file: string, options: RunArguments) => {
      const { run } = await import("./segments.ts");
      await run(file, options);
    });
  segments
    .command("merge")
    .description("merge what the generators of a run measured, and judge it once")
    .argument("<wire>", "the run: wire.json of plan")
    .argument("<summary...>", "segment-N.json, or logs of runners, of all segments")
    .option("--out <dir>", "write whole.json there")
    .action(async (file: string, summaries: string[], options: MergeArguments) => {
      const { merge } = await import("./segments.ts");
      merge(file, summaries, options);
    });
}

function wholeNumber(max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= 1 && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${max}.`);
  };
}
