/**
 * Real viewers at real edges: WIRE says how many, where and for how long (wire-run.ts). SUMMARY names
 * a file for the figures as JSON; START_UNIX_MS is the run's first instant, where generators share it.
 */

import { sha256 } from "k6/crypto";
import exec from "k6/execution";
import { summaryFiles, type SummaryData } from "./summary-text.ts";
import type { WireRun } from "./wire-run.ts";
import { wireThresholds } from "./wire-thresholds.ts";
import { watchTurn, wireScenario } from "./wire-viewers.ts";

const run = JSON.parse(__ENV["WIRE"] ?? "null") as WireRun;
const startUnixMs = __ENV["START_UNIX_MS"] === undefined ? undefined : +__ENV["START_UNIX_MS"];

const aheadSec = startUnixMs === undefined ? 0 : Math.max(0, startUnixMs - Date.now()) / 1_000;

/** Read once, of VU 0: the others, who keep what they make, make none. */
export const options =
  __VU > 0
    ? {}
    : {
        scenarios: { viewers: wireScenario(run, "default", aheadSec) },
        thresholds: wireThresholds(run),
        discardResponseBodies: true,
        summaryTrendStats: ["avg", "med", "p(95)", "p(99)", "max"],
        systemTags: ["name", "status", "error_code", "scenario"],
        userAgent: "fullhouse-k6",
      };

export default function watch(): void {
  watchTurn({ run, startUnixMs });
}

export function setup(): { startedUnixMs: number } {
  return { startedUnixMs: startUnixMs ?? Date.now() };
}

export function handleSummary(data: SummaryData): Record<string, string> {
  const edgeCount = run.targets[0]!.length;
  const { executionSegment, executionSegmentSequence } = exec.test.options;
  return summaryFiles(
    data,
    { viewerCount: run.viewerCount, seconds: run.durationSec, edgeCount },
    {
      wire: sha256(__ENV["WIRE"] ?? "", "hex"),
      segment: executionSegment ?? "0:1",
      sequence: executionSegmentSequence ?? "0,1",
    },
  );
}
