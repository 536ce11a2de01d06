#!/usr/bin/env node
/**
 * The command. Plain JavaScript without dependencies, because it runs before anything is installed:
 * it checks Node and the platform, installs the npm packages for `start`, and hands over to main.ts,
 * in a checkout through tsx, in a package as compiled by `npm run build`.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isNodeSupported, nodeVersionMin } from "./node-version.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [command, ...rest] = process.argv.slice(2);
const asksForHelp = rest.includes("--help") || rest.includes("-h");

/** Ends with one line that says what to do. */
function refuse(message) {
  console.error(`fullhouse: ${message}`);
  process.exit(1);
}

if (!isNodeSupported(process.versions.node)) {
  refuse(
    `needs Node ${nodeVersionMin} or newer, this is ${process.versions.node}: https://nodejs.org`,
  );
}
if (!["linux", "darwin"].includes(process.platform)) {
  refuse(
    `runs on Linux and macOS, not on ${process.platform} (there: in a Linux container or WSL)`,
  );
}

const { doctor } = await import("./doctor.mjs");
const source = join(root, "bin/main.ts");
const compiled = join(root, "dist/bin/main.js");
const isCheckout = existsSync(source);

const hasLoader = !isCheckout || existsSync(join(root, "node_modules/tsx"));

if (command === "start" && !asksForHelp) {
  const { setUpNodePackages } = await import("./setup.mjs");
  if (!(await setUpNodePackages(root))) process.exit(1);
} else if (!hasLoader) {
  // Only the doctor works without packages: it says that they are missing.
  if (command === "doctor") process.exit((await doctor(root)) ? 0 : 1);
  refuse(`its packages are not installed: cd ${root} && npm ci`);
}

if (isCheckout) {
  const { register } = await import("tsx/esm/api");
  register();
}
const { main } = await import(pathToFileURL(isCheckout ? source : compiled).href);
await main(process.argv.slice(2), {
  launcher: fileURLToPath(import.meta.url),
  doctor: () => doctor(root),
  setUpFfmpeg: async (ffmpegPath) => (await import("./setup.mjs")).setUpFfmpeg(ffmpegPath),
  toolProblem: async (name) => (await import("./setup.mjs")).toolProblem(name),
});
