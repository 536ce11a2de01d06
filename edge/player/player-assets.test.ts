import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { defaultBrand } from "./brand.ts";
import { writeBuiltPage } from "./build-page.ts";
import { loadPlayerAssets, type Asset, type PlayerAssets } from "./player-assets.ts";

/** All that a first visit loads before media; raised only on purpose. */
const firstLoadGzipBytesMax = 175_000;

let dir: string;
let assets: PlayerAssets;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "fullhouse-page-"));
  await writeBuiltPage(dir);
  assets = await loadPlayerAssets({ builtDir: dir });
});
afterAll(() => rm(dir, { recursive: true }));

const text = (asset: Asset): string => Buffer.from(asset.bytes).toString();
const gzipBytes = ({ gzip, bytes }: Asset): number => (gzip ?? bytes).length;

test("a first visit loads no more than its budget, far below 260 kB", () => {
  const files = [...assets.files.values()];
  const total = [assets.watch, ...files].reduce((sum, asset) => sum + gzipBytes(asset), 0);
  expect(total).toBeLessThan(firstLoadGzipBytesMax);
  expect(total).toBeGreaterThan(50_000);
});

test("the page built for a package is the one that development builds", async () => {
  const fresh = await loadPlayerAssets({ builtDir: join(dir, "none") });
  expect([...fresh.files.keys()]).toEqual([...assets.files.keys()]);
  expect(text(fresh.watch)).toBe(text(assets.watch));
  expect(text(fresh.embed)).toBe(text(assets.embed));
});

test("every file is named by its content, kept for ever, and gzipped where that helps", () => {
  for (const [name, file] of assets.files) {
    const hash = createHash("sha256").update(file.bytes).digest("hex").slice(0, 12);
    expect(name).toContain(`-${hash}.`);
    expect(file.headers["Cache-Control"]).toContain("immutable");
    expect(Buffer.from(gunzipSync(file.gzip!)).equals(Buffer.from(file.bytes))).toBe(true);
  }
});

test("a tag that stands for plain and compressed bytes is a weak one", () => {
  for (const asset of [assets.watch, assets.embed, ...assets.files.values()]) {
    expect(asset.gzip).toBeDefined();
    expect(asset.headers["ETag"]).toMatch(/^W\/"[0-9a-f]{16}"$/);
  }
});

test("pages refer to their files relatively, so that they work below a token's path", () => {
  for (const page of [assets.watch, assets.embed]) {
    const urls = [...text(page).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url!);
    const files = urls.filter((url) => url.includes("assets"));
    expect(files.length).toBeGreaterThanOrEqual(2);
    for (const url of files) expect(assets.files.has(url.replace("../assets/", ""))).toBe(true);
    expect(urls.filter((url) => url.startsWith("/") || url.startsWith("http"))).toEqual([]);
  }
});

test("pages load nothing from elsewhere and have nothing left to fill in", () => {
  const pages = [assets.watch, assets.embed, assets.notFound, assets.feedList(["main"])];
  const style = [...assets.files].find(([name]) => name.endsWith(".css"))![1];
  for (const one of [...pages, style]) {
    expect(text(one)).not.toMatch(/\{\{\w+\}\}|<!--\w+-->/);
    expect(text(one)).not.toMatch(/@font-face|url\(|https?:\/\/(?!www\.w3\.org)/);
  }
});

test("only the embed page may be framed by others, and every page names its inline blocks", () => {
  const policy = (asset: Asset): string => asset.headers["Content-Security-Policy"]!;
  expect(policy(assets.watch)).toContain("frame-ancestors 'self'");
  expect(policy(assets.embed)).toContain("frame-ancestors *");
  for (const page of [assets.watch, assets.embed, assets.notFound, assets.feedList([])]) {
    expect(policy(page)).toContain("default-src 'none'");
    expect(page.headers["X-Content-Type-Options"]).toBe("nosniff");
    expect(page.headers["Referrer-Policy"]).toBe("no-referrer");
    const inline = [...text(page).matchAll(/<(?:script|style)>([\s\S]*?)<\/(?:script|style)>/g)];
    expect(inline).toHaveLength(1);
    const hash = createHash("sha256").update(inline[0]![1]!).digest("base64");
    expect(policy(page)).toContain(`'sha256-${hash}'`);
  }
});

test("the list links each feed relatively; without any it says so", () => {
  const list = text(assets.feedList(["main", "second-stage"]));
  expect(list).toContain('<a href="watch/main">Main</a>');
  expect(list).toContain('<a href="watch/second-stage">Second stage</a>');
  expect(text(assets.feedList([]))).toContain("No broadcast is announced");
});

test("the broadcaster's name stands in every page, and cannot break out of it", async () => {
  const brand = { ...defaultBrand, name: "<b>Tom & Jerry</b>" };
  const { watch, embed, notFound } = await loadPlayerAssets({ brand, builtDir: dir });
  for (const page of [watch, embed, notFound]) {
    expect(text(page)).toContain("&lt;b&gt;Tom &amp; Jerry&lt;/b&gt;");
    expect(text(page)).not.toContain("<b>Tom");
  }
});
