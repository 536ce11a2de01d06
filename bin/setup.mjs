/**
 * Set-up of a machine: npm packages, and through the system's package manager what the purpose
 * needs. It says each step, installs only what is missing, and where it may not, ends with the exact
 * commands to type. `node bin/setup.mjs [run] [test]` does it by itself.
 */
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { existsSync } from "node:fs";
import { installNodePackages, nodePackagesProblem } from "./node-packages.mjs";
import { requirements } from "./requirements.mjs";
import {
  installCommands,
  installPackages,
  mayInstall,
  packageManager,
} from "./system-packages.mjs";

const say = (line) => console.error(`set-up: ${line}`);

/** True when everything the purposes ("run", "test") need is there; it has said what is not. */
export async function setUp({ root, purposes }) {
  if (!(await setUpNodePackages(root))) return false;
  if (!(await setUpTools(requirements.filter(({ purpose }) => purposes.includes(purpose))))) {
    return false;
  }
  return !purposes.includes("test") || (await setUpK6(root));
}

/**
 * True when the ffmpeg that the configuration names is there. One in the PATH is installed when it
 * is missing; one of a path of its own is its owner's business.
 */
export async function setUpFfmpeg(ffmpegPath) {
  const ffmpeg = requirements.find(({ name }) => name === "ffmpeg");
  if (ffmpegPath === "ffmpeg") return setUpTools([ffmpeg]);
  const { problem } = ffmpeg.find(ffmpegPath);
  if (problem !== undefined) say(`origin.ffmpegPath "${ffmpegPath}": ${problem}`);
  return problem === undefined;
}

/**
 * Why a tool cannot be used and how to install it, in one line; undefined when it is there. For what
 * was asked for by an option: that installs nothing by itself.
 */
export function toolProblem(name) {
  const tool = requirements.find((one) => one.name === name);
  const { problem } = tool.find();
  if (problem === undefined) return undefined;
  const manager = packageManager();
  const packages = packagesFor([tool], manager);
  const how = packages.length === 0 ? tool.hint : installCommands(manager, packages).join(" && ");
  return `${name} was ${problem}; type: ${how}`;
}

/** True when the npm packages are those of the lock file. */
export async function setUpNodePackages(root) {
  const problem = nodePackagesProblem(root);
  if (problem === undefined) return true;
  say(`npm packages are ${problem}; installing them (npm ci)`);
  if ((await installNodePackages(root)) && nodePackagesProblem(root) === undefined) return true;
  say(`npm packages could not be installed. Type:\n  cd ${root} && npm ci`);
  return false;
}

async function setUpTools(needed) {
  const missing = needed.filter(({ find }) => find().problem !== undefined);
  if (missing.length === 0) return true;
  const names = missing.map(({ name, what }) => `${name} (${what})`).join(", ");
  say(`missing: ${names}`);
  const manager = packageManager();
  const packages = packagesFor(missing, manager);
  if (packages.length > 0 && mayInstall(manager)) {
    say(`installing ${packages.join(", ")} with ${manager}`);
    await installPackages(manager, packages);
  }
  const still = needed.filter(({ find }) => find().problem !== undefined);
  if (still.length === 0) return true;
  say(`still missing: ${still.map(({ name, find }) => `${name}: ${find().problem}`).join(", ")}`);
  for (const line of adviceFor(still, manager)) say(line);
  return false;
}

/** The packages that bring the tools, by the manager's names; empty where it has none. */
export function packagesFor(tools, manager) {
  return manager === undefined ? [] : tools.flatMap(({ packages }) => packages[manager] ?? []);
}

/** What a person has to do for the tools: the manager's commands, or a hint for each tool. */
export function adviceFor(tools, manager, rights) {
  const packages = packagesFor(tools, manager);
  const commands = packages.length === 0 ? [] : installCommands(manager, packages, rights);
  const unknown = tools.filter(({ packages: by }) => by[manager] === undefined);
  return [
    ...(commands.length === 0 ? [] : ["type:", ...commands.map((command) => `  ${command}`)]),
    ...unknown.map(({ name, hint }) => `${name}: ${hint}`),
  ];
}

async function setUpK6(root) {
  const build = join(root, "loadtest/k6/build/build.mjs");
  if (!existsSync(build)) return true;
  const { k6Path } = await import(pathToFileURL(build).href);
  try {
    await k6Path(say);
    return true;
  } catch (error) {
    say(error.message);
    return false;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const asked = process.argv.slice(2);
  const purposes = asked.length === 0 ? ["run"] : asked;
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  process.exitCode = (await setUp({ root, purposes })) ? 0 : 1;
}
