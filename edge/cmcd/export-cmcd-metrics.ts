/** Exposes what an edge added up of its viewers' CMCD. */
import { cmcdMetrics } from "../../src/metrics/cmcd.ts";
import { formatRung } from "../../src/hls/path.ts";
import type { Metrics } from "../../src/node/metrics.ts";
import { refusalReasons, type CmcdIntake } from "./cmcd-intake.ts";
import { playerStates } from "./cmcd-report.ts";

export interface CmcdMetricsOptions {
  metrics: Metrics;
  intake: CmcdIntake;
  /** The relay's tracks: their rungs, as numbers; -1 for none. */
  tracks: readonly { rung: number }[];
}

const modes = ["query", "event"] as const;

export function exportCmcdMetrics({ metrics, intake, tracks }: CmcdMetricsOptions): void {
  const { sessions, taken, refused } = intake;
  const { totals } = sessions;
  metrics.totals(
    cmcdMetrics.reports,
    modes.map((mode) => ({ mode })),
    (index) => taken[modes[index]!],
  );
  metrics.totals(
    cmcdMetrics.refused,
    refusalReasons.map((reason) => ({ reason })),
    (index) => refused[refusalReasons[index]!],
  );
  metrics.readings(cmcdMetrics.sessions, () => {
    const counts = sessions.countsByState();
    return playerStates.map((state, index) => ({ labels: { state }, value: counts[index]! }));
  });
  metrics.readings(cmcdMetrics.rungSessions, () => {
    const offered = new Set(tracks.map(({ rung }) => rung).filter((rung) => rung !== -1));
    const counts = countsByRung(sessions.countsByKbps(), [...offered].map(formatRung));
    return [...counts].map(([rung, value]) => ({ labels: { rung }, value }));
  });
  metrics.totals(cmcdMetrics.stalls, [{}], () => totals.stallCount);
  metrics.totals(cmcdMetrics.stallSeconds, [{}], () => totals.stallMs / 1_000);
  metrics.totals(cmcdMetrics.playSeconds, [{}], () => totals.playMs / 1_000);
  metrics.totals(cmcdMetrics.startFailures, [{}], () => totals.startFailureCount);
  metrics.totals(cmcdMetrics.errors, [{}], () => totals.errorCount);
  metrics.histogramOf(cmcdMetrics.startup, [{}], totals.startup);
  metrics.histogramOf(cmcdMetrics.buffer, [{}], totals.buffer);
  metrics.histogramOf(cmcdMetrics.throughput, [{}], totals.throughput);
  metrics.histogramOf(cmcdMetrics.latency, [{}], totals.latency);
}

/** The audio rung's rate in playlists is no name of a rung; no video rung is that low. */
const audioKbpsMax = 99;
/** Players round, and some say the average rate of a rung. */
const toleranceRatio = 0.03;

/**
 * Sessions by rung (as in URLs: kbps in decimal, or `audio`) and `other`, from sessions by the kbps
 * they said; every rung has its entry.
 */
export function countsByRung(
  countsByKbps: ReadonlyMap<number, number>,
  rungs: readonly string[],
): Map<string, number> {
  const counts = new Map<string, number>([...rungs, "other"].map((rung) => [rung, 0]));
  for (const [kbps, count] of countsByKbps) {
    const named = rungs.find((rung) =>
      rung === "audio"
        ? kbps <= audioKbpsMax
        : Math.abs(Number(rung) - kbps) <= toleranceRatio * Number(rung),
    );
    counts.set(named ?? "other", counts.get(named ?? "other")! + count);
  }
  return counts;
}
