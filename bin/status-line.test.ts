import { expect, test } from "vitest";
import { rateWords, statusKey, statusLine, type BroadcastReading } from "./status-line.ts";

const reading: BroadcastReading = {
  atMs: 10_000,
  state: "live",
  publisher: "test card",
  rungs: ["300", "150", "audio"],
  viewers: 1,
  egressBytes: 1_000_000,
  hitCount: 95,
  lookupCount: 100,
};

test("the line says state, ladder, viewers, egress and hit ratio since the last reading", () => {
  const later = {
    ...reading,
    atMs: 12_000,
    egressBytes: 2_000_000,
    hitCount: 194,
    lookupCount: 200,
    viewers: 12,
  };
  expect(statusLine(later, reading)).toBe(
    "live (test card) | 150 300 kbps + audio | 12 viewers | 4.00 Mbps out | hit ratio 99.0 %",
  );
});

test("the first reading has no rate yet, and what does not answer is said", () => {
  expect(statusLine(reading, undefined)).toBe(
    "live (test card) | 150 300 kbps + audio | 1 viewer | 0 kbps out | hit ratio 95.0 %",
  );
  const silent = {
    ...reading,
    state: undefined,
    publisher: undefined,
    rungs: [],
    viewers: undefined,
    hitCount: 0,
    lookupCount: 0,
  };
  expect(statusLine(silent, undefined)).toBe(
    "no answer | no ladder yet | viewers ? | 0 kbps out | hit ratio -",
  );
});

test("a restarted edge, whose counters begin again, makes no negative rate", () => {
  const after = { ...reading, atMs: 12_000, egressBytes: 5, hitCount: 1, lookupCount: 2 };
  expect(statusLine(after, reading)).toContain("| 0 kbps out | hit ratio -");
});

test("the key changes with the feed, not with the counters", () => {
  expect(statusKey({ ...reading, viewers: 5, egressBytes: 9 })).toBe(statusKey(reading));
  expect(statusKey({ ...reading, state: "waiting" })).not.toBe(statusKey(reading));
});

function check(input: number, expected: string): void {
  expect(rateWords(input)).toBe(expected);
}

test("rates have three digits and a unit", () => {
  check(0, "0 kbps");
  check(484_400, "484 kbps");
  check(1_234_567, "1.23 Mbps");
  check(242e9, "242 Gbps");
});
