/**
 * One program of a kind a state folder: two would overwrite each other's counters and reports. The
 * lock is a file that names its holder, and does not outlive it: a number is used again after a
 * crash or a reboot, and soon so in a container, so the file also says when the process began.
 */
import { execFileSync } from "node:child_process";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../base/errors.ts";
import { makeFolder } from "./make-folder.ts";

export interface StateLockOptions {
  stateDir: string;
  /** The program's name: `start` takes the file start.pid. */
  program: string;
  /** What to do when another process has the folder, as the end of a sentence. */
  advice: string;
}

/** Takes the folder, or throws STATE_UNUSABLE when a running program has it; returns the release. */
export function lockState({ stateDir, program, advice }: StateLockOptions): () => void {
  const path = join(stateDir, `${program}.pid`);
  const own = `${process.pid} ${beginningOf(process.pid) ?? ""}`.trim();
  try {
    makeFolder(stateDir);
    const holder = take(path, own);
    if (holder !== undefined) {
      throw new AppError(
        "STATE_UNUSABLE",
        `the state folder ${stateDir} is used by process ${holder}: ${advice}`,
      );
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError("STATE_UNUSABLE", `cannot use the state folder ${stateDir}: ${why}`, error);
  }
  return () => {
    if (textOf(path) === own) rmSync(path, { force: true });
  };
}

/** Who loses a race for a dead holder's lock looks again; more rounds than there are rivals. */
const attemptCountMax = 8;

/** Undefined when the lock was taken, otherwise the number of the process that has it. */
function take(path: string, own: string): number | undefined {
  const complete = `${path}.${process.pid}`;
  writeFileSync(complete, `${own}\n`);
  try {
    for (let attempt = 0; attempt < attemptCountMax; attempt++) {
      // A link appears whole or not at all, and only where nothing is: exactly one gets it.
      if (linked(complete, path)) return undefined;
      const text = textOf(path);
      if (text === undefined) continue;
      const holder = runningHolder(text);
      if (holder !== undefined) return holder;
      removeStale(path, text);
    }
    throw new Error(`${path} keeps changing`);
  } finally {
    rmSync(complete, { force: true });
  }
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Removes a dead holder's lock, but not the one that a rival has put there since it was read. */
function removeStale(path: string, text: string): void {
  const aside = `${path}.${process.pid}.stale`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if (textOf(aside) !== text) linked(aside, path);
  rmSync(aside, { force: true });
}

function runningHolder(text: string): number | undefined {
  const [number = "", ...beginning] = text.split(" ");
  const pid = Number(number);
  if (!Number.isInteger(pid) || pid < 1) return undefined;
  return beginningOf(pid) === beginning.join(" ") ? pid : undefined;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    // ESRCH: the process of a file below /proc ended while it was read.
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

/** When the process began, in the system's own words; undefined when there is none (any more). */
function beginningOf(pid: number): string | undefined {
  if (process.platform === "linux") {
    const stat = textOf(`/proc/${pid}/stat`);
    // The name, in brackets, may hold anything; the state comes next, the start is field 22.
    const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields === undefined || "ZX".includes(fields[0]!) ? undefined : fields[19];
  }
  try {
    const options = { encoding: "utf8", env: { ...process.env, LC_ALL: "C" } } as const;
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], options).trim();
  } catch {
    // ps says by its exit code that there is no such process.
    return undefined;
  }
}
