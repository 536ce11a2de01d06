import { expect, test } from "vitest";
import { readReturnReason, returnReason } from "./return-reason.ts";

test.each([
  [0, 2_000],
  [2_000.1, 2_001],
  [50_000, 50_000],
  [1e9, 60_000],
])("a spread of %s ms is told as %s", (spreadMs, told) => {
  expect(readReturnReason(returnReason(spreadMs))).toBe(told);
});

test.each([
  ["", 2_000],
  ["the edge restarts", 2_000],
  ["come again within 30000 ms", 30_000],
  ["come again within 999999 ms", 60_000],
  ["come again within 1 ms", 2_000],
  ["come again within -5 ms", 2_000],
  ["come again within 30000 ms or not", 2_000],
])("%j has a viewer come again within %s ms", (reason, spreadMs) => {
  expect(readReturnReason(reason)).toBe(spreadMs);
});
