/** One broadcast a state folder: two would overwrite each other's counters and reports. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../src/base/errors.ts";

/** Takes the folder, or throws STATE_UNUSABLE when a running `start` has it; returns the release. */
export function lockState(stateDir: string): () => void {
  const path = join(stateDir, "start.pid");
  try {
    mkdirSync(stateDir, { recursive: true });
    const holder = holderOf(path);
    if (holder !== undefined && isStart(holder)) {
      throw new AppError(
        "STATE_UNUSABLE",
        `the state folder ${stateDir} is used by process ${holder}: stop it, or use --state DIR`,
      );
    }
    writeFileSync(path, `${process.pid}\n`);
  } catch (error) {
    if (error instanceof AppError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError("STATE_UNUSABLE", `cannot use the state folder ${stateDir}: ${why}`, error);
  }
  return () => {
    if (holderOf(path) === process.pid) rmSync(path, { force: true });
  };
}

function holderOf(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, "utf8"));
    return Number.isInteger(pid) && pid > 1 ? pid : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Numbers are used again after a crash or a reboot: it must be a `fullhouse start` indeed. */
function isStart(pid: number): boolean {
  try {
    const command = execFileSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" });
    return /fullhouse.* start\b/.test(command);
  } catch {
    // ps says by its exit code that there is no such process.
    return false;
  }
}
