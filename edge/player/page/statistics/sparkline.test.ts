import { expect, test } from "vitest";
import { pushValue, sparklineLength, sparklinePath } from "./sparkline.ts";

const box = { width: 59, height: 12 };

test("the last minute is kept, the newest value last", () => {
  const values: (number | null)[] = [];
  for (let second = 0; second < 70; second += 1) pushValue(values, second);
  expect(values).toHaveLength(sparklineLength);
  expect(values[0]).toBe(10);
  expect(values.at(-1)).toBe(69);
});

test("the newest value is at the right edge, the largest near the top, nothing below the bottom", () => {
  expect(sparklinePath([0, 5, 10, -3], box)).toBe("M56.0 11.0L57.0 6.0L58.0 1.0L59.0 11.0");
});

test("a value that is not known leaves a gap", () => {
  expect(sparklinePath([4, null, 4, 4], box)).toBe("M56.0 1.0M58.0 1.0L59.0 1.0");
});

test("nothing known is no line, and zeros lie at the bottom", () => {
  expect(sparklinePath([], box)).toBe("");
  expect(sparklinePath([null, null], box)).toBe("");
  expect(sparklinePath([0, 0], box)).toBe("M58.0 11.0L59.0 11.0");
});
