import fc from "fast-check";
import { expect, test } from "vitest";
import { Schedule, Timer } from "./schedule.ts";

test("timers fire in the order of their instants, each with the instant it was due", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 60 }), (instants) => {
      const schedule = new Schedule();
      const fired: number[] = [];
      for (const atUs of instants) schedule.set(new Timer((dueUs) => fired.push(dueUs)), atUs);
      schedule.run(20);
      expect(fired).toEqual(instants.filter((atUs) => atUs <= 20).sort((a, b) => a - b));
      expect(schedule.nextUs).toBe(Math.min(...instants.filter((atUs) => atUs > 20)));
    }),
  );
});

test("timers that are moved or cancelled any number of times fire at most once, where they were last", () => {
  const change = fc.record({
    timer: fc.nat(9),
    atUs: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 80 }), (changes) => {
      const schedule = new Schedule();
      const fired: [number, number][] = [];
      const timers = Array.from({ length: 10 }, (_, n) => {
        return new Timer((dueUs) => fired.push([n, dueUs]));
      });
      const expected = new Map<number, number>();
      for (const { timer, atUs } of changes) {
        if (atUs === undefined) {
          schedule.cancel(timers[timer]!);
          expected.delete(timer);
        } else {
          schedule.set(timers[timer]!, atUs);
          expected.set(timer, atUs);
        }
        expect(schedule.size).toBe(expected.size);
      }
      schedule.run(100);
      expect(new Map(fired)).toEqual(expected);
      expect(fired.map(([, dueUs]) => dueUs)).toEqual([...expected.values()].sort((a, b) => a - b));
      expect(schedule.size).toBe(0);
    }),
  );
});

test("what a timer sets while it fires is fired in the same run, if it is due", () => {
  const schedule = new Schedule();
  const dues: number[] = [];
  const timer: Timer = new Timer((dueUs) => {
    dues.push(dueUs);
    schedule.set(timer, dueUs + 10);
  });
  schedule.set(timer, 5);
  schedule.run(37);
  expect(dues).toEqual([5, 15, 25, 35]);
  expect(schedule.nextUs).toBe(45);
});
