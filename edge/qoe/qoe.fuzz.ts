/** Fuzz target: a beacon as anybody may post it. What is taken stays within time and bounds. */
import { assert } from "../../src/base/assert.ts";
import { QoeIntake } from "./qoe-intake.ts";
import { qoeCountBounds, type QoeCount } from "./qoe-report.ts";
import { readQoe } from "./read-qoe.ts";

export const name = "qoe";

export const dictionary = [
  '"v":1',
  '"sid":"a"',
  '"feed":"main"',
  '"face":"live"',
  ...Object.keys(qoeCountBounds).map((key) => `"${key}":1000,`),
  '"startupMs":700,',
  '"latencyMs":12000,',
  "120000",
  "1e3",
  "-1",
];

const stepMs = 6_000;
const slackMs = 2_500;

export function fuzz(data: Uint8Array): void {
  const text = Buffer.from(data).toString("latin1");
  const report = readQoe(text);
  if (report !== null) {
    assert(JSON.stringify(readQoe(JSON.stringify(report))) === JSON.stringify(report), "rewritten");
    for (const key of Object.keys(qoeCountBounds) as QoeCount[]) {
      assert(Number.isInteger(report[key]), "a count is whole");
      assert(report[key] >= 0 && report[key] <= qoeCountBounds[key], "a count is bounded");
    }
  }
  const edge = new QoeIntake({
    beaconsPerSecMax: 10,
    sessionCountMax: 2,
    feeds: ["main"],
    rungKbpsMax: () => 750,
    uploadKbpsMax: 2_000,
    watchesSinceMs: (sid) => (sid.length < 3 ? 0 : undefined),
  });
  const stepCount = 3;
  for (let step = 1; step <= stepCount; step++) {
    edge.take(text, step * stepMs, "a");
    edge.tick(step * stepMs);
  }
  const elapsedMs = stepCount * (stepMs + slackMs);
  assert(edge.sums.playedMs + edge.sums.stalledMs <= elapsedMs, "no more time than passed");
  assert(edge.sums.mediaBytes * 8 <= elapsedMs * 750, "no more media than the top rung has");
  assert(edge.sessions.count <= 2, "sessions are bounded");
}
