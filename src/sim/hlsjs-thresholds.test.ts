/** Where hls.js 1.7.4 goes up and down on the ladder of 2008, through the whole engine. */
import { expect, test } from "vitest";
import { runNight } from "./testing/run-night.ts";
import { scenarioOf } from "./testing/scenario-of.ts";

/** Rates over 0.7 and over 0.95, and the rung they are for. */
const upKbps = [428.6, 642.9, 857.1, 1_071.4];
const stayKbps = [315.8, 473.7, 631.6, 789.5];
const rungKbps = [150, 300, 450, 600, 750];

/**
 * The rung that one viewer on one link settles at: the link carries `firstKbps` for a while and then
 * `thenKbps`; the viewer's own path carries anything.
 */
function settledKbps(firstKbps: number, thenKbps: number): number {
  const scenario = scenarioOf({
    durationSec: 700,
    audience: {
      viewerCount: 1,
      arrivals: [{ atSec: 0, ratio: 1 }],
      churnPerMinRatio: 0,
      startLeavePerSecRatio: 0,
      stallLeaveSecPerSec: 0,
      accessKbpsMedian: 1e6,
      accessLogSigma: 0,
      pathShareMedian: 1,
      pathShareLogSigma: 0,
      pathNoiseLogSigma: 0,
    },
    topology: { edges: 1, shields: 1, edgeKbpsPerViewer: 1_000 },
    events: [
      { kind: "capacity", atSec: 0, ratio: firstKbps / 1_000 },
      { kind: "capacity", atSec: 120, ratio: thenKbps / 1_000 },
    ],
  });
  const { timeline } = runNight(scenario).report;
  const share = (rung: number): number => timeline.at(-10)!.rungShare[String(rung)]!;
  return rungKbps.find((rung) => share(rung) === 1) ?? 0;
}

test.each(upKbps.map((kbps, rung) => ({ kbps, rung })))(
  "a viewer goes up from rung $rung at $kbps kbps",
  ({ kbps, rung }) => {
    // Just enough to stay on the rung below comes first.
    const firstKbps = rung === 0 ? 200 : stayKbps[rung - 1]! + 5;
    expect(settledKbps(firstKbps, kbps - 1)).toBe(rungKbps[rung]);
    expect(settledKbps(firstKbps, kbps + 1)).toBe(rungKbps[rung + 1]);
  },
);

test.each(stayKbps.map((kbps, n) => ({ kbps, rung: n + 1 })))(
  "a viewer stays on rung $rung down to $kbps kbps",
  ({ kbps, rung }) => {
    // More than enough for the top comes first, then just enough for the rung: two steps down.
    expect(settledKbps(upKbps[rung - 1]! + 5, kbps + 1)).toBe(rungKbps[rung]);
    expect(settledKbps(upKbps[rung - 1]! + 5, kbps - 1)).toBe(rungKbps[rung - 1]);
  },
);
