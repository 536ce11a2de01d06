/** What a room, the kernel and the machine have used up to a moment. */
import { readFileSync } from "node:fs";
import { cpuSecOf, machineCpuSec, rssBytesOf } from "../../wire/process-usage.ts";

export interface Moment {
  atMs: number;
  cpuSec: number;
  rssBytes: number;
  /** The kernel's own objects, sockets among them, of the whole machine. */
  slabBytes: number;
  machine: { busy: number; all: number };
}

export function momentOf(pid: number): Moment {
  const meminfo = readFileSync("/proc/meminfo", "utf8");
  return {
    atMs: performance.now(),
    cpuSec: cpuSecOf(pid),
    rssBytes: rssBytesOf(pid),
    slabBytes: 1_024 * Number(/^Slab:\s+(\d+) kB/m.exec(meminfo)?.[1]),
    machine: machineCpuSec(),
  };
}

/** What was used from one moment to the next. */
export function usedBetween(from: Moment, to: Moment) {
  const sec = (to.atMs - from.atMs) / 1_000;
  const cpuSec = to.cpuSec - from.cpuSec;
  const machineSec = to.machine.all - from.machine.all;
  return {
    sec,
    cpuSec,
    rssBytes: to.rssBytes - from.rssBytes,
    slabBytes: to.slabBytes - from.slabBytes,
    /** Of all cores. */
    machineBusyRatio: machineSec > 0 ? (to.machine.busy - from.machine.busy) / machineSec : 0,
  };
}
