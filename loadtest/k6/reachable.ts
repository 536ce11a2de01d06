/** Which files k6 may reach, which a script does reach, and how many lines of code they have. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { transformSync } from "esbuild";

const root = resolve(import.meta.dirname, "../..");

/** Files of the folders that k6 may import, from the root. */
export function filesForK6(): string[] {
  return ["src/base", "src/hls", "src/viewer"]
    .flatMap(typescriptBelow)
    .filter((file) => !file.endsWith(".test.ts") && !file.includes("/testing/"))
    .sort();
}

/** The scripts that k6 runs; the other files of the folder are theirs. */
export function k6Scripts(): string[] {
  return typescriptBelow("loadtest/k6/scripts")
    .filter((file) => /^export default /m.test(read(file)))
    .sort();
}

/** The file and all that it imports at run time, from the root; k6's own modules left out. */
export function reachableFrom(file: string): string[] {
  const found = new Set<string>();
  const visit = (path: string) => {
    if (found.has(path)) return;
    found.add(path);
    for (const target of runtimeImports(path)) {
      if (!target.startsWith("k6")) visit(target);
    }
  };
  visit(file);
  return [...found];
}

/** What the file imports other than types: paths from the root, and names of packages. */
export function runtimeImports(file: string): string[] {
  const statement = /^(?:import|export)\s+(?!type\b)(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gm;
  return [...read(file).matchAll(statement)].map(([, target = ""]) =>
    target.startsWith(".") ? relative(root, join(root, dirname(file), target)) : target,
  );
}

/**
 * Whether anything is left of the file without its types. k6 2.2.0 hangs for ever on a run-time
 * import of a TypeScript file of which nothing is left (seen 2026-11-22; `import type` is safe).
 */
export function hasRuntimeCode(file: string): boolean {
  return transformSync(read(file), { loader: "ts" }).code.trim() !== "";
}

/** Lines that k6 runs: neither blank nor comment nor type. */
export function codeLineCount(file: string): number {
  const { code } = transformSync(read(file), { loader: "ts" });
  return code.split("\n").filter((line) => /^\s*[^\s/*]/.test(line)).length;
}

function typescriptBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));
}

function read(file: string): string {
  return readFileSync(join(root, file), "utf8");
}
