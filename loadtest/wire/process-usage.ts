/** What processes use of this machine, from /proc: Linux only. */
import { readFileSync } from "node:fs";

/** Clock ticks a second of /proc: 100 on every Linux that Node runs on. */
const ticksPerSec = 100;

/** Seconds of CPU that a process, its threads and its children's have used so far. */
export function cpuSecOf(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return children
    .split(" ")
    .filter((child) => child !== "")
    .reduce((sum, child) => sum + cpuSecOf(Number(child)), ownCpuSecOf(pid));
}

function ownCpuSecOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name before the closing bracket may hold spaces; utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSec;
}

/** Resident memory of a process, without its children's. */
export function rssBytesOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return 1_024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
}

/** Seconds that all cores together were busy, and could have been, since the machine started. */
export function machineCpuSec(): { busy: number; all: number } {
  const line = readFileSync("/proc/stat", "utf8").split("\n", 1)[0]!;
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const all = ticks.reduce((sum, value) => sum + value, 0);
  const [, , , idle = 0, waiting = 0] = ticks;
  return { busy: (all - idle - waiting) / ticksPerSec, all: all / ticksPerSec };
}

/** How many files a process may have open. */
export function openFilesMax(pid: number | "self" = "self"): number {
  const limits = readFileSync(`/proc/${pid}/limits`, "utf8");
  return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Infinity);
}

/** Runs a reading that fails when its process has ended; undefined then. */
export function whileRunning<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw error;
  }
}

/** All programs that a process has started, and these in turn, with their names. */
export function descendantsOf(pid: number): { pid: number; command: string }[] {
  const children = whileRunning(() =>
    readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim(),
  );
  if (children === undefined || children === "") return [];
  return children.split(" ").flatMap((text) => {
    const child = Number(text);
    const command = whileRunning(() => readFileSync(`/proc/${child}/comm`, "utf8").trim());
    if (command === undefined) return [];
    return [{ pid: child, command }, ...descendantsOf(child)];
  });
}
