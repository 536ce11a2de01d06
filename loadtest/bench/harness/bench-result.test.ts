import { expect, test } from "vitest";
import { isMet, median, mediansOf, tableOf, toReport } from "./bench-result.ts";

test("the median is the middle value, or the mean of the two in the middle", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeNaN();
});

test("rounds collapse into one row per task and contender", () => {
  const row = (contender: string, requestsPerSec: number) => ({
    task: "playlist",
    contender,
    values: { requestsPerSec },
  });
  const rows = [row("edge", 10), row("nginx", 5), row("edge", 30), row("edge", 20)];
  expect(mediansOf(rows)).toEqual([row("edge", 20), row("nginx", 5)]);
});

test("a report is met only when every target is, and the table names what was missed", () => {
  const result = {
    results: [{ task: "playlist", contender: "edge", values: { requestsPerSec: 121_000 } }],
    ratios: { "requests/s: edge / nginx": 1.25 },
    targets: [
      { name: "playlist", value: 1.25, min: 1.2 },
      { name: "cpu", value: 6, max: 5 },
    ],
  };
  const report = toReport("edge", 3, result);
  expect(report.met).toBe(false);
  expect(tableOf(report)).toContain("target playlist: 1.25, at least 1.2: met");
  expect(tableOf(report)).toContain("target cpu: 6.00, at most 5: MISSED");
  expect(tableOf(report)).toContain("121,000");
});

test("a target whose figure could not be taken is missed", () => {
  expect(isMet({ name: "x", value: Number.NaN, min: 1 })).toBe(false);
});
