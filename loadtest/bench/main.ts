/**
 * `npm run bench -- NAME [--json] [--rounds N] [--viewers N]`: runs one benchmark of this folder and
 * prints its table, or with --json one object. Exit codes: 0 targets met, 99 missed, 1 error, 2 wrong usage.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { AppError } from "../../src/base/errors.ts";
import { tableOf, toReport, type BenchOptions, type BenchResult } from "./harness/bench-result.ts";

async function main(): Promise<number> {
  const arguments_ = readArguments();
  if (typeof arguments_ === "string") {
    console.error(arguments_);
    return 2;
  }
  const { name, json, rounds, viewerCount } = arguments_;
  const benchmark = (await import(`./${name}.ts`)) as {
    run(options: BenchOptions): BenchResult | Promise<BenchResult>;
  };
  const result = await benchmark.run({ rounds, viewerCount, say: (line) => console.error(line) });
  const report = toReport(name, rounds, result);
  console.log(json ? JSON.stringify(report) : tableOf(report));
  return report.met ? 0 : 99;
}

interface Arguments {
  name: string;
  json: boolean;
  rounds: number;
  viewerCount: number | undefined;
}

function readArguments(): Arguments | string {
  const known = benchmarkNames();
  const usage = `usage: npm run bench -- NAME [--json] [--rounds N] [--viewers N]\nNAME: ${known.join(", ")}`;
  let parsed;
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: "boolean" },
        rounds: { type: "string" },
        viewers: { type: "string" },
      },
    });
  } catch (error) {
    return `${(error as Error).message}\n${usage}`;
  }
  const [name, ...rest] = parsed.positionals;
  if (name === undefined || rest.length > 0) return usage;
  if (!known.includes(name)) return `there is no benchmark "${name}"\n${usage}`;
  const rounds = Number(parsed.values.rounds ?? 5);
  if (!Number.isInteger(rounds) || rounds < 1) return `--rounds wants a number from 1\n${usage}`;
  const { json = false, viewers } = parsed.values;
  const viewerCount = viewers === undefined ? undefined : Number(viewers);
  if (viewerCount !== undefined && !(Number.isInteger(viewerCount) && viewerCount >= 1)) {
    return `--viewers wants a number from 1\n${usage}`;
  }
  return { name, json, rounds, viewerCount };
}

/** Every other .ts file of this folder is a benchmark. */
function benchmarkNames(): string[] {
  return readdirSync(join(import.meta.dirname))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => file.slice(0, -3))
    .filter((name) => name !== "main")
    .sort();
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
