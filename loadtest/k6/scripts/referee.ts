/**
 * The judge of a modelled night: reads the server's own figures at absolute instants until the night
 * has ended, and keeps them as gauges, so that thresholds decide. Nothing is averaged or sampled
 * again here: means, peaks and ratios are the server's.
 */
import { sleep } from "k6";
import exec from "k6/execution";
import http from "k6/http";
import { Counter, Gauge } from "k6/metrics";
import type { NightRun } from "./night-run.ts";

/** Figures of the server's stats that are kept, each as `sim_` and its name. */
const figures =
  "egressGbps egressGbpsMean egressGbpsPeak fillGbps stalledRatio stallRatio startFailureRatio " +
  "kbpsPerViewer edgeUtilisation viewers behindSec behindSecMax";
const gauges = figures.split(" ").map((key) => ({ key, gauge: new Gauge(metricName(key)) }));
const ended = new Gauge("sim_ended");
const failures = new Counter("sim_referee_failures");

/** Past twice its length the night is given up: the model cannot keep up with its pace. */
const lateRatio = 2;
const lateSec = 30;

/** Watches the night to its end. */
export function watchNight({ serverUrl, runId, refereeEverySec, durationSec }: NightRun): void {
  const { startTime } = exec.scenario;
  const untilMs = startTime + 1_000 * (lateRatio * durationSec + lateSec);
  for (let atMs = startTime; atMs < untilMs; atMs += 1_000 * refereeEverySec) {
    sleep(Math.max(0, atMs - Date.now()) / 1_000);
    const response = http.get(`${serverUrl}/sim/runs/${runId}/stats`, {
      responseType: "text",
      tags: { name: "sim stats" },
    });
    if (response.status !== 200) {
      failures.add(1);
      continue;
    }
    const stats = response.json() as Record<string, number | string>;
    for (const { key, gauge } of gauges) gauge.add(Number(stats[key]));
    if (stats["state"] === "running") continue;
    ended.add(stats["state"] === "ended" ? 1 : 0);
    return;
  }
}

/** One viewer of its own; `exec` is the script's function that calls watchNight. */
export function refereeScenario(night: NightRun, exec: string) {
  const maxDuration = `${Math.ceil(lateRatio * night.durationSec + 2 * lateSec)}s`;
  return { executor: "per-vu-iterations" as const, exec, vus: 1, iterations: 1, maxDuration };
}

/** What holds of every night: it ended, and was seen all the while. */
export const refereeThresholds = { sim_ended: ["value==1"], sim_referee_failures: ["count<1"] };

/** `sim_behind_seconds` of `behindSec`. */
function metricName(key: string): string {
  const words = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return `sim_${words.replace("_sec", "_seconds")}`;
}
