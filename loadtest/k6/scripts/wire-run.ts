/**
 * What real viewers are told about their run, as JSON in the variable WIRE. Types only. Everybody's
 * arrival, line and edge follow from `seed` and the viewer's number, so that one machine or several
 * (execution segments) make the same audience.
 */

export interface WireRun {
  feed: string;
  /**
   * Base URLs of the edges, a row a link class: `targets[linkClass][edge]`. One row when lines are
   * not emulated. Viewer v begins at edge v modulo their number.
   */
  targets: readonly (readonly string[])[];
  /** Share of the viewers in each link class; sums to 1. */
  linkRatios: readonly number[];
  seed: number;
  viewerCount: number;
  /** From the run's first instant, which all generators share. */
  durationSec: number;
  /** Cumulative arrival curve in seconds of the run, as a scenario's. */
  arrivals: readonly { atSec: number; ratio: number }[];
  churnPerMinRatio: number;
  startGraceSec: number;
  startLeavePerSecRatio: number;
  stallLeaveSecPerSec: number;
  holdBackTargetDurations: number;
  bufferMsMax: number;
  blockingReload: boolean;
  /** Each viewer reads one segment in so many and verifies its digest; 0: none. */
  sampleEvery: number;
  /** Whether a segment without a digest is wrong: our own edges send one, others need not. */
  needsDigest?: boolean;
  /** Of the feed, where it is known to be another one than our own feeds' 4 s. */
  targetDurationMs?: number | undefined;
  /** Round trip of the emulated lines; 0 without. Waits for answers are allowed it. */
  rttMs: number;
  /**
   * What viewers may be judged by: edges: everything, because their lines carry all rungs; lines:
   * not by stalls, starts and lateness, which slow lines bring about by themselves.
   */
  judgedBy: "edges" | "lines";
}
