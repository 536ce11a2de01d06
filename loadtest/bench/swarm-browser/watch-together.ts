/**
 * Four viewers of one contender, each a page in a context of its own, from their coming to a measured
 * window: it begins and ends just before a segment is listed, when what came before is spread.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import { openPage, waitForPlayed } from "../../e2e/browser.ts";
import { countSegments, peerContext, type SegmentTraffic } from "../../e2e/peer-browser.ts";
import type { Broadcast } from "./broadcast.ts";
import type { Contender, ViewerCount } from "./contenders.ts";
import { probePicture, readPicture, type PictureCount } from "./picture-probe.ts";
import type { Task } from "./settings.ts";

export const viewerCount = 4;
const startMsMax = 60_000;
/** Before the next segment is listed; all that came before has long been asked for. */
const beforeListedMs = 150;

interface Viewer {
  page: Page;
  traffic: SegmentTraffic;
}

interface Moment {
  pages: ViewerCount[];
  pictures: PictureCount[];
  /** As the browser counted it, of all pages. */
  segmentCount: number;
  segmentBytes: number;
}

export interface WatchFigures extends Record<string, number> {
  /** Of the bytes of segments that viewers got, the share that the edge did not send. */
  offloadPercent: number;
  stalls: number;
  droppedFrames: number;
  latencySec: number;
  peersEach: number;
  /** Of a viewer's segments. */
  kbps: number;
  /** Between pages' own count of bytes from the edge and the browser's. */
  httpBytesOff: number;
}

export async function watchTogether(
  browser: Browser,
  { contender, broadcast, task }: { contender: Contender; broadcast: Broadcast; task: Task },
): Promise<WatchFigures> {
  const viewers: Viewer[] = [];
  try {
    for (let n = 0; n < viewerCount; n++) viewers.push(await openViewer(browser, contender));
    await Promise.all(
      viewers.map(async ({ page }) => {
        await waitForPlayed(page, task.latencySec + 8, startMsMax);
        await probePicture(page);
      }),
    );
    const before = await momentOf(viewers, contender, broadcast);
    await delay(task.measuredCount * broadcast.segmentDurationMs - 2 * beforeListedMs);
    const after = await momentOf(viewers, contender, broadcast);
    return figuresBetween(before, after, task.measuredCount * broadcast.segmentDurationMs);
  } finally {
    for (const { page } of viewers) await page.context().close();
  }
}

async function openViewer(browser: Browser, contender: Contender): Promise<Viewer> {
  const { page } = await openPage(browser, peerContext);
  const traffic = countSegments(page);
  await page.goto(contender.url);
  return { page, traffic };
}

async function momentOf(
  viewers: readonly Viewer[],
  contender: Contender,
  broadcast: Broadcast,
): Promise<Moment> {
  await delay(Math.max(0, broadcast.nextListedUnixMs() - beforeListedMs - Date.now()));
  const pages = await Promise.all(viewers.map(({ page }) => contender.read(page)));
  const sum = (read: (traffic: SegmentTraffic) => number): number =>
    viewers.reduce((total, { traffic }) => total + read(traffic), 0);
  return {
    pages,
    pictures: await Promise.all(viewers.map(({ page }) => readPicture(page))),
    segmentCount: sum(({ count }) => count),
    segmentBytes: sum(({ bytes }) => bytes),
  };
}

function figuresBetween(before: Moment, after: Moment, durationMs: number): WatchFigures {
  const sum = (of: (moment: Moment) => readonly number[]): number => {
    const [first, last] = [of(before), of(after)];
    return last.reduce((total, value, n) => total + value - first[n]!, 0);
  };
  const peerBytes = sum(({ pages }) => pages.map((page) => page.peerBytes));
  const httpBytes = sum(({ pages }) => pages.map((page) => page.httpBytes));
  const edgeBytes = after.segmentBytes - before.segmentBytes;
  const latencies = after.pages.map(({ latencySec }) => latencySec ?? Number.NaN);
  return {
    offloadPercent: (100 * peerBytes) / (peerBytes + edgeBytes),
    stalls: sum(({ pictures }) => pictures.map(({ stallCount }) => stallCount)),
    droppedFrames: sum(({ pictures }) => pictures.map(({ droppedFrames }) => droppedFrames)),
    latencySec: latencies.reduce((total, one) => total + one, 0) / viewerCount,
    peersEach: after.pages.reduce((total, page) => total + page.peerCount, 0) / viewerCount,
    kbps: ((peerBytes + edgeBytes) * 8) / durationMs / viewerCount,
    httpBytesOff: Math.abs(httpBytes - edgeBytes),
  };
}
