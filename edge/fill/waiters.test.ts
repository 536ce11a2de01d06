import { expect, test } from "vitest";
import { Waiters, type Waiter } from "./waiters.ts";

class Recorder implements Waiter {
  readonly told: boolean[] = [];
  then: () => void = () => undefined;

  resume(waited: boolean): void {
    this.told.push(waited);
    this.then();
  }
}

test("waking an object tells its waiters once, and nobody else", () => {
  const waiters = new Waiters({ countMax: 10, nowMs: 0 });
  const [one, two, other] = [new Recorder(), new Recorder(), new Recorder()];
  waiters.hold(1, one, 8_000);
  waiters.hold(1, two, 8_000);
  waiters.hold(2, other, 8_000);
  waiters.wake(1);
  waiters.wake(1);
  expect([one.told, two.told, other.told]).toEqual([[false], [false], []]);
  expect(waiters.count).toBe(1);
});

test("a hold ends at its time, whatever order holds began in", () => {
  const waiters = new Waiters({ countMax: 10, nowMs: 1_000 });
  const [late, early] = [new Recorder(), new Recorder()];
  waiters.hold(1, late, 9_000);
  waiters.hold(1, early, 3_000);
  waiters.tick(2_900);
  expect(early.told).toEqual([]);
  waiters.tick(3_050);
  expect([early.told, late.told]).toEqual([[true], []]);
  waiters.tick(20_000);
  expect(late.told).toEqual([true]);
  expect(waiters.count).toBe(0);
});

test("whoever goes away is not told, even while others are woken", () => {
  const waiters = new Waiters({ countMax: 10, nowMs: 0 });
  const recorders = [new Recorder(), new Recorder(), new Recorder()];
  const held = recorders.map((recorder) => waiters.hold(1, recorder, 8_000)!);
  waiters.release(held[0]!);
  const again = new Recorder();
  // The last takes the place of the one that left, so it is told first.
  recorders[2]!.then = () => {
    waiters.hold(1, again, 8_000);
    waiters.release(held[1]!);
  };
  waiters.wake(1);
  expect(recorders.map(({ told }) => told)).toEqual([[], [], [false]]);
  expect(waiters.count).toBe(1);
  waiters.wake(1);
  expect(again.told).toEqual([false]);
  expect(waiters.count).toBe(0);
});

test("past the limit nobody is held", () => {
  const waiters = new Waiters({ countMax: 2, nowMs: 0 });
  const held = [1, 2, 3].map((object) => waiters.hold(object, new Recorder(), 8_000));
  expect(held.map((each) => each !== undefined)).toEqual([true, true, false]);
  waiters.release(held[0]!);
  expect(waiters.hold(1, new Recorder(), 8_000)).toBeDefined();
});

test("closing ends every hold", () => {
  const waiters = new Waiters({ countMax: 10, nowMs: 0 });
  const recorders = [new Recorder(), new Recorder()];
  recorders.forEach((recorder, index) => waiters.hold(index, recorder, 1_000 * (index + 1)));
  waiters.endAll();
  expect(recorders.map(({ told }) => told)).toEqual([[true], [true]]);
  expect(waiters.count).toBe(0);
});
