/**
 * Fuzzes the parsers of bytes from outside:
 *
 *   npx tsx loadtest/fuzz/main.ts [--seconds N] [--seed N] [--root DIR] [--input FILE] [NAME...]
 *
 * A target is a module `*.fuzz.ts` below src or edge (or DIR), found by its name, which exports
 *   - `name`: unique, as it stands on the command line;
 *   - `fuzz(data: Uint8Array): void`: throws on a bug only (an exception is a finding, and so is a
 *     run that takes too long or allocates too much); deterministic, synchronous, without I/O. Text
 *     parsers decode `data` themselves; a target may check properties, such as parse(write(p)) = p;
 *   - optionally `dictionary`: tokens that mean something to the parser, texts or bytes;
 *   - optionally `limits`: {inputBytesMax, runMsMax, allocatedBytesMax} other than the defaults.
 * Beside it stands its corpus, `corpus/NAME/*`: at least one small input, committed; a regression
 * is a file there, named after what it regressed. The corpus always runs first and whole.
 *
 * Inputs are mutations of the corpus and of what reached new code, from a seed that is printed; the
 * time (all targets together, 60 s by default) ends the run. A finding is written to .cache/fuzz and
 * ends with exit code 1; `--input FILE NAME` runs that file alone. Unknown names are exit code 2.
 */
import { createHash, randomInt } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findTargets, type FoundTarget } from "./fuzz-target.ts";
import { runTarget, type FuzzOutcome } from "./run-target.ts";

const project = fileURLToPath(new URL("../..", import.meta.url));

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      seconds: { type: "string", default: "60" },
      seed: { type: "string", default: String(randomInt(1, 2 ** 31)) },
      root: {
        type: "string",
        multiple: true,
        default: ["src", "edge"].map((dir) => join(project, dir)),
      },
      input: { type: "string" },
    },
    allowPositionals: true,
  });
  const [durationSec, seed] = [Number(values.seconds), Number(values.seed)];
  if (!(durationSec > 0) || !Number.isInteger(seed)) return usage("--seconds and --seed: numbers");
  const all = (await Promise.all(values.root.map(findTargets))).flat();
  const unknown = positionals.filter((name) => !all.some(({ target }) => target.name === name));
  const names = all.map(({ target }) => target.name).join(", ");
  if (unknown.length > 0) return usage(`no such target: ${unknown.join(", ")}; there are ${names}`);
  const chosen = all.filter(
    ({ target }) => positionals.length === 0 || positionals.includes(target.name),
  );
  if (chosen.length === 0) return usage(`no *.fuzz.ts below ${values.root.join(", ")}`);
  if (values.input !== undefined && chosen.length !== 1) return usage("--input needs one NAME");

  console.log(`seed ${seed}`);
  const durationMs = (durationSec * 1000) / chosen.length;
  let exitCode = 0;
  for (const found of chosen) {
    const input = values.input === undefined ? {} : { input: readFileSync(values.input) };
    const outcome = await runTarget({ path: found.path, seed, durationMs, ...input });
    if (outcome.failure === undefined) report(found, outcome);
    else exitCode = reportFailure(found, outcome.failure, seed);
  }
  return exitCode;
}

function usage(problem: string): number {
  console.error(
    `${problem}\nusage: fuzz [--seconds N] [--seed N] [--root DIR] [--input FILE] [NAME...]`,
  );
  return 2;
}

function report({ target }: FoundTarget, outcome: FuzzOutcome): void {
  const { runCount, elapsedMs, corpusCount, foundCount, coveredCount, worstMs } = outcome;
  const kibibytes = outcome.worstBytes / 1024;
  console.log(
    `${target.name}: ${runCount} runs in ${(elapsedMs / 1000).toFixed(1)} s, ` +
      `corpus ${corpusCount} + ${foundCount} found, ${coveredCount} characters of code reached, ` +
      `at most ${worstMs.toFixed(1)} ms and ${kibibytes.toFixed(0)} KiB a run`,
  );
}

function reportFailure(
  { target }: FoundTarget,
  { message, input }: NonNullable<FuzzOutcome["failure"]>,
  seed: number,
): number {
  const folder = join(project, ".cache", "fuzz");
  mkdirSync(folder, { recursive: true });
  const hash = createHash("sha256").update(input).digest("hex").slice(0, 12);
  const path = join(folder, `${target.name}-${hash}`);
  writeFileSync(path, input);
  const shown = relative(process.cwd(), path);
  console.error(`${target.name}: FAILED with seed ${seed}: ${message}`);
  console.error(`  input of ${input.length} bytes in ${shown}; again with:`);
  console.error(`  npx tsx loadtest/fuzz/main.ts --input ${shown} ${target.name}`);
  return 1;
}

process.exitCode = await main();
