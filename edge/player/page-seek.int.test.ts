/** Going back in the broadcast, and ahead to live again: by bar, by keys, by pointer. */
import axe from "axe-core";
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { recordLadder, type RecordedLadder } from "../../src/node/testing/recorded-ladder.ts";
import { stagePages } from "./testing/page-stage.ts";
import {
  diagnosticsOf,
  goLive,
  untilFace,
  untilPlayed,
  visitPage,
  type Visit,
  type VisitOptions,
} from "./testing/page-visit.ts";

/** A window of 34 s, 12 of which are the hold-back. */
const stage = stagePages({ recording: { framesPerSegment: 128, segmentCount: 16 } });
/** A window of 8.5 s. */
let quick: RecordedLadder;

beforeAll(async () => {
  quick = await recordLadder({ framesPerSegment: 32, segmentCount: 40 });
}, 120_000);

async function visitLive(
  options: Partial<Pick<VisitOptions, "ladder" | "path" | "context">> = {},
): Promise<Visit> {
  const visit = await visitPage({ ...stage, set: goLive, ...options });
  await untilFace(visit.page, "live");
  return visit;
}

const bar = (page: Page) => page.getByRole("slider", { name: "Place in the broadcast" });

const behindSec = async (page: Page): Promise<number> => (await diagnosticsOf(page)).behindSec!;

const untilBehind = (page: Page, sec: number) =>
  expect
    .poll(() => behindSec(page), { timeout: 5_000 })
    .toSatisfy((behind: number) => Math.abs(behind - sec) < 1.5, `about ${sec} s behind`);

const playbackRate = (page: Page) =>
  page
    .locator("#video")
    .evaluate((video) => (video as unknown as { playbackRate: number }).playbackRate);

test("keys go back and ahead, and who went back stays there, at the speed of the clock", async () => {
  const { page, complaints } = await visitLive();
  await bar(page).waitFor({ state: "attached" });
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("j");
  await untilBehind(page, 20);
  await page.locator(".player:not([userinactive])").waitFor();
  await page.keyboard.press("ArrowRight");
  await untilBehind(page, 15);
  await page.getByRole("button", { name: /^Go live \d+ s behind the event$/ }).waitFor();
  await untilPlayed(page, 6);
  await untilBehind(page, 15);
  expect(await playbackRate(page)).toBe(1);
  await page.keyboard.press("l");
  await untilBehind(page, 0);
  await page.getByRole("button", { name: /^Live \d+ s behind the event$/ }).waitFor();
  expect((await diagnosticsOf(page)).stalls).toBe(0);
  expect(complaints).toEqual([]);
});

test("Home goes as far back as the playlist reaches, where it plays on; End is live", async () => {
  const { page } = await visitLive();
  await bar(page).focus();
  expect(await bar(page).getAttribute("aria-valuetext")).toMatch(/^Live, \d/);
  await page.keyboard.press("Home");
  await untilBehind(page, 22);
  expect(await bar(page).getAttribute("aria-valuetext")).toMatch(/^2\d seconds behind live, \d/);
  // Twice as long as a segment: what was the oldest one has left the playlist.
  await untilPlayed(page, 9);
  await untilBehind(page, 22);
  await page.keyboard.press("ArrowRight");
  await untilBehind(page, 17);
  await page.keyboard.press(" ");
  await page.locator("#play-big").waitFor();
  await page.keyboard.press(" ");
  await page.keyboard.press("End");
  await untilBehind(page, 0);
  expect(await bar(page).getAttribute("aria-valuetext")).toMatch(/^Live, \d/);
  expect((await diagnosticsOf(page)).stalls).toBe(0);
});

test("under the pointer stands the time of day, and a press goes there", async () => {
  const { page } = await visitLive({ context: { locale: "en-GB", timezoneId: "UTC" } });
  await page.mouse.move(400, 300);
  const box = (await bar(page).boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  const sign = page.locator("#seek-sign");
  await sign.waitFor();
  const [, time, ago] = /^(\d\d:\d\d:\d\d) · −0:(\d\d)$/.exec((await sign.textContent())!)!;
  expect(Math.abs(Number(ago) - 11)).toBeLessThanOrEqual(1);
  const madeUnixMs = Date.parse(`${new Date().toISOString().slice(0, 11)}${time!}Z`);
  const agoMs = Date.now() - madeUnixMs;
  // The hold-back and half of the window, and up to a segment that is not listed yet.
  expect(agoMs).toBeGreaterThan(22_000);
  expect(agoMs).toBeLessThan(29_000);
  await page.mouse.down();
  await page.mouse.up();
  await untilBehind(page, 11);
  await page.mouse.move(400, 300);
  await sign.waitFor({ state: "hidden" });
  // Dragged, nothing is sought before it is let go.
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 1, box.y + box.height / 2, { steps: 4 });
  await untilBehind(page, 11);
  await page.mouse.up();
  await untilBehind(page, 0);
});

test("a window that is hardly longer than the hold-back has no bar", async () => {
  const { page } = await visitLive({ ladder: quick });
  await untilPlayed(page, 1);
  expect(await page.locator("#seek").isVisible()).toBe(false);
});

test("without a picture there is no bar", async () => {
  const { page, server } = await visitPage({
    ...stage,
    set: (one) => one.setState("offline"),
  });
  await untilFace(page, "offline");
  await page.keyboard.press("ArrowLeft");
  expect(await page.locator("#seek").isVisible()).toBe(false);
  server.goLive();
  await page.locator("#seek").waitFor();
});

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

function overlaps(a: Box, b: Box): boolean {
  const isApart =
    a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
  return !isApart;
}

test.each([
  ["/embed/main", [320, 180]],
  ["/embed/main", [640, 360]],
  ["/watch/main", [360, 640]],
  ["/watch/main", [390, 844]],
  ["/watch/main", [844, 390]],
  ["/watch/main", [1_280, 800]],
] as const)("%s of %j: the bar covers no other control", async (path, [width, height]) => {
  const { page } = await visitLive({ path, context: { viewport: { width, height } } });
  await page.keyboard.press("k");
  await page.locator("#play-big").waitFor();
  const own = (await bar(page).boundingBox())!;
  const player = (await page.locator("#player").boundingBox())!;
  expect(own.x).toBeGreaterThanOrEqual(player.x);
  expect(own.x + own.width).toBeLessThanOrEqual(player.x + player.width);
  for (const one of await page.locator("#bar > :visible:not(.gap, .seek), #play-big").all()) {
    const box = (await one.boundingBox())!;
    const name = await one.evaluate((element) => (element as unknown as { id: string }).id);
    expect(overlaps(own, box), `${name} ${JSON.stringify([own, box])}`).toBe(false);
  }
});

test("what opens over the picture leaves the bar free, and a laptop shows all of it", async () => {
  const { page, server } = await visitLive({
    context: { viewport: { width: 1_280, height: 800 } },
  });
  server.room.setPolicy({ mode: "on", uploadKbpsMax: 2_000, seedCount: 1 });
  await page.locator("#sharing").waitFor();
  const top = (await bar(page).boundingBox())!.y;
  for (const [key, panel] of [
    ["q", "#quality-menu"],
    ["v", "#sharing-panel"],
    ["s", "#stats"],
  ] as const) {
    await page.keyboard.press(key);
    await page.locator(panel).waitFor();
    const box = (await page.locator(panel).boundingBox())!;
    expect(box.y + box.height, panel).toBeLessThanOrEqual(top);
    const hiddenPx = await page.locator(panel).evaluate((element) => {
      const { scrollHeight, clientHeight } = element as unknown as Record<string, number>;
      return scrollHeight! - clientHeight!;
    });
    expect(hiddenPx, panel).toBe(0);
  }
});

test("axe finds nothing wrong with it", async () => {
  const { page } = await visitLive({ context: { bypassCSP: true, reducedMotion: "reduce" } });
  await page.evaluate(axe.source);
  await bar(page).focus();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("k");
  await page.locator("#play-big").waitFor();
  const broken = await page.evaluate(async () => {
    const scope = globalThis as unknown as { axe: typeof axe; document: axe.ElementContext };
    const { violations } = await scope.axe.run(scope.document);
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  });
  expect(broken).toEqual([]);
});
