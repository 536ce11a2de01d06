import fc from "fast-check";
import { expect, test } from "vitest";
import { countInto, countsBetween, histogramSlots, quantileOf, slotStart } from "./histogram.ts";

function histogramOf(values: readonly number[]): Float64Array {
  const histogram = new Float64Array(histogramSlots);
  for (const value of values) countInto(histogram, value);
  return histogram;
}

/** The least value of the slot that `value` is counted in, and that of the next. */
function boundsOf(value: number): [number, number] {
  const slot = histogramOf([value]).indexOf(1);
  return [slotStart(slot), slotStart(slot + 1)];
}

test("numbers below 64 have a slot each", () => {
  for (let value = 0; value < 64; value++) expect(boundsOf(value)).toEqual([value, value + 1]);
  expect(boundsOf(17.9)).toEqual([17, 18]);
});

test("numbers above have slots of 1.6 % of their size, without gaps", () => {
  fc.assert(
    fc.property(fc.integer({ min: 64, max: 2 ** 22 - 1 }), (value) => {
      const [from, to] = boundsOf(value);
      expect(from).toBeLessThanOrEqual(value);
      expect(to).toBeGreaterThan(value);
      expect((to - from) / from).toBeLessThanOrEqual(1 / 64);
    }),
  );
  for (let slot = 0; slot < histogramSlots; slot++) {
    expect(slotStart(slot + 1)).toBeGreaterThan(slotStart(slot));
    expect(boundsOf(slotStart(slot))[0]).toBe(slotStart(slot));
  }
});

test("what is below 0 counts as 0, and what is too large in the last slot", () => {
  expect(boundsOf(-5)[0]).toBe(0);
  for (const value of [2 ** 22, 2 ** 31, 1e12, Infinity]) {
    expect(histogramOf([value])[histogramSlots - 1], String(value)).toBe(1);
  }
});

test("a quantile lies in the slot of the value that sorting finds", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 4_000_000 }), { minLength: 1, maxLength: 50 }),
      fc.double({ min: 0.001, max: 1, noNaN: true }),
      (values, ratio) => {
        const sorted = values.toSorted((a, b) => a - b);
        const exact = sorted[Math.ceil(ratio * sorted.length) - 1]!;
        const [from, to] = boundsOf(exact);
        const found = quantileOf(histogramOf(values), ratio);
        expect(found).toBeGreaterThanOrEqual(from);
        expect(found).toBeLessThanOrEqual(to);
      },
    ),
  );
});

test("a histogram without counts has quantile 0", () => {
  expect(quantileOf(new Float64Array(histogramSlots), 0.5)).toBe(0);
});

test("counts between bounds add up to all of them", () => {
  const histogram = histogramOf([0, 249, 251, 900, 5_000_000]);
  expect(countsBetween(histogram, [250, 500, 1_000])).toEqual([2, 1, 1, 1]);
  expect(countsBetween(histogram, [])).toEqual([5]);
});
