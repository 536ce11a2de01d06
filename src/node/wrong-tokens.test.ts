import { expect, test } from "vitest";
import { WrongTokens, wrongTokenCountMax } from "./wrong-tokens.ts";

test("20 wrong tokens are heard, then two a second, from each address by itself", () => {
  let nowMs = 0;
  const wrong = new WrongTokens(() => nowMs);
  const tries = (address: string, count: number): number => {
    let heard = 0;
    for (let n = 0; n < count; n++) {
      if (wrong.isSpent(address)) continue;
      heard += 1;
      wrong.note(address);
    }
    return heard;
  };
  expect(tries("a", 1_000)).toBe(wrongTokenCountMax);
  expect(tries("b", 5)).toBe(5);
  nowMs = 1_000;
  expect(tries("a", 1_000)).toBe(2);
  nowMs = 60_000;
  expect(tries("a", 1_000)).toBe(wrongTokenCountMax);
});

test("addresses without number do not grow it, and forget the one that tried longest ago", () => {
  const wrong = new WrongTokens(() => 0);
  for (let n = 0; n < wrongTokenCountMax; n++) wrong.note("first");
  expect(wrong.isSpent("first")).toBe(true);
  for (let n = 0; n < 255; n++) wrong.note(`other-${n}`);
  expect(wrong.isSpent("first")).toBe(true);
  wrong.note("one more");
  expect(wrong.isSpent("first")).toBe(false);
});
