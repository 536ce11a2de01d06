/**
 * The thread in which one target runs. It says which input it is about to run in shared memory, so
 * that the main thread can name the input of a hang or of memory running out.
 */
import { getHeapStatistics } from "node:v8";
import { parentPort, workerData } from "node:worker_threads";
import { CodeCoverage } from "./code-coverage.ts";
import { defaultLimits, loadTarget, readCorpus, type FuzzLimits } from "./fuzz-target.ts";
import { Mutator } from "./mutator.ts";
import type { FuzzJob, FuzzOutcome } from "./run-target.ts";
import { SharedInput } from "./shared-input.ts";

/** Inputs between two looks at the coverage, which costs about a millisecond. */
const batchCount = 200;
/** Inputs kept because they reached something new (arbitrary). */
const poolCountMax = 4_096;

class Finding extends Error {}

class Fuzzer {
  readonly #fuzz: (data: Uint8Array) => void;
  readonly #limits: FuzzLimits;
  readonly #shared: SharedInput;
  runCount = 0;
  worstMs = 0;
  worstBytes = 0;
  /** The last one that ran. */
  input: Uint8Array = new Uint8Array(0);

  constructor(options: {
    fuzz: (data: Uint8Array) => void;
    limits: FuzzLimits;
    shared: SharedInput;
  }) {
    this.#fuzz = options.fuzz;
    this.#limits = options.limits;
    this.#shared = options.shared;
  }

  /** Runs one input; throws what the target throws, and on a limit. */
  run(input: Uint8Array): void {
    this.input = input;
    this.#shared.announce(input);
    this.runCount++;
    const bytesBefore = usedBytes();
    let elapsedMs = this.#timed(input);
    const allocatedBytes = usedBytes() - bytesBefore;
    // A slow run may be the machine's fault.
    for (let again = 0; again < 3 && elapsedMs > this.#limits.runMsMax; again++) {
      elapsedMs = Math.min(elapsedMs, this.#timed(input));
    }
    this.worstMs = Math.max(this.worstMs, elapsedMs);
    this.worstBytes = Math.max(this.worstBytes, allocatedBytes);
    if (elapsedMs > this.#limits.runMsMax) {
      throw new Finding(`took ${elapsedMs.toFixed(0)} ms, allowed are ${this.#limits.runMsMax}`);
    }
    if (allocatedBytes > this.#limits.allocatedBytesMax) {
      const allowed = this.#limits.allocatedBytesMax;
      throw new Finding(`allocated ${allocatedBytes} bytes, allowed are ${allowed}`);
    }
  }

  #timed(input: Uint8Array): number {
    const startMs = performance.now();
    // A target may keep or change what it is given.
    this.#fuzz(input.slice());
    return performance.now() - startMs;
  }
}

/** Falls when garbage is collected, so that differences are at most what was allocated. */
function usedBytes(): number {
  const heap = getHeapStatistics();
  return heap.used_heap_size + heap.external_memory;
}

async function main(job: FuzzJob): Promise<FuzzOutcome> {
  const { target, corpusDir } = await loadTarget(job.path);
  const limits = { ...defaultLimits, ...target.limits };
  const pool = job.input === undefined ? readCorpus(corpusDir) : [job.input];
  const corpusCount = pool.length;
  const project = new URL("../..", import.meta.url).href;
  const coverage = new CodeCoverage(
    (url) =>
      ["src/", "edge/"].some((folder) => url.startsWith(project + folder)) ||
      url.endsWith(".fuzz.ts"),
  );
  const fuzzer = new Fuzzer({
    fuzz: (data) => target.fuzz(data),
    limits,
    shared: new SharedInput(job.shared),
  });
  const startMs = performance.now();
  let failure: FuzzOutcome["failure"];
  try {
    for (const input of pool) fuzzer.run(input);
    coverage.takeNew();
    const mutator = new Mutator({
      seed: job.seed,
      pool,
      dictionary: target.dictionary ?? [],
      inputBytesMax: limits.inputBytesMax,
    });
    while (job.input === undefined && performance.now() - startMs < job.durationMs) {
      const batch = Array.from({ length: batchCount }, () => mutator.next());
      for (const input of batch) fuzzer.run(input);
      keepThoseThatReachedMore({ batch, pool, coverage, fuzzer });
    }
  } catch (error) {
    // Not swallowed: it is the outcome.
    failure = { message: describe(error), input: fuzzer.input };
  }
  coverage.close();
  return {
    runCount: fuzzer.runCount,
    elapsedMs: performance.now() - startMs,
    corpusCount,
    foundCount: pool.length - corpusCount,
    coveredCount: coverage.coveredCount,
    worstMs: fuzzer.worstMs,
    worstBytes: fuzzer.worstBytes,
    ...(failure === undefined ? {} : { failure }),
  };
}

/** If something in the batch was new, each input runs again, to find those that reach it. */
function keepThoseThatReachedMore(options: {
  batch: readonly Uint8Array[];
  pool: Uint8Array[];
  coverage: CodeCoverage;
  fuzzer: Fuzzer;
}): void {
  const { batch, pool, coverage, fuzzer } = options;
  const wanted = coverage.takeNew();
  if (wanted.size === 0) return;
  for (const input of batch) {
    if (pool.length >= poolCountMax) return;
    fuzzer.run(input);
    if (coverage.takeFrom(wanted)) pool.push(input);
  }
}

function describe(error: unknown): string {
  if (error instanceof Finding) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

parentPort!.postMessage(await main(workerData as FuzzJob));
