import { expect, test } from "vitest";
import type { RtcChannel } from "../../src/swarm/client-ports.ts";
import { Uplink } from "./uplink.ts";

/** A virtual clock that runs what is due in order. */
class Time {
  #nowMs = 0;
  #due: { atMs: number; run: () => void }[] = [];

  readonly nowMs = (): number => this.#nowMs;

  readonly later = (delayMs: number, run: () => void): (() => void) => {
    const entry = { atMs: this.#nowMs + delayMs, run };
    this.#due.push(entry);
    return () => void (this.#due = this.#due.filter((other) => other !== entry));
  };

  advanceTo(untilMs: number): void {
    for (;;) {
      const next = this.#due.sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#due.shift();
      this.#nowMs = next.atMs;
      next.run();
    }
    this.#nowMs = untilMs;
  }
}

class Far implements RtcChannel {
  readyState = "open";
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  binaryType = "arraybuffer";
  onopen = null;
  onclose: (() => void) | null = null;
  onmessage = null;
  onbufferedamountlow = null;
  readonly arrivals: { atMs: number; bytes: number }[] = [];
  readonly #time: Time;

  constructor(time: Time) {
    this.#time = time;
  }

  send(data: string | Uint8Array): void {
    this.arrivals.push({ atMs: this.#time.nowMs(), bytes: data.length });
  }

  close(): void {
    this.readyState = "closed";
  }
}

/** A line of 800 kbps, which is 100 bytes a millisecond. */
function line(channelCount: number) {
  const time = new Time();
  const uplink = new Uplink(800, time);
  const far = Array.from({ length: channelCount }, () => new Far(time));
  return { time, far, near: far.map((channel) => uplink.pace(channel)) };
}

test("messages arrive whole, in order, at the line's rate and not before", () => {
  const { time, far, near } = line(1);
  for (let n = 0; n < 5; n++) near[0]!.send(new Uint8Array(16_000 + n));
  time.advanceTo(159);
  expect(far[0]!.arrivals).toEqual([]);
  time.advanceTo(2_000);
  expect(far[0]!.arrivals.map(({ bytes }) => bytes)).toEqual([
    16_000, 16_001, 16_002, 16_003, 16_004,
  ]);
  far[0]!.arrivals.forEach(({ atMs }, n) => {
    expect(Math.abs(atMs - 160 * (n + 1)), `message ${n}`).toBeLessThanOrEqual(10);
  });
});

test("two channels share the line, and a word on one does not wait for the other's media", () => {
  const { time, far, near } = line(2);
  near[0]!.send(new Uint8Array(100_000));
  near[1]!.send("busy");
  time.advanceTo(20);
  expect(far[1]!.arrivals).toHaveLength(1);
  near[1]!.send(new Uint8Array(50_000));
  time.advanceTo(1_040);
  // Half of the line each: 50,000 bytes take a second, then the rest has it for itself.
  expect(far[1]!.arrivals).toHaveLength(2);
  expect(far[0]!.arrivals).toHaveLength(0);
  time.advanceTo(1_530);
  expect(far[0]!.arrivals).toHaveLength(1);
});

test("what waits counts as buffered, and its falling to the threshold is said once", () => {
  const { time, near } = line(1);
  const channel = near[0]!;
  let lowCount = 0;
  channel.bufferedAmountLowThreshold = 10_000;
  channel.onbufferedamountlow = () => lowCount++;
  channel.send(new Uint8Array(20_000));
  expect(channel.bufferedAmount).toBe(20_000);
  time.advanceTo(90);
  expect(lowCount).toBe(0);
  time.advanceTo(120);
  expect(lowCount).toBe(1);
  time.advanceTo(1_000);
  expect([lowCount, channel.bufferedAmount]).toEqual([1, 0]);
});

test("nothing of a closed channel is sent, and the line is free for the others", () => {
  const { time, far, near } = line(2);
  near[0]!.send(new Uint8Array(1_000_000));
  near[1]!.send(new Uint8Array(10_000));
  time.advanceTo(50);
  near[0]!.close();
  time.advanceTo(200);
  expect([far[0]!.arrivals.length, far[1]!.arrivals.length]).toEqual([0, 1]);
});
