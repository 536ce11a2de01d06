/** The newest runs of the simulation server as metrics. Everything in them is modelled. */
import { kbpsToBitsPerSec } from "../../../src/base/units.ts";
import { simMetrics } from "../../../src/metrics/sim.ts";
import type { Metrics } from "../../../src/node/metrics.ts";
import type { NightState } from "../../../src/sim/night-state.ts";
import type { PacedRun } from "./paced-run.ts";

/** Older runs are over; series of all that a server ever ran would pile up in who scrapes it. */
export const exposedRunCount = 4;

/** What a run stands at: `state` is undefined before its first window. */
interface RunNow {
  state: NightState | undefined;
  nightSec: number;
  behindSec: number;
}

const bitsPerGigabit = 1e9;

const readings: readonly [keyof typeof simMetrics, (now: RunNow) => number | undefined][] = [
  ["viewers", ({ state }) => state?.row.viewers],
  ["egressBytes", ({ state }) => state?.egressBytes],
  ["fillBytes", ({ state }) => state?.fillBytes],
  ["egressRate", ({ state }) => bitsPerGigabit * (state?.row.egressGbps ?? 0)],
  ["egressPeak", ({ state }) => bitsPerGigabit * (state?.egressGbpsPeak ?? 0)],
  ["viewerRate", ({ state }) => kbpsToBitsPerSec(state?.row.kbpsPerViewer ?? 0)],
  ["edgeUtilisation", ({ state }) => state?.row.edgeUtilisation],
  ["stalledRatio", ({ state }) => state?.row.stalledRatio],
  ["stallRatio", ({ state }) => state?.stallRatio],
  ["startFailureRatio", ({ state }) => state?.startFailureRatio],
  ["nightSeconds", ({ nightSec }) => nightSec],
  ["behind", ({ behindSec }) => behindSec],
];

/** `newest` gives the runs to expose, at each scrape. */
export function exportSimMetrics(metrics: Metrics, newest: () => readonly PacedRun[]): void {
  for (const [name, read] of readings) {
    metrics.readings(simMetrics[name], () =>
      newest().map((run) => ({
        labels: { run: run.id, scenario: run.scenario.name },
        value: read(run.now) ?? 0,
      })),
    );
  }
}
