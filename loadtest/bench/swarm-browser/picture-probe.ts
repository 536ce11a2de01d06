/** The same look at any page's video element: how often the picture stood still, and what it lost. */
import type { Page } from "playwright-core";

/** Since the probe was set. */
export interface PictureCount {
  stallCount: number;
  droppedFrames: number;
}

interface Video {
  seeking: boolean;
  addEventListener(type: string, listener: () => void): void;
  getVideoPlaybackQuality(): { droppedVideoFrames: number };
}

interface PageGlobals {
  pictureProbe: { stallCount: number };
  document: { querySelector(selector: string): Video };
}

/** To be set while the picture moves; a seek is no stall. */
export async function probePicture(page: Page): Promise<void> {
  await page.evaluate(() => {
    const scope = globalThis as unknown as PageGlobals;
    const probe = { stallCount: 0 };
    scope.pictureProbe = probe;
    const video = scope.document.querySelector("video");
    video.addEventListener("waiting", () => {
      if (!video.seeking) probe.stallCount += 1;
    });
  });
}

export async function readPicture(page: Page): Promise<PictureCount> {
  return page.evaluate(() => {
    const scope = globalThis as unknown as PageGlobals;
    const video = scope.document.querySelector("video");
    return {
      stallCount: scope.pictureProbe.stallCount,
      droppedFrames: video.getVideoPlaybackQuality().droppedVideoFrames,
    };
  });
}
