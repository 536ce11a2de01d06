/** A run of several generators in a dozen lines, in the manner of one generator's own summary. */
import type { WireRun } from "../scripts/wire-run.ts";
import type { WholeRun } from "./whole-run.ts";

const verdictWords: Readonly<Record<WholeRun["verdict"], string>> = {
  passed: "PASSED",
  missed: "MISSED",
  void: "VOID: a generator woke viewers late; take more machines, or fewer viewers on each",
};

export function wholeRunText({ durationSec }: WireRun, whole: WholeRun): string {
  const { metrics, viewerCount, segmentCount, startSpreadMs } = whole;
  const count = (metric: string): number => metrics[metric]?.values["count"] ?? 0;
  const failed = metrics["http_req_failed"]?.values["rate"] ?? 0;
  const gbps = (8 * count("viewer_bytes")) / durationSec / 1e9;
  const bounds = (metric: string): string =>
    Object.entries(metrics[metric]?.percentileUpperBounds ?? {})
      .map(([statistic, value]) => `${statistic} ${value.toFixed(3)}`)
      .join("  ");
  const lines = [
    verdictWords[whole.verdict],
    `measured: ${viewerCount} viewers on real sockets, ${segmentCount} generators, ${durationSec} s`,
    `  payload            ${gbps.toFixed(4)} Gbps`,
    `  watched            ${count("viewer_watch_seconds").toFixed(0)} s, stalled ` +
      `${count("viewer_stall_seconds").toFixed(2)} s in ${count("viewer_stalls")} stalls`,
    `  requests           ${count("http_reqs")}, failed ${(100 * failed).toFixed(3)} %`,
    `  generators' starts ${startSpreadMs} ms apart`,
    `  At the most, because percentiles are not merged (the greatest of the generators'):`,
    `  start-up (s)       ${bounds("viewer_startup_seconds")}`,
    `  playlist (s)       ${bounds("viewer_playlist_seconds")}`,
    `  generator lag (s)  ${bounds("viewer_schedule_lag_seconds")}`,
  ];
  for (const { metric, bound, value, isUpperBound, ok } of whole.thresholds) {
    if (ok) continue;
    const words = isUpperBound ? `at the most ${value}` : String(value);
    lines.push(`  MISSED             ${metric} ${bound}: ${words}`);
  }
  return `${lines.join("\n")}\n`;
}
