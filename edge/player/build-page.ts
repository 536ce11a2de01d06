/**
 * Bundles the player page with esbuild: at start in development (about 0.2 s), and once by
 * `fullhouse build` for packages, which carry the result in `built/` beside the compiled code.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundlePage } from "../../src/node/bundle-page.ts";
import { hashedName } from "../../src/node/hashed-name.ts";
import { fillIn, type BuiltFile, type BuiltPage } from "./page-template.ts";

const sourceDir = join(import.meta.dirname, "page");

export async function buildPage(): Promise<BuiltPage> {
  const { output, chunks } = await bundlePage(sourceDir, {
    entries: ["main.ts", "page.css", "early.js", "plain.css"],
    // The light build lacks alternate audio tracks, subtitles, DRM, interstitials and CMCD, none of
    // which our playlists have; it saves 67 kB of gzip, 1.8 s for a viewer with 300 kbps. A playlist
    // that does have captions brings the full one (page/playback/hls-full.ts).
    alias: { "hls.js": "hls.js/light", "hls.js/dist/hls.mjs": "hls.js/dist/hls.mjs" },
  });
  const text = (ending: string): string => Buffer.from(output(ending)).toString().trim();
  const logoSvg = (await source("../../../src/brand/logo.svg")).trim();
  const script = named("page", "js", "text/javascript; charset=utf-8", output("main.js"));
  const style = named("page", "css", "text/css; charset=utf-8", output("page.css"));
  const scripts = chunks.map(({ name, bytes }) => ({
    name,
    contentType: script.contentType,
    bytes,
  }));
  const preloads = chunks
    .filter(({ isNeeded }) => isNeeded)
    .map(({ name }) => `<link rel="modulepreload" href="../assets/${name}" />`);
  const icon = named("icon", "svg", "image/svg+xml", Buffer.from(logoSvg));
  const player = await source("player.html");
  const notice = await source("sharing-notice.html");
  const fill = (html: string, { corner }: { corner: string }): string =>
    fillIn(
      html.replace("{{player}}", () => player).replace("{{notice}}", () => notice),
      {
        corner,
        script: script.name,
        style: style.name,
        icon: icon.name,
      },
    )
      .replace("<!--early-->", () => `${preloads.join("")}<script>${text("early.js")}</script>`)
      .replace("<!--plain-->", () => `<style>${text("plain.css")}</style>`);
  return {
    templates: {
      watch: fill(await source("watch.html"), { corner: "" }),
      embed: fill(await source("embed.html"), { corner: watermark }),
      feeds: fill(await source("feeds.html"), { corner: "" }),
      notFound: fill(await source("not-found.html"), { corner: "" }),
    },
    logoSvg,
    files: [script, style, icon, ...scripts],
    lazyFiles: chunks.filter(({ isNeeded }) => !isNeeded).map(({ name }) => name),
  };
}

const watermark =
  '<a id="watch-link" class="watermark" slot="top-chrome" target="_blank" rel="noopener" href="#">' +
  "{{logo}}<span>{{name}}</span></a>";

/** Writes the page to a folder, for readBuiltPage. */
export async function writeBuiltPage(dir: string): Promise<void> {
  const { files, ...rest } = await buildPage();
  await mkdir(dir, { recursive: true });
  for (const { name, bytes } of files) await writeFile(join(dir, name), bytes);
  const listed = files.map(({ name, contentType }) => ({ name, contentType }));
  await writeFile(join(dir, "page.json"), JSON.stringify({ ...rest, files: listed }));
}

function source(name: string): Promise<string> {
  return readFile(join(sourceDir, name), "utf8");
}

function named(stem: string, ending: string, contentType: string, bytes: Uint8Array): BuiltFile {
  return { name: hashedName(stem, ending, bytes), contentType, bytes };
}
