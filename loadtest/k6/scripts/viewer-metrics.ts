/**
 * What a viewer in k6 reports. Requests have constant names and tags, so that the number of time
 * series does not grow with the segments'.
 */
import { Counter, Rate, Trend } from "k6/metrics";
import type { Viewers } from "../../../src/viewer/viewers.ts";

/** From the instant a viewer meant to join to its first segment. */
export const startupSeconds = new Trend("viewer_startup_seconds");
const stallSeconds = new Counter("viewer_stall_seconds");
const watchSeconds = new Counter("viewer_watch_seconds");
const stalls = new Counter("viewer_stalls");
const rungSwitches = new Counter("viewer_rung_switches");
/** Sessions begun, ended before the run was over, and ended without having shown a frame. */
export const joins = new Counter("viewer_joins");
export const leaves = new Counter("viewer_leaves");
export const startFailures = new Counter("viewer_start_failures");
/** Bodies received, by kind of object. */
const bytes = new Counter("viewer_bytes");
/** Segments received, by what X-Cache said. */
const segmentRequests = new Counter("viewer_segment_requests");
export const rungKbps = new Trend("viewer_rung_kbps");
export const liveLatencySeconds = new Trend("viewer_live_latency_seconds");
/** From the instant a poll was due, or its viewer was free to make it, to the playlist's last byte. */
export const playlistSeconds = new Trend("viewer_playlist_seconds");
/** From the end of the newest segment listed, by the feed's own dates, to the playlist's arrival. */
export const playlistAgeSeconds = new Trend("viewer_playlist_age_seconds");
/** From the request of a segment to its first byte. */
export const segmentFirstByteSeconds = new Trend("viewer_segment_first_byte_seconds");
/** Whether segments missed their deadline. */
export const lateSegments = new Rate("viewer_late_segments");
/** Segments that were read and verified, those with wrong bytes, and those with a wrong Age. */
export const digestChecks = new Counter("viewer_digest_checks");
export const digestFailures = new Counter("viewer_digest_failures");
export const ageFailures = new Counter("viewer_age_failures");
/** How late k6 itself woke a viewer up: past 0.25 s its other figures say little. */
export const scheduleLagSeconds = new Trend("viewer_schedule_lag_seconds");
/** Answers that are no good: errors, broken playlists, segments without a length. */
export const failures = new Counter("viewer_failures");
/** Playlists that listed less than the one before at the same edge. */
export const regressions = new Counter("viewer_playlist_regressions");

/** Made on first use: most viewers see few of them. */
const kindTags: Record<string, { kind: string }> = {};
const cacheTags: Record<string, { cache: string }> = {};
/** What X-Cache may say; anything else goes together, for each value is a series. */
const outcomes = "hit join miss stale";

const reported = { played: 0, stalled: 0, stalls: 0, switches: 0 };

/** A body has come. */
export function countBytes(kind: string, byteCount: number): void {
  bytes.add(byteCount, (kindTags[kind] ??= { kind }));
}

/** A segment has come, with this value of X-Cache. */
export function countSegmentRequest(outcome = "none"): void {
  const cache = outcomes.includes(outcome) ? outcome : "none";
  segmentRequests.add(1, (cacheTags[cache] ??= { cache }));
}

/** Reports what the columns of viewer i gained since the last call, or since it joined. */
export function reportColumns(viewers: Viewers, i: number): void {
  const played = viewers.playedMs[i]!;
  const stalled = viewers.stalledMs[i]!;
  if (played > reported.played) watchSeconds.add((played - reported.played) / 1000);
  if (stalled > reported.stalled) stallSeconds.add((stalled - reported.stalled) / 1000);
  reported.played = played;
  reported.stalled = stalled;
  reported.stalls = gained(stalls, viewers.stallCount[i]!, reported.stalls);
  const switches = viewers.switchUpCount[i]! + viewers.switchDownCount[i]!;
  reported.switches = gained(rungSwitches, switches, reported.switches);
}

/** The columns begin anew: the viewer has joined. */
export function forgetColumns(): void {
  Object.assign(reported, { played: 0, stalled: 0, stalls: 0, switches: 0 });
}

function gained(counter: Counter, now: number, before: number): number {
  if (now > before) counter.add(now - before);
  return now;
}
