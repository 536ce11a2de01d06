import fc from "fast-check";
import { expect, test } from "vitest";
import { SharedLink } from "../../src/sim/shared-link.ts";
import { PacedLink } from "./paced-link.ts";
import { PathRate } from "./path-rate.ts";
import { Schedule } from "./schedule.ts";
import { quantumUs, SharedBucket } from "./shared-bucket.ts";

interface Body {
  kbps: number;
  bytes: number;
  fromUs: number;
}

interface Piece {
  bytes: number;
  dueUs: number;
}

/** Sends the bodies, each over a link of its own, through one bucket; returns each one's pieces. */
function sendAll(bucketKbps: number, bodies: readonly Body[]): Piece[][] {
  const schedule = new Schedule();
  const bucket = new SharedBucket(schedule, bucketKbps);
  const pieces = bodies.map((): Piece[] => []);
  bodies
    .map((body, number) => ({ ...body, number }))
    .sort((a, b) => a.fromUs - b.fromUs)
    .forEach(({ kbps, bytes, fromUs, number }) => {
      // What is due at that very instant comes after it: bodies that begin together are all there.
      schedule.run(fromUs - 0.001);
      const link = new PacedLink({
        schedule,
        rate: new PathRate({ kbps, noise: null, seed: 1, number }),
        kbps,
        delayUs: 0,
        bucket,
        send: (piece, dueUs) => pieces[number]!.push({ bytes: piece.length, dueUs }),
        ended: () => undefined,
      });
      link.push(new Uint8Array(bytes), fromUs);
    });
  schedule.run(1e12);
  expect(bucket.flowCount).toBe(0);
  expect(schedule.size).toBe(0);
  pieces.forEach((own, n) => {
    expect(own.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(bodies[n]!.bytes);
  });
  return pieces;
}

function endsOf(pieces: readonly Piece[][]): number[] {
  return pieces.map((own) => own.at(-1)!.dueUs);
}

/** Max-min by its definition: from the slowest path on, each gets its own rate or an equal share. */
function maxMin(bucketKbps: number, paths: readonly number[]): number[] {
  const shares = new Array<number>(paths.length).fill(0);
  let [left, count] = [bucketKbps, paths.length];
  for (const n of [...paths.keys()].sort((a, b) => paths[a]! - paths[b]!)) {
    shares[n] = Math.min(paths[n]!, left / count);
    left -= shares[n];
    count -= 1;
  }
  return shares;
}

const path = fc.integer({ min: 100, max: 5_000 });

test("flows get their max-min shares: bodies in proportion to them all end together", () => {
  fc.assert(
    fc.property(
      fc.array(path, { minLength: 1, maxLength: 40 }),
      fc.double({ min: 0.05, max: 2, noNaN: true }),
      (paths, ratio) => {
        const bucketKbps = ratio * paths.reduce((sum, kbps) => sum + kbps, 0);
        const shares = maxMin(bucketKbps, paths);
        const bodies = paths.map((kbps, n) => {
          return { kbps, bytes: Math.round((shares[n]! * 2_000) / 8), fromUs: 0 };
        });
        for (const endUs of endsOf(sendAll(bucketKbps, bodies))) {
          // Bytes are whole: half of one may take 1 ms of a share of 4 kbps.
          expect(Math.abs(endUs - 2_000_000)).toBeLessThan(3_000);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("a bucket that is never full changes nothing", () => {
  const bodies = [600, 1_200].map((kbps) => ({ kbps, bytes: 150_000, fromUs: 12_345 }));
  const [slow, fast] = endsOf(sendAll(1_800, bodies));
  expect(slow).toBeCloseTo(2_012_345, 0);
  expect(fast).toBeCloseTo(1_012_345, 0);
});

test("two bodies through a bucket of one path's rate take twice as long, wherever they begin", () => {
  for (const lateUs of [0, 3_000, 9_999]) {
    const bodies = [0, lateUs].map((fromUs) => ({ kbps: 800, bytes: 100_000, fromUs }));
    const [first, second] = endsOf(sendAll(800, bodies));
    expect(Math.abs(first! - 2_000_000 + lateUs)).toBeLessThan(2 * quantumUs);
    expect(Math.abs(second! - 2_000_000)).toBeLessThan(quantumUs);
  }
});

test("short bodies that come one upon the other lose nothing between them", () => {
  const bodies = Array.from({ length: 50 }, (_, n) => {
    return { kbps: 10_000, bytes: 1_700, fromUs: n * 13_000 };
  });
  const ends = endsOf(sendAll(1_000, bodies));
  expect(Math.abs(Math.max(...ends) - 50 * 13_600)).toBeLessThan(2 * quantumUs);
});

const crowd = fc.array(
  fc.record({
    kbps: path,
    bytes: fc.integer({ min: 500, max: 200_000 }),
    fromUs: fc.integer({ min: 0, max: 3_000_000 }),
  }),
  { minLength: 1, maxLength: 30 },
);

test("in no interval does more pass than the bucket's rate and one quantum's worth", () => {
  fc.assert(
    fc.property(crowd, fc.integer({ min: 200, max: 20_000 }), (bodies, bucketKbps) => {
      const pieces = sendAll(bucketKbps, bodies).flat();
      pieces.sort((a, b) => a.dueUs - b.dueUs);
      const quantumBytes = (bucketKbps * quantumUs) / 8_000;
      // As a bucket sees it: how far what passed is ahead of the rate, at least 0.
      let ahead = 0;
      pieces.forEach(({ bytes, dueUs }, n) => {
        const spanUs = dueUs - (pieces[n - 1]?.dueUs ?? dueUs);
        ahead = Math.max(0, ahead - (bucketKbps * spanUs) / 8_000) + bytes;
        // Pieces are of one instant each, though they passed over some time before.
        const pieceBytes = bodies.reduce((sum, { kbps }) => {
          return sum + Math.max(4_096, 12.5 * kbps) * 1.5 + 512;
        }, 0);
        expect(ahead).toBeLessThan(2 * quantumBytes + pieceBytes);
      });
    }),
    { numRuns: 60 },
  );
});

test("a bucket that is asked for more than it has is never idle", () => {
  fc.assert(
    fc.property(crowd, (bodies) => {
      const bucketKbps = 90;
      const bits = bodies.reduce((sum, { bytes }) => sum + 8 * bytes, 0);
      const firstUs = Math.min(...bodies.map(({ fromUs }) => fromUs));
      // From the first to the last nothing is idle only if the first lasts until all are there.
      const all = [...bodies, { kbps: 5_000, bytes: 200_000, fromUs: firstUs }];
      const endUs = Math.max(...endsOf(sendAll(bucketKbps, all)));
      const busyUs = ((bits + 1_600_000) / bucketKbps) * 1_000;
      expect(Math.abs(endUs - firstUs - busyUs)).toBeLessThan(2 * quantumUs);
    }),
    { numRuns: 40 },
  );
});

test("bodies end when the simulator's shared link says, give or take a quantum for each other body", () => {
  fc.assert(
    fc.property(crowd, fc.integer({ min: 1_000, max: 20_000 }), (bodies, bucketKbps) => {
      const ends = endsOf(sendAll(bucketKbps, bodies));
      const link = new SharedLink();
      const modelUs = new Array<number>(bodies.length).fill(0);
      let left = bodies.length;
      for (let startUs = 0; left > 0; startUs += quantumUs) {
        bodies.forEach(({ kbps, bytes, fromUs }, n) => {
          if (fromUs < startUs || fromUs >= startUs + quantumUs) return;
          link.add(n, 8 * bytes, kbps / 1_000, fromUs, Infinity);
        });
        link.run(startUs, startUs + quantumUs, bucketKbps / 1_000);
        for (let n = 0; n < link.endedCount; n++) {
          modelUs[link.owner[link.ended[n]!]!] = link.endedUs[n]!;
          link.remove(link.ended[n]!);
          left -= 1;
        }
      }
      ends.forEach((endUs, n) => {
        expect(Math.abs(endUs - modelUs[n]!), `body ${n}`).toBeLessThan(
          (3 + bodies.length) * quantumUs,
        );
      });
    }),
    { numRuns: 60 },
  );
});
