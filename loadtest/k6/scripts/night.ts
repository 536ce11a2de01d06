/**
 * A night of the model, driven and judged by k6: NIGHT (night-run.ts) says what, and the server's run
 * has been made. k6 starts its clock. With WIRE (wire-run.ts) real viewers watch at the same time.
 * SUMMARY names a file for the figures as JSON.
 */
import exec from "k6/execution";
import http from "k6/http";
import { audienceScenario, audienceThresholds, joinBatch } from "./audience.ts";
import type { NightRun } from "./night-run.ts";
import { refereeScenario, refereeThresholds, watchNight } from "./referee.ts";
import { summaryFiles, type SummaryData } from "./summary-text.ts";
import type { WireRun } from "./wire-run.ts";
import { wireThresholds } from "./wire-thresholds.ts";
import { watchTurn, wireScenario } from "./wire-viewers.ts";

const night = JSON.parse(__ENV["NIGHT"] ?? "null") as NightRun;
const wire = JSON.parse(__ENV["WIRE"] ?? "null") as WireRun | null;

/** Read once, of VU 0: the others, who keep what they make, make none. */
export const options =
  __VU > 0
    ? {}
    : {
        scenarios: {
          audience: audienceScenario(night, "audience"),
          referee: refereeScenario(night, "default"),
          ...(wire === null ? {} : { viewers: wireScenario(wire, "probe") }),
        },
        thresholds: {
          ...night.thresholds,
          ...(wire === null ? {} : wireThresholds(wire)),
          ...audienceThresholds(night),
          ...refereeThresholds,
        },
        discardResponseBodies: true,
        summaryTrendStats: ["avg", "med", "p(95)", "p(99)", "max"],
        systemTags: ["name", "status", "error_code", "scenario"],
        userAgent: "fullhouse-k6",
      };

export function setup(): { startedUnixMs: number } {
  const response = http.post(`${night.serverUrl}/sim/runs/${night.runId}/start`, "{}", {
    headers: { "Content-Type": "application/json" },
    responseType: "text",
  });
  if (response.status !== 200) throw new Error(`the run does not start: ${response.body}`);
  return { startedUnixMs: Date.now() };
}

export function audience(): void {
  joinBatch(night);
}

export default function referee(): void {
  watchNight(night);
}

/** VUs of other scenarios have numbers too, so a viewer's is that of its first turn: all begin at once. */
export function probe(): void {
  const index = exec.scenario.iterationInTest;
  watchTurn({ run: wire!, startUnixMs: undefined, index });
}

export function handleSummary(data: SummaryData): Record<string, string> {
  const value = (name: string): string => (data.metrics[name]?.values["value"] ?? 0).toFixed(3);
  const { viewerCount = 0, durationSec = 0, targets = [] } = wire ?? {};
  const edgeCount = targets[0]?.length ?? 0;
  const files = summaryFiles(data, { viewerCount, seconds: durationSec, edgeCount });
  // Without real viewers nothing was measured.
  const lines = files["stdout"]!.split(/(?<=\n)/);
  const shown = wire === null ? lines.filter((line) => line.startsWith("  MISSED")) : lines;
  const modelled =
    `modelled: ${night.viewerCount} viewers, ${value("sim_egress_gbps_mean")} Gbps on average, ` +
    `${value("sim_egress_gbps_peak")} at the peak, stall ratio ${value("sim_stall_ratio")}\n`;
  return { ...files, stdout: modelled + shown.join("") };
}
