/** What the page does around playback, in a real browser: captions, system, screen, beacons. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import type { QoeReport } from "../qoe/qoe-report.ts";
import type { LiveServer } from "./testing/live-server.ts";
import { stagePages } from "./testing/page-stage.ts";
import {
  goLive,
  hidePage,
  untilFace,
  untilPlayed,
  visitPage,
  type Visit,
} from "./testing/page-visit.ts";

const stage = stagePages({ recording: { framesPerSegment: 32, segmentCount: 60 } });

function visit(
  set: (server: LiveServer) => void,
  before: (page: Page) => Promise<void> = () => Promise.resolve(),
): Promise<Visit> {
  return visitPage({ ...stage, set, before });
}

const withCaptions = (server: LiveServer): void => {
  server.captionLanguages = ["en", "pt"];
  server.goLive();
};

/** The text of the cue that is shown now, of the track that is shown; "" for none. */
const shownCue = (page: Page): Promise<string> =>
  page.locator("#video").evaluate((element) => {
    interface Track {
      mode: string;
      activeCues: ArrayLike<{ text: string }> | null;
    }
    const { textTracks } = element as unknown as { textTracks: Iterable<Track> };
    const shown = [...textTracks].filter(({ mode }) => mode === "showing");
    return shown.map(({ activeCues }) => activeCues?.[0]?.text ?? "").join("|");
  });

const untilCue = (page: Page, form: RegExp) =>
  expect.poll(() => shownCue(page), { timeout: 15_000 }).toMatch(form);

test("captions are off at first, shown by C, one language after the other, and remembered", async () => {
  const { page, server, complaints } = await visit(withCaptions);
  await untilFace(page, "live");
  const button = page.locator("#captions");
  await button.waitFor();
  expect(await shownCue(page)).toBe("");
  expect(await button.getAttribute("aria-pressed")).toBe("false");
  await page.keyboard.press("c");
  await untilCue(page, /^English line \d+$/);
  expect(await button.getAttribute("aria-pressed")).toBe("true");
  await page.getByRole("button", { name: "Captions: English" }).click();
  await untilCue(page, /^Portuguese line \d+$/);
  await page.reload();
  await untilFace(page, "live");
  await untilCue(page, /^Portuguese line \d+$/);
  await page.keyboard.press("c");
  await expect.poll(() => shownCue(page)).toBe("");
  await page.reload();
  await untilFace(page, "live");
  await untilPlayed(page, 2);
  expect(await shownCue(page)).toBe("");
  expect(complaints).toEqual([]);
  expect(server.requests.some((path) => path.includes("/hls-full-"))).toBe(true);
});

test("a broadcast without captions has no button, and loads nothing for them", async () => {
  const { page, server } = await visit(goLive);
  await untilFace(page, "live");
  await untilPlayed(page, 2);
  expect(await page.locator("#captions").isVisible()).toBe(false);
  expect(server.requests.filter((path) => path.includes("/hls-full-"))).toEqual([]);
});

test("captions whose script cannot be had leave the picture alone", async () => {
  const { page } = await visit(withCaptions, async (one) => {
    await one.route("**/hls-full-*", (route) => route.abort());
  });
  await untilFace(page, "live");
  await untilPlayed(page, 3);
  expect(await page.locator("#captions").isVisible()).toBe(false);
});

test("the system knows the broadcast while it plays, and its keys stop and start it", async () => {
  const { page, server } = await visit(goLive, recordSystem);
  await untilFace(page, "live");
  const system = () => page.evaluate(() => systemOf());
  await expect.poll(system).toMatchObject({ title: "Main", artist: "Fullhouse", state: "playing" });
  await page.evaluate(() => act("pause"));
  await expect.poll(system).toMatchObject({ state: "paused" });
  await page.evaluate(() => act("play"));
  await expect.poll(system).toMatchObject({ state: "playing" });
  server.end();
  await untilFace(page, "ended", 30_000);
  await expect.poll(system).toMatchObject({ title: null, state: "none" });
});

test("the screen stays on while a picture is watched, not while it is paused", async () => {
  const { page } = await visit(goLive, recordSystem);
  await untilFace(page, "live");
  const held = () => page.evaluate(() => locksHeld());
  await expect.poll(held).toBe(1);
  await page.keyboard.press("k");
  await expect.poll(held).toBe(0);
  await page.keyboard.press("k");
  await expect.poll(held).toBe(1);
});

test("beacons tell what was played, once each, and the last words when the page is left", async () => {
  const { page, server } = await visit(goLive);
  await untilFace(page, "live");
  const told = (): QoeReport[] => server.qoeBeacons;
  await expect.poll(() => told().length, { timeout: 25_000 }).toBe(2);
  await untilPlayed(page, 1);
  await page.goto("about:blank");
  await expect.poll(() => told().length).toBe(3);
  const playedMs = told().reduce((sum, one) => sum + one.playedMs, 0);
  expect(told().filter(({ startupMs }) => startupMs !== undefined)).toHaveLength(1);
  expect(told()[1]!.playedMs).toBeGreaterThan(8_000);
  expect(told()[1]!.playedMs).toBeLessThan(12_500);
  expect(told()[1]).toMatchObject({ feed: "main", face: "live", stalledMs: 0, errors: 0 });
  expect(told()[1]!.framesShown).toBeGreaterThan(100);
  expect(told()[1]!.latencyMs).toBeGreaterThan(1_000);
  const httpBytes = told().reduce((sum, one) => sum + one.httpBytes, 0);
  // What was played came over HTTP: its bytes, and what is still in the buffer.
  const played = told().reduce((sum, one) => sum + one.mediaBytes, 0);
  expect(httpBytes).toBeGreaterThan(played * 0.5);
  expect(playedMs).toBeLessThan(30_000);
});

test("a page that is hidden says at once what it played, and goes on from there", async () => {
  const { page, server } = await visit(goLive);
  const told = server.qoeBeacons;
  await untilFace(page, "live");
  await untilPlayed(page, 1);
  await hidePage(page);
  // The first is due five seconds after the picture, at the earliest.
  await expect.poll(() => told.length, { timeout: 2_500 }).toBe(1);
  expect(told[0]!.playedMs).toBeGreaterThan(500);
  expect(told[0]!.startupMs).toBeDefined();
  await expect.poll(() => told.length, { timeout: 15_000 }).toBe(2);
  expect(told[1]!.playedMs).toBeGreaterThan(8_000);
  expect(told[1]!.playedMs).toBeLessThan(12_500);
  expect(told[1]!.startupMs).toBeUndefined();
});

test("an edge that refuses beacons for now hears all of it with the next one", async () => {
  const { page, server } = await visit((one) => {
    one.qoeStatus = 429;
    one.goLive();
  });
  await untilFace(page, "live");
  await expect.poll(() => server.qoeBeacons.length, { timeout: 15_000 }).toBe(1);
  server.qoeStatus = 204;
  await expect.poll(() => server.qoeBeacons.length, { timeout: 15_000 }).toBe(2);
  const [first, second] = server.qoeBeacons;
  expect(second!.playedMs).toBeGreaterThan(first!.playedMs + 8_000);
  expect(second!.startupMs).toBe(first!.startupMs);
});

declare function systemOf(): unknown;
declare function act(action: string): void;
declare function locksHeld(): number;

/** A system that keeps in the page what the page said to it: headless browsers have none. */
async function recordSystem(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const handlers = new Map<string, (() => void) | null>();
    const session = {
      metadata: null as { title: string; artist: string } | null,
      playbackState: "none",
      setActionHandler: (name: string, run: (() => void) | null) => handlers.set(name, run),
    };
    let heldCount = 0;
    const wakeLock = {
      request: () => {
        heldCount += 1;
        const lock = {
          released: false,
          release: () => {
            lock.released = true;
            heldCount -= 1;
            return Promise.resolve();
          },
        };
        return Promise.resolve(lock);
      },
    };
    const { navigator } = globalThis as unknown as { navigator: object };
    Object.defineProperty(navigator, "mediaSession", { value: session });
    Object.defineProperty(navigator, "wakeLock", { value: wakeLock });
    Object.assign(globalThis, {
      systemOf: () => ({
        title: session.metadata?.title ?? null,
        artist: session.metadata?.artist ?? null,
        state: session.playbackState,
      }),
      act: (name: string) => handlers.get(name)?.(),
      locksHeld: () => heldCount,
    });
  });
}
