/**
 * The modelled audience of a night: one iteration lets one batch of viewers join the run on the
 * simulation server. Arrivals are an open model: they come by the curve, however the server fares,
 * and an iteration that k6 drops fails the run. The last batch is what is left of the audience.
 */
import exec from "k6/execution";
import http from "k6/http";
import { Counter } from "k6/metrics";
import type { NightRun } from "./night-run.ts";

const joined = new Counter("sim_joined_viewers");
const failures = new Counter("sim_join_failures");

/** Everybody at once is a rush, but not within one request. */
const jumpSec = 1;
/** Targets are whole numbers a unit: a long one rounds little. */
const unitSec = 86_400;
/** Above the last batch, so that rounding cannot leave it out; such an iteration joins nobody. */
const surplusBatches = 0.5;

/** Lets the next batch join. */
export function joinBatch({ serverUrl, runId, viewerCount, joinBatchViewerCount }: NightRun): void {
  const left = viewerCount - exec.scenario.iterationInTest * joinBatchViewerCount;
  const count = Math.min(joinBatchViewerCount, left);
  if (count <= 0) return;
  const response = http.post(`${serverUrl}/sim/runs/${runId}/joins`, JSON.stringify({ count }), {
    headers: { "Content-Type": "application/json" },
    tags: { name: "sim joins" },
  });
  if (response.status === 200) joined.add(count);
  else failures.add(1, { status: String(response.status) });
}

/** The curve as stages of k6; `exec` is the script's function that calls joinBatch. */
export function audienceScenario(night: NightRun, exec: string) {
  const sections = sectionsOf(night);
  const perSecMax = Math.max(...sections.map(({ perSec }) => perSec));
  return {
    executor: "ramping-arrival-rate" as const,
    exec,
    startRate: 0,
    timeUnit: `${unitSec}s`,
    // A stage without a duration changes the rate at once.
    stages: sections.flatMap(({ sec, perSec }) => {
      const target = Math.round(perSec * unitSec);
      return [
        { duration: "0s", target },
        { duration: `${Math.round(1_000 * sec)}ms`, target },
      ];
    }),
    // Enough for answers that take a second, as they may while a machine is full.
    preAllocatedVUs: Math.min(400, Math.max(10, Math.ceil(perSecMax))),
  };
}

/** What holds of every audience: all of it has joined, at its times. */
export function audienceThresholds({
  viewerCount,
  thresholds,
}: NightRun): Record<string, string[]> {
  return {
    dropped_iterations: ["count<1"],
    sim_join_failures: ["count<1"],
    sim_joined_viewers: [`count==${viewerCount}`, ...(thresholds["sim_joined_viewers"] ?? [])],
  };
}

/** Parts of the curve with an even rate of batches. */
function sectionsOf(night: NightRun): { sec: number; perSec: number }[] {
  const batches = Math.ceil(night.viewerCount / night.joinBatchViewerCount) + surplusBatches;
  const { atSec: firstSec } = night.arrivals[0]!;
  const sections = firstSec > 0 ? [{ sec: firstSec, perSec: 0 }] : [];
  let [atSec, ratio] = [firstSec, 0];
  for (const point of night.arrivals) {
    const share = point.ratio - ratio;
    // A jump takes its time from what comes after it.
    const sec = Math.max(point.atSec - atSec, share > 0 ? jumpSec : 0);
    if (sec > 0) sections.push({ sec, perSec: (share * batches) / sec });
    atSec += sec;
    ratio = point.ratio;
  }
  return sections;
}
