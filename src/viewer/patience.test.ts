import { expect, test } from "vitest";
import { shortenedByMs, startPatienceMs, stayMs } from "./patience.ts";

const randoms = Array.from({ length: 100_000 }, (_, n) => (n + 0.5) / 100_000);

function shareOf(durationsMs: number[], beforeMs: number): number {
  return durationsMs.filter((ms) => ms < beforeMs).length / durationsMs.length;
}

test("each minute the same share of viewers leaves", () => {
  const stays = randoms.map((random) => stayMs(random, 0.01));
  expect(shareOf(stays, 60_000)).toBeCloseTo(1 - Math.exp(-0.01), 4);
  expect(shareOf(stays, 600_000)).toBeCloseTo(1 - Math.exp(-0.1), 4);
  expect(stayMs(0.5, 0)).toBe(Infinity);
});

test("nobody gives up a start within the grace, then the same share does each second", () => {
  const waits = randoms.map((random) => startPatienceMs(random, 2, 0.058));
  expect(Math.min(...waits)).toBeGreaterThan(2_000);
  expect(shareOf(waits, 3_000)).toBeCloseTo(1 - Math.exp(-0.058), 4);
  expect(startPatienceMs(0.5, 2, 0)).toBe(Infinity);
});

test("a stall of a second takes five off a stay", () => {
  expect(shortenedByMs(1_000, 5)).toBe(5_000);
});
