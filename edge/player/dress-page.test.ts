import { createHash } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { defaultBrand, type Brand } from "./brand.ts";
import { loadPlayerAssets, type Asset, type PlayerAssets } from "./player-assets.ts";

const evil = `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`;
const brand: Brand = {
  ...defaultBrand,
  name: `A "B" & C`,
  logo: { contentType: "image/svg+xml", ending: "svg", bytes: Buffer.from(evil) },
  poster: { contentType: "image/png", ending: "png", bytes: Buffer.from("poster") },
  style: { contentType: "text/css; charset=utf-8", ending: "css", bytes: Buffer.from("a{}") },
  accentColour: "#ffd400",
  backgroundColour: "#101820",
};

let assets: PlayerAssets;
beforeAll(async () => {
  assets = await loadPlayerAssets({ brand });
});

const text = ({ bytes }: Asset): string => Buffer.from(bytes).toString();
const policy = ({ headers }: Asset): string => headers["Content-Security-Policy"]!;

test("a logo of the broadcaster's is an image, never part of the page", () => {
  for (const page of [
    assets.player("watch", "main"),
    assets.player("embed", "main"),
    assets.notFound,
    assets.feedList(["main"]),
  ]) {
    expect(text(page)).not.toContain("alert(1)");
  }
  const [name, file] = [...assets.files].find(([one]) => one.startsWith("logo-"))!;
  expect(text(file)).toBe(evil);
  expect(policy(file)).toMatch(/default-src 'none'.*sandbox/);
  expect(text(assets.player("watch", "main"))).toContain(`<img src="../assets/${name}" alt="" />`);
  expect(text(assets.feedList(["main"]))).toContain(`<img src="assets/${name}" alt="" />`);
  // It stands at any depth: there is no address that would do.
  expect(text(assets.notFound)).not.toContain("<img");
});

test("the page's sign is the broadcaster's, and so is the colour around it", () => {
  const watch = text(assets.player("watch", "main"));
  expect(watch.match(/rel="icon"/g)).toHaveLength(1);
  expect(watch).toMatch(/<link rel="icon" type="image\/svg\+xml" href="\.\.\/assets\/logo-/);
  expect(watch.match(/<meta name="theme-color"[^>]*>/g)).toEqual([
    '<meta name="theme-color" content="#101820" />',
  ]);
  expect(watch).toContain(`<meta name="application-name" content="A &quot;B&quot; &amp; C" />`);
});

test("styles come after ours: the theme, then the broadcaster's own", () => {
  const watch = text(assets.player("watch", "main"));
  const ours = watch.search(/href="\.\.\/assets\/page-/);
  const theme = watch.indexOf("--curtain-bright:#ffd400");
  const own = watch.search(/href="\.\.\/assets\/style-/);
  expect(ours).toBeGreaterThan(0);
  expect(theme).toBeGreaterThan(ours);
  expect(own).toBeGreaterThan(theme);
  expect(watch.indexOf("</head>")).toBeGreaterThan(own);
});

test("plain pages name the theme's block in their policy, and take nothing else in", () => {
  for (const page of [assets.notFound, assets.feedList([])]) {
    const blocks = [...text(page).matchAll(/<style>([\s\S]*?)<\/style>/g)].map(([, css]) => css!);
    expect(blocks).toHaveLength(2);
    for (const block of blocks) {
      const hash = createHash("sha256").update(block).digest("base64");
      expect(policy(page)).toContain(`'sha256-${hash}'`);
    }
    expect(policy(page)).toContain("default-src 'none'");
    expect(text(page)).not.toContain("poster");
  }
});

test("every file that a page names is there, with its hash in its name", () => {
  const urls = [
    ...text(assets.player("watch", "main")).matchAll(/(?:src|href)="\.\.\/assets\/([^"]+)"/g),
  ];
  expect(urls.length).toBeGreaterThanOrEqual(6);
  for (const [, name] of urls) expect(assets.files.has(name!), name).toBe(true);
});
