/**
 * The simulator's speed and memory: 500,000 viewers of the night of 2008 on one worker and on two, and
 * 1,000 sessions over recorded links in a batch. No other simulator runs this model, so that the peer
 * is the same program with the other number of workers; what a whole night of 90 minutes takes follows
 * from the steps a second, a step being a segment asked for.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomRatio } from "../../src/base/prng.ts";
import {
  mediansOf,
  type BenchOptions,
  type BenchResult,
  type BenchRow,
} from "./harness/bench-result.ts";
import { buildProgram } from "./harness/built-program.ts";

const viewerCount = 500_000;
const workerCounts = [1, 2] as const;
/** Segments of 2 s that 500,000 viewers ask for in 90 minutes. */
const nightSteps = (viewerCount * 90 * 60) / 2;
/** A part of it that takes about a minute; everybody has arrived after the first 100 s. */
const partSec = 900;
const sessionCount = 1_000;
const algorithms = ["bola", "bola-basic", "bolae", "dynamic", "dynamicdash", "throughput"];

export function run({ rounds, say }: BenchOptions): BenchResult {
  const program = buildProgram(say);
  const folder = mkdtempSync(join(tmpdir(), "fullhouse-bench-"));
  try {
    const batch = writeBatch(folder);
    const rows: BenchRow[] = [];
    for (let round = 1; round <= rounds; round++) {
      for (const workerCount of workerCounts) {
        const row = simulate(program, folder, workerCount);
        rows.push(row);
        const { stepsPerSecPerCore, nightMin, rssMB } = row.values;
        say(
          `round ${round}: ${row.contender}: ${(stepsPerSecPerCore! / 1e6).toFixed(2)} million ` +
            `steps/s and core, a night in ${nightMin!.toFixed(2)} min, ${rssMB!.toFixed(0)} MB`,
        );
      }
      rows.push(sessions(program, batch));
      say(
        `round ${round}: ${sessionCount} sessions in ${rows.at(-1)!.values["sec"]!.toFixed(2)} s`,
      );
    }
    return resultOf(mediansOf(rows));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function simulate(program: string, folder: string, workerCount: number): BenchRow {
  const out = join(folder, `workers-${workerCount}`);
  runProgram(program, [
    "simulate",
    "oprah-2008",
    `--workers=${workerCount}`,
    `--out=${out}`,
    ...["--set", `durationSec=${partSec}`, "--set", "plateau.fromSec=200"],
    ...["--set", `plateau.toSec=${partSec}`],
    ...["--set", "audience.arrivals=[{atSec: 0, ratio: 0.2}, {atSec: 100, ratio: 1}]"],
  ]);
  const facts = JSON.parse(readFileSync(join(out, "run.json"), "utf8")) as {
    wallSec: number;
    steps: number;
    rssBytes: number;
  };
  const stepsPerSec = facts.steps / facts.wallSec;
  return {
    task: `${viewerCount.toLocaleString("en-US")} viewers, ${partSec / 60} min`,
    contender: `${workerCount} worker${workerCount === 1 ? "" : "s"}`,
    values: {
      stepsPerSecPerCore: stepsPerSec / workerCount,
      nightMin: nightSteps / stepsPerSec / 60,
      rssMB: facts.rssBytes / 1e6,
    },
  };
}

function sessions(program: string, batch: string): BenchRow {
  const startMs = performance.now();
  runProgram(program, ["session", `--batch=${batch}`, "--json"]);
  const sec = (performance.now() - startMs) / 1_000;
  return { task: `${sessionCount} recorded sessions`, contender: "1 process", values: { sec } };
}

function runProgram(program: string, args: readonly string[]): void {
  const ended = spawnSync(process.execPath, [program, ...args], {
    encoding: "utf8",
    maxBuffer: 1e9,
  });
  if (ended.status !== 0) throw new Error(`fullhouse ${args[0]!} failed:\n${ended.stderr}`);
}

/** A film of 200 segments, 50 links as uneven as a phone's, and sessions of every algorithm. */
function writeBatch(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const bitratesKbps = [230, 477, 991, 2056, 5027, 6000];
  const manifest = {
    segment_duration_ms: 3_000,
    bitrates_kbps: bitratesKbps,
    segment_sizes_bits: Array.from({ length: 200 }, (_, segment) =>
      bitratesKbps.map((kbps, rung) => {
        const vary = randomRatio({ seed: 1, owner: segment, stream: rung });
        return Math.round(kbps * 3_000 * (0.8 + 0.4 * vary));
      }),
    ),
  };
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
  for (let link = 0; link < 50; link++) {
    const trace = Array.from({ length: 120 }, (_, n) => ({
      duration_ms: 1_000 + Math.round(4_000 * randomRatio({ seed: 2, owner: link, stream: 1, n })),
      bandwidth_kbps: Math.round(200 + 4_000 * randomRatio({ seed: 2, owner: link, stream: 2, n })),
      latency_ms: 100,
    }));
    writeFileSync(join(folder, `trace-${link}.json`), JSON.stringify(trace));
  }
  const lines = Array.from({ length: sessionCount }, (_, n) =>
    JSON.stringify({
      manifest: "manifest.json",
      trace: `trace-${n % 50}.json`,
      abr: algorithms[n % algorithms.length],
      bufferSec: 25,
      abandon: n % 2 === 0,
    }),
  );
  const batch = join(folder, "batch.jsonl");
  writeFileSync(batch, `${lines.join("\n")}\n`);
  return batch;
}

function resultOf(results: BenchRow[]): BenchResult {
  const value = (contender: string, key: string): number =>
    results.find((row) => row.contender === contender && key in row.values)?.values[key] ??
    Number.NaN;
  return {
    results,
    ratios: {
      "speed, 2 workers / 1 worker": value("1 worker", "nightMin") / value("2 workers", "nightMin"),
    },
    targets: [
      { name: "minutes a night, 1 worker", value: value("1 worker", "nightMin"), max: 6 },
      { name: "minutes a night, 2 workers", value: value("2 workers", "nightMin"), max: 3.5 },
      { name: "memory, 2 workers, MB", value: value("2 workers", "rssMB"), max: 500 },
      { name: "seconds, 1,000 sessions", value: value("1 process", "sec"), max: 2 },
    ],
  };
}
