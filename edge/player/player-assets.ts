/**
 * Everything the viewer port serves besides media: pages and their files with all headers, ready to
 * send. The same HTML serves every feed; its script reads the feed from the URL.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { defaultBrand, type Brand } from "./brand.ts";
import { fileHeaders, pageHeaders, type PageKind } from "./page-headers.ts";
import { fillIn, type BuiltFile, type BuiltPage } from "./page-template.ts";
import { feedTitle } from "./page/page-location.ts";

/** One response body with its headers (Content-Type apart); gzip where that is smaller. */
export interface Asset {
  contentType: string;
  bytes: Uint8Array;
  gzip?: Uint8Array;
  headers: Record<string, string>;
}

export interface PlayerAssets {
  watch: Asset;
  embed: Asset;
  notFound: Asset;
  /** The page at `/` where there is not exactly one live feed. */
  feedList(feeds: readonly string[]): Asset;
  /** By name under /assets/; names carry a hash of the content. */
  files: ReadonlyMap<string, Asset>;
}

/** Where packages carry the built page. */
const packagedDir = join(import.meta.dirname, "built");

/** Reads the built page, or builds it from source where there is none (development). */
export async function loadPlayerAssets({
  brand = defaultBrand,
  builtDir = packagedDir,
}: { brand?: Brand; builtDir?: string } = {}): Promise<PlayerAssets> {
  const page = existsSync(join(builtDir, "page.json"))
    ? await readBuiltPage(builtDir)
    : await (await import("./build-page.ts")).buildPage();
  return playerAssets(page, brand);
}

export function playerAssets(page: BuiltPage, brand: Brand): PlayerAssets {
  const words = {
    name: escapeHtml(brand.name),
    tagline: escapeHtml(brand.tagline),
    logo: brand.logoSvg ?? page.logoSvg,
  };
  const html = (template: string, kind: PageKind, feeds = ""): Asset =>
    htmlAsset(fillIn(template, { ...words, feeds }), kind);
  const { templates } = page;
  return {
    watch: html(templates.watch, "watch"),
    embed: html(templates.embed, "embed"),
    notFound: html(templates.notFound, "plain"),
    feedList: (feeds) => html(templates.feeds, "plain", feedLinks(feeds)),
    files: new Map(page.files.map((file) => [file.name, fileAsset(file)])),
  };
}

async function readBuiltPage(dir: string): Promise<BuiltPage> {
  type Listed = Omit<BuiltPage, "files"> & { files: Omit<BuiltFile, "bytes">[] };
  const listed = JSON.parse(await readFile(join(dir, "page.json"), "utf8")) as Listed;
  const files = await Promise.all(
    listed.files.map(async (file) => ({ ...file, bytes: await readFile(join(dir, file.name)) })),
  );
  return { ...listed, files };
}

function feedLinks(feeds: readonly string[]): string {
  if (feeds.length === 0) return "<p>No broadcast is announced at the moment.</p>";
  const links = feeds.map((feed) => {
    const name = escapeHtml(feed);
    return `<li><a href="watch/${name}">${escapeHtml(feedTitle(feed))}</a></li>`;
  });
  return `<ul>${links.join("")}</ul>`;
}

function htmlAsset(html: string, kind: PageKind): Asset {
  return withGzip({
    contentType: "text/html; charset=utf-8",
    bytes: Buffer.from(html),
    headers: pageHeaders(kind, html),
  });
}

function fileAsset({ contentType, bytes }: BuiltFile): Asset {
  return withGzip({ contentType, bytes, headers: fileHeaders(bytes) });
}

function withGzip(asset: Asset): Asset {
  const gzip = gzipSync(asset.bytes, { level: 9 });
  return gzip.length < asset.bytes.length ? { ...asset, gzip } : asset;
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
  };
  return text.replace(/[&<>"]/g, (character) => entities[character]!);
}
