import { expect, test } from "vitest";
import { TrafficMeter } from "./traffic-meter.ts";

const zero = { toViewersBytes: 0, toChildrenBytes: 0, fillBytes: 0, lookupCount: 0, hitCount: 0 };

test("rates are of the last 8 s, look-ups of the last minute", () => {
  const meter = new TrafficMeter();
  for (let sec = 0; sec <= 200; sec++) {
    // 1,000 bytes a second at first, 2,000 from second 100 on.
    const toViewersBytes = sec < 100 ? sec * 1_000 : 100_000 + (sec - 100) * 2_000;
    meter.push({ ...zero, toViewersBytes, lookupCount: 3 * sec, hitCount: 2 * sec }, sec * 1_000);
    const { toViewersBitsPerSec, lookupCount, hitCount } = meter.rates();
    if (sec === 99) expect(toViewersBitsPerSec).toBe(8_000);
    if (sec === 104) expect(toViewersBitsPerSec).toBe(12_000);
    if (sec === 108) expect(toViewersBitsPerSec).toBe(16_000);
    if (sec >= 60) expect([lookupCount, hitCount]).toEqual([180, 120]);
  }
});

test("before a second sample there is no traffic, and soon after the rate is of what there is", () => {
  const meter = new TrafficMeter();
  expect(meter.rates().fillBitsPerSec).toBe(0);
  meter.push(zero, 0);
  expect(meter.rates().fillBitsPerSec).toBe(0);
  meter.push({ ...zero, fillBytes: 500 }, 1_000);
  expect(meter.rates().fillBitsPerSec).toBe(4_000);
});

test("a process that slept gives the rate over its sleep, not a burst", () => {
  const meter = new TrafficMeter();
  meter.push(zero, 0);
  meter.push({ ...zero, toChildrenBytes: 1_000 }, 100_000);
  expect(meter.rates().toChildrenBitsPerSec).toBe(80);
});
