/**
 * The swarm as viewers meet it: pages of a real edge who give each other segments of 1 s, and all
 * that may go wrong with them. One broadcast, one edge and one browser serve all tests; each page is a
 * viewer in a context of its own.
 */
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { closeWebRtc } from "../swarm/node-ports.ts";
import { diagnostics, waitForPlayed, waitForState } from "./browser.ts";
import { countSegments, swarmOf, waitForMore, waitForPeers, waitForSwarm } from "./peer-browser.ts";
import { joinSwarm, type PeerKind, type SwarmPeer } from "./swarm-peer.ts";
import {
  closeViewers,
  feed,
  kbps,
  keepPicture,
  stallsWhilePlaying,
  SwarmShow,
  waitForFullBuffers,
  type Viewer,
} from "./swarm-show.ts";

let show: SwarmShow;
let viewers: Viewer[] = [];
const peers: SwarmPeer[] = [];

beforeAll(async () => {
  show = await SwarmShow.start();
});

afterEach(async () => {
  for (const peer of peers.splice(0)) peer.leave();
  await closeViewers(viewers);
  viewers = [];
});

afterAll(async () => {
  await show.stop();
  closeWebRtc();
});

/** So many pages, each connected with all others. */
async function gather(count: number): Promise<Viewer[]> {
  viewers = await show.openViewers(count);
  await Promise.all(viewers.map(({ page }) => waitForPeers(page, count - 1)));
  return viewers;
}

async function open(options: Parameters<SwarmShow["openViewer"]>[0]): Promise<Viewer> {
  const viewer = await show.openViewer(options);
  viewers.push(viewer);
  return viewer;
}

function join(kind: PeerKind): SwarmPeer {
  const peer = joinSwarm({ edgeUrl: show.edge.url, feed, kbps, kind });
  peers.push(peer);
  return peer;
}

/** Each has more from others than it has now: they found each other anew, at least some of them. */
async function exchangeAgain(all: readonly Viewer[]): Promise<void> {
  await Promise.all(
    all.map(async ({ page }) => {
      const { peerBytes } = await swarmOf(page);
      await waitForMore(page, "peerBytes", peerBytes, 30_000);
    }),
  );
}

async function openSharing(page: Page): Promise<void> {
  await page.mouse.move(300, 300);
  await page.mouse.move(320, 320);
  await page.locator("#sharing").click();
  await page.locator("#sharing-panel").waitFor();
}

const sharingOff = { state: "off", peerCount: 0, isSharing: false } as const;

test("three pages find each other, and what one of them fetches the others have from it", async () => {
  const traffic: ReturnType<typeof countSegments>[] = [];
  const pages = await gather(3);
  // What was fetched before they met is behind them.
  await stallsWhilePlaying(pages, 4);
  for (const { page } of pages) traffic.push(countSegments(page));
  const before = await Promise.all(pages.map(({ page }) => swarmOf(page)));
  expect(await stallsWhilePlaying(pages, 10)).toBe(0);
  const after = await Promise.all(pages.map(({ page }) => swarmOf(page)));
  const sum = (figure: "peerBytes" | "httpBytes" | "uploadedBytes"): number =>
    after.reduce((total, stats, n) => total + stats[figure] - before[n]![figure], 0);
  const offload = sum("peerBytes") / (sum("peerBytes") + sum("httpBytes"));
  console.log(`offload ${(100 * offload).toFixed(1)} % of at most 66.7 (measured)`);
  expect(offload).toBeGreaterThan(0.5);
  for (const [n, stats] of after.entries()) {
    expect(stats.peerBytes, `page ${n}`).toBeGreaterThan(before[n]!.peerBytes);
    expect(stats.uploadedBytes, `page ${n}`).toBeGreaterThan(before[n]!.uploadedBytes);
    expect(stats).toMatchObject({ state: "on", obstacle: "none", refusedCount: 0, cellSize: 3 });
  }
  expect(traffic.reduce((total, { count }) => total + count, 0)).toBeLessThan(20);
  await keepPicture(pages[0]!.page, "swarm/joined");
  await openSharing(pages[0]!.page);
  await keepPicture(pages[0]!.page, "swarm/joined-panel");
  expect(pages.flatMap(({ problems }) => problems)).toEqual([]);
});

test("one who leaves is not missed, and one who comes is taken in", async () => {
  const [first, second, third] = (await gather(3)) as [Viewer, Viewer, Viewer];
  await third.page.goto("about:blank");
  await Promise.all([first, second].map(({ page }) => waitForPeers(page, 1)));
  expect(await stallsWhilePlaying([first, second], 4)).toBe(0);
  const fourth = await open({});
  await waitForPeers(fourth.page, 2);
  const { peerBytes } = await swarmOf(fourth.page);
  await waitForMore(fourth.page, "peerBytes", peerBytes);
  expect(await stallsWhilePlaying([first, second, fourth], 4)).toBe(0);
});

test("a page that dies while it gives stops nobody's picture", async () => {
  const [first, second, third] = (await gather(3)) as [Viewer, Viewer, Viewer];
  const { uploadedBytes } = await swarmOf(third.page);
  await waitForMore(third.page, "uploadedBytes", uploadedBytes);
  // Its process ends at once: nothing is closed, nobody is told.
  const session = await third.page.context().newCDPSession(third.page);
  const crashed = third.page.waitForEvent("crash");
  session.send("Page.crash").catch(() => undefined);
  await crashed;
  expect(await stallsWhilePlaying([first, second], 10)).toBe(0);
  await Promise.all([first, second].map(({ page }) => waitForPeers(page, 1)));
});

test("peers that begin to send and never end cost nobody a stall", async () => {
  const pages = await gather(2);
  const stallers = [join("staller"), join("staller")];
  await Promise.all(pages.map(({ page }) => waitForSwarm(page, { cellSize: 4 })));
  await expect.poll(() => stallers.map(({ stats }) => stats.peerCount > 0)).toEqual([true, true]);
  expect(await stallsWhilePlaying(pages, 12)).toBe(0);
  for (const { page } of pages) expect(await swarmOf(page)).toMatchObject({ refusedCount: 0 });
});

test("bytes that are not those announced are refused, and whoever sends them is shut out", async () => {
  const pages = await gather(2);
  const playing = stallsWhilePlaying(pages, 12);
  const liars = [join("liar"), join("liar")];
  await Promise.any(pages.map(({ page }) => waitForMore(page, "bannedCount", 0)));
  expect(await playing).toBe(0);
  const stats = await Promise.all(pages.map(({ page }) => swarmOf(page)));
  const refused = stats.reduce((sum, { refusedCount }) => sum + refusedCount, 0);
  console.log(`${refused} segments refused of 2 liars (measured)`);
  expect(refused).toBeGreaterThan(0);
  // Each page would take three from each, at the very most.
  expect(refused).toBeLessThanOrEqual(3 * liars.length * pages.length);
  await Promise.all(pages.map(({ page }) => waitForPeers(page, 1)));
  expect(pages.flatMap(({ problems }) => problems)).toEqual([]);
});

test("the swarm that is switched off ends everywhere within 5 s, and playback goes on", async () => {
  const pages = await gather(3);
  const whenOff = (): Promise<unknown> =>
    Promise.all(
      pages.map(({ page }) => waitForSwarm(page, { ...sharingOff, obstacle: "policy" }, 5_000)),
    );
  await show.setMode("off");
  await whenOff();
  const before = await Promise.all(pages.map(({ page }) => swarmOf(page)));
  expect(await stallsWhilePlaying(pages, 4)).toBe(0);
  const after = await Promise.all(pages.map(({ page }) => swarmOf(page)));
  expect(after.map(({ peerBytes }) => peerBytes)).toEqual(before.map((one) => one.peerBytes));
  await keepPicture(pages[0]!.page, "swarm/policy-off");
  await show.setMode("on");
  await exchangeAgain(pages);
  show.origin.setP2p("off");
  await whenOff();
  show.origin.setP2p("on");
  await exchangeAgain(pages);
  expect(await stallsWhilePlaying(pages, 2)).toBe(0);
});

test("a viewer who switches sharing off is left alone, also after coming back", async () => {
  const [first, second, third] = (await gather(3)) as [Viewer, Viewer, Viewer];
  await openSharing(third.page);
  await third.page.locator("#sharing-switch").click();
  await waitForSwarm(third.page, { ...sharingOff, obstacle: "refused" }, 5_000);
  await keepPicture(third.page, "swarm/refused-panel");
  await Promise.all([first, second].map(({ page }) => waitForPeers(page, 1, 5_000)));
  expect(await stallsWhilePlaying([first, second, third], 3)).toBe(0);
  await third.page.reload();
  await waitForState(third.page, ["live"], 20_000);
  await waitForSwarm(third.page, { ...sharingOff, obstacle: "refused" });
  await keepPicture(third.page, "swarm/refused");
  await openSharing(third.page);
  await third.page.locator("#sharing-switch").click();
  await waitForPeers(third.page, 2);
});

test("a page without WebRTC plays, and says why it does not share", async () => {
  await gather(2);
  const { page, problems } = await open({
    before: () => {
      Reflect.deleteProperty(globalThis, "RTCPeerConnection");
    },
  });
  await waitForPlayed(page, 3, 15_000);
  await waitForSwarm(page, { ...sharingOff, obstacle: "noWebRtc" });
  await openSharing(page);
  await keepPicture(page, "swarm/no-webrtc");
  expect(await page.locator("#sharing-panel").textContent()).toContain("WebRTC");
  expect((await diagnostics(page)).stalls).toBe(0);
  expect(problems).toEqual([]);
});

test("a page in no secure context plays, and says why it does not share", async () => {
  await gather(2);
  const { page, problems } = await open({ isInsecure: true });
  expect(await page.evaluate("isSecureContext")).toBe(false);
  await waitForPlayed(page, 3, 15_000);
  await waitForSwarm(page, { ...sharingOff, obstacle: "insecure" });
  await openSharing(page);
  await keepPicture(page, "swarm/insecure");
  expect(await page.locator("#sharing-panel").textContent()).toContain("https://");
  expect((await diagnostics(page)).stalls).toBe(0);
  expect(problems).toEqual([]);
});

test("a metered line, or one that saves data, neither gives nor takes", async () => {
  await gather(2);
  const { page } = await open({
    before: () => {
      const { navigator } = globalThis as unknown as { navigator: object };
      Object.defineProperty(navigator, "connection", {
        value: Object.assign(new EventTarget(), { saveData: true, type: "wifi" }),
      });
    },
  });
  await waitForSwarm(page, { ...sharingOff, obstacle: "metered" });
  expect(await stallsWhilePlaying([{ page, problems: [] }], 3)).toBe(0);
  expect(await swarmOf(page)).toMatchObject({ peerBytes: 0, uploadedBytes: 0 });
  await keepPicture(page, "swarm/saving-data");
});

test("a page that is hidden gives nothing, still takes, and gives again when it is shown", async () => {
  const [first, second, third] = (await gather(3)) as [Viewer, Viewer, Viewer];
  const setHidden = (isHidden: boolean): Promise<void> =>
    third.page.evaluate((hidden) => {
      const { document } = globalThis as unknown as { document: EventTarget };
      Object.defineProperties(document, {
        hidden: { get: () => hidden, configurable: true },
        visibilityState: { get: () => (hidden ? "hidden" : "visible"), configurable: true },
      });
      document.dispatchEvent(new Event("visibilitychange"));
    }, isHidden);
  await setHidden(true);
  await waitForSwarm(third.page, { obstacle: "hidden", isSharing: false, state: "on" });
  // What it had promised before it may still be on its way.
  await waitForPlayed(first.page, 1, 10_000);
  const before = await swarmOf(third.page);
  await keepPicture(third.page, "swarm/hidden");
  expect(await stallsWhilePlaying([first, second, third], 6)).toBe(0);
  const after = await swarmOf(third.page);
  expect(after.uploadedBytes).toBe(before.uploadedBytes);
  expect(after.peerBytes).toBeGreaterThan(before.peerBytes);
  await setHidden(false);
  await waitForSwarm(third.page, { obstacle: "none", isSharing: true });
  await waitForMore(third.page, "uploadedBytes", after.uploadedBytes);
});

test("an edge that is killed and comes back costs no stall, and its viewers find each other", async () => {
  const pages = await gather(3);
  await waitForFullBuffers(pages);
  await show.killEdge();
  const playing = stallsWhilePlaying(pages, 12);
  await show.restartEdge();
  expect(await playing).toBe(0);
  await exchangeAgain(pages);
});

test("an edge that stays away is said to be gone, and pages go on by themselves when it is back", async () => {
  const pages = await gather(2);
  await show.killEdge();
  await waitForPlayed(pages[0]!.page, 5, 15_000);
  await Promise.all(pages.map(({ page }) => waitForState(page, ["error", "stalled"], 45_000)));
  await keepPicture(pages[0]!.page, "swarm/edge-gone");
  await show.restartEdge();
  await Promise.all(pages.map(({ page }) => waitForState(page, ["live"], 40_000)));
  await exchangeAgain(pages);
  expect(await stallsWhilePlaying(pages, 3)).toBe(0);
});
