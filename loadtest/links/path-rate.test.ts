import { expect, test } from "vitest";
import { PathRate } from "./path-rate.ts";

const noise = { logSigma: 0.3, correlationSec: 19, stepMs: 2_000 };
const stepUs = 2_000_000;

/** Deviations in ln of the rate, one a step. */
function deviations(number: number, count: number): number[] {
  const path = new PathRate({ kbps: 1_000, noise, seed: 1, number });
  return Array.from({ length: count }, (_, n) => Math.log(path.bitsPerUs(n * stepUs)));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}

test("a path without noise carries its rate", () => {
  const path = new PathRate({ kbps: 600, noise: null, seed: 1, number: 0 });
  expect(path.bitsPerUs(0)).toBe(0.6);
  expect(path.endUs(500, 1_200_000)).toBe(2_000_500);
});

test("over many paths the rate's logarithm has the mean and the spread asked for, from the first step on", () => {
  const paths = Array.from({ length: 4_000 }, (_, number) => deviations(number, 12));
  for (const step of [0, 1, 11]) {
    const values = paths.map((path) => path[step]!);
    const mean = meanOf(values);
    // Four times the spread of the mean of 4,000.
    expect(Math.abs(mean)).toBeLessThan((4 * 0.3) / Math.sqrt(4_000));
    expect(Math.sqrt(meanOf(values.map((one) => (one - mean) ** 2))) / 0.3).toBeCloseTo(1, 1);
  }
});

test("the deviation's correlation falls to 1/e in the time asked for", () => {
  const paths = Array.from({ length: 6_000 }, (_, number) => deviations(number, 20));
  for (const lag of [1, 5, 10, 19]) {
    const correlation = meanOf(paths.map((path) => path[0]! * path[lag]!)) / 0.3 ** 2;
    expect(Math.abs(correlation - Math.exp((-lag * 2) / 19)), `lag ${lag}`).toBeLessThan(0.06);
  }
});

test("steps that nobody asked about are passed over without losing the spread", () => {
  const values = Array.from({ length: 4_000 }, (_, number) => {
    const path = new PathRate({ kbps: 1_000, noise, seed: 1, number });
    path.bitsPerUs(0);
    return Math.log(path.bitsPerUs(7 * stepUs));
  });
  expect(Math.sqrt(meanOf(values.map((one) => one ** 2))) / 0.3).toBeCloseTo(1, 1);
});

test("bits that take several steps pass at the rate of each", () => {
  const ask = { kbps: 800, noise, seed: 3, number: 9 };
  const reference = new PathRate(ask);
  const rates = Array.from({ length: 6 }, (_, n) => reference.bitsPerUs(n * stepUs));
  // Half of step 0, steps 1 to 4, a quarter of step 5.
  const bits =
    stepUs * (rates[0]! / 2 + rates[1]! + rates[2]! + rates[3]! + rates[4]! + rates[5]! / 4);
  expect(new PathRate(ask).endUs(stepUs / 2, bits)).toBeCloseTo(5.25 * stepUs, 3);
});

test("a path's rates depend on its seed and its number, and on nothing else", () => {
  const of = (seed: number, number: number): number =>
    new PathRate({ kbps: 1_000, noise, seed, number }).bitsPerUs(0);
  expect(of(1, 1)).toBe(of(1, 1));
  expect(new Set([of(1, 1), of(1, 2), of(2, 1), of(2, 2)]).size).toBe(4);
});
