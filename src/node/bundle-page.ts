/** Bundles the script and the styles of a page with esbuild, for whoever puts them into HTML. */
import { basename, join } from "node:path";
import { build, type Metafile } from "esbuild";

/** Browsers from about 2022 on: what Media Source playback of live needs anyway. */
const target = ["chrome100", "firefox100", "safari15.4"];

export interface PageBundle {
  /** Each entry's output by the end of its name, such as "main.js". */
  output: (ending: string) => Uint8Array;
  /** What `import()` brings later, and what scripts have in common with it. */
  chunks: ScriptChunk[];
}

export interface ScriptChunk {
  /** Has a hash of the content, and must be kept: scripts import each other by their names. */
  name: string;
  bytes: Uint8Array;
  /** An entry begins with it; the others wait until they are asked for. */
  isNeeded: boolean;
}

export async function bundlePage(
  sourceDir: string,
  { entries, alias = {} }: { entries: readonly string[]; alias?: Record<string, string> },
): Promise<PageBundle> {
  const { outputFiles, metafile } = await build({
    entryPoints: entries.map((name) => join(sourceDir, name)),
    absWorkingDir: sourceDir,
    outdir: sourceDir,
    bundle: true,
    splitting: true,
    chunkNames: "[name]-[hash]",
    metafile: true,
    minify: true,
    write: false,
    format: "esm",
    target,
    legalComments: "none",
    logLevel: "silent",
    alias,
  });
  const own = new Set(entries.map((name) => name.replace(/\.ts$/, ".js")));
  const needed = neededBy(own, metafile);
  const files = outputFiles.map(({ path, contents }) => ({
    name: basename(path),
    bytes: contents,
  }));
  return {
    output: (ending) => files.find(({ name }) => name.endsWith(ending))!.bytes,
    chunks: files
      .filter(({ name }) => !own.has(name))
      .map((file) => ({ ...file, isNeeded: needed.has(file.name) })),
  };
}

/** All that runs before the first line of these scripts. */
function neededBy(own: ReadonlySet<string>, { outputs }: Metafile): ReadonlySet<string> {
  const needed = new Set<string>();
  const visit = (name: string): void => {
    for (const { path, kind } of outputs[name]?.imports ?? []) {
      if (kind !== "import-statement" || needed.has(path)) continue;
      needed.add(path);
      visit(path);
    }
  };
  for (const name of own) visit(name);
  return needed;
}
