/**
 * The folder for the encoders' sockets: below the system's temporary folder, because a socket's path
 * must be short, and with a name made from the state folder, so that the next run finds and empties
 * what a killed one has left. The caller holds the state folder's lock.
 */
import { createHash } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { AppError } from "../../src/base/errors.ts";

export interface SocketFolder {
  path: string;
  remove: () => void;
}

/** Makes the folder, empty and open to its owner alone; throws STATE_UNUSABLE. */
export function openSocketFolder(stateDir: string): SocketFolder {
  const name = createHash("sha256").update(resolve(stateDir)).digest("hex").slice(0, 12);
  const path = join(tmpdir(), `fullhouse-${name}`);
  const remove = (): void => rmSync(path, { recursive: true, force: true });
  try {
    remove();
    // Fails when somebody else has put something there since.
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError("STATE_UNUSABLE", `cannot make ${path} for the encoder: ${why}`, error);
  }
  return { path, remove };
}
