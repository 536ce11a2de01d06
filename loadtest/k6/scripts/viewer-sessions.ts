/**
 * The sessions of one viewer's place, one after another as in the simulator (src/sim/session.ts): it
 * arrives by the curve, stays as long as it meant to, leaves sooner for want of a picture or after
 * stalls, and the next begins in the same place. A request under way is taken to its end, because k6
 * cannot say how much of a broken one had come: what its viewer had left by then counts as bytes, not
 * as watching.
 */
import { randomKey, randomWord } from "../../../src/base/prng.ts";
import { arrivalSec } from "../../../src/viewer/arrival-curve.ts";
import { shortenedByMs, startPatienceMs, stayMs } from "../../../src/viewer/patience.ts";
import { advancePlayback } from "../../../src/viewer/playback.ts";
import { viewerPhase } from "../../../src/viewer/viewers.ts";
import { act, hasGivenUp, joinAt, sleepUntil, viewers, type Watching } from "./live-viewer.ts";
import * as metrics from "./viewer-metrics.ts";
import type { WireRun } from "./wire-run.ts";

/** What random numbers are for; never renumbered, so that runs stay reproducible. */
const stream = { arrival: 1, stay: 2, patience: 3 } as const;

let key = 0;
let session = 0;
let edge = 0;
let name = "";
/** When the session ends, as far as is known by now; and whether its first frame has been shown. */
let endMs = 0;
let hasStarted = false;
let stalledMs = 0;

/** Waits until viewer `index` of the run arrives, and lets it join. */
export function arrive(run: WireRun, watching: Watching, index: number, startMs: number): void {
  key = randomKey(run.seed, index);
  edge = index;
  name = `k6-${run.seed}-${index}`;
  const quantile = (index + draw(stream.arrival)) / run.viewerCount;
  const atMs = startMs + 1_000 * arrivalSec(run.arrivals, quantile);
  sleepUntil(atMs);
  begin(run, watching, atMs);
}

/**
 * Watches until `untilMs`, and on to the next instant at which there is something to do, but not past
 * the run's end: a sleep that is cut in two costs a turn. Whoever leaves makes place for the next.
 */
export function watchUntil(run: WireRun, watching: Watching, untilMs: number): void {
  const { lastMs } = watching;
  for (let nowMs = Date.now(); nowMs < untilMs; nowMs = Date.now()) {
    if (nowMs >= endMs || hasGivenUp()) {
      const leftMs = Math.min(nowMs, endMs);
      close(leftMs);
      metrics.leaves.add(1);
      begin(run, watching, Math.max(leftMs, nowMs));
    } else if (viewers.phase[0] === viewerPhase.ended) {
      sleepUntil(Math.min(untilMs, endMs));
    } else {
      act(nowMs, Math.min(lastMs, endMs));
      follow(run);
    }
  }
  // Also of a picture that stood all the while that a request took.
  advancePlayback(viewers, 0, Math.min(Date.now(), endMs, lastMs));
  metrics.reportColumns(viewers, 0);
}

function begin(run: WireRun, watching: Watching, atMs: number): void {
  session++;
  joinAt(atMs, watching, { edge, session: `${name}-${session}` });
  metrics.joins.add(1);
  hasStarted = false;
  stalledMs = 0;
  const patienceMs = startPatienceMs(
    draw(stream.patience),
    run.startGraceSec,
    run.startLeavePerSecRatio,
  );
  endMs = Math.min(plannedEndMs(run), atMs + patienceMs);
}

/** What a first frame or a stall changes of how long the viewer stays. */
function follow(run: WireRun): void {
  if (!hasStarted && viewers.startupMs[0]! >= 0 && startedInTime()) {
    hasStarted = true;
    metrics.startupSeconds.add(viewers.startupMs[0]! / 1000);
    endMs = plannedEndMs(run);
  }
  // A stall shortens the stay once it is over.
  if (viewers.phase[0] !== viewerPhase.playing || viewers.stalledMs[0] === stalledMs) return;
  const stallMs = viewers.stalledMs[0]! - stalledMs;
  stalledMs = viewers.stalledMs[0]!;
  endMs = Math.max(Date.now(), endMs - shortenedByMs(stallMs, run.stallLeaveSecPerSec));
}

function startedInTime(): boolean {
  return viewers.joinedMs[0]! + viewers.startupMs[0]! <= endMs;
}

/** The session is over: what its columns hold is reported. */
function close(leftMs: number): void {
  advancePlayback(viewers, 0, leftMs);
  if (!hasStarted) metrics.startFailures.add(1);
  metrics.reportColumns(viewers, 0);
}

function plannedEndMs({ churnPerMinRatio }: WireRun): number {
  return viewers.joinedMs[0]! + stayMs(draw(stream.stay), churnPerMinRatio);
}

/** A number of this session's, within 0 and 1. */
function draw(of: number): number {
  return (randomWord(key, of, session) + 0.5) / 4_294_967_296;
}
