/**
 * What a viewer in k6 reports. Playlist and segment requests have constant names, so that their
 * number does not grow with the segments'.
 */
import { Counter, Rate, Trend } from "k6/metrics";
import type { Viewers } from "../../../src/viewer/viewers.ts";

/** From the instant a viewer meant to join to its first segment. */
export const startupSeconds = new Trend("viewer_startup_seconds");
export const stallSeconds = new Counter("viewer_stall_seconds");
export const watchSeconds = new Counter("viewer_watch_seconds");
export const stalls = new Counter("viewer_stalls");
export const rungSwitches = new Counter("viewer_rung_switches");
export const jumps = new Counter("viewer_jumps");
/** Payload received, by kind: multivariant, playlist, init, segment. */
export const bytes = new Counter("viewer_bytes");
export const rungKbps = new Trend("viewer_rung_kbps");
export const liveLatencySeconds = new Trend("viewer_live_latency_seconds");
/** From the instant a poll was due, not from when it was sent, to the playlist's last byte. */
export const playlistSeconds = new Trend("viewer_playlist_seconds");
/** From the request of a segment to its last byte. */
export const segmentSeconds = new Trend("viewer_segment_seconds");
/** By how much a segment missed its deadline; 0 when it came in time. */
export const segmentLateSeconds = new Trend("viewer_segment_late_seconds");
export const lateSegments = new Rate("viewer_late_segments");
/** How late k6 itself woke a viewer up: past 0.1 s its other figures say little. */
export const scheduleLagSeconds = new Trend("viewer_schedule_lag_seconds");
/** Answers that are no good: errors, broken playlists, segments without a length. */
export const failures = new Counter("viewer_failures");
/** Playlists that listed less than the one before at the same edge. */
export const regressions = new Counter("viewer_playlist_regressions");

const reported = { played: 0, stalled: 0, stalls: 0, up: 0, down: 0, jumps: 0 };

/** Reports what the columns of viewer i gained since the last call. */
export function reportColumns(viewers: Viewers, i: number): void {
  const played = viewers.playedMs[i]!;
  const stalled = viewers.stalledMs[i]!;
  watchSeconds.add((played - reported.played) / 1000);
  stallSeconds.add((stalled - reported.stalled) / 1000);
  stalls.add(viewers.stallCount[i]! - reported.stalls);
  rungSwitches.add(viewers.switchUpCount[i]! - reported.up, { direction: "up" });
  rungSwitches.add(viewers.switchDownCount[i]! - reported.down, { direction: "down" });
  jumps.add(viewers.jumpCount[i]! - reported.jumps);
  reported.played = played;
  reported.stalled = stalled;
  reported.stalls = viewers.stallCount[i]!;
  reported.up = viewers.switchUpCount[i]!;
  reported.down = viewers.switchDownCount[i]!;
  reported.jumps = viewers.jumpCount[i]!;
}
