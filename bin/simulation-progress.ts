/** The line that is seen while a night is simulated: how far, what it is like, how long yet. Pure. */
import type { Scenario } from "../src/config/schema-scenario.ts";
import type { SimulationProgress } from "../src/sim/simulation.ts";
import { clock, decimal, percent, things } from "../loadtest/report/number-format.ts";

const barLength = 16;

/** Before this much is done, start-up hides how long the rest will take. */
const doneRatioMin = 0.01;

/** One line; `doneRatio` is of the work, which the first, empty hour has little of. */
export function progressLine(
  now: Omit<SimulationProgress, "steps">,
  { doneRatio, elapsedMs }: { doneRatio: number; elapsedMs: number },
): string {
  const filled = Math.round(barLength * doneRatio);
  const isKnown = doneRatio >= doneRatioMin;
  return [
    `modelled ${"█".repeat(filled)}${"░".repeat(barLength - filled)} ${Math.floor(100 * doneRatio)} %`,
    isKnown ? `${clock((elapsedMs / 1_000) * (1 / doneRatio - 1))} left` : "… left",
    `${decimal(now.egressGbps)} Gbps`,
    things(now.viewers, "viewer"),
    `${percent(now.stalledRatio)} stalled`,
    `at ${clock(now.tSec)} of ${clock(now.durationSec)}`,
  ].join(" | ");
}

/**
 * The share of a run's work that lies before `tSec`: work grows with the audience, which is the area
 * below the arrival curve.
 */
export function workRatio({ audience, durationSec }: Scenario, tSec: number): number {
  const total = areaBelow(audience.arrivals, durationSec);
  return total === 0 ? tSec / durationSec : areaBelow(audience.arrivals, tSec) / total;
}

function areaBelow(points: readonly { atSec: number; ratio: number }[], untilSec: number): number {
  let area = 0;
  points.forEach((point, i) => {
    const next = points[i + 1] ?? { atSec: Number.POSITIVE_INFINITY, ratio: point.ratio };
    const end = Math.min(untilSec, next.atSec);
    if (end <= point.atSec) return;
    const share = Number.isFinite(next.atSec)
      ? (end - point.atSec) / (next.atSec - point.atSec)
      : 1;
    const ratioAtEnd = point.ratio + (next.ratio - point.ratio) * share;
    area += ((point.ratio + ratioAtEnd) / 2) * (end - point.atSec);
  });
  return area;
}
