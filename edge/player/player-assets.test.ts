import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { defaultBrand } from "./brand.ts";
import { writeBuiltPage } from "./build-page.ts";
import { loadPlayerAssets, type Asset, type PlayerAssets } from "./player-assets.ts";

/** All that a first visit loads before media, in bytes of gzip; raised only on purpose. */
const firstLoadBudget: Record<string, number> = {
  page: 8_000,
  js: 185_000,
  css: 12_000,
  svg: 1_000,
};
const firstLoadBytesMax = 260_000;

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
  const loaded: Record<string, number> = { page: gzipBytes(assets.player("watch", "main")) };
  for (const [name, file] of assets.files) {
    if (assets.lazyFiles.has(name)) continue;
    const kind = name.slice(name.lastIndexOf(".") + 1);
    loaded[kind] = (loaded[kind] ?? 0) + gzipBytes(file);
  }
  const within = Object.entries(loaded).map(([kind, bytes]): [string, number] => {
    const budget = firstLoadBudget[kind] ?? 0;
    return [kind, bytes <= budget && bytes > budget / 4 ? budget : bytes];
  });
  // The difference shows what grew, and to how much.
  expect(Object.fromEntries(within)).toEqual(firstLoadBudget);
  const total = Object.values(loaded).reduce((sum, bytes) => sum + bytes, 0);
  expect(total).toBeLessThanOrEqual(firstLoadBytesMax);
});

test("what few visits need waits until it is asked for", () => {
  const lazy = [...assets.lazyFiles].join();
  expect(lazy).toMatch(/hls-full-/);
  expect(lazy).toMatch(/stats-panel-/);
  for (const name of assets.lazyFiles)
    expect(text(assets.player("watch", "main"))).not.toContain(name);
});

test("scripts that the page begins with are asked for at once, not one after the other", () => {
  const scripts = [...assets.files.keys()].filter((name) => name.endsWith(".js"));
  for (const name of scripts.filter((one) => !assets.lazyFiles.has(one))) {
    expect(text(assets.player("watch", "main"))).toContain(`../assets/${name}`);
    expect(text(assets.player("embed", "main"))).toContain(`../assets/${name}`);
  }
});

test("the page built for a package is the one that development builds", async () => {
  const fresh = await loadPlayerAssets({ builtDir: join(dir, "none") });
  expect([...fresh.files.keys()]).toEqual([...assets.files.keys()]);
  expect(text(fresh.player("watch", "main"))).toBe(text(assets.player("watch", "main")));
  expect(text(fresh.player("embed", "main"))).toBe(text(assets.player("embed", "main")));
});

test("every file is named by its content, kept for ever, and gzipped where that helps", () => {
  for (const [name, file] of assets.files) {
    const hash = createHash("sha256").update(file.bytes).digest("hex").slice(0, 12);
    // Scripts that others import keep the name that the bundler gave them, by its own hash.
    if (!/-[0-9A-Z]{8}\.js$/.test(name)) expect(name).toContain(`-${hash}.`);
    expect(file.headers["Cache-Control"]).toContain("immutable");
    expect(Buffer.from(gunzipSync(file.gzip!)).equals(Buffer.from(file.bytes))).toBe(true);
  }
});

test("a tag that stands for plain and compressed bytes is a weak one", () => {
  for (const asset of [
    assets.player("watch", "main"),
    assets.player("embed", "main"),
    ...assets.files.values(),
  ]) {
    expect(asset.gzip).toBeDefined();
    expect(asset.headers["ETag"]).toMatch(/^W\/"[0-9a-f]{16}"$/);
  }
});

test("pages refer to their files relatively, so that they work below a token's path", () => {
  for (const page of [assets.player("watch", "main"), assets.player("embed", "main")]) {
    const urls = [...text(page).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url!);
    const files = urls.filter((url) => url.includes("assets"));
    expect(files.length).toBeGreaterThanOrEqual(2);
    for (const url of files) expect(assets.files.has(url.replace("../assets/", ""))).toBe(true);
    expect(urls.filter((url) => url.startsWith("/") || url.startsWith("http"))).toEqual([]);
  }
});

test("pages load nothing from elsewhere and have nothing left to fill in", () => {
  const pages = [
    assets.player("watch", "main"),
    assets.player("embed", "main"),
    assets.notFound,
    assets.feedList(["main"]),
  ];
  const style = [...assets.files].find(([name]) => name.endsWith(".css"))![1];
  for (const one of [...pages, style]) {
    expect(text(one)).not.toMatch(/\{\{\w+\}\}|<!--\w+-->/);
    expect(text(one)).not.toMatch(/@font-face|url\(|https?:\/\/(?!www\.w3\.org)/);
  }
});

test("only the embed page may be framed by others, and every page names its inline blocks", () => {
  const policy = (asset: Asset): string => asset.headers["Content-Security-Policy"]!;
  expect(policy(assets.player("watch", "main"))).toContain("frame-ancestors 'self'");
  expect(policy(assets.player("embed", "main"))).toContain("frame-ancestors *");
  for (const page of [
    assets.player("watch", "main"),
    assets.player("embed", "main"),
    assets.notFound,
    assets.feedList([]),
  ]) {
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
  const own = await loadPlayerAssets({ brand, builtDir: dir });
  for (const page of [own.player("watch", "main"), own.player("embed", "main"), own.notFound]) {
    expect(text(page)).toContain("&lt;b&gt;Tom &amp; Jerry&lt;/b&gt;");
    expect(text(page)).not.toContain("<b>Tom");
  }
});

test("a broadcast with a title has it in its pages and in the list; others have their feed's name", async () => {
  const broadcasts = [{ feed: "main", title: "<i>Gala</i>", description: "Songs & more." }];
  const own = await loadPlayerAssets({ brand: { ...defaultBrand, broadcasts }, builtDir: dir });
  for (const kind of ["watch", "embed"] as const) {
    const page = text(own.player(kind, "main"));
    expect(page).toContain('data-title="&lt;i&gt;Gala&lt;/i&gt;"');
    expect(page).toContain('property="og:title" content="&lt;i&gt;Gala&lt;/i&gt;"');
    expect(page).toContain('name="description" content="Songs &amp; more."');
    const other = text(own.player(kind, "backstage"));
    expect(other).toContain('data-title=""');
    expect(other).toContain('property="og:title" content="Fullhouse"');
  }
  const list = text(own.feedList(["main", "backstage"]));
  expect(list).toContain('<a href="watch/main">&lt;i&gt;Gala&lt;/i&gt;</a>');
  expect(list).toContain('<a href="watch/backstage">Backstage</a>');
});
