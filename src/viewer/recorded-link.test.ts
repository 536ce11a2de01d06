import fc from "fast-check";
import { expect, test } from "vitest";
import { RecordedLink } from "./recorded-link.ts";

/** A link of periods [duration in ms, kbps, latency in ms]. */
function linkOf(...periods: [number, number, number][]): RecordedLink {
  const column = (of: 0 | 1 | 2) => Float64Array.from(periods, (period) => period[of]);
  return new RecordedLink({ periodMs: column(0), kbps: column(1), latencyMs: column(2) }, 1);
}

test("a body goes on through periods, and the trace starts over at its end", () => {
  const link = linkOf([1_000, 100, 0], [1_000, 300, 0]);
  expect(link.receive(250_000)).toBe(1_500);
  expect(link.receive(250_000)).toBe(1_500);
  link.pass(1);
  expect(link.kbps()).toBe(300);
});

test("nothing comes while the link is down", () => {
  const link = linkOf([1_000, 100, 0], [5_000, 0, 0]);
  expect(link.receive(150_000)).toBe(6_500);
});

test("of a latency that changes during the wait each period counts for its part", () => {
  const link = linkOf([100, 100, 400], [5_000, 100, 200]);
  // A quarter of 400 ms, then three quarters of 200 ms.
  expect(link.awaitFirstByte()).toBe(250);
  link.pass(5_000 - 150 + 50);
  expect(link.awaitFirstByte()).toBe(50 + (1 - 50 / 400) * 200);
});

test("a part of a body is at least so many bits and so much time, or the rest", () => {
  const link = linkOf([60_000, 1_000, 0]);
  const receive = (bits: number, bitsMin: number, msMin: number) => {
    link.receiveSome(bits, bitsMin, msMin);
    return [link.receivedBits, link.receivingMs];
  };
  expect(receive(500_000, 12_000, 50)).toEqual([50_000, 50]);
  expect(receive(500_000, 120_000, 50)).toEqual([120_000, 120]);
  expect(receive(20_000, 12_000, 50)).toEqual([20_000, 20]);
});

const periods = fc.array(
  fc.tuple(
    fc.integer({ min: 1, max: 3_000 }),
    fc.integer({ min: 0, max: 5_000 }),
    fc.integer({ min: 0, max: 500 }),
  ),
  { maxLength: 8 },
);

test("a body in parts takes as long as in one piece", () => {
  fc.assert(
    fc.property(periods, fc.integer({ min: 1, max: 9_000_000 }), (list, bits) => {
      const all: [number, number, number][] = [...list, [700, 400, 50]];
      const parts = linkOf(...all);
      let ms = 0;
      let leftBits = bits;
      while (leftBits > 0) {
        parts.receiveSome(leftBits, 12_000, 50);
        ms += parts.receivingMs;
        leftBits -= parts.receivedBits;
      }
      expect(ms / linkOf(...all).receive(bits)).toBeCloseTo(1, 6);
    }),
  );
});
