/** What all viewers of a crowd did so far, in one place, so that a measured time is a difference. */

export interface CrowdTotals {
  /** Segments from the edge, without start-ups, those given up underway included. */
  httpBytes: number;
  /** Segments from peers that were played, without start-ups. */
  peerBytes: number;
  /** Whole, checked segments that clients had from peers, and gave to peers, by their own counts. */
  receivedBytes: number;
  uploadedBytes: number;
  startupBytes: number;
  segmentCount: number;
  lateCount: number;
  refusedCount: number;
  bannedCount: number;
  stallCount: number;
  stalledMs: number;
  playedMs: number;
}

export function noTotals(): CrowdTotals {
  return {
    httpBytes: 0,
    peerBytes: 0,
    receivedBytes: 0,
    uploadedBytes: 0,
    startupBytes: 0,
    segmentCount: 0,
    lateCount: 0,
    refusedCount: 0,
    bannedCount: 0,
    stallCount: 0,
    stalledMs: 0,
    playedMs: 0,
  };
}

/** What was added between two states. */
export function totalsSince(before: CrowdTotals, now: CrowdTotals): CrowdTotals {
  const difference = { ...now };
  for (const key of Object.keys(now) as (keyof CrowdTotals)[]) difference[key] -= before[key];
  return difference;
}

/** The value that so many of the values do not exceed; NaN of none. */
export function quantile(values: readonly number[], ratio: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(ratio * sorted.length))] ?? Number.NaN;
}
