/** The page against axe-core: each face, each thing that opens, in light and dark. */
import axe from "axe-core";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { stagePages } from "./testing/page-stage.ts";
import { untilFace, untilText, visitPage } from "./testing/page-visit.ts";

const stage = stagePages({ recording: { framesPerSegment: 32, segmentCount: 40 } });

interface AxePage {
  axe: { run(context: unknown, options: object): Promise<axe.AxeResults> };
  document: { getAnimations(): { playState: string }[] };
  matchMedia: (query: string) => { matches: boolean };
}

/** The page as it is, without what moves only because the colours have changed. */
async function setColours(page: Page, colorScheme: "light" | "dark"): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
  await page.waitForFunction((query) => {
    const { document, matchMedia } = globalThis as unknown as AxePage;
    const moving = document.getAnimations().filter(({ playState }) => playState === "running");
    return matchMedia(query).matches && moving.length === 0;
  }, `(prefers-color-scheme: ${colorScheme})`);
}

/** All rules in the light, and the colours again in the dark. */
async function violations(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await setColours(page, colorScheme);
    const rules = colorScheme === "dark" ? { runOnly: ["color-contrast"] } : {};
    const { violations: broken } = await page.evaluate((options) => {
      const scope = globalThis as unknown as AxePage;
      return scope.axe.run(scope.document, { resultTypes: ["violations"], ...options });
    }, rules);
    for (const { id, nodes } of broken) {
      found.push(...nodes.map(({ target }) => `${colorScheme} ${id}: ${String(target)}`));
    }
  }
  return found;
}

async function visit(path: string, set: Parameters<typeof visitPage>[0]["set"]) {
  // axe is put into the page by evaluation, which the page's own policy forbids.
  const context = { bypassCSP: true, reducedMotion: "reduce" as const };
  const one = await visitPage({ ...stage, set, path, context });
  await one.page.evaluate(axe.source);
  return one;
}

test("axe sees what is wrong: a button without a name is found", async () => {
  const { page } = await visit("/watch/main", (server) => server.setState("offline"));
  await untilFace(page, "offline");
  await page.evaluate(() => {
    interface Scope {
      document: { querySelector(selector: string): { textContent: string } };
    }
    (globalThis as unknown as Scope).document.querySelector("#share").textContent = "";
  });
  expect(await violations(page)).toEqual(["light button-name: #share"]);
});

test("who wants little motion gets none when the colours change", async () => {
  const { page } = await visit("/watch/main", (server) => server.setState("offline"));
  await untilFace(page, "offline");
  await setColours(page, "light");
  // Counted before the next frame: what has a duration, however short, is still to come then.
  const { colour, moving } = await page.evaluate(() => {
    interface Scope {
      document: { body: { style: { color: string } }; getAnimations(): unknown[] };
      getComputedStyle: (element: unknown) => { color: string };
    }
    const { document, getComputedStyle } = globalThis as unknown as Scope;
    document.body.style.color = "rgb(1, 2, 3)";
    return {
      colour: getComputedStyle(document.body).color,
      moving: document.getAnimations().length,
    };
  });
  expect({ colour, moving }).toEqual({ colour: "rgb(1, 2, 3)", moving: 0 });
});

test.each(["/watch/main", "/embed/main"])("%s has no violation in any face", async (path) => {
  const { page, server } = await visit(path, (one) => one.setState("offline"));
  const found: string[] = [];
  const check = async (what: string): Promise<void> => {
    found.push(...(await violations(page)).map((violation) => `${what}: ${violation}`));
  };
  await untilFace(page, "offline");
  await check("offline");
  server.setState("starting");
  await untilFace(page, "starting");
  await check("starting");
  server.goLive();
  await untilFace(page, "live");
  // Paused, the controls stay in sight, and nothing changes while axe looks.
  await page.keyboard.press("k");
  await page.locator("#play-big").waitFor();
  await check("live");
  await page.keyboard.press("k");
  await page.locator("#play-big").waitFor({ state: "hidden" });
  server.loseSource({ noticed: true });
  await untilFace(page, "waiting");
  await check("waiting");
  server.end();
  await untilFace(page, "ended");
  await check("ended");
  server.trouble = "full";
  await page.reload();
  await page.evaluate(axe.source);
  await untilFace(page, "full");
  await check("full");
  server.trouble = "missing";
  await page.getByRole("button", { name: "Try now" }).click();
  await untilFace(page, "error");
  await check("error");
  expect(found).toEqual([]);
});

test.each(["/watch/main", "/embed/main"])(
  "%s has no violation with anything open",
  async (path) => {
    const { page } = await visit(path, (one) => one.goLive());
    const found: string[] = [];
    const check = async (what: string): Promise<void> => {
      found.push(...(await violations(page)).map((violation) => `${what}: ${violation}`));
    };
    await untilFace(page, "live");
    await page.keyboard.press("k");
    await page.locator("#play-big").waitFor();
    await check("paused");
    await page.keyboard.press("q");
    await check("menu");
    await page.keyboard.press("Escape");
    await page.keyboard.press("s");
    await untilText(page, "#stats", /Versions/);
    await check("statistics");
    await page.keyboard.press("s");
    await page.keyboard.press("?");
    await check("help");
    await page.keyboard.press("Escape");
    await page.keyboard.press("e");
    await check("share");
    expect(found).toEqual([]);
  },
);
