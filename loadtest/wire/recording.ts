/**
 * What the origin under test replays: the test card in the scenario's ladder, encoded once by
 * `fullhouse record` and kept in the user's cache for every later run.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, renameSync } from "node:fs";
import { rmdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import { AppError } from "../../src/base/errors.ts";
import { attemptWrite, makeFolder } from "../../src/node/make-folder.ts";
import { packageRoot } from "../../src/node/package-root.ts";
import { cacheFolder } from "../k6/k6-build.ts";

/** Six segments of 4.267 s: enough that their sizes differ. */
const recordingSec = 26;
/** Recordings kept, some MB each: more than run side by side, few enough for anybody's disk. */
const keptCount = 16;
/** Part of the name of each recording; raise it when recordings have to be made anew. */
const formVersion = 1;

/**
 * The folder of the recording with those settings of the ladder (`--set` of `fullhouse record`);
 * `say` gets a line before the wait. Throws an AppError when it cannot be made.
 */
export async function recordingOf(
  ladderSettings: readonly string[],
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<string> {
  signal?.throwIfAborted();
  const name = createHash("sha256")
    .update(JSON.stringify([formVersion, recordingSec, ...ladderSettings]))
    .digest("hex")
    .slice(0, 16);
  const folder = join(cacheFolder(), "recordings", name);
  if (existsSync(folder)) {
    markUsed(folder);
    return folder;
  }
  prepareCache(dirname(folder));
  say(`Recording ${recordingSec} s of the test card in this ladder (once) ...`);
  const fresh = `${folder}.${process.pid}.new`;
  try {
    await record(fresh, ladderSettings, signal);
    renameSync(fresh, folder);
    prune(dirname(folder));
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    // Another run may have been first.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** Makes the folder, and one in it as a recording is: before the wait, what is wrong is said in a line. */
function prepareCache(recordings: string): void {
  attemptWrite(recordings, "set XDG_CACHE_HOME to another folder", () => {
    makeFolder(recordings);
    rmdirSync(mkdtempSync(join(recordings, "writable-")));
  });
}

/** By it the ones used least lately are known; somebody else's is used unmarked. */
function markUsed(folder: string): void {
  const now = new Date();
  try {
    utimesSync(folder, now, now);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (!["EPERM", "EACCES", "EROFS"].includes(code)) throw error;
  }
}

/** Removes the recordings used least lately; one that is being made is left alone. */
function prune(recordings: string): void {
  const byUse = readdirSync(recordings)
    .filter((name) => !name.endsWith(".new"))
    .map((name) => join(recordings, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const old of byUse.slice(keptCount)) rmSync(old, { recursive: true, force: true });
}

async function record(
  folder: string,
  ladderSettings: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const settings = ladderSettings.flatMap((setting) => ["--set", setting]);
  const launcher = join(packageRoot(), "bin/fullhouse.mjs");
  const child = spawn(
    process.execPath,
    [launcher, "record", folder, "--seconds", String(recordingSec), ...settings],
    { cwd: dirname(folder), stdio: ["ignore", "ignore", "pipe"] },
  );
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output = (output + text).slice(-4_000);
  });
  const end = (): void => void child.kill("SIGTERM");
  process.once("exit", end);
  signal?.addEventListener("abort", end, { once: true });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  process.off("exit", end);
  signal?.removeEventListener("abort", end);
  signal?.throwIfAborted();
  if (code === 0) return;
  throw new AppError("CHILD_FAILED", `the recording for the load test failed:\n${output.trim()}`);
}
