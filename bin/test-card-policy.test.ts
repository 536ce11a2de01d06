import { expect, test } from "vitest";
import { TestCardPolicy } from "./test-card-policy.ts";

test("at the start it publishes at once, unless somebody does already", () => {
  expect(new TestCardPolicy().mayStart({ nowMs: 0, othersPublish: false })).toBe(true);
  expect(new TestCardPolicy().mayStart({ nowMs: 0, othersPublish: true })).toBe(false);
});

test("it comes back two seconds after the last publisher left", () => {
  const policy = new TestCardPolicy();
  policy.ended({ nowMs: 10_000, ranMs: 10_000 });
  expect(policy.mayStart({ nowMs: 11_000, othersPublish: true })).toBe(false);
  expect(policy.mayStart({ nowMs: 60_000, othersPublish: false })).toBe(false);
  expect(policy.mayStart({ nowMs: 61_999, othersPublish: false })).toBe(false);
  expect(policy.mayStart({ nowMs: 62_000, othersPublish: false })).toBe(true);
});

test("a publisher who reconnects in between starts the wait anew", () => {
  const policy = new TestCardPolicy();
  policy.ended({ nowMs: 0, ranMs: 10_000 });
  policy.mayStart({ nowMs: 10_000, othersPublish: false });
  policy.mayStart({ nowMs: 11_000, othersPublish: true });
  expect(policy.mayStart({ nowMs: 12_500, othersPublish: false })).toBe(false);
  expect(policy.mayStart({ nowMs: 14_500, othersPublish: false })).toBe(true);
});

test("one that fails again and again waits longer, up to half a minute", () => {
  const policy = new TestCardPolicy();
  const waits: number[] = [];
  let nowMs = 0;
  for (let round = 0; round < 8; round++) {
    policy.ended({ nowMs, ranMs: 100 });
    const endedMs = nowMs;
    while (!policy.mayStart({ nowMs, othersPublish: false })) nowMs += 500;
    waits.push(nowMs - endedMs);
  }
  expect(waits).toEqual([2_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  expect(policy.failureCount).toBe(8);
});
