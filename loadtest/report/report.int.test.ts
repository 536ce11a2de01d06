/** The pages as a browser shows them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { chromiumPath } from "../../src/node/testing/chromium.ts";
import { htmlComparison } from "./html-comparison.ts";
import { htmlReport } from "./html-report.ts";
import { madeCommand, madeReport } from "./testing/made-report.ts";

const folder = mkdtempSync(join(tmpdir(), "fullhouse-report-"));
let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch({ executablePath: chromiumPath(), headless: true });
}, 60_000);
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

interface Visit {
  page: Page;
  /** Console output, page errors and requests beyond the page itself. */
  complaints: string[];
}

async function open(html: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const file = join(folder, "page.html");
  writeFileSync(file, html);
  const context = await browser.newContext(options);
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  const url = pathToFileURL(file).href;
  page.on("request", (request) => {
    if (request.url() !== url) complaints.push(`asked for ${request.url()}`);
  });
  await page.goto(url);
  return { page, complaints };
}

const report = htmlReport(madeReport(), madeCommand);
const comparison = htmlComparison(
  ["one", "two", "three"].map((scenario) => madeReport({ scenario })),
  madeCommand,
);

/** Height and width of what each drawing shows of its data, on the screen. */
function drawnSizes(page: Page): Promise<{ width: number; height: number }[]> {
  return page.evaluate(`
    [...document.querySelectorAll("figure svg[role=img]")]
      .filter((drawing) => drawing.getBoundingClientRect().width > 0)
      .map((drawing) => {
        const data = [...drawing.querySelectorAll(".line, .band, .bar")];
        const boxes = data.map((path) => path.getBoundingClientRect());
        const left = Math.min(...boxes.map((box) => box.left));
        const right = Math.max(...boxes.map((box) => box.right));
        return { width: right - left, height: Math.max(...boxes.map((box) => box.height)) };
      })`);
}

/** A colour of the page's body: "color", "background-color". */
function bodyColour(page: Page, property: string): Promise<string> {
  return page.evaluate(`getComputedStyle(document.body).getPropertyValue("${property}")`);
}

/** From 0, black, to 255. */
function brightness(colour: string): number {
  const [r = 0, g = 0, b = 0] = (colour.match(/\d+/g) ?? []).map(Number);
  return (r + g + b) / 3;
}

test("the report draws all its pictures, and the browser has nothing to complain of", async () => {
  const { page, complaints } = await open(report, { viewport: { width: 1_280, height: 900 } });
  const sizes = await drawnSizes(page);
  expect(sizes).toHaveLength(11);
  expect(sizes.filter(({ width }) => width < 300)).toEqual([]);
  // Peers pass on nothing in this report: a line at the bottom.
  expect(sizes.filter(({ height }) => height < 40)).toHaveLength(1);
  expect(complaints).toEqual([]);
});

test("the comparison draws a line and bars for each scenario", async () => {
  const { page, complaints } = await open(comparison, { viewport: { width: 1_280, height: 900 } });
  const lines = page.locator(".wide-only svg .line");
  expect(await lines.count()).toBe(3);
  expect(await drawnSizes(page)).toHaveLength(5);
  expect(complaints).toEqual([]);
});

test.each([
  ["a phone", { width: 360, height: 640 }],
  ["a desk", { width: 1_280, height: 900 }],
])("on %s nothing is cut off, and words in pictures can be read", async (_, viewport) => {
  for (const html of [report, comparison]) {
    const { page } = await open(html, { viewport });
    const overflow = await page.evaluate<number>(
      "document.documentElement.scrollWidth - document.documentElement.clientWidth",
    );
    expect(overflow).toBe(0);
    const heights = await page.evaluate<number[]>(`
      [...document.querySelectorAll("figure svg .tick, figure svg .bar-name")]
        .map((words) => words.getBoundingClientRect().height)
        .filter((height) => height > 0)`);
    expect(heights.length).toBeGreaterThan(10);
    expect(Math.min(...heights)).toBeGreaterThan(9);
  }
});

test.each(["light", "dark"] as const)("in %s colours text stands out", async (colorScheme) => {
  const { page } = await open(report, { colorScheme, viewport: { width: 1_280, height: 900 } });
  const ink = brightness(await bodyColour(page, "color"));
  const paper = brightness(await bodyColour(page, "background-color"));
  expect(Math.abs(ink - paper)).toBeGreaterThan(180);
  expect(ink < paper).toBe(colorScheme === "light");
});

test("on paper the page is light, even for those who have it dark", async () => {
  const { page } = await open(report, { colorScheme: "dark" });
  await page.emulateMedia({ media: "print" });
  expect(brightness(await bodyColour(page, "color"))).toBeLessThan(60);
  const pdf = await page.pdf({ format: "A4" });
  expect(pdf.length).toBeGreaterThan(10_000);
});
