/** Whether node_modules holds what package-lock.json says, and the installation of it. */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { runVisibly } from "./run-visibly.mjs";

/** The packages of a lock file that are missing or of another version, as "name wanted". */
export function outdatedPackages(lock, installed) {
  return Object.entries(lock.packages ?? {})
    .filter(([path, { optional, link }]) => path !== "" && optional !== true && link !== true)
    .filter(([path, { version }]) => installed.packages?.[path]?.version !== version)
    .map(([path, { version }]) => `${path.replace(/^.*node_modules\//, "")} ${version}`);
}

/** What is wrong with the installation below the folder, or undefined when nothing is. */
export function nodePackagesProblem(root) {
  // A package that npm installed has no lock file of its own: npm looked after its dependencies.
  if (!existsSync(join(root, "package-lock.json"))) return undefined;
  const installedPath = join(root, "node_modules/.package-lock.json");
  if (!existsSync(installedPath)) return "not installed";
  const outdated = outdatedPackages(
    JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")),
    JSON.parse(readFileSync(installedPath, "utf8")),
  );
  if (outdated.length === 0) return undefined;
  const more = outdated.length > 3 ? ` and ${outdated.length - 3} more` : "";
  return `out of date: ${outdated.slice(0, 3).join(", ")}${more}`;
}

/**
 * Runs `npm ci`; true when the packages are there. One at a time: two would empty the folder under
 * each other, so a second one waits and then finds the work done.
 */
export async function installNodePackages(root) {
  const release = await takeTurn(join(root, ".cache/npm-ci.pid"));
  try {
    if (nodePackagesProblem(root) === undefined) return true;
    return (await runVisibly("npm", ["ci", "--no-audit", "--no-fund"], { cwd: root })) === 0;
  } finally {
    release();
  }
}

/** Waits until no living process holds the file, then holds it; returns the release. */
export async function takeTurn(path) {
  mkdirSync(dirname(path), { recursive: true });
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: "wx" });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (isAlive(path)) await delay(200);
    else rmSync(path, { force: true });
  }
}

function isAlive(path) {
  try {
    const pid = Number(readFileSync(path, "utf8"));
    // Another may be about to write its number.
    if (!Number.isInteger(pid) || pid < 1) return Date.now() - statSync(path).mtimeMs < 2_000;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
