/**
 * What an edge says of its viewers' stalls is what players in a browser counted: hls.js with its own
 * CMCD from a page of another origin, and our page. Their media is held up on the way for a while.
 */
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startStack, type Stack } from "../wire/stack.ts";
import { diagnostics, launchBrowser, openPage, waitForPlayed, waitForState } from "./browser.ts";

let stack: Stack;
let browser: Browser;
let site: Server;
let siteUrl: string;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack([], { edgeCount: 1 }), launchBrowser()]);
  const library = readFileSync(createRequire(import.meta.url).resolve("hls.js/dist/hls.min.js"));
  site = createServer((request, response) => {
    const isScript = request.url === "/hls.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? library : "<video muted></video><script src=/hls.js></script>");
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
});

afterAll(async () => {
  await browser.close();
  site.close();
  expect(await stack.stop(), stack.output()).toBe(0);
});

/** What a foreign page counts of its player itself. */
interface OwnCount {
  stallCount: number;
  stallMs: number;
  isStalled: boolean;
}

/** A player of hls.js's full build, with the CMCD that it brings. */
async function openForeignPlayer(edge: string): Promise<Page> {
  const { page } = await openPage(browser);
  await page.goto(siteUrl);
  await page.evaluate((edgeUrl) => {
    const scope = globalThis as unknown as {
      Hls: new (config: unknown) => {
        loadSource(url: string): void;
        attachMedia(video: unknown): void;
      };
      document: { querySelector(name: string): EventTarget & { play(): Promise<void> } };
      own: { stallCount: number; stallMs: number; isStalled: boolean };
    };
    const video = scope.document.querySelector("video") as EventTarget & {
      seeking: boolean;
      play(): Promise<void>;
    };
    const own = { stallCount: 0, stallMs: 0, isStalled: false };
    scope.own = own;
    let hasPlayed = false;
    let sinceMs = 0;
    video.addEventListener("playing", () => {
      if (own.isStalled) own.stallMs += performance.now() - sinceMs;
      own.isStalled = false;
      hasPlayed = true;
    });
    video.addEventListener("waiting", () => {
      if (!hasPlayed || own.isStalled || video.seeking) return;
      own.isStalled = true;
      own.stallCount += 1;
      sinceMs = performance.now();
    });
    const target = { url: `${edgeUrl}/cmcd`, events: ["ps", "t", "e"], interval: 10 };
    const cmcd = { version: 2, contentId: "main", eventTargets: [target] };
    const hls = new scope.Hls({ cmcd });
    hls.loadSource(`${edgeUrl}/live/main/index.m3u8`);
    hls.attachMedia(video);
    void video.play();
  }, edge);
  return page;
}

function ownCount(page: Page): Promise<OwnCount> {
  return page.evaluate(() => (globalThis as unknown as { own: OwnCount }).own);
}

/**
 * Holds all segments of the page up from now on; the answer lets them pass. They are held, not
 * refused: hls.js gives up for good after 31 s of refusals, which is less than four stalls may take.
 */
async function holdMedia(page: Page): Promise<() => void> {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/*.m4s*", async (route) => {
    await released;
    // A player may have given a request up meanwhile.
    await route.continue().catch(() => undefined);
  });
  return release;
}

async function metric(name: string, label = ""): Promise<number> {
  const line = new RegExp(`^${name}\\{${label}[^}]*\\} (\\S+)$`, "m");
  return Number(line.exec(await stack.metrics("edge-1"))?.[1] ?? NaN);
}

test("stalls of hls.js and of our page are the edge's, within one stall", async () => {
  const edgeUrl = await stack.edgeUrl("edge-1");
  await expect
    .poll(async () => (await fetch(`${edgeUrl}/live/main/index.m3u8`)).status, { timeout: 90_000 })
    .toBe(200);
  const foreign = await Promise.all(Array.from({ length: 3 }, () => openForeignPlayer(edgeUrl)));
  const { page: own } = await openPage(browser);
  await own.goto(`${edgeUrl}/watch/main`);
  await waitForState(own, ["live", "behind"], 30_000);
  const pages = [...foreign, own];
  await Promise.all(pages.map((page) => waitForPlayed(page, 2, 30_000)));

  const release = await Promise.all(pages.map(holdMedia));
  await waitForState(own, ["stalled", "waiting"], 40_000);
  await Promise.all(
    foreign.map((page) =>
      page.waitForFunction(() => (globalThis as unknown as { own: OwnCount }).own.isStalled, null, {
        timeout: 40_000,
      }),
    ),
  );
  for (const one of release) one();
  await Promise.all(pages.map((page) => waitForPlayed(page, 3, 60_000)));

  const counts = await Promise.all(foreign.map(ownCount));
  const { stalls } = await diagnostics(own);
  const ownStallCount = counts.reduce((sum, { stallCount }) => sum + stallCount, stalls);
  const foreignStallSec = counts.reduce((sum, { stallMs }) => sum + stallMs, 0) / 1_000;
  await expect
    .poll(() => metric("live_cmcd_sessions", 'state="playing"'), { timeout: 15_000 })
    .toBe(pages.length);
  const stallCount = await metric("live_cmcd_stalls_total");
  const stallSec = await metric("live_cmcd_stall_seconds_total");
  console.log(
    `own ${ownStallCount} stalls (${foreignStallSec.toFixed(1)} s of three hls.js); by the edge ` +
      `${stallCount} and ${stallSec.toFixed(1)} s, our page's among them (measured)`,
  );
  expect(ownStallCount).toBeGreaterThanOrEqual(4);
  expect(Math.abs(stallCount - ownStallCount)).toBeLessThanOrEqual(1);
  expect(stallSec).toBeGreaterThan(foreignStallSec * 0.9);
  // hls.js does not say how long it took: its next report settles it.
  await expect.poll(() => metric("live_cmcd_startup_seconds_count"), { timeout: 15_000 }).toBe(4);
  expect(await metric("live_cmcd_fatal_errors_total")).toBe(0);

  // Our page tells its stalls a second time, in beacons.
  await expect.poll(() => metric("live_qoe_stalls_total"), { timeout: 15_000 }).toBe(stalls);
  const beaconSec = await metric("live_qoe_stall_seconds_total");
  const ownSec = stallSec - foreignStallSec;
  console.log(`our page: ${ownSec.toFixed(1)} s by CMCD, ${beaconSec.toFixed(1)} s by beacons`);
  // The one is a difference of two sums, which count stalls of hls.js in two ways.
  expect(Math.abs(beaconSec - ownSec)).toBeLessThan(0.2 * stallSec);
  expect(await metric("live_qoe_play_seconds_total")).toBeGreaterThan(4);
  expect(await metric("live_qoe_startup_seconds_count")).toBe(1);
  expect(await metric("live_qoe_received_bytes_total", 'from="edge"')).toBeGreaterThan(50_000);
  expect(await metric("live_qoe_refused_total", 'reason="implausible"')).toBe(0);
});
