import { expect, test } from "vitest";
import { randomWord } from "../base/prng.ts";
import { nearlyNormal, normalQuantile } from "./normal.ts";

/** Known to ten digits (Abramowitz and Stegun, 26.2, and scipy.stats.norm.ppf). */
test.each([
  [0.5, 0],
  [0.8413447460685429, 1],
  [0.9, 1.2815515655446004],
  [0.95, 1.6448536269514722],
  [0.975, 1.959963984540054],
  [0.99, 2.3263478740408408],
  [0.999, 3.090232306167813],
  [0.9999, 3.719016485455709],
  [0.024, -1.9773684281819468],
  [0.025, -1.959963984540054],
  [1e-6, -4.753424308822899],
])("the quantile %d of the normal distribution is %d", (ratio, expected) => {
  expect(normalQuantile(ratio)).toBeCloseTo(expected, 7);
});

test("quantiles rise, also where the approximation changes over, and mirror each other", () => {
  let before = -Infinity;
  for (let n = 1; n < 10_000; n++) {
    const value = normalQuantile(n / 10_000);
    expect(value).toBeGreaterThan(before);
    expect(normalQuantile(1 - n / 10_000)).toBeCloseTo(-value, 7);
    before = value;
  }
});

test("the sum of four bytes has mean 0 and variance 1 over all words", () => {
  // Each byte by itself takes all its values; the four are independent.
  const moment = (power: number): number => {
    let total = 0;
    for (let byte = 0; byte < 256; byte++) total += (byte - 127.5) ** power;
    return total / 256;
  };
  expect(nearlyNormal(0)).toBeCloseTo(-510 / Math.sqrt(4 * moment(2)), 12);
  expect(nearlyNormal(0xffff_ffff)).toBe(-nearlyNormal(0));
  expect(nearlyNormal(0x7f80_7f80)).toBe(0);
});

test("random words have the mean, variance and symmetry of a normal distribution, and thinner tails", () => {
  const count = 100_000;
  const sums = [0, 0, 0, 0];
  for (let n = 0; n < count; n++) {
    const value = nearlyNormal(randomWord(7, 1, n));
    for (let power = 1; power <= 4; power++) sums[power - 1]! += value ** power / count;
  }
  expect(sums[0]).toBeCloseTo(0, 1.8);
  expect(sums[1]).toBeCloseTo(1, 1.8);
  expect(sums[2]).toBeCloseTo(0, 1.3);
  // Kurtosis 3 less 6/5 of a quarter.
  expect(sums[3]! / 2.7).toBeCloseTo(1, 1.3);
});
