import { expect, test } from "vitest";
import { RungMeter } from "./rung-meter.ts";

function meter(): RungMeter {
  return new RungMeter({
    targetDurationSec: 4,
    bandwidthBitsPerSec: 300_000,
    averageBitsPerSec: 280_000,
  });
}

/** A segment of four seconds at so many kbps. */
const segmentAt = (kbps: number) => ({ durationUs: 4_000_000, bytes: kbps * 500 });

test("a rate above BANDWIDTH is a breach, one equal to it is not", () => {
  const rung = meter();
  expect(rung.push(segmentAt(300))).toEqual({ peakBitsPerSec: 300_000, breach: false });
  expect(rung.push(segmentAt(301))).toEqual({ peakBitsPerSec: 301_000, breach: true });
  expect(rung.push(segmentAt(10))).toEqual({ peakBitsPerSec: 10_000, breach: false });
  expect(rung.peakBitsPerSec).toBe(301_000);
});

test("the average is the formula's for ten minutes, then measured, and moves once a minute", () => {
  const rung = meter();
  const seen: number[] = [];
  for (let i = 1; i <= 200; i++) {
    rung.push(segmentAt(i <= 150 ? 200 : 100));
    if (seen.at(-1) !== rung.averageBitsPerSec) seen.push(rung.averageBitsPerSec);
    if (i === 149) expect(seen).toEqual([280_000]);
    if (i === 164) expect(seen).toEqual([280_000, 200_000]);
  }
  // After 660, 720 and 780 s: 150 segments at 200 kbps and 15, 30, 45 at 100.
  expect(seen.slice(2)).toEqual([190_910, 183_334, 176_924]);
});

test("the average is never above BANDWIDTH", () => {
  const rung = meter();
  for (let i = 0; i < 160; i++) rung.push(segmentAt(400));
  expect(rung.averageBitsPerSec).toBe(300_000);
});
