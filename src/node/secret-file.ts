/** Secrets that a program makes for itself and keeps in its state folder, readable by it alone. */
import { randomBytes } from "node:crypto";
import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { AppError } from "../base/errors.ts";
import { makeFolder } from "./make-folder.ts";

/** 32 random bytes: nobody guesses it, and it needs no escaping in a URL or a header. */
const secretBytes = 32;

/** The secret in the file; makes file and secret (mode 0600) when there is none. */
export function secretInFile(path: string): string {
  try {
    const kept = readIfPresent(path);
    if (kept !== undefined && kept !== "") {
      chmodSync(path, 0o600);
      return kept;
    }
    const secret = randomBytes(secretBytes).toString("base64url");
    makeFolder(dirname(path));
    writeSecretFile(path, `${secret}\n`);
    return secret;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError("STATE_UNUSABLE", `cannot keep a secret in ${path}: ${why}`, error);
  }
}

/** Replaces a file by one that its owner alone may read, whatever the mode of the old one was. */
export function writeSecretFile(path: string, text: string): void {
  const unfinished = `${path}.new`;
  rmSync(unfinished, { force: true });
  // "wx": the mode counts only for a file that is made.
  writeFileSync(unfinished, text, { mode: 0o600, flag: "wx" });
  renameSync(unfinished, path);
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
