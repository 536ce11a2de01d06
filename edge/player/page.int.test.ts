import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { chromiumPath } from "../../src/node/testing/chromium.ts";
import { defaultBrand } from "./brand.ts";
import type { Diagnostics } from "./page/statistics/diagnostics.ts";
import { loadPlayerAssets, type PlayerAssets } from "./player-assets.ts";
import type { LiveServer } from "./testing/live-server.ts";
import {
  diagnosticsOf,
  goLive,
  untilFace,
  untilPlayed,
  visitPage,
  type Visit,
  type VisitOptions,
} from "./testing/page-visit.ts";
import { recordLadder, type RecordedLadder } from "../../src/node/testing/recorded-ladder.ts";

let browser: Browser;
let assets: PlayerAssets;
/** Segments of 4.267 s, as broadcast. */
let broadcastLadder: RecordedLadder;
/** Segments of 1.067 s: what takes 12 s of hold-back on air takes 3 s here. */
let quickLadder: RecordedLadder;

beforeAll(async () => {
  [browser, assets, broadcastLadder, quickLadder] = await Promise.all([
    chromium.launch({ executablePath: chromiumPath(), headless: true }),
    loadPlayerAssets(),
    recordLadder({ framesPerSegment: 128, segmentCount: 16 }),
    recordLadder({ framesPerSegment: 32, segmentCount: 60 }),
  ]);
}, 120_000);
afterAll(() => browser.close());

/** A server with a feed in the state that `set` brings about, and a browser on its page. */
function visit(
  set: (server: LiveServer) => void,
  options: Partial<Pick<VisitOptions, "ladder" | "path" | "context" | "before">> = {},
): Promise<Visit> {
  return visitPage({ browser, assets, ladder: quickLadder, set, ...options });
}

declare const fullhouse: Diagnostics;

async function untilRung(page: Page, rung: string): Promise<void> {
  await page.waitForFunction((wanted) => fullhouse.rung === wanted, rung, { timeout: 15_000 });
}

async function chooseQuality(page: Page, label: string): Promise<void> {
  await page.keyboard.press("q");
  await page.getByRole("menuitemradio", { name: label }).click();
}

function rungOfSegment(path: string): string {
  return path.split("/").at(-2)!;
}

const videoState = (page: Page) =>
  page.locator("#video").evaluate((element) => {
    const { paused, muted, volume } = element as unknown as {
      paused: boolean;
      muted: boolean;
      volume: number;
    };
    return { paused, muted, volume };
  });

test("a live feed shows its first frame within 1.5 s and plays 10 s without a stall", async () => {
  const { page, complaints, base } = await visit(goLive, { ladder: broadcastLadder });
  await untilFace(page, "live");
  const coldMs = (await diagnosticsOf(page)).firstFrameMs!;
  await untilPlayed(page, 10);
  const after = await diagnosticsOf(page);
  expect(after).toMatchObject({ state: "live", stalls: 0, rungs: ["150", "300", "450"] });
  expect(after.latencySec).toBeGreaterThan(11);
  expect(after.latencySec).toBeLessThan(12 + 4.267 + 1);
  await page.goto(`${base}/watch/main`);
  await untilFace(page, "live");
  const warmMs = (await diagnosticsOf(page)).firstFrameMs!;
  process.stdout.write(
    `first frame ${coldMs.toFixed(0)} ms (cold), ${warmMs.toFixed(0)} ms (warm), ` +
      `latency ${after.latencySec!.toFixed(1)} s\n`,
  );
  expect(Math.min(coldMs, warmMs)).toBeLessThan(1_500);
  expect(complaints).toEqual([]);
});

test("the first playlist is fetched once, by the page's early start", async () => {
  const { server, page } = await visit(goLive);
  await untilFace(page, "live");
  const playlists = server.requests.filter((path) => path.endsWith("/live/main/index.m3u8"));
  expect(playlists).toHaveLength(1);
});

test("an offline feed has its face, and plays by itself when it goes live", async () => {
  const { server, page } = await visit((one) => one.setState("offline"));
  await untilFace(page, "offline");
  expect(await page.locator("#announcer").textContent()).toContain("The stage is dark");
  server.setState("starting");
  await untilFace(page, "starting");
  server.goLive();
  await untilFace(page, "live");
  expect(await page.locator("#announcer").textContent()).toContain("Live");
  await untilPlayed(page, 2);
});

test("a source that is gone is waited for, and the picture returns", async () => {
  const { server, page } = await visit(goLive);
  await untilFace(page, "live");
  server.loseSource({ noticed: true });
  await untilFace(page, "waiting");
  expect(await page.locator("#face-title").textContent()).toBe("We’ll be right back");
  server.regainSource();
  await untilFace(page, "live");
  await untilPlayed(page, 3);
  expect((await diagnosticsOf(page)).stalls).toBe(1);
});

test("what the page saw is told to its edge: the start, the stall, and that it was left", async () => {
  const { server, page, complaints } = await visit(goLive);
  await untilFace(page, "live");
  const { firstFrameMs } = await diagnosticsOf(page);
  server.loseSource({ noticed: true });
  await untilFace(page, "waiting");
  server.regainSource();
  await untilFace(page, "live");
  await untilPlayed(page, 2);
  const { stalls } = await diagnosticsOf(page);
  await page.goto("about:blank");
  await expect.poll(() => server.cmcdEvents.at(-1), { timeout: 10_000 }).toContain("sta=q");
  const states = server.cmcdEvents.filter((line) => line.includes("e=ps"));
  expect(states.map((line) => /sta=(\w)/.exec(line)![1]).join("")).toBe("sprpq");
  expect(states.at(-1)).toContain(`bsa=(${stalls})`);
  const startupMs = Number(/msd=(\d+)/.exec(states[1]!)![1]);
  expect(Math.abs(startupMs - firstFrameMs!)).toBeLessThan(300);
  expect(new Set(server.cmcdEvents.map((line) => /sid="(\w{32})"/.exec(line)![1])).size).toBe(1);
  const queries = server.requests.filter((path) => path.includes("CMCD="));
  expect(queries.length).toBeGreaterThan(3);
  expect(queries.every((path) => /\/\d+\/index\.m3u8\?CMCD=/.test(path))).toBe(true);
  expect(queries.filter((path) => path.includes("%2Cbs%2C"))).toHaveLength(1);
  expect(complaints).toEqual([]);
});

test("an edge that takes no reports is asked once, and the picture does not mind", async () => {
  const { server, page } = await visit(goLive, {
    before: async (one) => {
      await one.route("**/cmcd", (route) => route.fulfill({ status: 404 }));
    },
  });
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/cmcd")) asked.push(request.url());
  });
  await untilFace(page, "live");
  server.loseSource({ noticed: true });
  await untilFace(page, "waiting");
  server.regainSource();
  await untilFace(page, "live");
  await untilPlayed(page, 2);
  expect(asked.length).toBeLessThanOrEqual(1);
});

test("a source that dies unnoticed is a stall, and the picture returns", async () => {
  const { server, page } = await visit(goLive);
  await untilFace(page, "live");
  server.loseSource({ noticed: false });
  await untilFace(page, "stalled");
  await page.waitForFunction(() => fullhouse.state === "waiting", null, { timeout: 30_000 });
  server.regainSource();
  await untilFace(page, "live");
  await untilPlayed(page, 3);
});

test("a broadcast that ends is played out; the next one starts by itself", async () => {
  const { server, page } = await visit(goLive);
  await untilFace(page, "live");
  server.end();
  await untilFace(page, "ended");
  server.setState("offline");
  await untilFace(page, "offline");
  server.goLive();
  await untilFace(page, "live");
  await untilPlayed(page, 2);
});

test("a page opened after the end shows no old picture", async () => {
  const { page } = await visit((one) => {
    one.goLive();
    one.end();
  });
  await untilFace(page, "ended");
  expect((await diagnosticsOf(page)).firstFrameMs).toBeNull();
});

test("an edge that is gone is an error with a countdown; retry or time brings it back", async () => {
  const { server, page } = await visit(goLive);
  await untilFace(page, "live");
  server.trouble = "down";
  await untilFace(page, "error", 30_000);
  expect(await diagnosticsOf(page)).toMatchObject({ reason: "unreachable" });
  await page.getByText(/Next try in \d+ second|Trying now/).waitFor();
  server.trouble = "none";
  await page.getByRole("button", { name: "Try now" }).click();
  await untilFace(page, "live", 5_000);
  await untilPlayed(page, 2);
});

test("an edge that is away for less than the buffer is not noticed by the viewer", async () => {
  const { server, page } = await visit(goLive, { ladder: broadcastLadder });
  await untilFace(page, "live");
  await untilPlayed(page, 2);
  server.trouble = "down";
  await untilPlayed(page, 5);
  server.trouble = "none";
  await untilPlayed(page, 10);
  expect(await diagnosticsOf(page)).toMatchObject({ state: "live", stalls: 0 });
});

test("a full edge and an unknown feed have their faces", async () => {
  const full = await visit((one) => (one.trouble = "full"));
  await untilFace(full.page, "full");
  const unknown = await visit((one) => (one.trouble = "missing"));
  await untilFace(unknown.page, "error");
  expect(await diagnosticsOf(unknown.page)).toMatchObject({ reason: "unknownFeed" });
});

test("broken media and missing segments are recovered from", async () => {
  const { server, page } = await visit(goLive);
  await untilFace(page, "live");
  server.trouble = "brokenMedia";
  await untilFace(page, "stalled");
  server.trouble = "noMedia";
  await page.waitForFunction(() => fullhouse.state !== "live");
  server.trouble = "none";
  await untilFace(page, "live", 30_000);
  await untilPlayed(page, 3);
});

test("a browser that loses its network says so and goes on when it is back", async () => {
  const { page } = await visit(goLive);
  await untilFace(page, "live");
  await page.context().setOffline(true);
  await page.waitForFunction(() => fullhouse.reason === "connection", null, { timeout: 15_000 });
  await page.context().setOffline(false);
  await untilFace(page, "live");
  await untilPlayed(page, 2);
});

test("the quality chosen is played, shown and remembered", async () => {
  const { page, complaints } = await visit(goLive);
  await untilFace(page, "live");
  await untilRung(page, "450");
  await chooseQuality(page, "180p");
  await untilRung(page, "150");
  expect(await page.locator("#quality").textContent()).toContain("180p");
  expect(await page.locator("#fact-quality").textContent()).toBe("180p · 150 kbps");
  await page.reload();
  await untilFace(page, "live");
  await untilRung(page, "150");
  await chooseQuality(page, "Auto");
  await untilRung(page, "450");
  await untilPlayed(page, 2);
  expect((await diagnosticsOf(page)).stalls).toBe(0);
  expect(complaints).toEqual([]);
});

test("the data saver stays at or below 300 kbps", async () => {
  const { page, server } = await visit(goLive);
  await untilFace(page, "live");
  await untilRung(page, "450");
  await chooseQuality(page, "Data saver");
  await untilRung(page, "300");
  // A segment of the rung before may have been on its way at the click; none is from here on.
  server.requests.length = 0;
  await untilPlayed(page, 3);
  const rungs = server.requests.filter((path) => path.endsWith(".m4s")).map(rungOfSegment);
  expect([...new Set(rungs)]).toEqual(["300"]);
  expect(await page.locator("#quality").textContent()).toContain("Saver");
});

test("audio only fetches sound alone, and the picture comes back", async () => {
  const { page, server, complaints } = await visit(goLive);
  await untilFace(page, "live");
  await chooseQuality(page, "Audio only");
  await untilRung(page, "audio");
  await page.locator("#audio-face").waitFor();
  server.requests.length = 0;
  await untilPlayed(page, 3);
  const media = server.requests.filter((path) => path.endsWith(".m4s"));
  expect(media.length).toBeGreaterThan(1);
  expect(media.filter((path) => !path.includes("/audio/"))).toEqual([]);
  await page.reload();
  await untilRung(page, "audio");
  await chooseQuality(page, "Auto");
  await untilRung(page, "450");
  await page.locator("#audio-face").waitFor({ state: "hidden" });
  await untilPlayed(page, 2);
  expect((await diagnosticsOf(page)).stalls).toBe(0);
  expect(complaints).toEqual([]);
});

test("playback starts muted, says so with a button, and remembers the volume", async () => {
  const { page } = await visit(goLive);
  await untilFace(page, "live");
  expect(await videoState(page)).toEqual({ paused: false, muted: true, volume: 1 });
  await page.getByRole("button", { name: "Tap for sound" }).click();
  await page.locator("#unmute").waitFor({ state: "hidden" });
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  expect(await videoState(page)).toEqual({ paused: false, muted: false, volume: 0.8 });
  await page.reload();
  await untilFace(page, "live");
  expect(await videoState(page)).toEqual({ paused: false, muted: true, volume: 0.8 });
});

test("the button for sound says so for a while, and then lies in a corner with its name", async () => {
  const { page } = await visit(goLive);
  await untilFace(page, "live");
  const button = page.getByRole("button", { name: "Tap for sound" });
  const width = async (): Promise<number> => (await button.boundingBox())!.width;
  expect(await width()).toBeGreaterThan(150);
  await expect.poll(width, { timeout: 12_000 }).toBe(48);
  await button.click();
  await button.waitFor({ state: "hidden" });
});

test("the keyboard does what its list says", async () => {
  const { page } = await visit(goLive);
  await untilFace(page, "live");
  await page.keyboard.press(" ");
  await page.locator("#play-big").waitFor();
  expect(await videoState(page)).toMatchObject({ paused: true });
  await page.keyboard.press("k");
  await page.locator("#play-big").waitFor({ state: "hidden" });
  expect(await videoState(page)).toMatchObject({ paused: false });
  await page.keyboard.press("m");
  expect(await videoState(page)).toMatchObject({ muted: false });
  await page.keyboard.press("f");
  await page.locator("#player[mediaisfullscreen]").waitFor();
  await page.keyboard.press("f");
  await page.locator("#player:not([mediaisfullscreen])").waitFor();
  await page.keyboard.press("?");
  await page.getByRole("heading", { name: "Keyboard" }).waitFor();
  expect(await page.locator("#help dt").count()).toBe(16);
  await page.keyboard.press("Escape");
  await page.getByRole("heading", { name: "Keyboard" }).waitFor({ state: "hidden" });
  await page.keyboard.press("q");
  for (let steps = 0; steps < 3; steps += 1) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await untilRung(page, "150");
});

test("a viewer who paused is behind live, and L jumps to live without a stall", async () => {
  const { page } = await visit(goLive, { ladder: broadcastLadder });
  await untilFace(page, "live");
  await page.keyboard.press("k");
  await page.waitForFunction(() => (fullhouse.behindSec ?? 0) > 7, null, { timeout: 15_000 });
  await page.keyboard.press("k");
  await untilFace(page, "behind");
  await page.getByRole("button", { name: /^Go live \d+ s behind the event$/ }).waitFor();
  await page.keyboard.press("l");
  await untilFace(page, "live", 5_000);
  await untilPlayed(page, 3);
  const after = await diagnosticsOf(page);
  expect(Math.abs(after.behindSec!)).toBeLessThan(2);
  expect(after.stalls).toBe(0);
});

test("the player can be framed by another site, the page around it cannot", async () => {
  const { base, page } = await visit(goLive, { path: "/nowhere" });
  const site = createServer((request, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end(`<iframe src="${base}${request.url ?? ""}" allow="autoplay"></iframe>`);
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void site.close());
  const siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  await page.goto(`${siteUrl}/embed/main`);
  const frame = page.frames()[1]!;
  await frame.waitForFunction(() => fullhouse.state === "live", null, { timeout: 15_000 });
  const refused = page.waitForEvent("console", (line) => line.text().includes("frame-ancestors"));
  await page.goto(`${siteUrl}/watch/main`);
  await refused;
});

test("without Media Source the browser's own HLS plays", async () => {
  const { page } = await visit(goLive, {
    before: async (one) => {
      await one.addInitScript(() => {
        for (const name of ["MediaSource", "ManagedMediaSource", "WebKitMediaSource"]) {
          Object.defineProperty(globalThis, name, { value: undefined });
        }
      });
    },
  });
  await untilFace(page, "live");
  await untilPlayed(page, 3);
  expect(await isKeptFromTelevisions(page)).toBe(false);
});

test("what a script feeds is not offered to televisions, which could not play it", async () => {
  const { page } = await visit(goLive);
  await untilFace(page, "live");
  expect(await isKeptFromTelevisions(page)).toBe(true);
});

const isKeptFromTelevisions = (page: Page): Promise<boolean> =>
  page
    .locator("#video")
    .evaluate(
      (video) => (video as unknown as { disableRemotePlayback: boolean }).disableRemotePlayback,
    );

test.each([
  ["phone", 360, 640],
  ["desktop", 1280, 800],
])("on a %s nothing overflows and every control is 44 px or more", async (_, width, height) => {
  const { page } = await visit(goLive, {
    context: { viewport: { width, height }, reducedMotion: "reduce" },
  });
  await untilFace(page, "live");
  await page.mouse.move(width / 2, 150);
  await page.mouse.move(width / 2 + 5, 150);
  const layout = await page.evaluate(layoutProblems);
  expect(layout).toEqual({ overflowPx: 0, small: [] });
  await page.keyboard.press("q");
  const menu = (await page.locator("#quality-menu").boundingBox())!;
  expect(menu.x).toBeGreaterThanOrEqual(0);
  expect(menu.x + menu.width).toBeLessThanOrEqual(width);
  expect(menu.y).toBeGreaterThanOrEqual(0);
  expect(menu.y + menu.height).toBeLessThanOrEqual(height);
  // One line each.
  const heights = await page.locator("#quality-menu span").evaluateAll((spans) => {
    const boxes = spans as unknown as { getBoundingClientRect(): { height: number } }[];
    return boxes.map((span) => span.getBoundingClientRect().height);
  });
  expect(Math.max(...heights)).toBeLessThan(24);
});

/** Runs in the page: what is wider than the window, and which controls are too small for a finger. */
function layoutProblems(): { overflowPx: number; small: string[] } {
  interface Box {
    id: string;
    localName: string;
    getBoundingClientRect(): { width: number; height: number };
    checkVisibility(): boolean;
  }
  interface PageDocument {
    documentElement: { scrollWidth: number; clientWidth: number };
    querySelectorAll(selector: string): Iterable<Box>;
  }
  const { document } = globalThis as unknown as { document: PageDocument };
  const small: string[] = [];
  const controls =
    "button, .brand, media-play-button, media-mute-button, media-fullscreen-button, media-pip-button";
  for (const control of document.querySelectorAll(controls)) {
    const { width, height } = control.getBoundingClientRect();
    if (control.checkVisibility() && (width < 44 || height < 44)) {
      small.push(`${control.localName}#${control.id} ${width}x${height}`);
    }
  }
  const { scrollWidth, clientWidth } = document.documentElement;
  return { overflowPx: scrollWidth - clientWidth, small };
}

test("a broadcast is called what its broadcaster calls it", async () => {
  const broadcasts = [{ feed: "main", title: "The Gala", description: "" }];
  const titled = await loadPlayerAssets({ brand: { ...defaultBrand, broadcasts } });
  const options = { browser, assets: titled, ladder: quickLadder, path: "/" };
  const { page } = await visitPage({ ...options, set: (one) => one.setState("offline") });
  await page.getByRole("link", { name: "The Gala" }).click();
  await page.getByRole("heading", { name: "The Gala", level: 1 }).waitFor();
  expect(await page.title()).toBe("The Gala – Fullhouse");
});

test("the list of feeds links to their pages; a wrong address has a page of its own", async () => {
  const { page, base, complaints } = await visit(goLive, { path: "/" });
  await page.getByRole("link", { name: "Main" }).click();
  await untilFace(page, "live");
  expect(complaints).toEqual([]);
  await page.goto(`${base}/nowhere`);
  await page.getByRole("heading", { name: "This seat doesn’t exist" }).waitFor();
});
