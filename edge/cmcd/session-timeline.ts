/**
 * What one report changes: the time since the report before goes to the state the session was in,
 * a new state is entered, and the player's own counts make up for reports that were lost. All of a
 * session's stalled and played time is an interval that passed on the edge's own clock, each moment
 * once: no report can add more than that.
 */
import { stateIndex, type CmcdReport } from "./cmcd-report.ts";
import type { CmcdTotals } from "./cmcd-totals.ts";
import type { SessionColumns } from "./session-columns.ts";

/** One session within its columns, and the totals it adds to. */
export interface SessionView {
  columns: SessionColumns;
  totals: CmcdTotals;
  session: number;
}

/** An event that is said to be older than this is a player's clock that was set. */
const eventAgeMsMax = 60_000;
/** A session adds to the histograms once in so long, so that chatty players do not count double. */
const sampleEveryMs = 4_000;

/**
 * Notes how far the player's clock is from ours by the event; to be done for all events that came
 * together before the first of them is taken, since the newest one tells it best.
 */
export function noteClock({ columns, session }: SessionView, atUnixMs: number, nowMs: number) {
  if (atUnixMs === -1) return;
  const known = columns.clockOffsetMs[session]!;
  const offsetMs = nowMs - atUnixMs;
  const isKept = known <= offsetMs && offsetMs - known < eventAgeMsMax;
  if (!isKept) columns.clockOffsetMs[session] = offsetMs;
}

/** An event of POST /cmcd. */
export function takeEvent(view: SessionView, report: CmcdReport, nowMs: number): void {
  const { columns, session } = view;
  if (columns.hasEvents[session] === 0) {
    // Stalls that its requests listed until now are listed again in its events.
    columns.hasEvents[session] = 1;
    columns.endedStallMs[session] = 0;
    columns.endedStallCount[session] = 0;
  }
  const offsetMs = columns.clockOffsetMs[session]!;
  const isTimed = report.atUnixMs !== -1 && !Number.isNaN(offsetMs);
  const atMs = isTimed ? Math.min(nowMs, report.atUnixMs + offsetMs) : nowMs;
  advance(view, report, { state: report.state, atMs });
  if (report.event === "e" && report.state === -1) countError(view, atMs);
  sample(view, report, nowMs);
}

/** The CMCD of a request. Once a session sends events, they alone tell its time. */
export function takeRequest(view: SessionView, report: CmcdReport, nowMs: number): void {
  const { columns, session } = view;
  columns.decodedMs[session] = nowMs;
  if (columns.hasEvents[session] === 0) {
    advance(view, report, { state: stateOfRequest(view, report), atMs: nowMs });
    // Version 1 has no word of its own on the start: what was seen of it is all there will be.
    if (report.state === -1) takeStartup(view, -1);
    if (report.isStarved && columns.isStarved[session] === 0) countStalls(view, 1, nowMs);
    const isStalled = columns.state[session] === stateIndex.stalled;
    columns.isStarved[session] = report.isStarved || isStalled ? 1 : 0;
  }
  sample(view, report, nowMs);
}

/** The session's last words, when it has been silent for long. */
export function finish(view: SessionView): void {
  const { columns, totals, session } = view;
  takeStartup(view, -1);
  const isStarting = columns.state[session] === stateIndex.starting;
  if (isStarting && columns.hasPlayed[session] === 0) totals.startFailureCount += 1;
}

/** Version 1 knows no states: they follow from `su` and `pr`. -1: as before. */
function stateOfRequest({ columns, session }: SessionView, report: CmcdReport): number {
  if (report.state !== -1) return report.state;
  if (report.playbackRate === 0) return stateIndex.paused;
  if (!report.isStartup) return stateIndex.playing;
  return columns.hasPlayed[session] === 0 ? stateIndex.starting : -1;
}

function advance(
  view: SessionView,
  report: CmcdReport,
  { state, atMs }: { state: number; atMs: number },
): void {
  const { columns, session } = view;
  takeStartup(view, report.startupMs);
  columns.endedStallCount[session]! += report.endedStallCount;
  columns.endedStallMs[session]! += report.endedStallMs;
  credit(view, report, atMs);
  if (state !== -1 && state !== columns.state[session]) enter(view, state, atMs);
  claimStalls(view, report, atMs);
}

/** Adds the time since the last report to what the session did meanwhile. */
function credit(view: SessionView, report: CmcdReport, atMs: number): void {
  const { columns, totals, session } = view;
  const claimedMs = claimedStallMs(view, report);
  const spanMs = atMs - columns.creditedMs[session]!;
  if (spanMs <= 0) return;
  columns.creditedMs[session] = atMs;
  if (columns.hasPlayed[session] === 0) return;
  const missingMs = Math.max(0, claimedMs - columns.stallMs[session]!);
  const isStalled = columns.state[session] === stateIndex.stalled;
  const stalledMs = isStalled ? spanMs : Math.min(spanMs, missingMs);
  totals.stallMs += stalledMs;
  columns.stallMs[session]! += stalledMs;
  if (columns.state[session] === stateIndex.playing) totals.playMs += spanMs - stalledMs;
}

/** Stalled time since the session was first seen, by its own account. */
function claimedStallMs({ columns, session }: SessionView, report: CmcdReport): number {
  const endedMs = columns.endedStallMs[session]!;
  if (report.stallMs === -1) return endedMs;
  if (columns.stallMsBase[session] === -1) {
    columns.stallMsBase[session] = Math.max(0, report.stallMs - columns.stallMs[session]!);
  }
  return Math.max(endedMs, report.stallMs - columns.stallMsBase[session]!);
}

/** Stalls that the player counted and whose reports did not come. */
function claimStalls(view: SessionView, report: CmcdReport, atMs: number): void {
  const { columns, session } = view;
  let claimed = columns.endedStallCount[session]!;
  if (report.stallCount !== -1) {
    if (columns.stallCountBase[session] === -1) {
      const before = report.stallCount - columns.stallCount[session]!;
      columns.stallCountBase[session] = Math.max(0, before);
    }
    claimed = Math.max(claimed, report.stallCount - columns.stallCountBase[session]!);
  }
  const missing = claimed - columns.stallCount[session]!;
  if (missing > 0) countStalls(view, missing, atMs);
}

function enter(view: SessionView, state: number, atMs: number): void {
  const { columns, totals, session } = view;
  const before = columns.state[session]!;
  const isJoined = before === stateIndex.unknown;
  columns.state[session] = state;
  const hasPlayed = columns.hasPlayed[session] === 1;
  if (state === stateIndex.stalled) {
    columns.isStarved[session] = 1;
    // Who is heard of first in a stall has played: at another edge, which has counted it.
    if (isJoined) columns.hasPlayed[session] = 1;
    // After a jump the picture is awaited because of the jump: 5004-B calls that seeking.
    else if (hasPlayed && before !== stateIndex.seeking) countStalls(view, 1, atMs);
    return;
  }
  const startingMs = columns.startingMs[session]!;
  if (state === stateIndex.playing) {
    columns.hasPlayed[session] = 1;
    const isTimed = !hasPlayed && startingMs !== -1 && columns.hasStartup[session] === 0;
    if (isTimed) columns.startupMs[session] = Math.max(0, atMs - startingMs);
  }
  const isOver = state === stateIndex.ended || state === stateIndex.failed;
  if (isOver && !hasPlayed && startingMs !== -1) totals.startFailureCount += 1;
  columns.startingMs[session] = hasPlayed ? -1 : startingSince({ startingMs, before, state, atMs });
  if (state === stateIndex.failed) countError(view, atMs);
}

/** Since when a session that has not played is starting; -1: it is not. */
function startingSince(of: {
  startingMs: number;
  before: number;
  state: number;
  atMs: number;
}): number {
  const { startingMs, before, state, atMs } = of;
  const { starting, seeking, stalled, preloading } = stateIndex;
  if (state === starting) {
    const isContinued = startingMs !== -1 && (before === seeking || before === stalled);
    return isContinued ? startingMs : atMs;
  }
  // Players of live feeds seek to where they begin: that is of the start. And hls.js says that it
  // preloads and that it starts in two posts at once, which may come in either order.
  return state === seeking || state === preloading ? startingMs : -1;
}

/** The player's own word on its start counts before what was seen of it here. */
function takeStartup({ columns, totals, session }: SessionView, startupMs: number): void {
  if (columns.hasStartup[session] === 1) return;
  const ms = startupMs === -1 ? columns.startupMs[session]! : startupMs;
  if (ms === -1) return;
  columns.hasStartup[session] = 1;
  totals.startup.observe(0, ms / 1_000);
}

function countStalls(view: SessionView, count: number, atMs: number): void {
  const { columns, totals, session } = view;
  const added = Math.min(count, allowance(view, columns.stallCount[session]!, atMs));
  columns.stallCount[session]! += added;
  totals.stallCount += added;
}

function countError(view: SessionView, atMs: number): void {
  const { columns, totals, session } = view;
  const added = Math.min(1, allowance(view, columns.errorCount[session]!, atMs));
  columns.errorCount[session]! += added;
  totals.errorCount += added;
}

/** Of what can happen once a second at most, how much more may have happened. */
function allowance({ columns, session }: SessionView, count: number, atMs: number): number {
  const elapsedSec = Math.floor(Math.max(0, atMs - columns.firstMs[session]!) / 1_000);
  return Math.max(0, elapsedSec + 1 - count);
}

function sample(
  { columns, totals, session }: SessionView,
  report: CmcdReport,
  nowMs: number,
): void {
  if (report.rungKbps !== -1) columns.rungKbps[session] = report.rungKbps;
  const sampledMs = columns.sampledMs[session]!;
  if (sampledMs !== -1 && nowMs - sampledMs < sampleEveryMs) return;
  const { bufferMs, throughputKbps, latencyMs } = report;
  if (bufferMs === -1 && throughputKbps === -1 && latencyMs === -1) return;
  columns.sampledMs[session] = nowMs;
  if (bufferMs !== -1) totals.buffer.observe(0, bufferMs / 1_000);
  if (throughputKbps !== -1) totals.throughput.observe(0, throughputKbps * 1_000);
  if (latencyMs !== -1) totals.latency.observe(0, latencyMs / 1_000);
}
