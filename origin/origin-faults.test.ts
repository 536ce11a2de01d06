import { expect, test } from "vitest";
import { originMetrics } from "../src/metrics/origin.ts";
import { originFaults, type CounterReading } from "./origin-faults.ts";

function reading(name: string, labels: Record<string, string>, value: number): CounterReading {
  return { name, values: [{ labels, value }] };
}

test("a counter that has risen is a sentence, one that stands still is none", () => {
  const check = (spec: { name: string }, labels: Record<string, string>, text: RegExp): void => {
    const [before, now] = [0, 1].map((value) => [reading(spec.name, labels, value)]);
    expect(originFaults(now!, now!)).toEqual([]);
    expect(originFaults(before!, now!).map((fault) => fault.text)).toEqual([
      expect.stringMatching(text),
    ]);
  };
  check(originMetrics.rtmpEnds, { reason: "key" }, /refused or cut off: key/);
  check(originMetrics.rtmpLimits, { limit: "connectionCountMax" }, /connectionCountMax is reached/);
  check(originMetrics.windowLimits, { feed: "main" }, /segments of main went early/);
  check(originMetrics.tierHeldLimits, {}, /waiterCountMax/);
  check(originMetrics.tierCutOff, { reason: "stalled" }, /took nothing/);
  check(originMetrics.stateWriteErrors, { feed: "main" }, /could not be saved/);
});

test("a publisher that ends in order is no fault of the port's", () => {
  for (const reason of ["unpublished", "peer-closed", "taken-over", "closed"]) {
    const now = [reading(originMetrics.rtmpEnds.name, { reason }, 1)];
    expect(originFaults([], now), reason).toEqual([]);
  }
});

test("a series that is new counts from nothing", () => {
  const name = originMetrics.rtmpEnds.name;
  expect(
    originFaults([{ name, values: [] }], [reading(name, { reason: "codec" }, 2)]),
  ).toHaveLength(1);
});
