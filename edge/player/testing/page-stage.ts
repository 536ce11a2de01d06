/** What the tests of one file about the page share: a browser, the page's files, a broadcast. */
import { chromium, type Browser } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { chromiumPath } from "../../../src/node/testing/chromium.ts";
import { recordLadder, type RecordedLadder } from "../../../src/node/testing/recorded-ladder.ts";
import { loadPlayerAssets, type PlayerAssets } from "../player-assets.ts";

export interface PageStage {
  browser: Browser;
  assets: PlayerAssets;
  ladder: RecordedLadder;
}

/** To be called at the top of a file; the result is filled before its first test. */
export function stagePages(options: {
  recording: Parameters<typeof recordLadder>[0];
  /** The browser's, beyond those of any test. */
  args?: string[];
}): PageStage {
  const stage: Partial<PageStage> = {};
  beforeAll(async () => {
    const { args = [], recording } = options;
    [stage.browser, stage.assets, stage.ladder] = await Promise.all([
      chromium.launch({ executablePath: chromiumPath(), headless: true, args }),
      loadPlayerAssets(),
      recordLadder(recording),
    ]);
  }, 120_000);
  afterAll(() => stage.browser?.close());
  return stage as PageStage;
}
