/** Files that a command line names: what is wrong with the name is wrong usage, in one line. */
import { readFileSync } from "node:fs";
import { AppError } from "../base/errors.ts";

/** Its text; throws an AppError (USAGE). `what` is how messages begin, such as "--budgets costs.json". */
export function readGivenFile(path: string, what = path): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    throw new AppError("USAGE", `${what}: ${reasons[code] ?? message}`, error);
  }
}

/** What it holds, of any kind; throws an AppError (USAGE). */
export function readGivenJson(path: string, what = path): unknown {
  const text = readGivenFile(path, what);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new AppError("USAGE", `${what}: is no JSON`, error);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EISDIR: "is a folder, and must be a file",
  EACCES: "is not yours to read",
};
