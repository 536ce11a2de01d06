/** A browser on the player's page before a server that does what it is told: for tests of the page. */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { expect, onTestFinished } from "vitest";
import type { RecordedLadder } from "../../../src/node/testing/recorded-ladder.ts";
import type { Diagnostics } from "../page/statistics/diagnostics.ts";
import type { Face } from "../page/state/player-state.ts";
import type { PlayerAssets } from "../player-assets.ts";
import { LiveServer } from "./live-server.ts";

export interface VisitOptions {
  browser: Browser;
  assets: PlayerAssets;
  ladder: RecordedLadder;
  /** Brings the feed into its first state. */
  set: (server: LiveServer) => void;
  path?: string;
  context?: BrowserContextOptions;
  before?: (page: Page) => Promise<void>;
}

export interface Visit {
  server: LiveServer;
  page: Page;
  base: string;
  /** Console errors, page errors and policy violations so far. */
  complaints: string[];
}

/** Server and browser context end with the test. */
export async function visitPage(options: VisitOptions): Promise<Visit> {
  const { browser, assets, ladder, set, before, path = "/watch/main" } = options;
  const server = new LiveServer({ assets, ladder, path: "/t/some-token" });
  const base = await server.listen();
  onTestFinished(() => server.close());
  set(server);
  const context = await browser.newContext(options.context ?? {});
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await before?.(page);
  await page.goto(base + path);
  return { server, page, base, complaints };
}

/** Another viewer of the same server, in a context of its own. */
export async function joinPage(options: {
  browser: Browser;
  base: string;
  context?: BrowserContextOptions;
}): Promise<Page> {
  const context = await options.browser.newContext(options.context ?? {});
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.goto(`${options.base}/watch/main`);
  return page;
}

export function goLive(server: LiveServer): void {
  server.goLive();
}

declare const fullhouse: Diagnostics;

export function diagnosticsOf(page: Page): Promise<Diagnostics> {
  return page.evaluate(() => ({
    state: fullhouse.state,
    reason: fullhouse.reason,
    latencySec: fullhouse.latencySec,
    behindSec: fullhouse.behindSec,
    stalls: fullhouse.stalls,
    rung: fullhouse.rung,
    rungs: fullhouse.rungs,
    firstFrameMs: fullhouse.firstFrameMs,
    positionSec: fullhouse.positionSec,
    room: fullhouse.room,
    bandwidthBitsPerSec: fullhouse.bandwidthBitsPerSec,
    swarm: fullhouse.swarm,
    swarmObstacle: fullhouse.swarmObstacle,
  }));
}

export async function untilFace(page: Page, face: Face, timeoutMs = 20_000): Promise<void> {
  // A page that has just been navigated to has no player yet: that is no error.
  const reached = page.waitForFunction(
    (wanted) => (globalThis as { fullhouse?: Diagnostics }).fullhouse?.state === wanted,
    face,
    { timeout: timeoutMs },
  );
  await reached.catch(async () => {
    throw new Error(`not ${face}: ${JSON.stringify(await diagnosticsOf(page))}`);
  });
}

/** Waits until the picture has moved on by so many seconds of media. */
export async function untilPlayed(page: Page, sec: number): Promise<void> {
  const fromSec = (await diagnosticsOf(page)).positionSec;
  await page.waitForFunction((untilSec) => fullhouse.positionSec >= untilSec, fromSec + sec, {
    timeout: sec * 1_000 + 15_000,
  });
}

/** As far as the page can tell, another tab is before it now. */
export async function hidePage(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { document } = globalThis as unknown as { document: EventTarget };
    Object.defineProperty(document, "hidden", { value: true, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
}

/** The text of an element, waited for. */
export async function untilText(
  page: Page,
  selector: string,
  text: string | RegExp,
  timeoutMs = 10_000,
): Promise<void> {
  const locator = page.locator(selector);
  const read = async (): Promise<string> => (await locator.textContent()) ?? "";
  await expect.poll(read, { timeout: timeoutMs }).toMatch(text);
}
