/** Statistics, sharing and embedding: what the page shows of itself and passes on. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import { stagePages } from "./testing/page-stage.ts";
import {
  diagnosticsOf,
  goLive,
  untilFace,
  untilPlayed,
  untilText,
  visitPage,
  type Visit,
  type VisitOptions,
} from "./testing/page-visit.ts";

const stage = stagePages({ recording: { framesPerSegment: 32, segmentCount: 40 } });

async function visitLive(
  options: Partial<Pick<VisitOptions, "path" | "context" | "before">> = {},
): Promise<Visit> {
  const visit = await visitPage({ ...stage, set: goLive, ...options });
  await untilFace(visit.page, "live");
  return visit;
}

const clipboard = { permissions: ["clipboard-read", "clipboard-write"] };

const clipboardText = (page: Page): Promise<string> =>
  page.evaluate(() => {
    interface Scope {
      navigator: { clipboard: { readText(): Promise<string> } };
    }
    return (globalThis as unknown as Scope).navigator.clipboard.readText();
  });

const statistic = (page: Page, label: string) =>
  page.locator(`#stats dt:text-is("${label}") + dd`).textContent();

/** The address of another site whose page is this. */
async function siteWith(html: string): Promise<string> {
  const site = createServer((_, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end(html);
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void site.close());
  return `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
}

/** From now on counts what changes below an element, and how long the page's tasks were. */
async function watch(page: Page, selector: string): Promise<void> {
  await page.evaluate((watched) => {
    interface Scope {
      seen: { changeCount: number; longTaskMs: number[] };
      document: { querySelector(selector: string): unknown };
      MutationObserver: new (run: (list: unknown[]) => void) => {
        observe(node: unknown, options: object): void;
      };
      PerformanceObserver: new (run: (list: { getEntries(): { duration: number }[] }) => void) => {
        observe(options: object): void;
      };
    }
    const scope = globalThis as unknown as Scope;
    scope.seen = { changeCount: 0, longTaskMs: [] };
    new scope.MutationObserver((list) => (scope.seen.changeCount += list.length)).observe(
      scope.document.querySelector(watched),
      { subtree: true, childList: true, characterData: true, attributes: true },
    );
    new scope.PerformanceObserver((list) => {
      scope.seen.longTaskMs.push(...list.getEntries().map(({ duration }) => duration));
    }).observe({ type: "longtask" });
  }, selector);
}

const seen = (page: Page) =>
  page.evaluate(() => {
    interface Scope {
      seen: { changeCount: number; longTaskMs: number[] };
    }
    return (globalThis as unknown as Scope).seen;
  });

test("the statistics open by key, say what the player does, and are closed by Escape", async () => {
  const { page, base, complaints } = await visitLive();
  await page.keyboard.press("s");
  await untilText(page, "#stats", /Versions/);
  expect(await statistic(page, "Edge")).toBe(`${new URL(base).host}, hit`);
  expect(await statistic(page, "Versions")).toMatch(/^page [0-9a-f]{8}, hls\.js \d+\.\d+\.\d+$/);
  expect(await statistic(page, "Latency target")).toBe("3.0 s");
  expect(await statistic(page, "Stalls")).toBe("0");
  expect(await statistic(page, "Picture")).toMatch(/^\d+ kbps, \d+ × \d+$/);
  const readings = page.locator(".stats-curves b");
  expect(await readings.allTextContents()).toEqual([
    expect.stringMatching(/^\d+\.\d s$/),
    expect.stringMatching(/^[\d.]+ [kM]bps$/),
    expect.stringMatching(/^\d+\.\d s$/),
  ]);
  const newest = page.locator(".stats-curves path").first();
  await expect
    .poll(() => newest.getAttribute("d"), { timeout: 10_000 })
    .toMatch(/^M[\d.]+ [\d.]+(L[\d.]+ [\d.]+){2,}$/);
  await page.keyboard.press("Escape");
  expect(await page.locator("#stats").isVisible()).toBe(false);
  expect(complaints).toEqual([]);
});

test("closed statistics do nothing, and open ones cause no long task", { retry: 2 }, async () => {
  const { page } = await visitLive();
  await page.keyboard.press("s");
  await untilText(page, "#stats", /Versions/);
  await untilPlayed(page, 1);
  await watch(page, "#stats");
  await untilPlayed(page, 4);
  const open = await seen(page);
  expect(open.changeCount).toBeGreaterThan(5);
  expect(open.longTaskMs.filter((ms) => ms > 100)).toEqual([]);
  await page.keyboard.press("s");
  await watch(page, "#stats");
  await untilPlayed(page, 3);
  expect((await seen(page)).changeCount).toBe(0);
});

test("the statistics are copied as JSON with the last minute", async () => {
  const { page } = await visitLive({ context: clipboard });
  await page.getByRole("button", { name: "Statistics" }).click();
  await page.locator("#stats").getByRole("button", { name: "Copy" }).click();
  await untilText(page, "#stats .panel-head", /Copied/);
  await page.getByRole("status").getByText("Copied").waitFor({ state: "attached" });
  const copied = JSON.parse(await clipboardText(page)) as Record<string, unknown>;
  const { rung } = await diagnosticsOf(page);
  expect(copied).toMatchObject({ feed: "main", face: "live", rung, sharing: null });
  expect(copied["lastMinute"]).toMatchObject({ buffer: [expect.any(Number)] });
  await page.locator("#stats").getByRole("button", { name: "Close" }).click();
  await page.locator("#player:focus").waitFor();
});

test("link and embed snippet are copied; the dialog gives the focus back", async () => {
  const { page, base, complaints } = await visitLive({ context: clipboard });
  const share = page.getByRole("button", { name: "Share" });
  await share.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Share and embed" });
  await dialog.waitFor();
  await dialog.getByRole("button", { name: "Copy the link" }).click();
  expect(await clipboardText(page)).toBe(`${base}/watch/main`);
  // Who does not see the button learns it too.
  await dialog.getByRole("button", { name: "Copied the link" }).waitFor();
  await dialog.getByRole("status").getByText("Copied").waitFor();
  await dialog.getByRole("button", { name: "Copy the link" }).waitFor();
  await dialog.getByRole("button", { name: "Copy the HTML" }).click();
  const html = await clipboardText(page);
  expect(html).toContain(`<iframe src="${base}/embed/main" title="Main"`);
  await dialog.getByText("your own ticket").waitFor();
  await page.keyboard.press("s");
  expect(await page.locator("#stats").isVisible()).toBe(false);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await page.locator("#share:focus").waitFor();
  const frame = await page.context().newPage();
  await frame.goto(await siteWith(html));
  const player = frame.frames()[1]!;
  await player.waitForFunction(
    () => (globalThis as { fullhouse?: { state: string } }).fullhouse?.state === "live",
    null,
    { timeout: 15_000 },
  );
  expect(complaints).toEqual([]);
});

test("without the clipboard's API the old way copies, in the dialog too", async () => {
  const { page } = await visitLive({
    context: clipboard,
    before: async (one) => {
      await one.addInitScript(() =>
        Object.defineProperty(globalThis, "isSecureContext", { value: false }),
      );
    },
  });
  await page.keyboard.press("e");
  await page.getByRole("button", { name: "Copy the HTML" }).click();
  await untilText(page, "#share-embed-copy", "Copied");
  expect(await clipboardText(page)).toContain("/embed/main");
});

test.each([true, false])("with canShare %s the system's sheet is offered so", async (isAllowed) => {
  const { page, base } = await visitLive({
    before: async (one) => {
      await one.addInitScript((allowed) => {
        const { navigator } = globalThis as unknown as { navigator: object };
        Object.assign(navigator, {
          canShare: () => allowed,
          share: (what: unknown) => {
            Object.assign(globalThis, { shared: what });
            return Promise.resolve();
          },
        });
      }, isAllowed);
    },
  });
  await page.keyboard.press("e");
  const system = page.getByRole("button", { name: "Share with" });
  await page.getByRole("button", { name: "Copy the link" }).waitFor();
  expect(await system.isVisible()).toBe(isAllowed);
  if (!isAllowed) return;
  await system.click();
  const shared = await page.evaluate(() => (globalThis as unknown as { shared: unknown }).shared);
  expect(shared).toEqual({ title: "Main", url: `${base}/watch/main` });
});

const selectedText = (page: Page): Promise<string> =>
  page.locator("#share-link").evaluate((element) => {
    interface Field {
      value: string;
      selectionStart: number;
      selectionEnd: number;
    }
    const { value, selectionStart, selectionEnd } = element as unknown as Field;
    return value.slice(selectionStart, selectionEnd);
  });

test("under a mouse the link opens selected, and the menu shows the keys", async () => {
  const { page, base } = await visitLive();
  await page.keyboard.press("e");
  expect(await selectedText(page)).toBe(`${base}/watch/main`);
  await page.keyboard.press("Escape");
  await page.keyboard.press("q");
  expect(await page.locator("#menu-commands").innerText()).toMatch(
    /Statistics\s+S\s+Keyboard\s+\?/,
  );
});

test("under a finger nothing is selected, and nothing is said of keys", async () => {
  const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
  const { page } = await visitLive({ context: phone });
  await page.locator("#share").tap();
  await page.locator("#share-link-copy:focus").waitFor();
  await page.locator("#share-link").tap();
  expect(await selectedText(page)).toBe("");
  await page.getByRole("button", { name: "Close" }).tap();
  await page.locator("#quality").dispatchEvent("click");
  const commands = await page.locator("#menu-commands").innerText();
  expect(commands.trim().split(/\s*\n\s*/)).toEqual(["Share and embed", "Statistics"]);
});

test("the menu reaches all of it in the embed page, by keyboard", async () => {
  const { page } = await visitLive({ path: "/embed/main" });
  await page.keyboard.press("q");
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Keyboard" }).waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.press("q");
  await page.getByRole("menuitem", { name: "Statistics" }).click();
  await untilText(page, "#stats", /Versions/);
  await page.keyboard.press("q");
  await page.keyboard.press("Escape");
  expect(await page.locator("#quality-menu").isVisible()).toBe(false);
  expect(await page.locator("#stats").isVisible()).toBe(true);
  await page.locator("#quality:focus").waitFor();
});
