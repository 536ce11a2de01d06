/**
 * Where the k6 that runs our scripts is: the one built from go.mod in this folder, kept in a cache
 * folder for every checkout of the machine, or else any k6 from 2.0 on in PATH. Plain JavaScript
 * without dependencies, because set-up runs it before anything is installed.
 * Run by itself, it builds k6 when needed and prints its path.
 */
import { spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";

const file = fileURLToPath(import.meta.url);
const folder = dirname(file);

/** The version that go.mod pins, such as "2.2.0". */
export const k6Version = readPinnedVersion();

/**
 * What every run of k6 gets: no downloads of extensions, no usage reports, and Go's collector at half
 * the room of its default, because what viewers take is bounded by memory and not by collecting.
 */
export const k6Environment = Object.freeze({
  GOGC: "50",
  K6_AUTO_EXTENSION_RESOLUTION: "false",
  K6_NO_USAGE_REPORT: "true",
});

/** The k6 to use if there is one already, else undefined. Builds nothing. */
export function findK6() {
  const cached = cachedK6();
  if (existsSync(cached)) return cached;
  const onPath = spawnSync("k6", ["version"], { encoding: "utf8" });
  return onPath.status === 0 && isUsable(onPath.stdout) ? "k6" : undefined;
}

/**
 * The k6 to use, built when there is none; `say` gets a line before the minute that takes. Throws
 * an Error that ends with the command to type when Go is missing or the build fails.
 */
export async function k6Path(say = () => {}) {
  const found = findK6();
  if (found !== undefined) return found;
  const go = spawnSync("go", ["version"], { encoding: "utf8" });
  if (go.status !== 0) throw new Error(withoutGo);
  makeCache();
  say(`Building k6 ${k6Version} with Go (once, about a minute) ...`);
  return buildK6();
}

/** One line for `doctor`: where k6 comes from, or what to do. */
export function describeK6() {
  const found = findK6();
  if (found !== undefined) return { ok: true, line: `k6: ${found}` };
  const go = spawnSync("go", ["version"], { encoding: "utf8" });
  if (go.status !== 0) return { ok: false, line: withoutGo };
  return { ok: false, line: `k6 is not built: node ${file}` };
}

const withoutGo =
  `k6 is missing, and so is Go 1.25 or newer, which builds it. Install Go ` +
  `(https://go.dev/doc/install) and run: node ${file} - ` +
  `or put a k6 from 2.0 on in PATH (https://grafana.com/docs/k6/latest/set-up/install-k6/)`;

/** Our folder in the user's cache; a relative XDG_CACHE_HOME counts as none, as its specification says. */
export function cacheFolder() {
  const { XDG_CACHE_HOME: stated = "" } = process.env;
  return join(isAbsolute(stated) ? stated : join(homedir(), ".cache"), "fullhouse");
}

function cachedK6() {
  return join(cacheFolder(), `k6-${k6Version}`, "k6");
}

/** Before the wait, and before Go is asked, which keeps its own files below the same XDG_CACHE_HOME. */
function makeCache() {
  const cache = dirname(cachedK6());
  try {
    makeFolder(cache);
    accessSync(cache, constants.W_OK);
  } catch (error) {
    throw new Error(
      `cannot keep k6 in ${cache} (${error.message}): set XDG_CACHE_HOME to a folder of yours`,
    );
  }
}

/** As src/node/make-folder.ts, which is not to be had here: mkdirSync's `recursive` never ends in /proc. */
function makeFolder(path) {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if (!existsSync(path)) throw error;
  }
}

/**
 * Builds under a name of its own and renames, so that neither a broken build nor half of one ever looks
 * like a k6. Of several at once, also of one process, the last to end is the one that stays.
 */
async function buildK6() {
  const target = cachedK6();
  const fresh = `${target}.${randomUUID()}.new`;
  const code = await run("go", [
    "build",
    "-mod=readonly",
    "-buildvcs=false",
    "-trimpath",
    "-ldflags=-s -w",
    "-o",
    fresh,
    ".",
  ]);
  if (code !== 0) {
    rmSync(fresh, { force: true });
    throw new Error(
      `k6 ${k6Version} could not be built (see Go's message above). ` +
        `Try again with: node ${file}`,
    );
  }
  const built = spawnSync(fresh, ["version"], { encoding: "utf8" });
  if (built.status !== 0 || !isUsable(built.stdout)) {
    rmSync(fresh, { force: true });
    throw new Error(
      `the k6 that was built does not run: ${built.error ?? built.stderr + built.stdout}`,
    );
  }
  renameSync(fresh, target);
  return target;
}

/** Go's messages go to stderr: stdout is the path. GOFLAGS and GOWORK of the user would interfere. */
function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: folder,
      stdio: ["ignore", 2, 2],
      env: { ...process.env, GOFLAGS: "", GOWORK: "off", CGO_ENABLED: "0" },
    });
    child.on("error", reject);
    child.on("exit", (code) => resolve(code));
  });
}

/** Whether `k6 version` printed 2.0 or newer. */
function isUsable(versionLine) {
  const match = / v(\d+)\.\d+\.\d+/.exec(versionLine);
  return match !== null && Number(match[1]) >= 2;
}

function readPinnedVersion() {
  const module = readFileSync(join(folder, "go.mod"), "utf8");
  const match = /go\.k6\.io\/k6\/v2 v(\S+)/.exec(module);
  if (match === null) throw new Error(`${join(folder, "go.mod")} names no k6 version`);
  return match[1];
}

if (process.argv[1] === file) {
  try {
    console.log(await k6Path((line) => console.error(line)));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
