/** Which code runs: what results of runs and benchmarks name. */
import { spawnSync } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "./package-root.ts";

/** The commit of a checkout ("-dirty" when files differ from it), else the package's version. */
export function commitOf(root: string = packageRoot()): string {
  // A package that is installed within somebody else's checkout is not of their commit.
  const top = git(["rev-parse", "--show-toplevel"], root);
  if (top !== undefined && realpathSync(top) === realpathSync(root)) {
    const commit = git(["describe", "--always", "--dirty", "--abbrev=12"], root);
    if (commit !== undefined) return commit;
  }
  return `version ${versionOf(root)}`;
}

let running: string | undefined;

/** What runs in this process: Git is asked once (about 50 ms), when a program starts. */
export function runningCommit(): string {
  return (running ??= commitOf());
}

/** The version in package.json. */
export function versionOf(root: string = packageRoot()): string {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    version?: string;
  };
  return manifest.version ?? "unknown";
}

function git(args: readonly string[], cwd: string): string | undefined {
  const { status, stdout } = spawnSync("git", args, { cwd, encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}
