import { expect, test } from "vitest";
import type { SwarmReport } from "../../src/swarm/room-messages.ts";
import { ReportClaim } from "./report-claim.ts";

const none: SwarmReport = {
  httpBytes: 0,
  peerBytes: 0,
  uploadedBytes: 0,
  refusedCount: 0,
  lateCount: 0,
  peerCount: 0,
};
const liar: SwarmReport = {
  httpBytes: 0,
  peerBytes: 1e12,
  uploadedBytes: 1e12,
  refusedCount: 1e6,
  lateCount: 1e6,
  peerCount: 0,
};
/** Of rung 400 a second has 75,000 bytes with its peaks, of 800 kbps up 100,000. */
const mediaBytesPerSec = 75_000;
const uploadBytesPerSec = 100_000;

function newClaim(rung = 400): ReportClaim {
  return new ReportClaim({ rung, uploadKbps: 800 }, 0);
}

/** What is believed of everything, in seconds of media and of upload. */
function secondsBelieved(claim: ReportClaim, atMs: number): { media: number; upload: number } {
  const { peerBytes, uploadedBytes } = claim.believe(liar, true, atMs);
  return { media: peerBytes / mediaBytesPerSec, upload: uploadedBytes / uploadBytesPerSec };
}

test("an honest report is believed whole: a start from the edge, then what is watched", () => {
  const claim = newClaim();
  const start = { ...none, httpBytes: 1_100_000, peerBytes: 500_000, peerCount: 4 };
  expect(claim.believe(start, true, 10_000)).toEqual(start);
  for (let atMs = 20_000; atMs <= 600_000; atMs += 10_000) {
    const steady = { ...none, httpBytes: 30_000, peerBytes: 480_000, uploadedBytes: 900_000 };
    const report = { ...steady, refusedCount: 1, lateCount: 2, peerCount: 8 };
    expect(claim.believe(report, true, atMs)).toEqual(report);
  }
});

test("time that has passed counts once, silence no more than a minute of it", () => {
  const claim = newClaim();
  expect(secondsBelieved(claim, 10_000)).toEqual({ media: 30, upload: 30 });
  expect(secondsBelieved(claim, 10_000)).toEqual({ media: 0, upload: 0 });
  expect(secondsBelieved(claim, 20_000)).toEqual({ media: 10, upload: 10 });
  expect(secondsBelieved(claim, 3_620_000)).toEqual({ media: 60, upload: 60 });
  claim.believe(none, true, 7_200_000);
  expect(secondsBelieved(claim, 7_210_000)).toEqual({ media: 60, upload: 60 });
});

test("what comes from edge and peers together is no more than the rung has, the edge's first", () => {
  const both = { ...none, httpBytes: 2_000_000, peerBytes: 2_000_000 };
  const believed = newClaim().believe(both, true, 10_000);
  expect(believed.httpBytes).toBe(2_000_000);
  expect(believed.peerBytes).toBe(30 * mediaBytesPerSec - 2_000_000);
});

test("without any peer there is nothing from peers, nor to them, nor wrong or late", () => {
  const report = { ...liar, httpBytes: 1_000 };
  expect(newClaim().believe(report, false, 10_000)).toEqual({ ...none, httpBytes: 1_000 });
});

test("segments are counted as eight neighbours can send them", () => {
  const { refusedCount, lateCount } = newClaim().believe(liar, true, 10_000);
  expect([refusedCount, lateCount]).toEqual([80, 80]);
});

test("each rung counts for its time; sound alone for what it has", () => {
  const claim = newClaim();
  claim.moveTo(800, 10_000);
  expect(secondsBelieved(claim, 20_000).media).toBe(20 + 10 + 2 * 10);
  const audio = newClaim(0).believe(liar, true, 10_000);
  expect(audio.peerBytes).toBe((30_000 * 64 * 1.5) / 8);
});
