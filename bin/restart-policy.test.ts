import { expect, test } from "vitest";
import { RestartPolicy } from "./restart-policy.ts";

test("the wait doubles up to a limit, and begins anew after a healthy run", () => {
  const policy = new RestartPolicy();
  const delays = [10, 10, 10, 10, 10, 10, 10].map((ranMs) => policy.delayMs(ranMs));
  expect(delays).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]);
  expect(policy.delayMs(60_000)).toBe(500);
  expect(policy.delayMs(10)).toBe(500);
  expect(policy.delayMs(10)).toBe(1_000);
});
