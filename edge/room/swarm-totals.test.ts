import { expect, test } from "vitest";
import { SwarmTotals, swarmTotal } from "./swarm-totals.ts";

test("reports are added up, each figure by itself, to those of their feed", () => {
  const totals = new SwarmTotals(2);
  const report = {
    httpBytes: 1_000_000,
    peerBytes: 2_000_000,
    uploadedBytes: 3_000_000,
    refusedCount: 1,
    lateCount: 2,
    peerCount: 8,
  };
  totals.add(1, report);
  totals.add(1, report);
  expect(Object.values(swarmTotal).map((slot) => totals.of(1)[slot])).toEqual([
    2e6, 4e6, 6e6, 2, 4,
  ]);
  expect([...totals.of(0)]).toEqual([0, 0, 0, 0, 0]);
});
