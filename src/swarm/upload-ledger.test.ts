import { expect, test } from "vitest";
import { UploadLedger } from "./upload-ledger.ts";

/** A ledger of one peer that had the line for so long, until 100 s. */
function heldFor(heldMs: number): UploadLedger {
  const ledger = new UploadLedger();
  ledger.note("a", { key: "x", sentBytes: 1_000, sinceMs: 100_000 - heldMs }, 100_000);
  return ledger;
}

test("what went of a segment to a peer is added up, by segment and peer", () => {
  const ledger = heldFor(100);
  ledger.note("a", { key: "x", sentBytes: 500, sinceMs: 0 }, 0);
  expect(ledger.givenBytes("a", "x")).toBe(1_500);
  expect(ledger.givenBytes("a", "y")).toBe(0);
  expect(ledger.givenBytes("b", "x")).toBe(0);
});

test.each([
  [1_000, 100_000, 0],
  [2_500, 100_000, 0],
  [4_000, 100_000, 0.2],
  [10_000, 100_000, 1],
  [60_000, 100_000, 1],
  [10_000, 110_000, 0.157],
  [10_000, 120_000, 0],
])("one that had the line for %d ms until 100 s has at %d an excess of %d", (heldMs, nowMs, of) => {
  expect(heldFor(heldMs).excessRatio("a", nowMs)).toBeCloseTo(of, 3);
});

test("what a peer had of the line is added up while it fades, and is no other's", () => {
  const ledger = heldFor(4_000);
  ledger.note("a", { key: "y", sentBytes: 1, sinceMs: 100_000 }, 103_000);
  // 4 s that have faded for 3, and 3 s.
  expect(ledger.excessRatio("a", 103_000)).toBeCloseTo((0.4 * Math.exp(-0.3) + 0.05) / 0.75, 5);
  expect(ledger.excessRatio("b", 103_000)).toBe(0);
});

test("one offence is borne, the second is not; over a new connection it begins anew", () => {
  const ledger = new UploadLedger();
  expect([ledger.offend("a"), ledger.offend("b"), ledger.offend("a")]).toEqual([
    false,
    false,
    true,
  ]);
  expect(ledger.offend("b")).toBe(true);
  expect(ledger.offend("c")).toBe(false);
  ledger.close("c");
  expect(ledger.offend("c")).toBe(false);
});

test("that a peer said to have a segment is known until its connection ends, what it got longer", () => {
  const ledger = heldFor(100);
  expect(ledger.hadAtMs("a", "x")).toBe(-Infinity);
  ledger.had("a", "x", 101_000);
  expect(ledger.hadAtMs("a", "x")).toBe(101_000);
  expect(ledger.hadAtMs("a", "y")).toBe(-Infinity);
  ledger.close("a");
  expect(ledger.hadAtMs("a", "x")).toBe(-Infinity);
  expect(ledger.givenBytes("a", "x")).toBe(1_000);
});

test("of a peer and of peers only so many are remembered, the latest", () => {
  const ledger = new UploadLedger();
  const note = (peer: string, key: string): void =>
    ledger.note(peer, { key, sentBytes: 1, sinceMs: 0 }, 0);
  for (let n = 0; n < 1_000; n++) {
    note("a", `s${n}`);
    note(`p${n}`, "x");
  }
  const kept = (names: string, isKept: (name: string) => boolean): number =>
    Array.from({ length: 1_000 }, (_, n) => `${names}${n}`).filter(isKept).length;
  expect(kept("s", (key) => ledger.givenBytes("a", key) > 0)).toBe(48);
  expect(ledger.givenBytes("a", "s999")).toBe(1);
  // `a` is one of the 64.
  expect(kept("p", (peer) => ledger.givenBytes(peer, "x") > 0)).toBe(63);
});
