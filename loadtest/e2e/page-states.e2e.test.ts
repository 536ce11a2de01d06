/**
 * Every state of the watch page, on a real edge, with a picture of each in .cache/e2e/page: what the
 * page says is tested, how it looks is for a person to judge.
 */
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openPage, waitForPlayed, waitForState } from "./browser.ts";
import { waitForPeers } from "./peer-browser.ts";
import { closeViewers, keepPicture, SwarmShow, type Viewer } from "./swarm-show.ts";

/** So that a picture shows no face half way in. */
const still = { reducedMotion: "reduce" } as const;

let show: SwarmShow;
let viewers: Viewer[] = [];

beforeAll(async () => {
  show = await SwarmShow.start();
});

afterEach(async () => {
  await closeViewers(viewers);
  viewers = [];
});

afterAll(() => show.stop());

async function visit(path = "/watch/main"): Promise<Page> {
  const viewer = await openPage(show.browser, still);
  viewers.push(viewer);
  await viewer.page.goto(show.edge.url + path);
  return viewer.page;
}

async function watch(options: Parameters<SwarmShow["openViewer"]>[0] = {}): Promise<Page> {
  const viewer = await show.openViewer({ ...options, context: { ...still, ...options.context } });
  viewers.push(viewer);
  await waitForPlayed(viewer.page, 1, 15_000);
  return viewer.page;
}

/** So that controls are shown. */
async function move(page: Page): Promise<void> {
  await page.mouse.move(300, 300);
  await page.mouse.move(330, 330);
}

async function faceIs(page: Page, face: string, timeoutMs = 20_000): Promise<void> {
  await waitForState(page, [face], timeoutMs);
  await keepPicture(page, `page/face-${face}`);
}

test("before the broadcast the page waits, and it plays by itself when it begins", async () => {
  show.origin.setState("offline");
  const page = await visit();
  await faceIs(page, "offline");
  show.origin.setState("starting");
  await faceIs(page, "starting");
  show.origin.setState("live");
  await waitForState(page, ["live"], 20_000);
  await waitForPlayed(page, 1, 15_000);
  await move(page);
  await faceIs(page, "live");
});

test("who goes back in time is behind, and the pill leads to live again", async () => {
  const page = await watch();
  await page.keyboard.press("j");
  await move(page);
  await faceIs(page, "behind");
  await move(page);
  await page.locator("#live").click();
  await waitForState(page, ["live"], 10_000);
});

test("media that does not come is a stall, and a source that is gone is waited for", async () => {
  const page = await watch();
  await page.route("**/*.m4s*", (route) => route.abort("timedout"));
  await faceIs(page, "stalled", 40_000);
  await page.unroute("**/*.m4s*");
  await waitForState(page, ["live"], 40_000);
  show.origin.setState("waiting");
  await faceIs(page, "waiting", 40_000);
  show.origin.setState("live");
  await waitForState(page, ["live"], 40_000);
});

test.each([
  ["light", { colorScheme: "light" }],
  ["dark", { colorScheme: "dark" }],
  ["phone", { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
  [
    "phone-landscape",
    { viewport: { width: 844, height: 390 }, isMobile: true, hasTouch: true, colorScheme: "dark" },
  ],
  ["small-phone-landscape", { viewport: { width: 640, height: 360 } }],
] as const)("the page is whole when %s", async (name, context) => {
  const page = await watch({ context });
  await watch();
  await waitForPeers(page, 1);
  await move(page);
  await keepPicture(page, `page/live-${name}`);
  const overflowPx = await page.evaluate<number>(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
  expect(overflowPx).toBeLessThanOrEqual(0);
});

test("what opens over the picture opens: help, qualities, statistics, share", async () => {
  const page = await watch();
  await move(page);
  for (const [name, key, selector] of [
    ["help", "?", "#help"],
    ["quality", "q", "#quality-menu"],
    ["statistics", "s", "#stats"],
  ] as const) {
    await page.keyboard.press(key);
    await page.locator(selector).waitFor();
    await keepPicture(page, `page/open-${name}`);
    await page.keyboard.press("Escape");
    await page.locator(selector).waitFor({ state: "hidden" });
  }
  await page.locator("#share").click();
  await page.getByRole("dialog").filter({ visible: true }).waitFor();
  await keepPicture(page, "page/open-share");
});

test("other pages: embedded, the list of feeds, an address that leads nowhere", async () => {
  const embedded = await visit("/embed/main");
  await waitForState(embedded, ["live"], 20_000);
  await keepPicture(embedded, "page/embed");
  await keepPicture(await visit("/nowhere"), "page/not-found");
  await keepPicture(await visit("/watch/nobody"), "page/unknown-feed");
});

test("an edge that is gone is an error with a next try; a broadcast that ends is played out", async () => {
  const page = await watch();
  await show.killEdge();
  await faceIs(page, "error", 60_000);
  await show.restartEdge();
  await waitForState(page, ["live"], 40_000);
  show.origin.setState("ended");
  await faceIs(page, "ended", 40_000);
});
