import { expect, test } from "vitest";
import { contrastRatio, inkOn, mixColours, readableOn, textContrastMin } from "./colour.ts";

test.each<[string, string, number]>([
  ["#000000", "#ffffff", 21],
  ["#777777", "#ffffff", 4.48],
  ["#767676", "#FFFFFF", 4.54],
  ["#a3122f", "#fbf7f1", 7.33],
  ["#123456", "#123456", 1],
])("the contrast of %s and %s is %d to 1, either way", (one, other, expected) => {
  expect(contrastRatio(one, other)).toBeCloseTo(expected, 2);
  expect(contrastRatio(other, one)).toBeCloseTo(expected, 2);
});

test("black or white can be read on every colour", () => {
  for (let n = 0; n < 4_096; n += 1) {
    const colour = `#${[n >> 8, (n >> 4) & 15, n & 15].map((v) => v.toString(16).repeat(2)).join("")}`;
    expect(contrastRatio(inkOn(colour), colour), colour).toBeGreaterThan(textContrastMin);
  }
});

test("a colour that can be read is left as it is, another one is moved as little as needed", () => {
  expect(readableOn("#a3122f", "#ffffff")).toBe("#a3122f");
  const yellow = readableOn("#ffd400", "#ffffff");
  expect(contrastRatio(yellow, "#ffffff")).toBeGreaterThanOrEqual(textContrastMin);
  expect(contrastRatio(yellow, "#ffffff")).toBeLessThan(6);
  const blue = readableOn("#0a1a8f", "#120c14", "#1d141f");
  for (const paper of ["#120c14", "#1d141f"]) {
    expect(contrastRatio(blue, paper)).toBeGreaterThanOrEqual(textContrastMin);
  }
});

test("mixing goes from the one to the other", () => {
  expect(mixColours("#102030", "#ffffff", 0)).toBe("#102030");
  expect(mixColours("#102030", "#ffffff", 1)).toBe("#ffffff");
  expect(mixColours("#000000", "#ffffff", 0.5)).toBe("#808080");
});
