/**
 * Makes folders, and says in one line why something cannot be written and what to do. What is written
 * is the callers' own.
 */
import { existsSync, mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { AppError } from "../base/errors.ts";

/**
 * Makes a folder and those above it, one at a time: `recursive` of mkdirSync goes on for ever where a
 * file system says ENOENT to a new folder, as /proc does (seen with Node 20.20 on Linux).
 */
export function makeFolder(folder: string): void {
  const path = resolve(folder);
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process may have been first.
    if (!existsSync(path)) throw error;
  }
}

/**
 * Gives what `write` gives; throws an AppError (STATE_UNUSABLE) when the system refuses, that ends with
 * `advice`, such as "choose another folder with --out".
 */
export function attemptWrite<T>(path: string, advice: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!(error instanceof Error) || code === undefined || error instanceof AppError) throw error;
    const why = reasons[code] ?? message;
    throw new AppError("STATE_UNUSABLE", `cannot write to ${path}: ${why}, or ${advice}`, error);
  }
}

const locked = "it is not yours to write (EACCES); change its permissions";
const full = "the disk is full (ENOSPC); free space";

/** Why it failed and what to do; others are said in the words of the system. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: locked,
  EPERM: locked.replace("EACCES", "EPERM"),
  EROFS: "the file system is read-only (EROFS); mount it for writing",
  ENOSPC: full,
  EDQUOT: full.replace("ENOSPC", "EDQUOT"),
  EISDIR: "a folder has that name (EISDIR); move it away",
  ENOTDIR: "a file is where a folder is needed (ENOTDIR); move it away",
  EEXIST: "something else has that name (EEXIST); move it away",
  ENOENT: "no folder can be made there (ENOENT); make it yourself",
};
