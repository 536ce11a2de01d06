/** The page of a load test as a browser shows it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { loadReportSchema, type LoadReport } from "../../src/config/schema-load-report.ts";
import { chromiumPath } from "../../src/node/testing/chromium.ts";
import { redLinesOf } from "./load-red-lines.ts";
import { prepareFolder, writeLoadReport } from "./report-files.ts";
import {
  foreignLoadReport,
  madeLoadReport,
  missedLoadReport,
  voidLoadReport,
} from "./testing/made-load-report.ts";

const folder = mkdtempSync(join(tmpdir(), "fullhouse-load-report-"));
let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch({ executablePath: chromiumPath(), headless: true });
}, 60_000);
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

const made = { passed: madeLoadReport, missed: missedLoadReport };
const reports = Object.entries({ ...made, void: voidLoadReport, foreign: foreignLoadReport });

/** Opens the written page; gives what the console, the page and the network complained of. */
async function open(
  report: LoadReport,
  options: BrowserContextOptions,
): Promise<{ page: Page; complaints: string[] }> {
  const url = pathToFileURL(writeLoadReport(folder, report)).href;
  const context = await browser.newContext(options);
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (request.url() !== url) complaints.push(`asked for ${request.url()}`);
  });
  await page.goto(url);
  return { page, complaints };
}

test("the files of a load test are the published form, the page and one screen of text", () => {
  const target = join(folder, "written");
  prepareFolder(target, "load");
  expect(writeLoadReport(target, missedLoadReport())).toBe(join(target, "report.html"));
  expect(readdirSync(target).sort()).toEqual(["report.html", "report.json", "summary.txt"]);
  const json = JSON.parse(readFileSync(join(target, "report.json"), "utf8")) as unknown;
  expect(loadReportSchema.parse(json).verdict).toBe("missed");
  expect(readFileSync(join(target, "summary.txt"), "utf8")).toMatch(/^MISSED /);
});

test("a report that contradicts itself is written all the same, and then is a bug", () => {
  const target = join(folder, "contradiction");
  const report: LoadReport = { ...missedLoadReport(), verdict: "passed" };
  expect(() => writeLoadReport(target, report)).toThrow(/its lines say missed/);
  expect(readdirSync(target)).toHaveLength(3);
});

const viewports = [
  { width: 390, height: 844 },
  { width: 1_280, height: 900 },
];

test.each(reports)(
  "the page of the %s run fits phone and desk, without complaints",
  async (_, make) => {
    for (const viewport of viewports) {
      const { page, complaints } = await open(make(), { viewport });
      const overflow = await page.evaluate<number>(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth",
      );
      expect(overflow).toBe(0);
      const heights = await page.evaluate<number[]>(`
      [...document.querySelectorAll("figure svg text:not(.mark-text)")]
        .map((words) => words.getBoundingClientRect().height)
        .filter((height) => height > 0)`);
      expect(heights.length).toBeGreaterThan(10);
      expect(Math.min(...heights)).toBeGreaterThan(9);
      expect(complaints).toEqual([]);
    }
  },
);

test.each(viewports)("every red line is within the screen at $width pixels", async (viewport) => {
  const report = missedLoadReport();
  const { page } = await open(report, { viewport });
  const { width } = viewport;
  for (const { name } of redLinesOf(report)) {
    const line = page.locator(".alert li", { hasText: name });
    expect(await line.innerText()).toMatch(/^RED /);
    const box = await line.boundingBox();
    expect(box!.x).toBeGreaterThanOrEqual(0);
    expect(box!.x + box!.width).toBeLessThanOrEqual(width);
  }
  // Verdicts in the tables too, although those scroll: all, red ones first.
  const verdicts = page.locator(".verdicts td:nth-child(2)");
  const words = await verdicts.allInnerTexts();
  expect(words.filter((word) => word === "RED")).toHaveLength(redLinesOf(report).length);
  for (const verdict of await verdicts.all()) {
    const box = await verdict.boundingBox();
    expect(box!.x + box!.width).toBeLessThanOrEqual(width);
  }
});

test("every picture is drawn, from the left of its axis to the right", async () => {
  for (const [make, count] of [
    [madeLoadReport, 9],
    [foreignLoadReport, 3],
  ] as const) {
    const { page } = await open(make(), { viewport: viewports[1]! });
    const ratios = await page.evaluate<number[]>(`
      [...document.querySelectorAll("figure svg[role=img]")]
        .filter((drawing) => drawing.getBoundingClientRect().width > 0)
        .map((drawing) => {
          const boxes = [...drawing.querySelectorAll(".line, .gate")].map((path) => path.getBoundingClientRect());
          const left = Math.min(...boxes.map((box) => box.left));
          const right = Math.max(...boxes.map((box) => box.right));
          const axis = drawing.querySelector(".axis, .gate").getBoundingClientRect();
          return (right - left) / axis.width;
        })`);
    expect(ratios).toHaveLength(count);
    for (const ratio of ratios) expect(ratio).toBeGreaterThan(0.97);
    for (const ratio of ratios) expect(ratio).toBeLessThanOrEqual(1.01);
  }
});

test("what is red is said and shaped, not only coloured", async () => {
  const { page } = await open(missedLoadReport(), { viewport: viewports[1]! });
  const gates = page.locator(".wide-only svg", { has: page.locator(".gate") });
  expect(await gates.locator(".beyond").count()).toBe(2);
  expect(await gates.locator(".within").count()).toBe(10);
  expect(await gates.locator(".beyond-value").allTextContents()).toEqual([
    "+7.60 %, red",
    "-1.40 points, red",
  ]);
  const beyond = (await gates.locator(".beyond").first().boundingBox())!;
  const gate = (await gates.locator(".gate").first().boundingBox())!;
  expect(beyond.x).toBeGreaterThan(gate.x + gate.width);
});

test.each(["light", "dark"] as const)(
  "in %s colours red and green stand out",
  async (colorScheme) => {
    const { page } = await open(missedLoadReport(), { colorScheme, viewport: viewports[1]! });
    const contrasts = await page.evaluate<number[]>(`
    (() => {
      const brightness = (colour) => {
        const [r, g, b] = colour.match(/\\d+/g).slice(0, 3).map((part) => {
          const c = Number(part) / 255;
          return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const paper = brightness(getComputedStyle(document.querySelector(".plain")).backgroundColor);
      return [".alert .bad", ".verdicts .good", ".verdicts .bad"].map((selector) => {
        const ink = brightness(getComputedStyle(document.querySelector(selector)).color);
        return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
      });
    })()`);
    // 4.5 to 1: WCAG 2.2, 1.4.3.
    expect(Math.min(...contrasts)).toBeGreaterThan(4.5);
  },
);
