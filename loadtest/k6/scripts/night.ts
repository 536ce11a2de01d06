/**
 * A night of the model, driven and judged by k6: NIGHT (night-run.ts) says what, and the server's run
 * has been made. k6 starts its clock. SUMMARY names a file for the figures as JSON.
 */
import http from "k6/http";
import { audienceScenario, audienceThresholds, joinBatch } from "./audience.ts";
import type { NightRun } from "./night-run.ts";
import { refereeScenario, refereeThresholds, watchNight } from "./referee.ts";
import type { SummaryData } from "./summary-text.ts";

const night = JSON.parse(__ENV["NIGHT"] ?? "{}") as NightRun;

export const options = {
  scenarios: {
    audience: audienceScenario(night, "audience"),
    referee: refereeScenario(night, "referee"),
  },
  thresholds: { ...audienceThresholds(night), ...refereeThresholds, ...night.thresholds },
  discardResponseBodies: true,
  systemTags: ["name", "status", "error_code", "scenario"],
  userAgent: "fullhouse-k6",
};

export function setup(): void {
  const response = http.post(`${night.serverUrl}/sim/runs/${night.runId}/start`, "{}", {
    headers: { "Content-Type": "application/json" },
    responseType: "text",
  });
  if (response.status !== 200) throw new Error(`the run does not start: ${response.body}`);
}

export function audience(): void {
  joinBatch(night);
}

export function referee(): void {
  watchNight(night);
}

export function handleSummary({ metrics }: SummaryData): Record<string, string> {
  const value = (name: string): string => (metrics[name]?.values["value"] ?? 0).toFixed(3);
  const missed = Object.entries(metrics).flatMap(([name, { thresholds = {} }]) =>
    Object.entries(thresholds).flatMap(([bound, { ok }]) => (ok ? [] : [`${name} ${bound}`])),
  );
  const lines = [
    `modelled: ${night.viewerCount} viewers, ${value("sim_egress_gbps_mean")} Gbps on average, ` +
      `${value("sim_egress_gbps_peak")} Gbps at the peak, stall ratio ${value("sim_stall_ratio")}`,
    ...missed.map((words) => `  MISSED             ${words}`),
  ];
  const file = __ENV["SUMMARY"];
  const summary = file === undefined ? {} : { [file]: JSON.stringify(metrics) };
  return { stdout: `${lines.join("\n")}\n`, ...summary };
}
