/**
 * The status page of a live broadcast in a real browser: an operator opens the link that `start`
 * prints. With FULLHOUSE_SCREENSHOTS=DIR it leaves pictures of the page there.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startStack, type Stack } from "../wire/stack.ts";
import { launchBrowser, openPage } from "./browser.ts";

let stack: Stack;
let browser: Browser;
let page: Page;
let problems: string[];
let origin: string;
let token: string;

const cleanups: (() => Promise<void>)[] = [];

beforeAll(async () => {
  stack = await startStack([]);
  cleanups.push(async () => {
    expect(await stack.stop(), stack.output()).toBe(0);
  });
  browser = await launchBrowser();
  cleanups.push(() => browser.close());
  origin = `http://127.0.0.1:${await stack.port("origin", "admin")}/`;
  token = readFileSync(join(stack.stateDir, "origin/admin-token"), "utf8").trim();
});

afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

interface PageGlobals {
  document: { documentElement: { scrollWidth: number; clientWidth: number } };
}

const figure = (name: string) =>
  page.locator(`.figure:has(.figure-name:text-is("${name}")) .figure-value`);
const box = (name: string) => page.locator(".box", { hasText: name });

/** Where pictures go, for whoever wants to look. */
async function picture(name: string): Promise<void> {
  const dir = process.env["FULLHOUSE_SCREENSHOTS"];
  if (dir === undefined) return;
  mkdirSync(dir, { recursive: true });
  await page.screenshot({ path: join(dir, `${name}.png`), fullPage: true });
}

/** Viewers enough for the page to have something to say. */
async function watchWith(edge: "edge-1" | "edge-2"): Promise<void> {
  const viewer = await openPage(browser);
  cleanups.push(() => viewer.page.context().close());
  await viewer.page.goto(`${await stack.edgeUrl(edge)}/watch/main`);
}

test("the link that start prints opens the page, and the token leaves the address", async () => {
  await expect
    .poll(() => stack.output(), { timeout: 20_000 })
    .toContain(`${origin}#token=${token}`);
  ({ page, problems } = await openPage(browser));
  await page.setViewportSize({ width: 1_280, height: 900 });
  await page.goto(`${origin}#token=${token}`);
  await box("origin").waitFor();
  expect(page.url()).toBe(origin);
  await page.reload();
  await box("origin").waitFor();
});

test("it shows all tiers, viewers and rates of a live broadcast, and they change by themselves", async () => {
  await watchWith("edge-1");
  await watchWith("edge-2");
  for (const name of ["Publisher", "shield", "edge-1", "edge-2", "Viewers"]) {
    await box(name).first().waitFor({ timeout: 20_000 });
  }
  await expect.poll(() => figure("Viewers").innerText(), { timeout: 25_000 }).toBe("2");
  await expect.poll(() => figure("To viewers").innerText()).toMatch(/^[1-9].* (kbps|Mbps)$/);
  const first = await figure("To viewers").innerText();
  await expect.poll(() => figure("To viewers").innerText(), { timeout: 20_000 }).not.toBe(first);
  // A machine that other tests share may be too slow for its encoder, which the page then says.
  expect(await page.locator("h1").last().innerText()).toMatch(/All is well|Under strain/);
  expect(await page.locator(".rung").count()).toBeGreaterThanOrEqual(5);
  expect(await page.locator(".rung").first().innerText()).toMatch(/150.*320×180/s);
  expect(await page.locator(".facts").first().innerText()).toMatch(/Publisher\s+the test card/);
  expect(await page.locator("#live").innerText()).toBe("Live");
  await expect
    .poll(() => page.locator("#quality").innerText(), { timeout: 15_000 })
    .toMatch(/Sessions\s+2/);
  await picture("desktop-light");
  await page.emulateMedia({ colorScheme: "dark" });
  await picture("desktop-dark");
});

test("on a phone nothing lies outside the page, in light and dark", async () => {
  for (const width of [360, 390]) {
    await page.setViewportSize({ width, height: 844 });
    await expect
      .poll(async () => (await page.locator(".lines").boundingBox())?.width)
      .toBeLessThan(width);
    const widths = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = (globalThis as unknown as PageGlobals).document
        .documentElement;
      return { scrollWidth, clientWidth };
    });
    expect(widths.scrollWidth).toBeLessThanOrEqual(widths.clientWidth);
  }
  await picture("phone-dark");
  await page.emulateMedia({ colorScheme: "light" });
  await picture("phone-light");
  await page.setViewportSize({ width: 1_280, height: 900 });
});

test("an edge that dies is shown within 20 s, and one that is started anew is spoken of", async () => {
  process.kill(stack.pidOf("edge-2"), "SIGSTOP");
  const stoppedMs = performance.now();
  await page.locator('.box.is-silent[data-node^="edge-2/"]').waitFor({ timeout: 20_000 });
  console.log(`silent after ${Math.round((performance.now() - stoppedMs) / 1_000)} s (measured)`);
  expect(await page.locator(".problems").innerText()).toMatch(/edge-2: no report for \d+ s/);
  expect(await page.locator("#announcer").innerText()).toContain("edge-2 is silent");
  await picture("edge-silent");
  process.kill(stack.pidOf("edge-2"), "SIGKILL");
  await page
    .locator(".faults", { hasText: "edge-2 was started anew" })
    .waitFor({ timeout: 20_000 });
  await page.locator('.box:not(.is-silent)[data-node^="edge-2/"]').waitFor({ timeout: 10_000 });
});

test("a node that stops answering is said to, with the age of what is shown, until it answers again", async () => {
  process.kill(stack.pidOf("origin"), "SIGSTOP");
  await page.locator("#live.is-late").waitFor({ timeout: 12_000 });
  await expect
    .poll(() => page.locator("#live").innerText(), { timeout: 10_000 })
    .toMatch(/^No answer, shown as of \d+ s ago$/);
  process.kill(stack.pidOf("origin"), "SIGCONT");
  await page.locator("#live.is-live").waitFor({ timeout: 15_000 });
});

test("a wrong token gets the form, which says where the right one lies and takes it", async () => {
  const other = await openPage(browser);
  cleanups.push(() => other.page.context().close());
  await other.page.goto(`${origin}#token=not-the-token`);
  await other.page.getByText("does not know this token").waitFor();
  expect(await other.page.locator("#token-form").innerText()).toContain("admin-token");
  expect(await other.page.locator("#status").isVisible()).toBe(false);
  await other.page.getByLabel("Token of this node").fill(token);
  await other.page.keyboard.press("Enter");
  await other.page.locator(".box", { hasText: "origin" }).waitFor();
  expect(other.problems.filter((text) => !text.includes("401"))).toEqual([]);
});

test("an edge's own page shows itself", async () => {
  const port = await stack.port("edge-1", "admin");
  const own = readFileSync(join(stack.stateDir, "edge-1/admin-token"), "utf8").trim();
  const edge = await openPage(browser);
  cleanups.push(() => edge.page.context().close());
  await edge.page.goto(`http://127.0.0.1:${port}/#token=${own}`);
  await edge.page.locator(".box", { hasText: "edge-1" }).waitFor();
  expect(await edge.page.locator(".box", { hasText: "edge-2" }).count()).toBe(0);
});

test("the page's console had nothing to say but of requests while the node was stopped", () => {
  expect(problems.filter((text) => !/Failed to load resource|net::ERR_/.test(text))).toEqual([]);
});
