import { expect, test } from "vitest";
import { exp, log, pow } from "./float.ts";

const samples = Array.from({ length: 20_000 }, (_, i) => (i - 10_000) / 14.3);

function relativeError(actual: number, expected: number): number {
  if (actual === expected) return 0;
  return Math.abs(actual - expected) / Math.abs(expected);
}

test("exp agrees with Math.exp to the last place over its whole range", () => {
  const worst = Math.max(...samples.map((x) => relativeError(exp(x), Math.exp(x))));
  expect(worst).toBeLessThan(3e-16);
});

test("log agrees with Math.log to the last place from the smallest number to the largest", () => {
  const worst = Math.max(
    ...samples.map((x) => Math.exp(x)).map((x) => relativeError(log(x), Math.log(x))),
  );
  expect(worst).toBeLessThan(3e-16);
  expect(log(Number.MIN_VALUE)).toBeCloseTo(Math.log(Number.MIN_VALUE), 12);
});

test("pow agrees with Math.pow to 13 digits for what decay factors need", () => {
  for (let base = 0.01; base < 5; base += 0.037) {
    for (let exponent = -20; exponent < 20; exponent += 0.71) {
      expect(relativeError(pow(base, exponent), Math.pow(base, exponent))).toBeLessThan(1e-13);
    }
  }
});

test.each([
  ["exp(0)", exp(0), 1],
  ["exp beyond the range", exp(710), Infinity],
  ["exp below the range", exp(-746), 0],
  ["exp of the smallest result", exp(-745), 5e-324],
  ["exp(-Infinity)", exp(-Infinity), 0],
  ["exp(NaN)", exp(Number.NaN), Number.NaN],
  ["exp near the top", exp(709.5), Math.exp(709.5)],
  ["log(1)", log(1), 0],
  ["log(0)", log(0), -Infinity],
  ["log(-1)", log(-1), Number.NaN],
  ["log(Infinity)", log(Infinity), Infinity],
  ["pow(0, 2)", pow(0, 2), 0],
  ["pow(0, 0)", pow(0, 0), 1],
])("%s", (_name, actual, expected) => {
  expect(actual).toBe(expected);
});

/** Changing this value changes the reports of every recorded simulator run. */
test("the bits of a long chain of results never change", () => {
  let state = 1.5;
  for (let n = 0; n < 1_000; n++) state = log(1 + exp(pow(state, 0.7) - 1)) + (n % 7) / 3;
  expect(state).toBe(2.843590736661031);
});
