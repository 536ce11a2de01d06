/**
 * Smoke: VIEWERS viewers of FEED for SECONDS at EDGES, as hls.js would watch. Joins are spread over
 * one segment by SEED, so that phases differ. SUMMARY names a file for the figures as JSON.
 * `k6 run -e EDGES=http://127.0.0.1:8080,http://127.0.0.1:8081 loadtest/k6/scripts/smoke.ts`
 */
import exec from "k6/execution";
import type { Options } from "k6/options";
import { randomRatio } from "../../../src/base/prng.ts";
import { hlsjs } from "../../../src/viewer/rules/hlsjs.ts";
import { joinAt, segmentDurationMs, sleepUntil, watch } from "./live-viewer.ts";
import { summaryText, type SummaryData } from "./summary-text.ts";

const edges = (__ENV["EDGES"] ?? "http://127.0.0.1:8080").split(",");
const feed = __ENV["FEED"] ?? "main";
const viewerCount = Number(__ENV["VIEWERS"] ?? 200);
const seconds = Number(__ENV["SECONDS"] ?? 30);
const seed = Number(__ENV["SEED"] ?? 1);
const joinSpreadMs = 4_000;

/** Below this, viewers were not watching: they join over the spread and start within a second. */
const watchSecondsMin = viewerCount * (seconds - joinSpreadMs / 2000 - 1) * 0.95;

export const options: Options = {
  vus: viewerCount,
  duration: `${seconds}s`,
  thresholds: {
    http_req_failed: ["rate<0.001"],
    viewer_failures: ["count<1"],
    viewer_playlist_regressions: ["count<1"],
    viewer_watch_seconds: [`count>${watchSecondsMin}`],
    viewer_stall_seconds: [`count<${viewerCount * seconds * 0.002}`],
    viewer_late_segments: ["rate<0.005"],
    viewer_startup_seconds: ["p(95)<1.5"],
    viewer_playlist_seconds: ["p(99)<0.5"],
    viewer_schedule_lag_seconds: ["p(99)<0.1"],
  },
  discardResponseBodies: true,
  summaryTrendStats: ["med", "p(95)", "p(99)", "max"],
  systemTags: ["name", "status", "error_code", "scenario"],
  userAgent: "fullhouse-k6",
};

let isJoined = false;

/** One turn of about a segment, because k6 reports received bytes at the end of each. */
export default function smoke(): void {
  const viewer = exec.vu.idInTest;
  if (!isJoined) {
    isJoined = true;
    const spreadMs = joinSpreadMs * randomRatio({ seed, owner: viewer, stream: 1 });
    const startMs = exec.scenario.startTime + spreadMs;
    sleepUntil(startMs);
    const session = `k6-${seed}-${viewer}`;
    joinAt(startMs, { edges, edgeIndex: viewer % edges.length, session, rule: hlsjs });
  }
  const endMs = exec.scenario.startTime + seconds * 1000;
  watch(feed, Math.min(endMs, Date.now() + segmentDurationMs()));
  if (Date.now() >= endMs) sleepUntil(Date.now() + 100);
}

export function handleSummary(data: SummaryData): Record<string, string> {
  const text = summaryText(data, { viewerCount, seconds, edgeCount: edges.length });
  const file = __ENV["SUMMARY"];
  return { stdout: text, ...(file === undefined ? {} : { [file]: JSON.stringify(data.metrics) }) };
}
