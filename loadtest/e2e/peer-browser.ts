/**
 * A browser whose pages can be peers of one another on this machine alone, and what their viewers
 * get. One context is one viewer: pages of one context share a cache.
 */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import type { SwarmStats } from "../../src/swarm/client-ports.ts";
import { launchBrowser } from "./browser.ts";

/**
 * Without the flag Chromium offers no loopback address; without the permissions it only offers that
 * of the default route, which a network namespace need not have. No device is opened.
 */
export function launchPeerBrowser(more: readonly string[] = []): Promise<Browser> {
  return launchBrowser(["--allow-loopback-in-peer-connection", ...more]);
}

export const peerContext: BrowserContextOptions = { permissions: ["camera", "microphone"] };

/** What the page says of its swarm; `obstacle`: what stands in the way, `none` when nothing does. */
export interface SwarmDiagnostics extends SwarmStats {
  obstacle: string;
}

interface PageGlobals {
  fullhouse?: { swarm: SwarmStats; swarmObstacle: string };
}

/** What the swarm did for the viewer of our page so far. */
export function swarmOf(page: Page): Promise<SwarmDiagnostics> {
  return page.evaluate(() => {
    const { swarm, swarmObstacle } = (globalThis as unknown as PageGlobals).fullhouse!;
    return { ...swarm, obstacle: swarmObstacle };
  });
}

/** Waits until exactly so many peers are connected to the viewer of our page. */
export async function waitForPeers(page: Page, count: number, timeoutMs = 15_000): Promise<void> {
  await waitForSwarm(page, { peerCount: count }, timeoutMs);
}

/** Waits until all of these hold for the viewer of our page. */
export async function waitForSwarm(
  page: Page,
  wanted: Partial<SwarmDiagnostics>,
  timeoutMs = 15_000,
): Promise<void> {
  const reached = page.waitForFunction(
    (expected) => {
      const player = (globalThis as unknown as PageGlobals).fullhouse;
      const now = { ...player?.swarm, obstacle: player?.swarmObstacle } as Record<string, unknown>;
      return Object.entries(expected).every(([name, value]) => now[name] === value);
    },
    wanted,
    { timeout: timeoutMs, polling: 100 },
  );
  await reached.catch(async () => {
    const now = JSON.stringify(await swarmOf(page));
    throw new Error(`not ${JSON.stringify(wanted)} within ${timeoutMs} ms, but ${now}`);
  });
}

/** Waits until a figure of the viewer's swarm has passed what it was. */
export async function waitForMore(
  page: Page,
  figure: "peerBytes" | "uploadedBytes" | "httpBytes" | "refusedCount" | "bannedCount",
  than: number,
  timeoutMs = 15_000,
): Promise<void> {
  await page.waitForFunction(
    ([name, before]) =>
      ((globalThis as unknown as PageGlobals).fullhouse?.swarm[name] ?? 0) > before,
    [figure, than] as const,
    { timeout: timeoutMs, polling: 50 },
  );
}

/** Segments that a page got over HTTP. */
export interface SegmentTraffic {
  readonly count: number;
  readonly bytes: number;
}

/** Counts from now on, as the browser sees it; what is under way counts when it ends. */
export function countSegments(page: Page): SegmentTraffic {
  const traffic = { count: 0, bytes: 0 };
  page.on("response", (response) => {
    if (response.status() !== 200 || !/\/\d+-\d+\.m4s($|\?)/.test(response.url())) return;
    void response.finished().then(() => {
      traffic.count += 1;
      traffic.bytes += Number(response.headers()["content-length"]);
    });
  });
  return traffic;
}
