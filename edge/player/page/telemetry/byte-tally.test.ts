import { expect, test } from "vitest";
import { ByteTally } from "./byte-tally.ts";

test("bytes count while they come, and stay when their fetch is over", () => {
  const tally = new ByteTally();
  const [first, second] = [{ loaded: 0 }, { loaded: 0 }];
  const ended = tally.begin(first);
  tally.begin(second);
  first.loaded = 100;
  second.loaded = 20;
  expect(tally.bytes).toBe(120);
  ended();
  ended();
  first.loaded = 500;
  second.loaded = 30;
  expect(tally.bytes).toBe(130);
});
