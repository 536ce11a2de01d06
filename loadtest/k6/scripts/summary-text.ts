/** The end of a run in a dozen lines; every figure in it is measured. */

export interface SummaryData {
  metrics: Record<
    string,
    {
      values: Record<string, number>;
      thresholds?: Record<string, { ok: boolean }>;
    }
  >;
  /** What `setup` gave. */
  setup_data?: { startedUnixMs: number };
}

/**
 * The text for the terminal, and the figures as JSON for the file that SUMMARY names, with which run
 * they are of where that has to be known.
 */
export function summaryFiles(
  data: SummaryData,
  run: { viewerCount: number; seconds: number; edgeCount: number },
  identity?: { wire: string; segment: string; sequence: string },
): Record<string, string> {
  const stdout = summaryText(data, run);
  const file = __ENV["SUMMARY"];
  if (file === undefined) return { stdout };
  const { metrics, setup_data: { startedUnixMs } = { startedUnixMs: 0 } } = data;
  return { stdout, [file]: JSON.stringify({ metrics, startedUnixMs, run: identity }) };
}

function summaryText(
  data: SummaryData,
  run: { viewerCount: number; seconds: number; edgeCount: number },
): string {
  const value = (metric: string, key: string): number => data.metrics[metric]?.values[key] ?? 0;
  const spread = (metric: string): string =>
    ["med", "p(95)", "p(99)", "max"]
      .map((key) => `${key} ${value(metric, key).toFixed(3)}`)
      .join("  ");
  const watched = value("viewer_watch_seconds", "count");
  const stalled = value("viewer_stall_seconds", "count");
  const gbps = (8 * value("viewer_bytes", "count")) / run.seconds / 1e9;
  const lines = [
    `measured: ${run.viewerCount} viewers on real sockets, ${run.seconds} s, ${run.edgeCount} edges`,
    `  payload            ${gbps.toFixed(4)} Gbps`,
    `  watched            ${watched.toFixed(0)} s, stalled ${stalled.toFixed(2)} s in ${value("viewer_stalls", "count")} stalls`,
    `  requests           ${value("http_reqs", "count")}, failed ${(100 * value("http_req_failed", "rate")).toFixed(3)} %`,
    `  rung (kbps)        ${spread("viewer_rung_kbps")}`,
    `  start-up (s)       ${spread("viewer_startup_seconds")}`,
    `  live latency (s)   ${spread("viewer_live_latency_seconds")}`,
    `  playlist (s)       ${spread("viewer_playlist_seconds")}`,
    `  first byte (s)     ${spread("viewer_segment_first_byte_seconds")}`,
    `  late segments      ${(100 * value("viewer_late_segments", "rate")).toFixed(3)} %`,
    `  generator lag (s)  ${spread("viewer_schedule_lag_seconds")}`,
  ];
  for (const [name, metric] of Object.entries(data.metrics)) {
    for (const [bound, { ok }] of Object.entries(metric.thresholds ?? {})) {
      if (!ok) lines.push(`  MISSED             ${name} ${bound}`);
    }
  }
  return `${lines.join("\n")}\n`;
}
