/** What a good run of real viewers keeps to; k6 says by them how the run ended. */
import type { WireRun } from "./wire-run.ts";

type Thresholds = Record<string, string[]>;

/** Of the generator itself: where one of them is missed the run says nothing of the edges. */
export const generatorMetrics = new Set(["viewer_schedule_lag_seconds", "dropped_iterations"]);

/** Everybody's waits for answers that an edge makes at once, s. */
const answerSecMax = 0.5;

export function wireThresholds(run: WireRun): Thresholds {
  // Past 1.5 target durations a playlist is stale, as relays say it.
  const { judgedBy, rttMs, targetDurationMs = 4_000 } = run;
  const answerSec = answerSecMax + (2 * rttMs) / 1_000;
  return {
    ...subMetrics,
    // Of viewers alone: beside them k6 may drive the model.
    "http_req_failed{scenario:viewers}": ["rate<0.001"],
    "viewer_failures{layer:content}": ["count<1"],
    viewer_playlist_regressions: ["count<1"],
    viewer_playlist_age_seconds: [`p(99)<${(1.5 * targetDurationMs) / 1_000}`],
    viewer_playlist_seconds: [`p(99)<${answerSec}`],
    viewer_segment_first_byte_seconds: [`p(95)<${answerSec}`],
    viewer_digest_failures: ["count<1"],
    viewer_age_failures: ["count<1"],
    viewer_watch_seconds: [`count>${watchSecMin(run)}`],
    viewer_schedule_lag_seconds: ["p(99)<0.25"],
    ...(judgedBy === "edges" ? ofAmpleLines(run) : {}),
  };
}

function ofAmpleLines({ viewerCount, durationSec }: WireRun): Thresholds {
  return {
    viewer_startup_seconds: ["p(95)<1.5"],
    viewer_late_segments: ["rate<0.005"],
    viewer_stall_seconds: [`count<${viewerCount * durationSec * 0.002}`],
  };
}

/** k6 tells figures by tag only where a threshold names the tag. */
const subMetrics: Thresholds = {
  "http_reqs{scenario:viewers}": ["count>=0"],
  "viewer_bytes{kind:segment}": ["count>=0"],
  "viewer_bytes{kind:playlist}": ["count>=0"],
  "viewer_segment_requests{cache:hit}": ["count>=0"],
  "viewer_segment_requests{cache:join}": ["count>=0"],
  "viewer_segment_requests{cache:miss}": ["count>=0"],
  "viewer_segment_requests{cache:stale}": ["count>=0"],
};

/** Below this, viewers were not watching: some never start, and all take some seconds to. */
function watchSecMin({ viewerCount, durationSec, arrivals, judgedBy }: WireRun): number {
  let waited = 0;
  let before = { atSec: arrivals[0]!.atSec, ratio: 0 };
  for (const point of arrivals) {
    waited += ((point.ratio - before.ratio) * (point.atSec + before.atSec)) / 2;
    before = point;
  }
  const startSec = judgedBy === "edges" ? 1 : 4;
  const ratio = judgedBy === "edges" ? 0.95 : 0.7;
  return Math.max(0, Math.floor(viewerCount * (durationSec - waited - startSec) * ratio));
}
