/**
 * The main job: a publisher sends RTMP, a browser plays it from an edge through a shield.
 * One stack and one browser serve all tests of this file, which follow one another as one evening.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Browser, Page } from "playwright-core";
import { diagnostics, launchBrowser, openPage, waitForPlayed, waitForState } from "./browser.ts";
import { publish, type TestPublisher } from "./publisher.ts";
import { startStack, type Stack } from "../wire/stack.ts";

const playing = ["live", "behind"];

let stack: Stack;
let browser: Browser;
let page: Page;
let problems: string[];
let publisher: TestPublisher;

/** What is there, to be closed in reverse, however far the evening came. */
const cleanups: (() => Promise<void>)[] = [];

beforeAll(async () => {
  stack = await startStack(["--no-testcard"]);
  cleanups.push(async () => {
    expect(await stack.stop(), stack.output()).toBe(0);
  });
  browser = await launchBrowser();
  cleanups.push(() => browser.close());
});

afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

/** Publishes from now on, in the place of whoever does. */
async function publishNow(options: { frameRate?: number } = {}): Promise<TestPublisher> {
  const next = publish({ url: await stack.publishUrl(), ...options });
  cleanups.push(() => next.kill());
  return next;
}

async function mediaPlaylist(rung: string): Promise<string> {
  const answer = await fetch(`${await stack.edgeUrl("edge-1")}/live/main/${rung}/index.m3u8`);
  expect(answer.status).toBe(200);
  return answer.text();
}

function lastMsn(playlist: string): number {
  const first = Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(playlist)?.[1]);
  return first + [...playlist.matchAll(/#EXTINF/g)].length - 1;
}

async function waitForPlaylist(
  rung: string,
  wanted: (playlist: string) => boolean,
  timeoutMs: number,
): Promise<string> {
  const deadlineMs = performance.now() + timeoutMs;
  let playlist = await mediaPlaylist(rung);
  while (!wanted(playlist)) {
    if (performance.now() > deadlineMs) throw new Error(`never came:\n${playlist}`);
    const url = `${await stack.edgeUrl("edge-1")}/live/main/${rung}/index.m3u8`;
    // A held reload: it answers when the next segment is listed.
    const answer = await fetch(`${url}?_HLS_msn=${lastMsn(playlist) + 1}`);
    playlist = answer.ok ? await answer.text() : await mediaPlaylist(rung);
  }
  return playlist;
}

test("a page opened before the broadcast says so, and starts by itself when it begins", async () => {
  ({ page, problems } = await openPage(browser));
  await page.goto(`${await stack.edgeUrl("edge-1")}/watch/main`);
  await waitForState(page, ["offline", "starting"], 15_000);
  publisher = await publishNow();
  await waitForState(page, playing, 60_000);
});

test("the picture plays for 20 s without a stall", async () => {
  await waitForPlayed(page, 2, 30_000);
  const before = await diagnostics(page);
  await waitForPlayed(page, 20, 30_000);
  const after = await diagnostics(page);
  expect(after.stalls - before.stalls).toBe(0);
  expect(after.latencySec).toBeLessThan(25);
});

test("a page opened while live shows its first frame soon", async () => {
  const second = await openPage(browser);
  await second.page.goto(`${await stack.edgeUrl("edge-2")}/watch/main`);
  await waitForState(second.page, playing, 15_000);
  await waitForPlayed(second.page, 1, 15_000);
  const { firstFrameMs, latencySec } = await diagnostics(second.page);
  console.log(`first frame ${firstFrameMs} ms, latency ${latencySec} s (measured)`);
  expect(firstFrameMs).toBeGreaterThan(0);
  expect(second.problems).toEqual([]);
  await second.page.context().close();
});

test("a viewer may fix a rung, and the picture follows", async () => {
  await page.keyboard.press("q");
  await page.getByRole("menuitemradio", { name: "180p" }).click();
  await page.waitForFunction(
    () => (globalThis as unknown as { fullhouse: { rung: string } }).fullhouse.rung === "150",
    undefined,
    { timeout: 30_000 },
  );
  await waitForPlayed(page, 3, 15_000);
});

test("an unknown feed is a plain 404 and leaves no trace", async () => {
  for (const path of ["/live/nobody/index.m3u8", "/live/nobody/status.json", "/watch/nobody"]) {
    const answer = await fetch((await stack.edgeUrl("edge-1")) + path);
    expect(answer.status, path).toBe(404);
    await answer.arrayBuffer();
  }
});

test("a publisher with a wrong key is refused while the right one goes on", async () => {
  const wrong = publish({ url: await stack.publishUrl("not-the-key") });
  const { code } = await wrong.ended;
  expect(code).not.toBe(0);
  expect(await stack.metrics("origin")).toMatch(
    /live_origin_rtmp_ends_total\{reason="key"[^}]*\} 1\n/,
  );
  await waitForPlayed(page, 3, 15_000);
  const { latencySec } = await diagnostics(page);
  console.log(`latency of the first page by now ${latencySec} s (measured)`);
});

test("an edge that is killed comes back, and its viewer plays on", async () => {
  process.kill(stack.pidOf("edge-1"), "SIGKILL");
  await waitForPlayed(page, 20, 60_000);
  await waitForState(page, playing, 30_000);
});

test("a second publisher with the right key takes over: the first is closed, new media follows", async () => {
  const before = await mediaPlaylist("300");
  const startMs = performance.now();
  const second = await publishNow();
  const first = publisher;
  publisher = second;
  await first.ended;
  const closedMs = performance.now() - startMs;
  const after = await waitForPlaylist(
    "300",
    (playlist) => playlist.includes("#EXT-X-DISCONTINUITY\n"),
    30_000,
  );
  console.log(
    `old publisher closed ${Math.round(closedMs)} ms after the new one started (measured)`,
  );
  expect(lastMsn(after)).toBeGreaterThan(lastMsn(before));
  await waitForPlayed(page, 15, 60_000);
});

test("a publisher that is killed and comes back at 25 fps goes on in the same feed", async () => {
  await publisher.kill();
  await expect
    .poll(
      async () => {
        const answer = await fetch(`${await stack.edgeUrl("edge-1")}/live/main/status.json`);
        return ((await answer.json()) as { state: string }).state;
      },
      { timeout: 15_000 },
    )
    .toBe("waiting");
  const before = await mediaPlaylist("300");
  publisher = await publishNow({ frameRate: 25 });
  const after = await waitForPlaylist("300", (text) => text.includes("#EXTINF:3.84"), 60_000);
  expect(lastMsn(after)).toBeGreaterThan(lastMsn(before));
  expect(after).toContain("#EXT-X-TARGETDURATION:4\n");
  await waitForPlayed(page, 10, 60_000);
  await waitForState(page, playing, 30_000);
});

test("the page said nothing wrong to its console but failed requests of the killed edge", () => {
  expect(problems.filter((text) => !/Failed to load resource|net::ERR_/.test(text))).toEqual([]);
});
