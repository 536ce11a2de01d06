import { expect, test } from "vitest";
import { QoeIntake } from "./qoe-intake.ts";
import type { QoeReport } from "./qoe-report.ts";
import { beacon } from "./testing/beacon.ts";

const startMs = 1_000_000;

/** An edge where sessions named `s…` watch since `startMs`, of a ladder up to 750 kbps. */
function intake(options: { beaconsPerSecMax?: number; sessionCountMax?: number } = {}): QoeIntake {
  return new QoeIntake({
    beaconsPerSecMax: 100,
    sessionCountMax: 100,
    ...options,
    feeds: ["main"],
    rungKbpsMax: () => 750,
    uploadKbpsMax: 2_000,
    watchesSinceMs: (sid) => (sid.startsWith("s") ? startMs : undefined),
  });
}

function post(edge: QoeIntake, atMs: number, change: Partial<QoeReport> = {}, address = "a") {
  return edge.take(JSON.stringify(beacon({ sid: "s1", ...change })), startMs + atMs, address);
}

test("beacons each 10 s add up to what the page saw", () => {
  const edge = intake();
  expect(post(edge, 10_000, { startupMs: 700, latencyMs: 12_000 })).toBe("taken");
  const stalled = { playedMs: 8_000, stalledMs: 2_000, stalls: 1, mediaBytes: 300_000 };
  expect(post(edge, 20_000, { ...stalled, face: "stalled", peerBytes: 90_000 })).toBe("taken");
  expect(edge.sums).toMatchObject({ playedMs: 18_000, stalledMs: 2_000, stalls: 1 });
  expect(edge.sums).toMatchObject({ httpBytes: 800_000, peerBytes: 90_000, framesDropped: 4 });
  expect([edge.startup.sumOf(0), edge.latency.sumOf(0)]).toEqual([0.7, 12]);
  expect(edge.sessions.countsByFace()[4]).toBe(1);
  expect(Object.values(edge.refused).every((count) => count === 0)).toBe(true);
});

test("nobody played longer than has passed since the last beacon", () => {
  const edge = intake();
  post(edge, 10_000);
  expect(post(edge, 20_000, { playedMs: 12_400 })).toBe("taken");
  expect(post(edge, 30_000, { playedMs: 12_600 })).toBe("refused");
  expect(edge.refused.implausible).toBe(1);
  // What was refused did not count as heard: the next one may tell of both spans.
  expect(post(edge, 40_000, { playedMs: 20_000 })).toBe("taken");
});

test("who is heard for the first time watched no longer than the edge has known of it", () => {
  expect(post(intake(), 3_000, { playedMs: 5_000, framesShown: 150 })).toBe("taken");
  expect(post(intake(), 3_000, { playedMs: 6_000, framesShown: 150 })).toBe("refused");
  // A page keeps a minute at most.
  expect(post(intake(), 600_000, { playedMs: 60_000 })).toBe("taken");
  expect(post(intake(), 600_000, { playedMs: 70_000 })).toBe("refused");
});

test.each<[string, Partial<QoeReport>, Partial<QoeReport>]>([
  ["stalls", { stalls: 12 }, { stalls: 13 }],
  ["errors", { errors: 12 }, { errors: 13 }],
  ["frames", { framesShown: 1_500 }, { framesShown: 1_600 }],
  ["media above the top rung", { mediaBytes: 937_687 }, { mediaBytes: 937_688 }],
  ["bytes beyond a buffer at the top rung", { httpBytes: 9_800_000 }, { httpBytes: 9_900_000 }],
  ["peers' bytes, with the edge's", { peerBytes: 9_400_000 }, { peerBytes: 9_500_000 }],
  ["uploads above the ceiling", { uploadedBytes: 17_500_000 }, { uploadedBytes: 17_500_001 }],
])("more %s than can be are refused, fewer are not", (_, possible, impossible) => {
  expect(post(intake(), 10_000, possible)).toBe("taken");
  expect(post(intake(), 10_000, impossible)).toBe("refused");
});

test("bytes that were claimed are not claimed again", () => {
  const edge = intake();
  expect(post(edge, 10_000, { httpBytes: 9_000_000 })).toBe("taken");
  expect(post(edge, 20_000, { httpBytes: 3_000_000 })).toBe("refused");
  expect(post(edge, 30_000, { httpBytes: 2_000_000 })).toBe("taken");
});

test("a picture comes first once", () => {
  const edge = intake();
  expect(post(edge, 10_000, { startupMs: 700 })).toBe("taken");
  expect(post(edge, 20_000, { startupMs: 700 })).toBe("refused");
});

test("beacons of nobody who watches, or of no feed here, may come again later", () => {
  const edge = intake();
  expect(post(edge, 10_000, { sid: "unknown" })).toBe("later");
  expect(post(edge, 10_000, { feed: "elsewhere" })).toBe("later");
  expect(edge.refused["no-session"]).toBe(2);
  expect(edge.sums.playedMs).toBe(0);
});

test("a session is heard each 5 s in the long run, twice more at once", () => {
  const edge = intake();
  const none = { playedMs: 0, mediaBytes: 0, httpBytes: 0, framesShown: 0, framesDropped: 0 };
  const answers = [0, 1, 2, 3].map((index) => post(edge, 10_000 + index, none));
  expect(answers).toEqual(["taken", "taken", "taken", "later"]);
  expect(edge.refused["too-often"]).toBe(1);
  expect(post(edge, 16_000, none)).toBe("taken");
});

test("sessions and reading are bounded, and silence is forgotten after a minute", () => {
  const edge = intake({ sessionCountMax: 2, beaconsPerSecMax: 4 });
  for (const sid of ["s1", "s2"]) expect(post(edge, 10_000, { sid })).toBe("taken");
  expect(post(edge, 10_000, { sid: "s3" })).toBe("later");
  expect(post(edge, 10_000, { sid: "s2" })).toBe("refused");
  expect(post(edge, 10_000, { sid: "s1" })).toBe("later");
  expect(edge.refused.overload).toBe(1);
  edge.tick(startMs + 69_000);
  expect(edge.sessions.count).toBe(2);
  edge.tick(startMs + 75_000);
  expect(edge.sessions.count).toBe(0);
});

test.each([
  ["what is no beacon", "{}"],
  ["beacons of nobody who watches", JSON.stringify(beacon({ sid: "unknown" }))],
])("one machine that posts %s does not keep others' beacons out", (_, body) => {
  const edge = intake({ beaconsPerSecMax: 50 });
  let takenCount = 0;
  for (let sec = 10; sec < 20; sec++) {
    for (let i = 0; i < 500; i++) edge.take(body, startMs + sec * 1_000, "liar");
    const sid = `s${sec}`;
    if (post(edge, sec * 1_000, { sid }, `viewer ${sec % 3}`) === "taken") takenCount += 1;
  }
  // In the first second nobody knows yet.
  expect(takenCount).toBe(9);
  expect(edge.refused.overload).toBeGreaterThan(4_000);
});
