import { expect, test } from "vitest";
import { randomRatio } from "./prng.ts";

test("the same seed, owner, stream and number give the same value for ever", () => {
  expect(randomRatio({ seed: 1, owner: 2, stream: 3, n: 4 })).toBe(0.5249577430076897);
});

test.each([
  ["seed", (n: number) => randomRatio({ seed: n, owner: 1, stream: 1 })],
  ["owner", (n: number) => randomRatio({ seed: 1, owner: n, stream: 1 })],
  ["stream", (n: number) => randomRatio({ seed: 1, owner: 1, stream: n })],
  ["number", (n: number) => randomRatio({ seed: 1, owner: 1, stream: 1, n })],
])("values are spread evenly over any run of one %s", (_what, value) => {
  const tenths = new Array<number>(10).fill(0);
  let products = 0;
  for (let n = 0; n < 20_000; n++) {
    tenths[Math.floor(value(n) * 10)]!++;
    products += (value(n) - 0.5) * (value(n + 1) - 0.5);
  }
  for (const count of tenths) expect(Math.abs(count - 2_000)).toBeLessThan(200);
  // Neighbours are not correlated: 1/12 would be full correlation.
  expect(Math.abs(products / 20_000)).toBeLessThan(0.003);
});
