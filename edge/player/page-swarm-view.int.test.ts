/** What the page shows of the sharing between viewers, whatever stands in its way. */
import axe from "axe-core";
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import type { LiveServer } from "./testing/live-server.ts";
import { loadPlayerAssets, type PlayerAssets } from "./player-assets.ts";
import { stagePages } from "./testing/page-stage.ts";
import {
  joinPage,
  untilFace,
  untilPlayed,
  untilText,
  visitPage,
  type Visit,
  type VisitOptions,
} from "./testing/page-visit.ts";

const uploadKbpsMax = 600;

const stage = stagePages({
  recording: { framesPerSegment: 32, segmentCount: 40 },
  args: [
    // A host name that is this machine and yet no secure context.
    "--host-resolver-rules=MAP plain.example 127.0.0.1",
    "--allow-loopback-in-peer-connection",
  ],
});
/** Of a broadcaster who asks before anything is shared. */
let asking: PlayerAssets;

beforeAll(async () => {
  asking = await loadPlayerAssets({ consent: "ask" });
}, 60_000);

type Choices = Partial<Pick<VisitOptions, "path" | "context" | "before" | "assets">>;

async function visit(options: Choices = {}): Promise<Visit> {
  const set = (server: LiveServer): void => {
    server.goLive();
    server.room.setPolicy({ mode: "on", uploadKbpsMax, seedCount: 1 });
  };
  const visited = await visitPage({ ...stage, set, ...options });
  await untilFace(visited.page, "live");
  return visited;
}

/** Whether the viewer who came last said in the end that it takes from others, or gives as well. */
function isShared({ room }: LiveServer): boolean {
  const words = room.heard.flatMap(({ message }) => (message.kind === "watch" ? [message] : []));
  return (words.at(-1)?.share ?? "nothing") !== "nothing";
}

const chip = (page: Page) => page.locator("#sharing");
const notice = (page: Page) => page.locator("#sharing-notice");

function without(name: string): Choices {
  return {
    before: async (page) => {
      await page.addInitScript((gone) => {
        Object.defineProperty(globalThis, gone, { value: undefined });
      }, name);
    },
  };
}

test("a first visit is told once what happens, and sharing goes on meanwhile", async () => {
  const { page, server } = await visit();
  await notice(page).waitFor();
  expect(await notice(page).textContent()).toMatch(/IP address\. You give at most 600 kbps/);
  await expect.poll(() => isShared(server), { timeout: 5_000 }).toBe(true);
  await page.getByRole("button", { name: "OK", exact: true }).click();
  expect(await notice(page).isVisible()).toBe(false);
  expect(isShared(server)).toBe(true);
  await page.reload();
  await chip(page).waitFor();
  expect(await notice(page).isVisible()).toBe(false);
});

test("turned off in the notice, it stays off, and can be turned on again", async () => {
  const { page, server } = await visit();
  await page.getByRole("button", { name: "Turn off" }).click();
  await untilText(page, "#sharing-word", "Sharing off");
  await expect.poll(() => isShared(server)).toBe(false);
  server.room.heard.length = 0;
  await page.reload();
  await untilFace(page, "live");
  await untilText(page, "#sharing-word", "Sharing off");
  expect(await notice(page).isVisible()).toBe(false);
  expect(isShared(server)).toBe(false);
  await page.keyboard.press("v");
  const shares = page.getByRole("switch", { name: "Share with other viewers" });
  expect(await shares.getAttribute("aria-checked")).toBe("false");
  await page.keyboard.press("Enter");
  await expect.poll(() => isShared(server), { timeout: 5_000 }).toBe(true);
  expect(await shares.getAttribute("aria-checked")).toBe("true");
  await page.keyboard.press("Escape");
  await page.locator("#sharing:focus").waitFor();
  expect(await shares.isVisible()).toBe(false);
});

const played = async (page: Page): Promise<void> => {
  await untilPlayed(page, 3);
};

test("a broadcaster who asks has nothing shared until the viewer says yes", async () => {
  const { page, server } = await visit({ assets: asking });
  await notice(page).waitFor();
  expect(await notice(page).textContent()).toMatch(/^\s*Share with viewers\?/);
  await untilText(page, "#sharing-word", "Share with viewers?");
  await played(page);
  expect(isShared(server)).toBe(false);
  // To read more is no answer.
  await page.keyboard.press("v");
  await untilText(page, "#sharing-state", "Nothing is shared until you say yes");
  const shares = page.getByRole("switch", { name: "Share with other viewers" });
  expect(await shares.getAttribute("aria-checked")).toBe("false");
  await page.keyboard.press("Escape");
  expect(isShared(server)).toBe(false);
  await page.reload();
  await notice(page).waitFor();
  await page.getByRole("button", { name: "Yes, share" }).click();
  await expect.poll(() => isShared(server), { timeout: 5_000 }).toBe(true);
  expect(await notice(page).isVisible()).toBe(false);
  await page.reload();
  await expect.poll(() => isShared(server), { timeout: 10_000 }).toBe(true);
  expect(await notice(page).isVisible()).toBe(false);
});

test("a viewer who says no, thanks is not asked again, and shares nothing", async () => {
  const { page, server } = await visit({ assets: asking });
  await page.getByRole("button", { name: "No, thanks" }).click();
  await untilText(page, "#sharing-word", "Sharing off");
  await page.reload();
  await untilFace(page, "live");
  await untilText(page, "#sharing-word", "Sharing off");
  expect(await notice(page).isVisible()).toBe(false);
  await played(page);
  expect(isShared(server)).toBe(false);
});

test.each([
  ["/embed/main", "inform", 320, 180],
  ["/embed/main", "ask", 320, 180],
  ["/embed/main", "inform", 480, 270],
  ["/embed/main", "ask", 640, 360],
  ["/embed/main", "inform", 700, 500],
  ["/watch/main", "ask", 667, 375],
] as const)(
  "%s, %s: in %d × %d the notice leaves most of the picture, and the controls",
  async (...args) => {
    const [path, consent, width, height] = args;
    const context = { viewport: { width, height } };
    const { page } = await visit({
      path,
      context,
      assets: consent === "ask" ? asking : stage.assets,
    });
    await notice(page).waitFor();
    await page.keyboard.press("k");
    await page.locator("#play-big").waitFor();
    const box = (await notice(page).boundingBox())!;
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(width);
    expect((box.width * box.height) / (width * height)).toBeLessThan(0.34);
    const bar = await page.locator("#bar > :visible:not(.gap)").all();
    const tops = await Promise.all(bar.map(async (one) => (await one.boundingBox())!.y));
    expect(Math.ceil(box.y + box.height)).toBeLessThanOrEqual(Math.min(...tops));
    const answers = await page.locator(".notice-answers > :visible").all();
    for (const answer of answers) {
      const { x, width: own } = (await answer.boundingBox())!;
      expect(x + own).toBeLessThanOrEqual(box.x + box.width);
    }
    if (height > 480) return;
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("dialog", { name: "Viewers helping each other" }).waitFor();
  },
);

test("the chip follows the room: alone in a cell, and gone with the broadcaster's word", async () => {
  const { page, server, complaints } = await visit();
  await expect.poll(() => isShared(server), { timeout: 5_000 }).toBe(true);
  await untilText(page, "#sharing-word", "No viewer near you yet");
  await page.keyboard.press("v");
  await page.getByRole("dialog", { name: "Viewers helping each other" }).waitFor();
  // Who reads that has been told.
  expect(await notice(page).isVisible()).toBe(false);
  expect(isShared(server)).toBe(true);
  server.room.setPolicy({ mode: "off" });
  await chip(page).waitFor({ state: "hidden" });
  expect(await page.locator("#sharing-panel").isVisible()).toBe(false);
  expect(await notice(page).isVisible()).toBe(false);
  await page.keyboard.press("v");
  expect(await page.locator("#sharing-panel").isVisible()).toBe(false);
  server.room.setPolicy({ mode: "on" });
  await chip(page).waitFor();
  expect(complaints).toEqual([]);
});

test("two viewers see that they help each other, until one turns it off", async () => {
  // Without these Chromium keeps this machine's own address from other pages. No device is opened.
  const context = { permissions: ["camera", "microphone"] };
  const { page, base, complaints } = await visit({ context });
  const other = await joinPage({ ...stage, base, context });
  await untilFace(other, "live");
  await untilText(page, "#sharing-word", "Sharing with 1 viewer", 20_000);
  await untilText(other, "#sharing-word", /Sharing with 1 viewer · saved \d+ %/, 20_000);
  await other.keyboard.press("v");
  await untilText(other, "#sharing-state", "It works: you are connected with 1 viewer.");
  await untilText(other, "#sharing-received", /^[\d.]+ [kM]B$/);
  await untilText(other, "#sharing-peers", "1");
  await other.keyboard.press("Escape");
  await other.keyboard.press("s");
  await untilText(other, "#stats", /From viewers[\d.]+ [kM]B, 0 refused/);
  await page.getByRole("button", { name: "Turn off" }).click();
  await untilText(page, "#sharing-word", "Sharing off");
  await untilText(other, "#sharing-word", "No viewer near you yet");
  await untilFace(page, "live");
  expect(complaints).toEqual([]);
});

test("without WebRTC the chip says that it is not possible, and asks nothing", async () => {
  const { page, server } = await visit(without("RTCPeerConnection"));
  await untilText(page, "#sharing-word", "Sharing not possible here");
  await chip(page).click();
  await untilText(page, "#sharing-state", "This browser has no WebRTC");
  expect(await page.locator("#sharing-switch").isVisible()).toBe(false);
  expect(await notice(page).isVisible()).toBe(false);
  expect(isShared(server)).toBe(false);
});

test("on plain HTTP the chip says what to do about it, and the picture plays", async () => {
  const { page, base, server } = await visit();
  await page.goto(base.replace("127.0.0.1", "plain.example") + "/watch/main");
  await untilFace(page, "live");
  await untilText(page, "#sharing-word", "Sharing not possible here");
  server.room.heard.length = 0;
  await chip(page).click();
  await untilText(page, "#sharing-state", /secure pages only.*https:\/\//);
  expect(isShared(server)).toBe(false);
});

test("a viewer who saves data shares nothing, and is told so", async () => {
  const { page, server } = await visit({
    before: async (one) => {
      await one.addInitScript(() => {
        interface Scope {
          Navigator: { prototype: object };
        }
        const { prototype } = (globalThis as unknown as Scope).Navigator;
        const connection = Object.assign(new EventTarget(), { saveData: true, type: "wifi" });
        Object.defineProperty(prototype, "connection", { value: connection });
      });
    },
  });
  await untilText(page, "#sharing-word", "Sharing paused");
  await chip(page).click();
  await untilText(page, "#sharing-state", "metered or saves data, so nothing is shared");
  expect(isShared(server)).toBe(false);
});

test.each(["/watch/main", "/embed/main"])(
  "%s: notice and panel have no violation of axe's rules, and fit a phone",
  async (path) => {
    const context = { bypassCSP: true, viewport: { width: 360, height: 640 } };
    const { page } = await visit({ path, context: { ...context, reducedMotion: "reduce" } });
    await page.evaluate(axe.source);
    const broken = (): Promise<string[]> =>
      page.evaluate(async () => {
        const scope = globalThis as unknown as { axe: typeof axe; document: axe.ElementContext };
        const { violations } = await scope.axe.run(scope.document);
        return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
      });
    await notice(page).waitFor();
    await page.keyboard.press("k");
    await page.locator("#play-big").waitFor();
    expect(await broken()).toEqual([]);
    const box = (await notice(page).boundingBox())!;
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(360);
    await page.keyboard.press("v");
    await page.getByRole("dialog", { name: "Viewers helping each other" }).waitFor();
    expect(await broken()).toEqual([]);
    const panel = (await page.locator("#sharing-panel").boundingBox())!;
    expect(panel.y + panel.height).toBeLessThanOrEqual(640);
    expect(panel.x + panel.width).toBeLessThanOrEqual(360);
  },
);

test("what opens from the chip shows all its words on a laptop", async () => {
  const context = { viewport: { width: 1_280, height: 800 } };
  const { page } = await visit({ context });
  await page.keyboard.press("v");
  await page.locator("#sharing-figures").waitFor();
  const hiddenPx = await page.locator("#sharing-panel").evaluate((panel) => {
    const { scrollHeight, clientHeight } = panel as unknown as Record<string, number>;
    return scrollHeight! - clientHeight!;
  });
  expect(hiddenPx).toBe(0);
});

const squat = (width: number): [number, number] => [width, Math.round((width * 9) / 16)];
const frames = [320, 360, 480, 640, 1_280].map(squat);
const windows = [360, 390, 412, 440, 600, 640, 720, 860, 1_280].map(squat);
/** Phones on their side. */
const lying: [number, number][] = [
  [932, 430],
  [844, 390],
  [740, 360],
  [667, 375],
  [640, 360],
];

test.each([
  ["/embed/main", "with the chip", frames],
  ["/watch/main", "with the chip", [...windows, ...lying]],
  ["/watch/main", "without the chip", lying],
])(
  "%s: %s the controls lie side by side in the player, however small it is",
  async (path, sharing, sizes) => {
    const isShared = sharing === "with the chip";
    const { page, server } = await visit({ path });
    if (!isShared) server.room.setPolicy({ mode: "off" });
    await chip(page).waitFor({ state: isShared ? "visible" : "hidden" });
    // Paused, the pill says most, and the controls stay.
    await page.keyboard.press("k");
    await untilText(page, "#live-word", "Go live");
    for (const [width, height] of sizes) {
      await page.setViewportSize({ width, height });
      const player = (await page.locator("#player").boundingBox())!;
      const shown = await boxesShown(page);
      expect(shown.length).toBeGreaterThan(4);
      const ends = shown.map((box) => Math.floor(box.x + box.width));
      const begins = [
        ...shown.slice(1).map(({ x }) => Math.ceil(x)),
        Math.ceil(player.x + player.width),
      ];
      const late = ends.filter((end, index) => end > begins[index]!);
      const low = shown.filter((box) => box.y + box.height > player.y + player.height);
      expect({ width, late, low }).toEqual({ width, late: [], low: [] });
    }
  },
);

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** An element, as far as it is looked at in the page. */
interface Control {
  checkVisibility(options: { visibilityProperty: boolean }): boolean;
  getBoundingClientRect(): Box;
}

/** Of the controls that are shown, from left to right, all of one moment. */
function boxesShown(page: Page): Promise<Box[]> {
  return page.locator("#bar > :not(.gap)").evaluateAll((controls) =>
    (controls as unknown as Control[])
      .filter((control) => control.checkVisibility({ visibilityProperty: true }))
      .map((control) => {
        const { x, y, width, height } = control.getBoundingClientRect();
        return { x, y, width, height };
      })
      .filter(({ width, height }) => width > 0 && height > 0)
      .sort((one, other) => one.x - other.x),
  );
}

test.each(lying)("on a phone of %d × %d the player is the whole screen", async (width, height) => {
  const { page } = await visit({ context: { viewport: { width, height } } });
  await chip(page).waitFor();
  expect(await page.locator("#player").boundingBox()).toEqual({ x: 0, y: 0, width, height });
  await page.locator("#title").scrollIntoViewIfNeeded();
  const title = (await page.locator("#title").boundingBox())!;
  expect(title.y).toBeGreaterThan(0);
  expect(title.y + title.height).toBeLessThanOrEqual(height);
});
