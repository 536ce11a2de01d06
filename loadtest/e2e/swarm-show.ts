/**
 * A broadcast for tests of the swarm: real media of 1 s segments without an encoder, the edge program
 * with the swarm on, and a browser whose pages can be peers of one another.
 */
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { packageRoot } from "../../src/node/package-root.ts";
import { recordLadder } from "../../src/node/testing/recorded-ladder.ts";
import { startEdgeBelow, type EdgeBelow } from "../peers/edge-below.ts";
import { loopedMedia } from "../peers/looped-media.ts";
import { startScriptedOrigin, type ScriptedOrigin } from "../peers/scripted-origin.ts";
import { diagnostics, openPage, waitForPlayed, waitForState } from "./browser.ts";
import { launchPeerBrowser, peerContext } from "./peer-browser.ts";

export const feed = "main";
export const kbps = 300;
/** Long enough that an edge may be started anew, on a busy machine too, while pages play what they have. */
const holdBackSec = 14;
/** What a page that has been on for a while has in hand: less than the hold-back by what is under way. */
const filledSec = holdBackSec - 3;
/** Leads to this machine, and is no secure context: browsers trust the loopback's own names only. */
const plainHost = "watch.test";

export interface Viewer {
  page: Page;
  /** Uncaught exceptions and console errors so far. */
  problems: string[];
}

export class SwarmShow {
  readonly origin: ScriptedOrigin;
  readonly browser: Browser;
  edge: EdgeBelow;

  private constructor(parts: { origin: ScriptedOrigin; edge: EdgeBelow; browser: Browser }) {
    this.origin = parts.origin;
    this.edge = parts.edge;
    this.browser = parts.browser;
  }

  static async start(): Promise<SwarmShow> {
    const ladder = await recordLadder({ framesPerSegment: 30, segmentCount: 32 });
    const origin = await startScriptedOrigin({
      feed,
      rungs: [{ kbps, width: 480, height: 270 }],
      segmentDurationMs: 1_000,
      playlistCount: 24,
      media: loopedMedia(ladder.rungs, ladder.segmentDurationSec),
      holdBackSec,
      p2p: "on",
    });
    const [edge, browser] = await Promise.all([
      startEdge(origin.url),
      launchPeerBrowser([`--host-resolver-rules=MAP ${plainHost} 127.0.0.1`]),
    ]);
    return new SwarmShow({ origin, edge, browser });
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.edge.stop();
    await this.origin.close();
  }

  /** Kills the edge, as a power cut would. */
  async killEdge(): Promise<void> {
    process.kill(this.edge.pid, "SIGKILL");
    await this.edge.stop();
  }

  /** In the place of one that was killed. */
  async restartEdge(): Promise<void> {
    this.edge = await startEdge(this.origin.url, Number(new URL(this.edge.url).port));
  }

  /** A viewer in a context of its own, who sees the picture. */
  async openViewer(
    options: {
      context?: BrowserContextOptions;
      /** Runs in the page before any of its scripts. */
      before?: () => void;
      /** By a name that is not the loopback's own, without encryption. */
      isInsecure?: boolean;
    } = {},
  ): Promise<Viewer> {
    const viewer = await openPage(this.browser, { ...peerContext, ...options.context });
    if (options.before !== undefined) await viewer.page.addInitScript(options.before);
    const base = options.isInsecure
      ? `http://${plainHost}:${new URL(this.edge.url).port}`
      : this.edge.url;
    await viewer.page.goto(`${base}/watch/${feed}`);
    await waitForState(viewer.page, ["live"], 20_000);
    return viewer;
  }

  openViewers(count: number): Promise<Viewer[]> {
    return Promise.all(Array.from({ length: count }, () => this.openViewer()));
  }

  /** What the edge's operators set by its admin port. */
  async setMode(mode: "on" | "off" | "auto"): Promise<void> {
    const response = await fetch(`${this.edge.adminUrl}/api/swarm`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${this.edge.adminToken()}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ mode }),
    });
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  }
}

function startEdge(parentUrl: string, port = 0): Promise<EdgeBelow> {
  const settings = { "swarm.mode": "on", "swarm.seedCount": "1" };
  return startEdgeBelow({ parentUrl, port, settings });
}

/** Waits until all have in hand what they play from when nothing comes; a page that has just begun has not. */
export async function waitForFullBuffers(viewers: readonly Viewer[]): Promise<void> {
  const isFull = (sec: number): boolean => {
    interface Video {
      currentTime: number;
      buffered: { length: number; end(index: number): number };
    }
    const { document } = globalThis as unknown as {
      document: { querySelector(of: string): Video };
    };
    const { buffered, currentTime } = document.querySelector("video");
    return buffered.length > 0 && buffered.end(buffered.length - 1) - currentTime >= sec;
  };
  await Promise.all(
    viewers.map(({ page }) => page.waitForFunction(isFull, filledSec, { timeout: 60_000 })),
  );
}

/** Waits until all have seen so much more, and gives the stalls that they had meanwhile. */
export async function stallsWhilePlaying(viewers: readonly Viewer[], sec: number): Promise<number> {
  const counts = await Promise.all(
    viewers.map(async ({ page }) => {
      const before = await diagnostics(page);
      await waitForPlayed(page, sec, sec * 1_000 + 20_000);
      return (await diagnostics(page)).stalls - before.stalls;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Keeps a picture of the page for whoever wants to look: .cache/e2e/NAME.png. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const path = join(packageRoot(), ".cache/e2e", `${name}.png`);
  mkdirSync(dirname(path), { recursive: true });
  await page.screenshot({ path });
}

export async function closeViewers(viewers: readonly Viewer[]): Promise<void> {
  await Promise.all(viewers.map(({ page }) => page.context().close()));
}
