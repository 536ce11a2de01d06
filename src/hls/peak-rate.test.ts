import fc from "fast-check";
import { expect, test } from "vitest";
import { PeakRate, type SegmentSize } from "./peak-rate.ts";

/** Rates of the runs that each segment ends, in kbps, for a target duration of 4 s. */
function check(segments: [sec: number, kilobytes: number][], expected: number[]): void {
  const rate = new PeakRate({ targetDurationSec: 4 });
  const pushed = segments.map(([sec, kilobytes]) =>
    rate.push({ durationUs: sec * 1e6, bytes: kilobytes * 1000 }),
  );
  expect(pushed.map((bitsPerSec) => Math.round(bitsPerSec / 1000))).toEqual(expected);
  expect(Math.round(rate.peakBitsPerSec / 1000)).toBe(Math.max(0, ...expected));
}

test("a segment of about the target duration is a run of its own", () => {
  check([[4, 200], [4, 100], [4, 300]], [400, 200, 600]); // prettier-ignore
});

test("a short last segment counts with the one before it only", () => {
  check([[4, 200], [1, 500], [4, 100]], [400, 1120, 960]); // prettier-ignore
});

test("short segments count in every run that is long enough", () => {
  check([[1, 100], [1, 300], [1, 0]], [0, 1600, 1200]); // prettier-ignore
});

test("a segment alone below half the target duration has no rate", () => {
  check([[1, 500]], [0]);
});

/** The definition, word by word. */
function peakOf(segments: readonly SegmentSize[]): number {
  let peak = 0;
  for (let from = 0; from < segments.length; from++) {
    for (let to = from + 1; to <= segments.length; to++) {
      const run = segments.slice(from, to);
      const durationUs = run.reduce((sum, segment) => sum + segment.durationUs, 0);
      const bytes = run.reduce((sum, segment) => sum + segment.bytes, 0);
      const long = durationUs >= 2_000_000 && durationUs <= 6_000_000;
      if (long) peak = Math.max(peak, (bytes * 8_000_000) / durationUs);
    }
  }
  return peak;
}

test("the peak is that of the definition", () => {
  const segment = fc.record({
    durationUs: fc.integer({ min: 33_333, max: 4_266_667 }),
    bytes: fc.integer({ min: 1, max: 1_000_000 }),
  });
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 12 }), (segments) => {
      const rate = new PeakRate({ targetDurationSec: 4 });
      for (const next of segments) rate.push(next);
      expect(rate.peakBitsPerSec).toBeCloseTo(peakOf(segments), 3);
    }),
  );
});
