/**
 * Segments of one run as k6 processes of this machine: all of them, which shows that the parts are the
 * whole, or the one that this machine has of many. They share an instant at which the run begins.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../../src/base/errors.ts";
import { freePort } from "../../wire/free-port.ts";
import { startK6, type K6Process } from "../../wire/k6-process.ts";
import type { WireRun } from "../scripts/wire-run.ts";
import { executionSegment, segmentArguments } from "./execution-segments.ts";
import { wireHash, wireText, type NamedSummary } from "./segment-parts.ts";

export interface SegmentsRun {
  k6: string;
  /** An entry of wire.ts. */
  script: string;
  run: WireRun;
  segmentCount: number;
  /** Which of them this machine runs, from 0. */
  indices: readonly number[];
  startUnixMs: number;
  signal: AbortSignal;
}

/**
 * Until k6 has made its VUs: 2 to 5 ms of a core for each, measured at 1,000 to 4,000 on an EPYC of 2
 * cores with other work on both; more than that, and what a process takes to start.
 */
const startLeadMs = 5_000;
const startLeadMsPerViewer = 8;

/** How much later a run of this size may begin, so that all viewers are there when it does, ms. */
export function startLeadMsOf({ viewerCount }: WireRun): number {
  return startLeadMs + startLeadMsPerViewer * viewerCount;
}

/**
 * What the segments measured, in the order of `indices`. Throws an AppError when one breaks, or
 * `signal` aborts them.
 */
export async function runSegments(options: SegmentsRun): Promise<NamedSummary[]> {
  const { k6, script, run, segmentCount, indices, startUnixMs, signal } = options;
  const ports = await distinctPorts(indices.length);
  signal.throwIfAborted();
  const processes = indices.map((index, n) =>
    startK6(k6, {
      script,
      variables: { WIRE: wireText(run), START_UNIX_MS: String(startUnixMs) },
      apiPort: ports[n]!,
      args: segmentArguments(index, segmentCount),
    }),
  );
  const stop = (): void => processes.forEach((process) => process.stop());
  signal.addEventListener("abort", stop, { once: true });
  const abort = new AbortController();
  const begun = requireRunning(options, ports, abort.signal);
  const parts = processes.map((process, n) => summaryOf(process, options, indices[n]!));
  try {
    const ends = await Promise.all([...parts, begun]);
    return ends.filter((end) => end !== undefined);
  } finally {
    abort.abort();
    signal.removeEventListener("abort", stop);
    stop();
    await Promise.allSettled([begun, ...processes.map(({ ended }) => ended)]);
  }
}

async function summaryOf(
  { ended }: K6Process,
  { run, segmentCount }: SegmentsRun,
  index: number,
): Promise<NamedSummary> {
  const { metrics, startedUnixMs } = await ended;
  const identity = { wire: wireHash(run), ...executionSegment(index, segmentCount) };
  return { name: `segment ${index + 1}`, metrics, startedUnixMs, run: identity };
}

/** At the start of the run every generator must have made its viewers: late ones are no measurement. */
async function requireRunning(
  { indices, segmentCount, startUnixMs }: SegmentsRun,
  ports: readonly number[],
  signal: AbortSignal,
): Promise<undefined> {
  await sleep(Math.max(0, startUnixMs - Date.now()), undefined, { signal });
  const running = await Promise.all(ports.map(isRunning));
  const late = running.indexOf(false);
  if (late < 0) return;
  throw new AppError(
    "CHILD_FAILED",
    `segment ${indices[late]! + 1} of ${segmentCount} had not made its viewers when the run began: ` +
      `start later, or run fewer viewers on this machine`,
  );
}

/** By k6's REST API; before that listens, there are no viewers either. */
async function isRunning(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/v1/status`);
    const { data } = (await response.json()) as { data: { attributes: { running: boolean } } };
    return data.attributes.running;
  } catch {
    return false;
  }
}

async function distinctPorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}
