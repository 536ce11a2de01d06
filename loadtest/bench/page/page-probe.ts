/** What a page costs its viewer, as the browser sees it: first frame, long tasks, bytes, frames. */
import type { Page } from "playwright-core";

export interface PageCount {
  /** From the start of the navigation to the first frame on screen; null before it. */
  firstFrameMs: number | null;
  /** Tasks of 50 ms or more on the main thread, by their durations in ms, so far. */
  longTasksMs: number[];
  /** Bytes of the page itself and its scripts and styles, as they came over the line. */
  pageBytes: number;
  droppedFrames: number;
  shownFrames: number;
}

interface ProbeGlobals {
  pageProbe: { firstFrameMs: number | null; longTasksMs: number[] };
}

/** To be called before the page is opened. */
export async function installProbe(page: Page): Promise<void> {
  await page.addInitScript(() => {
    interface Video {
      requestVideoFrameCallback(run: () => void): void;
    }
    interface Entry {
      duration: number;
    }
    type Report = (list: { getEntries(): Entry[] }) => void;
    const global = globalThis as unknown as ProbeGlobals & {
      document: { querySelector(selector: "video"): Video | null };
      MutationObserver: new (run: () => void) => {
        observe(node: unknown, options: object): void;
        disconnect(): void;
      };
      PerformanceObserver: new (run: Report) => { observe(options: object): void };
      performance: { now(): number };
    };
    const probe: ProbeGlobals["pageProbe"] = { firstFrameMs: null, longTasksMs: [] };
    global.pageProbe = probe;
    const found = new global.MutationObserver(() => {
      const video = global.document.querySelector("video");
      if (video === null) return;
      found.disconnect();
      video.requestVideoFrameCallback(() => (probe.firstFrameMs = global.performance.now()));
    });
    found.observe(global.document, { childList: true, subtree: true });
    const tasks = new global.PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) probe.longTasksMs.push(duration);
    });
    tasks.observe({ type: "longtask", buffered: true });
  });
}

export async function waitForFirstFrame(page: Page, timeoutMs: number): Promise<void> {
  await page.waitForFunction(
    () => (globalThis as unknown as ProbeGlobals).pageProbe.firstFrameMs !== null,
    null,
    { timeout: timeoutMs, polling: 50 },
  );
}

export function readProbe(page: Page): Promise<PageCount> {
  return page.evaluate(() => {
    interface Timing {
      name: string;
      encodedBodySize: number;
    }
    const global = globalThis as unknown as ProbeGlobals & {
      performance: { getEntriesByType(type: string): Timing[] };
      document: {
        querySelector(selector: "video"): {
          getVideoPlaybackQuality(): { droppedVideoFrames: number; totalVideoFrames: number };
        };
      };
    };
    const { performance, document, pageProbe } = global;
    const own = [
      ...performance.getEntriesByType("navigation"),
      ...performance
        .getEntriesByType("resource")
        .filter(({ name }) => /\.(?:js|css|svg)$/.test(name)),
    ];
    const quality = document.querySelector("video").getVideoPlaybackQuality();
    return {
      ...pageProbe,
      pageBytes: own.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
      droppedFrames: quality.droppedVideoFrames,
      shownFrames: quality.totalVideoFrames - quality.droppedVideoFrames,
    };
  });
}
