import { expect, test } from "vitest";
import { schedulerParameters } from "./scheduler-parameters.ts";
import { SegmentCache } from "./segment-cache.ts";

function held(bytesOf: (msn: number) => number, count: number): number[] {
  const cache = new SegmentCache();
  for (let msn = 0; msn < count; msn++) {
    const id = { rung: 360, epoch: 1, msn };
    cache.put({ id, bytes: new Uint8Array(bytesOf(msn)), source: "edge" });
  }
  return cache.ids().map(({ msn }) => msn);
}

test("the oldest make room beyond the number that may be held", () => {
  const { cacheSegmentCountMax } = schedulerParameters;
  expect(held(() => 1, cacheSegmentCountMax)).toHaveLength(cacheSegmentCountMax);
  expect(held(() => 1, cacheSegmentCountMax + 2)[0]).toBe(2);
});

test("and beyond the bytes", () => {
  const third = Math.floor(schedulerParameters.cacheBytesMax / 3);
  expect(held(() => third, 3)).toEqual([0, 1, 2]);
  expect(held(() => third, 4)).toEqual([1, 2, 3]);
});
