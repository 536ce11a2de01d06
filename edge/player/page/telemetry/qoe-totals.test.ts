import { expect, test } from "vitest";
import { QoeTotals, type QoeMoment } from "./qoe-totals.ts";

const noPageCounts = {
  httpBytes: 0,
  peerBytes: 0,
  uploadedBytes: 0,
  framesShown: 0,
  framesDropped: 0,
};

interface Change extends Partial<Omit<QoeMoment, "watch" | "counts">> {
  watch?: Partial<QoeMoment["watch"]>;
  counts?: Partial<QoeMoment["counts"]>;
}

function moment({ watch, counts, ...rest }: Change): QoeMoment {
  return {
    face: "live",
    rungKbps: 300,
    latencyMs: 12_000,
    ...rest,
    watch: { token: "p", playMs: 0, stallMs: 0, stallCount: 0, startupMs: null, ...watch },
    counts: { ...noPageCounts, ...counts },
  };
}

function begun(): QoeTotals {
  const totals = new QoeTotals({ sid: "s", feed: "main" });
  totals.observe(moment({ face: "starting", latencyMs: null }));
  return totals;
}

test("a report tells what is new, and media by the rung of its time", () => {
  const totals = begun();
  totals.observe(moment({ watch: { playMs: 4_000, startupMs: 700 } }));
  const later = { playMs: 10_000, stallMs: 500, stallCount: 1, startupMs: 700 };
  totals.observe(moment({ rungKbps: 600, latencyMs: 14_000, watch: later }));
  const first = totals.report()!;
  expect(first.report).toMatchObject({ playedMs: 10_000, stalledMs: 500, stalls: 1 });
  expect(first.report).toMatchObject({ mediaBytes: 600_000, startupMs: 700, latencyMs: 13_000 });
  first.taken();
  expect(totals.report()).toBeNull();
  totals.observe(moment({ watch: { ...later, playMs: 11_000 } }));
  expect(totals.report()!.report).toMatchObject({ playedMs: 1_000, stalledMs: 0, stalls: 0 });
  expect(totals.report()!.report.startupMs).toBeUndefined();
});

test("what was not taken is told with the next report, for a minute", () => {
  const totals = begun();
  totals.observe(moment({ watch: { playMs: 30_000 } }));
  totals.report();
  totals.observe(moment({ watch: { playMs: 60_000 } }));
  expect(totals.report()!.report.playedMs).toBe(60_000);
  totals.observe(moment({ watch: { playMs: 60_001 } }));
  expect(totals.report()).toBeNull();
  totals.observe(moment({ watch: { playMs: 61_001 } }));
  expect(totals.report()!.report.playedMs).toBe(1_000);
});

test("a report on its way does not take later moments with it", () => {
  const totals = begun();
  totals.observe(moment({ watch: { playMs: 10_000 } }));
  const sent = totals.report()!;
  totals.observe(moment({ watch: { playMs: 12_000 } }));
  sent.taken();
  expect(totals.report()!.report.playedMs).toBe(2_000);
});

test("counters that begin anew with other media take nothing back", () => {
  const totals = begun();
  totals.observe(moment({ counts: { framesShown: 100, framesDropped: 4 } }));
  totals.observe(moment({ counts: { framesShown: 20, framesDropped: 0 } }));
  totals.observe(moment({ counts: { framesShown: 50, framesDropped: 1 } }));
  expect(totals.report()!.report).toMatchObject({ framesShown: 130, framesDropped: 5 });
});

test("play time that turned out to be a stall is not told as play again", () => {
  const totals = begun();
  totals.observe(moment({ watch: { playMs: 10_000 } }));
  totals.report()!.taken();
  totals.observe(moment({ watch: { playMs: 9_200, stallMs: 800, stallCount: 1 } }));
  expect(totals.report()!.report).toMatchObject({ playedMs: 0, stalledMs: 800 });
  totals.observe(moment({ watch: { playMs: 11_000, stallMs: 800, stallCount: 1 } }));
  expect(totals.report()!.report).toMatchObject({ playedMs: 1_000, stalledMs: 800 });
});

test("errors count when they are shown, and a face alone is news once", () => {
  const totals = begun();
  totals.observe(moment({ face: "error" }));
  totals.observe(moment({ face: "error" }));
  const { report, taken } = totals.report()!;
  expect(report).toMatchObject({ errors: 1, face: "error" });
  taken();
  expect(totals.report()).toBeNull();
  totals.observe(moment({ face: "offline" }));
  expect(totals.report()!.report).toMatchObject({ errors: 0, face: "offline" });
});
