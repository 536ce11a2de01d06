import { beforeEach, expect, test } from "vitest";
import { PlaceQueue } from "./place-queue.ts";

const turnMs = 50;
let nowMs: number;
let placed: number[];
let isHeld: boolean;
let queue: PlaceQueue<number>;

beforeEach(() => {
  nowMs = 1_000;
  placed = [];
  isHeld = false;
  queue = new PlaceQueue({
    perSecMax: 100,
    isHeld: () => isHeld,
    place: (viewer) => placed.push(viewer),
  });
});

/** The most placed in one turn. */
function pass(ms: number): number {
  let most = 0;
  for (const endMs = nowMs + ms; nowMs < endMs;) {
    nowMs += turnMs;
    const before = placed.length;
    queue.tick(nowMs);
    most = Math.max(most, placed.length - before);
  }
  return most;
}

function addMany(count: number): void {
  for (let viewer = 0; viewer < count; viewer++) queue.addLast(viewer);
}

test("who comes alone is placed at once, and so are a second's worth together", () => {
  for (let viewer = 0; viewer < 100; viewer++) queue.add(viewer, nowMs);
  expect(placed).toHaveLength(100);
  queue.add(100, nowMs);
  expect(placed).toHaveLength(100);
  expect(queue.length).toBe(1);
  pass(turnMs);
  expect(placed.at(-1)).toBe(100);
});

test("all at once are placed in their order, at the rate, few of them in any turn", () => {
  addMany(2_000);
  expect(placed).toEqual([]);
  expect(pass(10_000)).toBe(10);
  // The first second's worth was there; while it is whole it grows no more.
  expect(placed).toHaveLength(1_095);
  pass(10_000);
  expect(placed).toEqual(Array.from({ length: 2_000 }, (_, viewer) => viewer));
  expect(queue.length).toBe(0);
});

test("who comes while others wait waits behind them", () => {
  addMany(5);
  queue.add(5, nowMs);
  expect(placed).toEqual([]);
  pass(turnMs);
  expect(placed).toEqual([0, 1, 2, 3, 4, 5]);
});

test("who gives up is not placed, and who asks again keeps its turn", () => {
  addMany(3);
  queue.delete(1);
  queue.addLast(0);
  expect(queue.has(1)).toBe(false);
  pass(turnMs);
  expect(placed).toEqual([0, 2]);
});

test("while the signals are spent nobody is placed, nor does that cost a turn", () => {
  isHeld = true;
  queue.add(0, nowMs);
  pass(5_000);
  expect(placed).toEqual([]);
  isHeld = false;
  pass(turnMs);
  expect(placed).toEqual([0]);
  for (let viewer = 1; viewer < 100; viewer++) queue.add(viewer, nowMs);
  expect(placed).toHaveLength(100);
});
