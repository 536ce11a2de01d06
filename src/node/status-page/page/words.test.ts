import { expect, test } from "vitest";
import { countWords, durationWords, percentWords, rateWords, timeWords } from "./words.ts";

test("rates have three digits and the unit that fits", () => {
  const check = (bitsPerSec: number, expected: string): void => {
    expect(rateWords(bitsPerSec), String(bitsPerSec)).toBe(expected);
  };
  check(0, "0 kbps");
  check(499, "0 kbps");
  check(484_000, "484 kbps");
  check(999_499, "999 kbps");
  check(999_600, "1.00 Mbps");
  check(1_234_567, "1.23 Mbps");
  check(94_120_000, "94.1 Mbps");
  check(999_400_000, "999 Mbps");
  check(999_600_000, "1.00 Gbps");
  check(242_300_000_000, "242 Gbps");
  check(1_234_500_000_000, "1,235 Gbps");
});

test("durations, counts and shares are short", () => {
  expect(
    [0, 99_999, 100_000, 5_999_000, 6_000_000, 90_061_000, 180_000_000].map(durationWords),
  ).toEqual(["0 s", "99 s", "1 min", "99 min", "1 h 40 min", "25 h 01 min", "2 d 2 h"]);
  expect([0, 999, 1_000, 1_234_567].map(countWords)).toEqual(["0", "999", "1,000", "1,234,567"]);
  expect([0, 0.001, 0.0512, 0.985, 0.9998, 0.999999, 1].map(percentWords)).toEqual([
    "0.0 %",
    "0.10 %",
    "5.12 %",
    "98.5 %",
    "99.98 %",
    "99.99 %",
    "100.0 %",
  ]);
});

test("a time of another day says which", () => {
  const noon = new Date(2026, 10, 28, 12, 3, 4).getTime();
  expect(timeWords(noon, noon + 1_000)).toBe("12:03:04");
  expect(timeWords(noon, noon + 86_400_000)).toBe("2026-11-28 12:03:04");
});
