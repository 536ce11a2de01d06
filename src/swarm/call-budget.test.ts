import { expect, test } from "vitest";
import { CallBudget } from "./call-budget.ts";

/** Of so many peers who call at once, how many are answered. */
function answered(budget: CallBudget, names: string, count: number, nowMs: number): number {
  const peers = Array.from({ length: count }, (_, n) => `${names}${n}`);
  return peers.filter((peer) => budget.take(peer, nowMs)).length;
}

test("a peer is answered once until its call must have failed", () => {
  const budget = new CallBudget();
  expect(budget.take("a", 0)).toBe(true);
  expect([1, 4_000, 7_999].some((nowMs) => budget.take("a", nowMs))).toBe(false);
  expect(budget.take("b", 7_999)).toBe(true);
  expect(budget.take("a", 8_000)).toBe(true);
});

test("who called in a cell that was left is answered in the next, and counts as before", () => {
  const budget = new CallBudget();
  expect(budget.take("a", 0)).toBe(true);
  budget.forgetPeers();
  expect(budget.take("a", 1)).toBe(true);
  expect(answered(budget, "p", 30, 1)).toBe(22);
});

test("all who may be peers of a viewer are answered at once, and their successors", () => {
  expect(answered(new CallBudget(), "p", 24, 0)).toBe(24);
});

test("whoever they are, no more than one a second is answered in the long run", () => {
  const budget = new CallBudget();
  let count = 0;
  for (let second = 0; second < 60; second++) {
    count += answered(budget, `at ${second} `, 50, second * 1_000);
  }
  expect(count).toBe(24 + 59);
});

test("a call that is not answered costs nothing", () => {
  const budget = new CallBudget();
  for (let n = 0; n < 100; n++) budget.take("a", 0);
  expect(answered(budget, "p", 30, 0)).toBe(23);
});
