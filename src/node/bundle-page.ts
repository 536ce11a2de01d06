/** Bundles the script and the styles of a page with esbuild, for whoever puts them into HTML. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { build } from "esbuild";

/** Browsers from about 2022 on: what Media Source playback of live needs anyway. */
const target = ["chrome100", "firefox100", "safari15.4"];

/** Gives each output by the end of its name, such as "main.js". */
export async function bundlePage(
  sourceDir: string,
  { entries, alias = {} }: { entries: readonly string[]; alias?: Record<string, string> },
): Promise<(ending: string) => Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: entries.map((name) => join(sourceDir, name)),
    absWorkingDir: sourceDir,
    outdir: sourceDir,
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target,
    legalComments: "none",
    logLevel: "silent",
    alias,
  });
  return (ending) => outputFiles.find(({ path }) => path.endsWith(ending))!.contents;
}

/** A name that changes with the content, so that browsers may keep it for ever. */
export function hashedName(stem: string, ending: string, bytes: Uint8Array): string {
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  return `${stem}-${hash}.${ending}`;
}
