/**
 * Smoke: VIEWERS viewers of FEED for SECONDS at EDGES, as hls.js would watch. Joins are spread over
 * one segment by SEED, so that phases differ. SUMMARY names a file for the figures as JSON.
 * `k6 run -e EDGES=http://127.0.0.1:8080,http://127.0.0.1:8081 loadtest/k6/scripts/smoke.ts`
 */
import { summaryFiles, type SummaryData } from "./summary-text.ts";
import type { WireRun } from "./wire-run.ts";
import { wireThresholds } from "./wire-thresholds.ts";
import { watchTurn, wireScenario } from "./wire-viewers.ts";

const run: WireRun = {
  feed: __ENV["FEED"] ?? "main",
  targets: [(__ENV["EDGES"] ?? "http://127.0.0.1:8080").split(",")],
  linkRatios: [1],
  seed: Number(__ENV["SEED"] ?? 1),
  viewerCount: Number(__ENV["VIEWERS"] ?? 200),
  durationSec: Number(__ENV["SECONDS"] ?? 30),
  arrivals: [
    { atSec: 0, ratio: 0 },
    { atSec: 4, ratio: 1 },
  ],
  churnPerMinRatio: 0,
  startGraceSec: 0,
  startLeavePerSecRatio: 0,
  stallLeaveSecPerSec: 0,
  holdBackTargetDurations: 3,
  bufferMsMax: 30_000,
  blockingReload: false,
  sampleEvery: 20,
  rttMs: 0,
  judgedBy: "edges",
};

/** Read once, of VU 0: the others, who keep what they make, make none. */
export const options =
  __VU > 0
    ? {}
    : {
        scenarios: { viewers: wireScenario(run, "default") },
        thresholds: { ...wireThresholds(run), viewer_failures: ["count<1"] },
        discardResponseBodies: true,
        summaryTrendStats: ["avg", "med", "p(95)", "p(99)", "max"],
        systemTags: ["name", "status", "error_code", "scenario"],
        userAgent: "fullhouse-k6",
      };

export default function smoke(): void {
  watchTurn({ run, startUnixMs: undefined });
}

export function handleSummary(data: SummaryData): Record<string, string> {
  const edgeCount = run.targets[0]!.length;
  return summaryFiles(data, { viewerCount: run.viewerCount, seconds: run.durationSec, edgeCount });
}
