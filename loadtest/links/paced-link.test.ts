import fc from "fast-check";
import { expect, test } from "vitest";
import { DelayLine } from "./delay-line.ts";
import { PacedLink } from "./paced-link.ts";
import { PathRate } from "./path-rate.ts";
import { Schedule } from "./schedule.ts";

interface Sent {
  bytes: Uint8Array;
  dueUs: number;
}

function linkAt(kbps: number, delayUs = 0) {
  const schedule = new Schedule();
  const sent: Sent[] = [];
  const ends: number[] = [];
  const link: PacedLink = new PacedLink({
    schedule,
    rate: new PathRate({ kbps, noise: null, seed: 1, number: 0 }),
    kbps,
    delayUs,
    bucket: undefined,
    send: (bytes, dueUs) => sent.push({ bytes, dueUs }),
    ended: () => ends.push(sent.length),
  });
  return { schedule, link, sent, ends };
}

/** Bytes that tell where they stand in the stream. */
function numbered(from: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, n) => (from + n) % 251);
}

test("a body of 150 kB over 600 kbps is complete 2 s after the path's delay", () => {
  const { schedule, link, sent } = linkAt(600, 40_000);
  link.push(new Uint8Array(150_000), 1_000_000);
  schedule.run(Infinity);
  expect(sent.at(-1)!.dueUs).toBeCloseTo(1_000_000 + 40_000 + 2_000_000, 3);
});

test("the head goes first and early, then pieces of about 100 ms, none of them a scrap", () => {
  const { schedule, link, sent } = linkAt(600);
  link.push(new Uint8Array(150_000), 0);
  schedule.run(Infinity);
  expect(sent[0]!.bytes.length).toBe(512);
  expect(sent[0]!.dueUs).toBeLessThan(10_000);
  const lengths = sent.slice(1).map(({ bytes }) => bytes.length);
  expect(Math.min(...lengths)).toBeGreaterThan(7_300);
  expect(Math.max(...lengths)).toBeLessThan(7_700);
});

test("what goes in comes out, in order, each arrival when a link of that rate has carried it", () => {
  const arrival = fc.record({
    gapUs: fc.integer({ min: 0, max: 2_000_000 }),
    length: fc.integer({ min: 1, max: 70_000 }),
    lateUs: fc.integer({ min: 0, max: 500_000 }),
  });
  fc.assert(
    fc.property(
      fc.array(arrival, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 64, max: 20_000 }),
      (arrivals, kbps) => {
        const { schedule, link, sent, ends } = linkAt(kbps, 20_000);
        let [nowUs, at, freeUs] = [0, 0, 0];
        const expectedUs: number[] = [];
        for (const { gapUs, length, lateUs } of arrivals) {
          nowUs += gapUs;
          // However late the clock runs what is due, nothing is due later for it.
          schedule.run(nowUs - lateUs);
          link.push(numbered(at, length), nowUs);
          at += length;
          freeUs = Math.max(freeUs, nowUs + 20_000) + (8 * length * 1_000) / kbps;
          expectedUs.push(freeUs);
        }
        link.end(nowUs);
        expect(link.waitingBytes).toBe(at - sent.reduce((sum, { bytes }) => sum + bytes.length, 0));
        schedule.run(Infinity);
        expect(Buffer.concat(sent.map(({ bytes }) => bytes)).equals(numbered(0, at))).toBe(true);
        expect(link.waitingBytes).toBe(0);
        expect(ends).toEqual([sent.length]);
        let [sentBytes, next] = [0, 0];
        let arrivedBytes = arrivals[0]!.length;
        for (const { bytes, dueUs } of sent) {
          sentBytes += bytes.length;
          if (sentBytes < arrivedBytes) continue;
          expect(Math.abs(dueUs - expectedUs[next]!)).toBeLessThan(1);
          arrivedBytes += arrivals[++next]?.length ?? 0;
        }
        expect(next).toBe(arrivals.length);
      },
    ),
    { numRuns: 60 },
  );
});

test("a link that is idle earns nothing for later", () => {
  const { schedule, link, sent } = linkAt(800);
  link.push(new Uint8Array(10_000), 0);
  schedule.run(5_000_000);
  link.push(new Uint8Array(10_000), 5_000_000);
  schedule.run(Infinity);
  expect(sent.at(-1)!.dueUs).toBeCloseTo(5_100_000, 3);
});

test("a viewer that takes nothing stops the link, which goes on at its rate and catches nothing up", () => {
  const { schedule, link, sent } = linkAt(800);
  link.push(new Uint8Array(50_000), 0);
  schedule.run(100_000);
  link.hold();
  schedule.run(3_000_000);
  const held = sent.length;
  const waiting = link.waitingBytes;
  link.resume(3_000_000);
  schedule.run(Infinity);
  expect(sent.length).toBeGreaterThan(held);
  expect(sent.at(-1)!.dueUs).toBeCloseTo(3_000_000 + 10 * waiting, 3);
});

test("a link that is closed says what was waiting, and nothing of it is sent", () => {
  const { schedule, link, sent, ends } = linkAt(800);
  link.push(new Uint8Array(50_000), 0);
  link.end(0);
  schedule.run(100_000);
  const sentBytes = sent.reduce((sum, { bytes }) => sum + bytes.length, 0);
  expect(link.close()).toBe(50_000 - sentBytes);
  expect(schedule.size).toBe(0);
  schedule.run(Infinity);
  expect(sent.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(sentBytes);
  expect(ends).toEqual([]);
});

test("requests are there after half a round trip, and after the connection is set up", () => {
  const schedule = new Schedule();
  const log: string[] = [];
  const line = new DelayLine({
    schedule,
    delayUs: 40_000,
    openUs: 80_000,
    forward: (bytes) => log.push(`${bytes.length} by ${now}`),
    ended: () => log.push(`end by ${now}`),
  });
  let now = 0;
  line.push(new Uint8Array(100), 1_000);
  line.push(new Uint8Array(7), 200_000);
  line.end(300_000);
  expect(line.waitingBytes).toBe(107);
  for (now of [119_999, 120_000, 239_999, 240_000, 339_999, 340_000]) schedule.run(now);
  expect(log).toEqual(["100 by 120000", "7 by 240000", "end by 340000"]);
  expect(line.waitingBytes).toBe(0);
});
