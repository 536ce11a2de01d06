import fc from "fast-check";
import { expect, test } from "vitest";
import { ejectAfterFailures, ejectMsMax, ejectMsMin, Parents } from "./parents.ts";

test("the first parent in order is chosen, the next where it is to be avoided", () => {
  const parents = new Parents(3);
  expect(parents.choose(0)).toBe(0);
  expect(parents.choose(0, 0)).toBe(1);
  expect(new Parents(1).choose(0, 0)).toBe(-1);
  expect(new Parents(1).chooseAny(0, 0)).toBe(0);
  expect(new Parents(0).chooseAny(0)).toBe(-1);
});

test("failures in a row eject a parent for a while that doubles until it succeeds", () => {
  const parents = new Parents(2);
  const failUntilEjected = (nowMs: number): number => {
    for (let i = 1; i < ejectAfterFailures; i++) expect(parents.failed(0, nowMs)).toBe(-1);
    return parents.failed(0, nowMs);
  };
  expect(failUntilEjected(0)).toBe(ejectMsMin);
  expect(parents.choose(ejectMsMin - 1)).toBe(1);
  expect(parents.choose(ejectMsMin)).toBe(0);
  expect(failUntilEjected(ejectMsMin)).toBe(ejectMsMin + 2 * ejectMsMin);
  parents.succeeded(0);
  expect(failUntilEjected(100_000)).toBe(100_000 + ejectMsMin);
});

test("a success in between keeps a parent", () => {
  const parents = new Parents(2);
  for (let i = 0; i < 10; i++) {
    expect(parents.failed(0, 0)).toBe(-1);
    parents.succeeded(0);
  }
});

test("whatever fails and succeeds when, some parent is never ejected, and no ejection is long", () => {
  const event = fc.record({
    parent: fc.nat({ max: 3 }),
    ok: fc.boolean(),
    waitMs: fc.oneof(fc.constant(0), fc.nat({ max: 40_000 })),
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.array(event, { maxLength: 200 }),
      (count, all) => {
        const parents = new Parents(count);
        let nowMs = 0;
        for (const { parent, ok, waitMs } of all) {
          nowMs += waitMs;
          if (parent >= count) continue;
          if (ok) parents.succeeded(parent);
          else {
            const untilMs = parents.failed(parent, nowMs);
            expect(untilMs).toBeLessThanOrEqual(nowMs + ejectMsMax);
          }
          expect(parents.choose(nowMs)).not.toBe(-1);
        }
      },
    ),
  );
});
