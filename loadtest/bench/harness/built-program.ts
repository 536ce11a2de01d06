/**
 * The programs as a package has them: compiled, without a loader. Benchmarks measure these, for
 * the loader of a checkout changes what closures cost.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../../..");

/** Builds into the cache folder of the checkout; returns the path of fullhouse.mjs there. */
export function buildProgram(say: (line: string) => void): string {
  say("Compiling the programs ...");
  const build = spawnSync(process.execPath, [join(root, "bin/build.mjs")], {
    cwd: root,
    encoding: "utf8",
  });
  if (build.status !== 0) throw new Error(`the build failed:\n${build.stdout}${build.stderr}`);
  const folder = join(root, ".cache/bench-program");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "bin"), { recursive: true });
  for (const file of readdirSync(join(root, "bin"))) {
    if (file.endsWith(".mjs")) cpSync(join(root, "bin", file), join(folder, "bin", file));
  }
  cpSync(join(root, "dist"), join(folder, "dist"), { recursive: true });
  cpSync(join(root, "loadtest/scenarios"), join(folder, "loadtest/scenarios"), { recursive: true });
  cpSync(join(root, "package.json"), join(folder, "package.json"));
  return join(folder, "bin/fullhouse.mjs");
}
