/** How many of the machine's cores a process may use, and how busy it kept them. */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { Sample } from "./sampler.ts";

/** Cores that a process started from here may use: the scheduler's mask and the control group's quota. */
export function coresAllowed(): number {
  return Math.min(availableParallelism(), quotaCores());
}

/** cgroup v2's cpu.max: "max 100000", or microseconds of CPU in so many. */
function quotaCores(): number {
  try {
    const [quota = "max", period = "1"] = readFileSync("/sys/fs/cgroup/cpu.max", "utf8").split(" ");
    return quota === "max" ? Infinity : Number(quota) / Number(period);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Infinity;
    throw error;
  }
}

/** Most cores that the process had in use over any stretch of at least `spanMs`; 0 without samples. */
export function coresPeak(samples: readonly Sample[], process: string, spanMs: number): number {
  let peak = 0;
  let first = 0;
  for (let last = 0; last < samples.length; last++) {
    while (first + 1 < last && samples[last]!.atMs - samples[first + 1]!.atMs >= spanMs) first++;
    const cores = coresBetween(samples[first]!, samples[last]!, process);
    const isLong = samples[last]!.atMs - samples[first]!.atMs >= spanMs;
    if (cores !== undefined && isLong) peak = Math.max(peak, cores);
  }
  return peak;
}

/** Cores in use between two samples; undefined where one lacks the process. */
export function coresBetween(before: Sample, after: Sample, process: string): number | undefined {
  const [from, to] = [before.cpuSec.get(process), after.cpuSec.get(process)];
  const passedSec = (after.atMs - before.atMs) / 1_000;
  return from === undefined || to === undefined || passedSec <= 0
    ? undefined
    : (to - from) / passedSec;
}
