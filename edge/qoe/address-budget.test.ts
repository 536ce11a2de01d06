import { expect, test } from "vitest";
import { AddressBudget, addressCountMax } from "./address-budget.ts";

/** What each address gets of a second when all ask in turn for so many. */
function second(budget: AddressBudget, sec: number, asks: Record<string, number>) {
  const got = Object.fromEntries(Object.keys(asks).map((address) => [address, 0]));
  const most = Math.max(...Object.values(asks));
  for (let round = 0; round < most; round++) {
    for (const [address, count] of Object.entries(asks)) {
      if (round < count && budget.take(address, sec * 1_000 + round)) got[address]! += 1;
    }
  }
  return got;
}

test("one address is not limited while there is enough, and has nine tenths when there is not", () => {
  const budget = new AddressBudget(100);
  for (let sec = 1; sec < 5; sec++) expect(second(budget, sec, { a: 100 })).toEqual({ a: 100 });
  for (let sec = 5; sec < 7; sec++) second(budget, sec, { a: 150 });
  expect(second(budget, 7, { a: 150 })).toEqual({ a: 90 });
});

test("who asks for little has it, whatever another one asks for", () => {
  const budget = new AddressBudget(100);
  second(budget, 1, { a: 900, b: 10, c: 20 });
  for (let sec = 2; sec < 5; sec++) {
    expect(second(budget, sec, { a: 900, b: 10, c: 20 })).toEqual({ a: 60, b: 10, c: 20 });
  }
  // Also when the one who asks for everything comes first.
  for (let i = 0; i < 900; i++) budget.take("a", 5_000);
  expect(second(budget, 5, { b: 10, c: 20 })).toEqual({ b: 10, c: 20 });
});

test("others than came the second before find a tenth left for them", () => {
  const budget = new AddressBudget(100);
  second(budget, 1, { a: 900, b: 10 });
  for (let i = 0; i < 900; i++) budget.take("a", 2_000);
  expect(second(budget, 2, { b: 10, c: 6, d: 4 })).toEqual({ b: 10, c: 6, d: 4 });
});

test("those who ask for much have the same", () => {
  const budget = new AddressBudget(100);
  second(budget, 1, { a: 900, b: 300, c: 4 });
  expect(second(budget, 2, { a: 900, b: 300, c: 4 })).toEqual({ a: 43, b: 43, c: 4 });
});

test("where there is enough nobody is limited, and need is forgotten with it", () => {
  const budget = new AddressBudget(100);
  second(budget, 1, { a: 900, b: 10 });
  second(budget, 2, { a: 40, b: 10 });
  expect(second(budget, 3, { a: 90, b: 10 })).toEqual({ a: 90, b: 10 });
  second(budget, 4, { a: 900, b: 10 });
  expect(second(budget, 6, { a: 90 })).toEqual({ a: 90 });
});

test("more addresses than are kept share one count", () => {
  const budget = new AddressBudget(addressCountMax + 10);
  const takenOf = (names: string, count: number): number =>
    Array.from({ length: count }, (_, i) => budget.take(`${names}${i}`, 1_000)).filter(Boolean)
      .length;
  expect(takenOf("a", addressCountMax)).toBe(addressCountMax);
  expect(takenOf("b", 50)).toBe(10);
  // The second after, each has one, and all the others together one.
  const next = (name: string): boolean => budget.take(name, 2_000);
  expect(["a0", "a0", "b0"].map(next)).toEqual([true, false, true]);
});
