import { expect, test } from "vitest";
import { AutoMode } from "./auto-mode.ts";

const mbit = 1_000_000;

/** An edge whose rates are set, and that is looked at once a second. */
class Edge {
  readonly auto = new AutoMode({ onBitsPerSec: 600 * mbit, offBitsPerSec: 400 * mbit });
  readonly #load = { egressBytes: 0, peerBytes: 0, memberBitsPerSec: 1_000 * mbit };
  #nowMs = 0;

  constructor() {
    this.auto.push(this.#load, 0);
  }

  runs(
    sec: number,
    rates: { egressMbps: number; peerMbps?: number; memberMbps?: number },
  ): boolean[] {
    this.#load.memberBitsPerSec = (rates.memberMbps ?? 1_000) * mbit;
    return Array.from({ length: sec }, () => {
      this.#nowMs += 1_000;
      this.#load.egressBytes += (rates.egressMbps * mbit) / 8;
      this.#load.peerBytes += ((rates.peerMbps ?? 0) * mbit) / 8;
      this.auto.push(this.#load, this.#nowMs);
      return this.auto.isOn;
    });
  }
}

test("it goes on when egress has passed the threshold for seconds, and not for one burst", () => {
  const edge = new Edge();
  expect(edge.runs(60, { egressMbps: 599 })).not.toContain(true);
  expect(edge.runs(1, { egressMbps: 608 })).toEqual([true]);
  const bursty = new Edge();
  bursty.runs(20, { egressMbps: 100 });
  expect(bursty.runs(1, { egressMbps: 3_000 })).toEqual([false]);
});

test("a swarm that takes the load off stays on, and goes off when the audience leaves", () => {
  const edge = new Edge();
  expect(edge.runs(20, { egressMbps: 700 }).at(-1)).toBe(true);
  expect(edge.runs(300, { egressMbps: 50, peerMbps: 650 })).not.toContain(false);
  const leaving = edge.runs(60, { egressMbps: 20, peerMbps: 300 });
  expect(leaving.at(-1)).toBe(false);
  expect(leaving.lastIndexOf(true)).toBeGreaterThan(10);
});

test("between the thresholds it stays what it was", () => {
  const edge = new Edge();
  expect(edge.runs(120, { egressMbps: 500 })).not.toContain(true);
  edge.runs(20, { egressMbps: 700 });
  expect(edge.runs(300, { egressMbps: 200, peerMbps: 300 })).not.toContain(false);
});

test("it stays on for half a minute at least, for the first reports of viewers come late", () => {
  const edge = new Edge();
  edge.runs(8, { egressMbps: 700 });
  expect(edge.auto.isOn).toBe(true);
  const after = edge.runs(40, { egressMbps: 10 });
  expect(after.indexOf(false)).toBeGreaterThanOrEqual(26);
});

test("reports alone do not switch it on", () => {
  expect(new Edge().runs(120, { egressMbps: 1, peerMbps: 10_000 })).not.toContain(true);
});

test("those who say they got more than their rungs have do not keep it on", () => {
  const edge = new Edge();
  edge.runs(20, { egressMbps: 700 });
  const few = edge.runs(120, { egressMbps: 10, peerMbps: 10_000, memberMbps: 3 });
  expect(few.at(-1)).toBe(false);
  const many = new Edge();
  many.runs(20, { egressMbps: 700 });
  expect(many.runs(120, { egressMbps: 10, peerMbps: 10_000, memberMbps: 450 }).at(-1)).toBe(true);
});
