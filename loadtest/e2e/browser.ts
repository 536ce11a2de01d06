/** Headless Chromium for tests, and how to read the player page. */
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { chromiumPath } from "../../src/node/testing/chromium.ts";

/** What the page says of itself (window.fullhouse). */
export interface PlayerDiagnostics {
  state: string;
  latencySec: number | null;
  stalls: number;
  rung: string | null;
  firstFrameMs: number | null;
}

/** With `more` arguments beside those that every test wants. */
export async function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath(),
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--autoplay-policy=no-user-gesture-required",
      ...more,
    ],
  });
}

/** A page, in a context of its own, whose console errors and uncaught exceptions are kept. */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; problems: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() !== "error") return;
    problems.push(`${message.text()} ${message.location().url}`.trimEnd());
  });
  return { page, problems };
}

/** The page's globals that tests read, as seen from inside the page. */
interface PageGlobals {
  fullhouse?: PlayerDiagnostics;
  document: { querySelector(selector: "video"): { currentTime: number } | null };
}

export async function diagnostics(page: Page): Promise<PlayerDiagnostics> {
  return page.evaluate(() => {
    const player = (globalThis as unknown as PageGlobals).fullhouse;
    if (player === undefined) throw new Error("the page has no window.fullhouse");
    const { state, latencySec, stalls, rung, firstFrameMs } = player;
    return { state, latencySec, stalls, rung, firstFrameMs };
  });
}

/** Waits until the player is in one of the states. */
export async function waitForState(
  page: Page,
  states: readonly string[],
  timeoutMs: number,
): Promise<void> {
  await page.waitForFunction(
    (wanted) =>
      wanted.includes((globalThis as unknown as PageGlobals).fullhouse?.state ?? "no player"),
    states,
    { timeout: timeoutMs, polling: 100 },
  );
}

/** Where the picture is on the media timeline, in seconds. */
export async function positionSec(page: Page): Promise<number> {
  return page.evaluate(
    () => (globalThis as unknown as PageGlobals).document.querySelector("video")?.currentTime ?? 0,
  );
}

/** Waits until the picture has moved on by so many seconds from now. */
export async function waitForPlayed(page: Page, sec: number, timeoutMs: number): Promise<void> {
  const target = (await positionSec(page)) + sec;
  await page.waitForFunction(
    (targetSec) =>
      ((globalThis as unknown as PageGlobals).document.querySelector("video")?.currentTime ?? 0) >=
      targetSec,
    target,
    { timeout: timeoutMs, polling: 100 },
  );
}
