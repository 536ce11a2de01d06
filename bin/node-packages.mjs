/** Whether node_modules holds what package-lock.json says, and the installation of it. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
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

/** Runs `npm ci`; true when it succeeded. */
export async function installNodePackages(root) {
  return (await runVisibly("npm", ["ci", "--no-audit", "--no-fund"], { cwd: root })) === 0;
}
