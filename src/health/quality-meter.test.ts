import { expect, test } from "vitest";
import { QualityMeter } from "./quality-meter.ts";

const none = { stallCount: 0, stalledMs: 0, playedMs: 0, startupCount: 0, startupMsSum: 0 };

test("what players reported counts for five minutes", () => {
  const meter = new QualityMeter();
  for (let sec = 0; sec <= 900; sec++) {
    // One second of stall at second 100; then playing only.
    const totals = {
      ...none,
      playedMs: sec * 1_000,
      stallCount: sec < 100 ? 0 : 1,
      stalledMs: sec < 100 ? 0 : 1_000,
    };
    meter.push(totals, sec * 1_000);
    const read = meter.read({ ...totals, sessionCount: 1 });
    if (sec === 50) expect([read?.stalledMs, read?.playedMs]).toEqual([0, 50_000]);
    if (sec === 390) expect([read?.stallCount, read?.playedMs]).toEqual([1, 300_000]);
    if (sec > 410) expect(read?.stalledMs).toBe(0);
  }
});

test("without a report there is nothing to say", () => {
  const meter = new QualityMeter();
  expect(meter.read({ ...none, sessionCount: 0 })).toBeUndefined();
  meter.push(none, 0);
  expect(meter.read({ ...none, sessionCount: 0 })).toBeUndefined();
  expect(meter.read({ ...none, sessionCount: 2 })?.sessionCount).toBe(2);
});
