import { expect, test } from "vitest";
import { reporterCountMax, ViewerCounts } from "./viewer-counts.ts";

test("the newest report of each process counts, until it is silent for 15 s", () => {
  const counts = new ViewerCounts();
  counts.report({ node: "edge-1", process: 0, viewers: 10 }, 0);
  counts.report({ node: "edge-1", process: 1, viewers: 5 }, 5_000);
  counts.report({ node: "edge-2", process: 0, viewers: 100 }, 5_000);
  counts.report({ node: "edge-1", process: 0, viewers: 7 }, 5_000);
  const totals = [counts.total];
  counts.report({ node: "edge-2", process: 0, viewers: 50 }, 10_000);
  for (const nowMs of [19_999, 20_000, 24_999, 25_000]) {
    counts.tick(nowMs);
    totals.push(counts.total);
  }
  expect(totals).toEqual([112, 62, 50, 50, 0]);
});

test("so many processes are known and no more; the silent make room", () => {
  const counts = new ViewerCounts();
  for (let process = 0; process < reporterCountMax; process++) {
    expect(counts.report({ node: "edge", process, viewers: 1 }, 0)).toBe(true);
  }
  expect(counts.report({ node: "late", process: 0, viewers: 1 }, 1)).toBe(false);
  expect(counts.report({ node: "edge", process: 0, viewers: 2 }, 15_000)).toBe(true);
  counts.tick(15_000);
  expect(counts.total).toBe(2);
  expect(counts.report({ node: "late", process: 0, viewers: 1 }, 15_000)).toBe(true);
});
