import { expect, test } from "vitest";
import {
  changeOf,
  clock,
  counted,
  decimal,
  exactly,
  milliseconds,
  percent,
  pointsBetween,
} from "./number-format.ts";

function check(write: (value: number) => string, cases: readonly (readonly [number, string])[]) {
  for (const [value, expected] of cases) expect(write(value), String(value)).toBe(expected);
}

test("numbers have the digits that say something, and separators", () => {
  check(counted, [
    [500_000, "500,000"],
    [65_200_000, "65,200,000"],
    [0.4, "0"],
  ]);
  check(decimal, [
    [31_560.4, "31,560"],
    [241.803, "241.8"],
    [999.96, "1,000"],
    [2.25, "2.25"],
    [0.9999, "1.00"],
    [0.045_31, "0.0453"],
    [0.98, "0.980"],
    [1e-9, "0.00"],
    [0, "0.00"],
  ]);
});

test("ratios are per cent, and what is too small to write is not nothing", () => {
  check(percent, [
    [0, "0 %"],
    [0.000_01, "< 0.01 %"],
    [0.015_31, "1.53 %"],
    [0.399, "39.9 %"],
    [1, "100.0 %"],
  ]);
});

test("changes are against the first, and show only where there is one", () => {
  expect(changeOf(133, 241.8)).toBe("-45 %");
  expect(changeOf(243, 242)).toBe("+0.4 %");
  expect(changeOf(31_560, 242)).toBe("× 130.4");
  expect(changeOf(242, 242)).toBe("");
  expect(changeOf(5, 0)).toBe("");
  expect(pointsBetween(0.002, 0.0153)).toBe("-1.33 points");
  expect(pointsBetween(0.5, 0.1)).toBe("+40.0 points");
  expect(pointsBetween(0.1, 0.1)).toBe("");
});

test("times have the unit that suits them, and exact numbers keep every digit", () => {
  check(milliseconds, [
    [850.2, "850 ms"],
    [1_240, "1.24 s"],
    [11_340, "11.3 s"],
  ]);
  check(clock, [
    [42, "42 s"],
    [600, "10:00"],
    [6_900, "1:55:00"],
    [59.7, "1:00"],
  ]);
  expect(exactly("9007199254740993")).toBe("9,007,199,254,740,993");
});
