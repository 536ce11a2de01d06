/** The page's room and swarm in a real browser, before a server whose room does what it is told. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import type { Diagnostics } from "./page/statistics/diagnostics.ts";
import type { LiveServer } from "./testing/live-server.ts";
import { stagePages } from "./testing/page-stage.ts";
import {
  diagnosticsOf,
  goLive,
  hidePage,
  joinPage,
  untilFace,
  untilPlayed,
  untilText,
  visitPage,
  type Visit,
  type VisitOptions,
} from "./testing/page-visit.ts";

const stage = stagePages({
  // Segments of 1.067 s.
  recording: { framesPerSegment: 32, segmentCount: 60 },
  args: [
    "--allow-loopback-in-peer-connection",
    // An address of this machine that is not as secure as 127.0.0.1.
    "--host-resolver-rules=MAP plain.test 127.0.0.1",
  ],
});

/** Without these Chromium hides the loopback's address from WebRTC. */
const permissions = ["camera", "microphone"];

function visit(
  set: (server: LiveServer) => void,
  options: Partial<VisitOptions> = {},
): Promise<Visit> {
  const context = { permissions, ...options.context };
  return visitPage({ ...stage, set, ...options, context });
}

function shareAndGoLive(server: LiveServer): void {
  server.room.setPolicy({ mode: "on", seedCount: 1 });
  // Within three segments there is hardly time for others.
  server.holdBackSec = 6;
  server.goLive();
}

declare const fullhouse: Diagnostics;

async function untilPeers(page: Page, count: number): Promise<void> {
  await page.waitForFunction((wanted) => fullhouse.swarm.peerCount === wanted, count, {
    timeout: 20_000,
  });
}

async function untilPeerBytes(page: Page, bytes: number): Promise<void> {
  await page.waitForFunction((wanted) => fullhouse.swarm.peerBytes >= wanted, bytes, {
    timeout: 30_000,
  });
}

const heldProbes = ({ requests }: LiveServer): string[] =>
  requests.filter((path) => path.includes("status.json?v="));
const questions = ({ requests }: LiveServer): string[] =>
  requests.filter((path) => path.includes("status.json"));
const segments = ({ requests }: LiveServer): string[] =>
  requests.filter((path) => path.endsWith(".m4s"));
const rungOfSegment = (path: string): string => path.split("/").at(-2)!;
const isSwarmLoaded = ({ requests }: LiveServer): boolean =>
  requests.some((path) => path.includes("/assets/swarm-engine-"));

test("the room tells the page what the feed does, and no question is held open", async () => {
  const { server, page } = await visit((one) => one.setState("offline"));
  await untilFace(page, "offline");
  await page.waitForFunction(() => fullhouse.room === "open");
  const heldCount = heldProbes(server).length;
  server.setState("starting");
  await untilFace(page, "starting", 2_000);
  server.goLive();
  await untilFace(page, "live");
  await untilPlayed(page, 2);
  expect(heldProbes(server)).toHaveLength(heldCount);
  expect(isSwarmLoaded(server)).toBe(false);
});

test("the page knows the time from its first question, which the room does not answer", async () => {
  const { server, page } = await visit(goLive);
  await untilFace(page, "live");
  expect(questions(server)).toHaveLength(1);
  expect((await diagnosticsOf(page)).latencySec).toBeGreaterThan(2);
});

test("while its room is open a page asks the edge nothing, and again when the room is lost", async () => {
  const { server, page } = await visit(goLive);
  await untilFace(page, "live");
  await page.waitForFunction(() => fullhouse.room === "open");
  await untilPlayed(page, 15);
  const { stalls } = await diagnosticsOf(page);
  // A stall is asked about.
  expect(questions(server).length).toBeLessThanOrEqual(1 + stalls);
  server.requests.length = 0;
  server.room.breakDown();
  await expect.poll(() => questions(server).length, { timeout: 35_000 }).toBeGreaterThan(1);
});

test("a page without a room plays and follows its feed as one with it", async () => {
  const { server, page } = await visit((one) => {
    one.room.isOpen = false;
    one.setState("offline");
  });
  await untilFace(page, "offline");
  server.goLive();
  await untilFace(page, "live");
  await untilPlayed(page, 3);
  expect(heldProbes(server).length).toBeGreaterThan(0);
  expect(await diagnosticsOf(page)).toMatchObject({
    room: "closed",
    stalls: 0,
    swarmObstacle: "policy",
  });
});

test("a room that breaks while the page waits is asked for over HTTP instead, and found again", async () => {
  const { server, page } = await visit((one) => one.setState("offline"));
  await page.waitForFunction(() => fullhouse.room === "open");
  server.room.breakDown();
  await page.waitForFunction(() => fullhouse.room === "closed");
  server.goLive();
  await untilFace(page, "live");
  server.room.isOpen = true;
  await page.waitForFunction(() => fullhouse.room === "open", null, { timeout: 20_000 });
  expect((await diagnosticsOf(page)).stalls).toBe(0);
});

test("viewers of one rung give each other what one of them fetched, and both play on", async () => {
  const { server, page, base, complaints } = await visit(shareAndGoLive);
  await untilFace(page, "live");
  const other = await joinPage({ ...stage, base, context: { permissions } });
  await untilFace(other, "live");
  await untilPeers(page, 1);
  await untilPeerBytes(other, 200_000);
  server.requests.length = 0;
  await untilPlayed(other, 6);
  // About six segments for two viewers; a good part of the second one's came from the first.
  expect(segments(server).length).toBeLessThan(9);
  for (const one of [page, other]) {
    expect(await diagnosticsOf(one)).toMatchObject({
      state: "live",
      stalls: 0,
      swarmObstacle: "none",
      swarm: { state: "on", peerCount: 1, cellSize: 2, refusedCount: 0 },
    });
  }
  expect((await diagnosticsOf(page)).swarm.uploadedBytes).toBeGreaterThan(200_000);
  expect(complaints).toEqual([]);
});

test("captions are no rung: a page that shows them stays in its cell", async () => {
  const { server, page } = await visit((one) => {
    one.captionLanguages = ["en"];
    shareAndGoLive(one);
  });
  await untilFace(page, "live");
  await page.locator("#captions").waitFor();
  await untilWatched(server, 450);
  server.room.heard.length = 0;
  await page.keyboard.press("c");
  await expect
    .poll(() => server.requests.filter((path) => path.endsWith(".vtt")).length, { timeout: 15_000 })
    .toBeGreaterThan(4);
  expect(rungsWatched(server)).toEqual([]);
});

test("a rung tried for one segment is none to leave a cell for; one that stays is", async () => {
  const { server, page } = await visit(shareAndGoLive);
  await untilFace(page, "live");
  const rungs = (): (number | null)[] => rungsWatched(server);
  await untilWatched(server, 450);
  server.room.heard.length = 0;
  server.requests.length = 0;
  const choose = async (label: string): Promise<void> => {
    await page.keyboard.press("q");
    await page.getByRole("menuitemradio", { name: label }).click();
  };
  await page.evaluate(takeBackAtOnce);
  await choose("Data saver");
  await expect
    .poll(() => segments(server).map(rungOfSegment).join(" "), { timeout: 15_000 })
    .toMatch(/300 450 450/);
  expect(rungs()).toEqual([]);
  await choose("Data saver");
  await expect.poll(rungs, { timeout: 15_000 }).toEqual([300]);
  await choose("180p");
  await expect.poll(rungs, { timeout: 15_000 }).toEqual([300, 150]);
  expect((await diagnosticsOf(page)).stalls).toBe(0);
});

/** Rungs that the page's room was told, in order. */
function rungsWatched({ room }: LiveServer): (number | null)[] {
  return room.heard.flatMap(({ message }) => (message.kind === "watch" ? [message.rung] : []));
}

async function untilWatched(server: LiveServer, rung: number): Promise<void> {
  await expect.poll(() => rungsWatched(server).at(-1), { timeout: 20_000 }).toBe(rung);
}

/** In the page: chooses "Auto" as soon as a segment of 300 is asked for, so that it is only one. */
function takeBackAtOnce(): void {
  interface Element {
    textContent: string;
    click(): void;
  }
  interface Scope {
    XMLHttpRequest: { prototype: { open(method: string, url: string, isAsync: boolean): void } };
    document: { querySelectorAll(selector: string): Iterable<Element> };
  }
  const { XMLHttpRequest, document } = globalThis as unknown as Scope;
  const { prototype } = XMLHttpRequest;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- bound to each request below
  const { open } = prototype;
  const click = (selector: string, text: string): void =>
    [...document.querySelectorAll(selector)]
      .find(({ textContent }) => textContent.startsWith(text))!
      .click();
  prototype.open = function (method, url, isAsync) {
    open.call(this, method, url, isAsync);
    if (!/\/300\/[^/]*\.m4s$/.test(url)) return;
    prototype.open = open;
    click("#quality", "");
    click("[role=menuitemradio]", "Auto");
  };
}

test("what the edge says of its cache is shown of segments that the swarm fetched", async () => {
  const { server, page } = await visit(shareAndGoLive);
  await untilFace(page, "live");
  await page.waitForFunction(() => fullhouse.swarm.state === "on", null, { timeout: 10_000 });
  await page.keyboard.press("s");
  await untilText(page, "#stats", /127\.0\.0\.1:\d+, hit/);
  server.cacheWord = "join";
  await untilText(page, "#stats", /127\.0\.0\.1:\d+, join/);
});

test("where the browser itself plays nothing is loaded for sharing", async () => {
  const { server, page } = await visit(shareAndGoLive, {
    before: async (one) => {
      await one.addInitScript(() => {
        for (const name of ["MediaSource", "ManagedMediaSource", "WebKitMediaSource"]) {
          Object.defineProperty(globalThis, name, { value: undefined });
        }
      });
    },
  });
  await untilFace(page, "live");
  await page.waitForFunction(() => fullhouse.room === "open");
  await untilPlayed(page, 2);
  expect(isSwarmLoaded(server)).toBe(false);
  expect(server.room.heard).toEqual([]);
});

test("a peer slower than the rung moves neither the estimate of the line nor the rung", async () => {
  const { page, base, server } = await visit(shareAndGoLive);
  await untilFace(page, "live");
  const other = await joinPage({ ...stage, base, context: { permissions } });
  await untilFace(other, "live");
  await other.waitForFunction(() => fullhouse.rung === "450", null, { timeout: 15_000 });
  await untilPeerBytes(other, 50_000);
  const before = (await diagnosticsOf(other)).bandwidthBitsPerSec!;
  server.room.setPolicy({ uploadKbpsMax: 300 });
  const { peerBytes } = (await diagnosticsOf(other)).swarm;
  await untilPeerBytes(other, peerBytes + 250_000);
  const after = await diagnosticsOf(other);
  process.stdout.write(
    `estimate ${(before / 1e6).toFixed(1)} Mbps before, ` +
      `${(after.bandwidthBitsPerSec! / 1e6).toFixed(1)} with a peer of 0.3 Mbps, ` +
      `late ${after.swarm.lateCount}\n`,
  );
  expect(after.bandwidthBitsPerSec).toBeGreaterThan(before / 2);
  expect(after).toMatchObject({ rung: "450", stalls: 0 });
});

test("sharing switched off at the edge ends it at once, and the picture does not mind", async () => {
  const { server, page, base } = await visit(shareAndGoLive);
  await untilFace(page, "live");
  const other = await joinPage({ ...stage, base, context: { permissions } });
  await untilPeers(other, 1);
  server.room.setPolicy({ mode: "off" });
  await untilPeers(other, 0);
  await untilPlayed(other, 4);
  expect(await diagnosticsOf(other)).toMatchObject({
    stalls: 0,
    swarmObstacle: "policy",
    swarm: { state: "off" },
  });
});

test("a viewer who said no takes no part and loads nothing for it; a yes is obeyed at once", async () => {
  const { server, page } = await visit(shareAndGoLive, {
    before: async (one) => {
      await one.addInitScript(() => {
        const page = globalThis as unknown as {
          localStorage: { setItem(key: string, value: string): void };
        };
        page.localStorage.setItem("fullhouse.swarm", "off");
      });
    },
  });
  await untilFace(page, "live");
  await untilPlayed(page, 2);
  expect((await diagnosticsOf(page)).swarmObstacle).toBe("refused");
  expect(isSwarmLoaded(server)).toBe(false);
  await page.locator("#sharing").click();
  await page.locator("#sharing-switch").click();
  await page.waitForFunction(() => fullhouse.swarm.state === "on", null, { timeout: 10_000 });
});

test("a page that is not secure says so, and plays from the edge alone", async () => {
  const { server, page, base } = await visit(shareAndGoLive);
  await page.goto(`${base.replace("127.0.0.1", "plain.test")}/watch/main`);
  await untilFace(page, "live");
  await page.waitForFunction(() => fullhouse.room === "open");
  await untilPlayed(page, 2);
  expect(await diagnosticsOf(page)).toMatchObject({ swarmObstacle: "insecure", stalls: 0 });
  expect(server.room.heard.filter(({ message }) => message.kind === "signal")).toEqual([]);
});

test("a browser without WebRTC says so, and plays from the edge alone", async () => {
  const { page, server } = await visit(shareAndGoLive, {
    before: async (one) => {
      await one.addInitScript(() => {
        Object.defineProperty(globalThis, "RTCPeerConnection", { value: undefined });
      });
    },
  });
  await untilFace(page, "live");
  await untilPlayed(page, 2);
  expect(await diagnosticsOf(page)).toMatchObject({ swarmObstacle: "noWebRtc", stalls: 0 });
  expect(isSwarmLoaded(server)).toBe(false);
});

test("a browser that saves data shares nothing", async () => {
  const { page, server } = await visit(shareAndGoLive, {
    before: async (one) => {
      await one.addInitScript(() => {
        const connection = Object.assign(new EventTarget(), { saveData: true, type: "wifi" });
        const { navigator } = globalThis as unknown as { navigator: object };
        Object.defineProperty(navigator, "connection", { value: connection });
      });
    },
  });
  await untilFace(page, "live");
  await untilPlayed(page, 2);
  expect((await diagnosticsOf(page)).swarmObstacle).toBe("metered");
  expect(isSwarmLoaded(server)).toBe(false);
});

test("a segment that no edge answers for is asked for again, of the same rung", async () => {
  const { page, server } = await visit(goLive);
  await untilFace(page, "live");
  await page.waitForFunction(() => fullhouse.rung === "450");
  let refused: string | null = null;
  await page.route("**/*.m4s", async (route) => {
    if (refused !== null) return route.continue();
    refused = new URL(route.request().url()).pathname;
    server.requests.length = 0;
    // No longer the newest by then: that one hls.js would ask for again anyway.
    for (let i = 0; i < 2; i += 1) await page.waitForResponse(/\/\d+\/index\.m3u8/);
    return route.abort("connectionrefused");
  });
  await expect.poll(() => refused, { timeout: 15_000 }).not.toBeNull();
  await untilPlayed(page, 5);
  expect(segments(server)[0]).toBe(refused);
  expect(segments(server).filter((path) => !path.includes("/450/"))).toEqual([]);
  expect((await diagnosticsOf(page)).stalls).toBe(0);
});

test("a hidden page only takes", async () => {
  const { page, server } = await visit(shareAndGoLive);
  await untilFace(page, "live");
  await page.waitForFunction(() => fullhouse.swarm.state === "on", null, { timeout: 10_000 });
  await hidePage(page);
  await page.waitForFunction(() => fullhouse.swarmObstacle === "hidden");
  expect((await diagnosticsOf(page)).swarm).toMatchObject({ state: "on", isSharing: false });
  const watches = server.room.heard.flatMap(({ message }) =>
    message.kind === "watch" ? [message.share] : [],
  );
  expect(watches.at(-1)).toBe("take");
});
