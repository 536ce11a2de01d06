/** Runs one target in a thread of its own and watches it, so that hanging is a result too. */
import { Worker } from "node:worker_threads";
import { SharedInput } from "./shared-input.ts";

/** What the thread is asked to do. */
export interface FuzzJob {
  path: string;
  seed: number;
  durationMs: number;
  shared: SharedArrayBuffer;
  /** Run this and nothing else. */
  input?: Uint8Array;
}

export interface FuzzOutcome {
  runCount: number;
  elapsedMs: number;
  corpusCount: number;
  /** Inputs found that reach more code. */
  foundCount: number;
  coveredCount: number;
  worstMs: number;
  worstBytes: number;
  failure?: { message: string; input: Uint8Array };
}

/** No honest input takes so long, on any machine. */
const hangMs = 5_000;
const watchMs = 250;
/** Heap of the thread; past it V8 ends the thread. */
const heapMegabytesMax = 256;

export async function runTarget(options: {
  path: string;
  seed: number;
  durationMs: number;
  input?: Uint8Array;
}): Promise<FuzzOutcome> {
  const shared = new SharedInput();
  const job: FuzzJob = { ...options, shared: shared.buffer };
  const worker = new Worker(new URL("fuzz-worker.mjs", import.meta.url), {
    workerData: job,
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytesMax },
  });
  const failed = (message: string): FuzzOutcome => ({
    runCount: shared.run,
    elapsedMs: 0,
    corpusCount: 0,
    foundCount: 0,
    coveredCount: 0,
    worstMs: 0,
    worstBytes: 0,
    failure: { message, input: shared.read() },
  });
  const outcome = await new Promise<FuzzOutcome>((resolve) => {
    let seenRun = 0;
    let seenMs = performance.now();
    const watch = setInterval(() => {
      const nowMs = performance.now();
      if (shared.run !== seenRun) {
        seenRun = shared.run;
        seenMs = nowMs;
      } else if (seenRun > 0 && nowMs - seenMs > hangMs) {
        finish(failed(`hangs: not done after ${hangMs} ms`));
      }
    }, watchMs);
    const finish = (result: FuzzOutcome): void => {
      clearInterval(watch);
      resolve(result);
    };
    worker.once("message", finish);
    worker.once("error", (error) => finish(failed(String(error.stack ?? error))));
    worker.once("exit", (code) => finish(failed(`the thread ended with ${code}`)));
  });
  await worker.terminate();
  return outcome;
}
