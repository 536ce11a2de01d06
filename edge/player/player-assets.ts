/**
 * Everything the viewer port serves besides media: pages and their files with all headers, ready to
 * send. The same HTML serves every feed that has no title of its own; its script reads the feed from
 * the URL.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { defaultBrand, type Brand, type Broadcast } from "./brand.ts";
import { dressOf, type Wearer } from "./dress-page.ts";
import { fileHeaders, pageHeaders, type PageKind } from "./page-headers.ts";
import { fillIn, type BuiltFile, type BuiltPage } from "./page-template.ts";
import type { ConsentRule } from "./page/sharing/consent.ts";
import { escapeHtml } from "./page/controls/escape-html.ts";
import { feedTitle } from "./page/system/page-location.ts";

/** One response body with its headers (Content-Type apart); gzip where that is smaller. */
export interface Asset {
  contentType: string;
  bytes: Uint8Array;
  gzip?: Uint8Array;
  headers: Record<string, string>;
}

export interface PlayerAssets {
  /** The player's page for a feed. */
  player(kind: "watch" | "embed", feed: string): Asset;
  notFound: Asset;
  /** The page at `/` where there is not exactly one live feed. */
  feedList(feeds: readonly string[]): Asset;
  /** By name under /assets/; names carry a hash of the content. */
  files: ReadonlyMap<string, Asset>;
  /** Those of them that no first visit loads. */
  lazyFiles: ReadonlySet<string>;
}

/** Where packages carry the built page. */
const packagedDir = join(import.meta.dirname, "built");

/** Reads the built page, or builds it from source where there is none (development). */
export async function loadPlayerAssets({
  brand = defaultBrand,
  consent = "inform",
  builtDir = packagedDir,
}: { brand?: Brand; consent?: ConsentRule; builtDir?: string } = {}): Promise<PlayerAssets> {
  const page = existsSync(join(builtDir, "page.json"))
    ? await readBuiltPage(builtDir)
    : await (await import("./build-page.ts")).buildPage();
  return playerAssets(page, { brand, consent });
}

function playerAssets(
  page: BuiltPage,
  { brand, consent }: { brand: Brand; consent: ConsentRule },
): PlayerAssets {
  const dress = dressOf(brand);
  const words = { name: escapeHtml(brand.name), tagline: escapeHtml(brand.tagline), consent };
  const html = (
    template: string,
    {
      kind,
      assetsUrl,
      broadcast,
      feeds = "",
    }: Partial<Wearer> & { kind: PageKind; feeds?: string },
  ): Asset => {
    const url = assetsUrl ?? null;
    const logo = dress.logo(url) ?? page.logoSvg;
    const title = escapeHtml(broadcast?.title ?? "");
    const filled = fillIn(template, { ...words, logo, feeds, title });
    return htmlAsset(dress.dressed(filled, { kind, assetsUrl: url, broadcast }), kind);
  };
  const { templates } = page;
  const files = [...page.files, ...dress.files];
  const players = (kind: "watch" | "embed") => {
    const of = (broadcast: Broadcast | undefined): Asset =>
      html(templates[kind], { kind, assetsUrl: "../assets/", broadcast });
    const named = new Map(brand.broadcasts.map((one) => [one.feed, of(one)]));
    return { named, other: of(undefined) };
  };
  const ofKind = { watch: players("watch"), embed: players("embed") };
  const titles = new Map(brand.broadcasts.map(({ feed, title }) => [feed, title]));
  return {
    player: (kind, feed) => ofKind[kind].named.get(feed) ?? ofKind[kind].other,
    // It stands at any depth, so it has no way to files.
    notFound: html(templates.notFound, { kind: "plain" }),
    feedList: (feeds) => {
      const links = feedLinks(feeds, (feed) => titles.get(feed) ?? feedTitle(feed));
      return html(templates.feeds, { kind: "plain", assetsUrl: "assets/", feeds: links });
    },
    files: new Map(files.map((file) => [file.name, fileAsset(file)])),
    lazyFiles: new Set(page.lazyFiles),
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

function feedLinks(feeds: readonly string[], titleOf: (feed: string) => string): string {
  if (feeds.length === 0) return "<p>No broadcast is announced at the moment.</p>";
  const links = feeds.map((feed) => {
    const name = escapeHtml(feed);
    return `<li><a href="watch/${name}">${escapeHtml(titleOf(feed))}</a></li>`;
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

function fileAsset(file: BuiltFile): Asset {
  const { contentType, bytes } = file;
  return withGzip({ contentType, bytes, headers: fileHeaders(file) });
}

function withGzip(asset: Asset): Asset {
  const gzip = gzipSync(asset.bytes, { level: 9 });
  return gzip.length < asset.bytes.length ? { ...asset, gzip } : asset;
}
