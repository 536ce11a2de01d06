/** A beacon as a page with a picture sends it each 10 s. */
import type { QoeReport } from "../qoe-report.ts";

export function beacon(change: Partial<QoeReport> = {}): QoeReport {
  return {
    v: 1,
    sid: "0123456789abcdef",
    feed: "main",
    face: "live",
    playedMs: 10_000,
    stalledMs: 0,
    stalls: 0,
    mediaBytes: 375_000,
    httpBytes: 400_000,
    peerBytes: 0,
    uploadedBytes: 0,
    framesShown: 300,
    framesDropped: 2,
    errors: 0,
    ...change,
  };
}
