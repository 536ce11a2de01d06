/**
 * A session: one continuous watch in a viewer's place. It begins at its arrival, ends when the viewer
 * has seen enough, waited too long for a picture or was put off by stalls; then another one begins in
 * the same place, on the same line, so that the audience stays the same however it fares.
 */
import { randomWord } from "../base/prng.ts";
import { selectRung } from "../viewer/live-following.ts";
import { shortenedByMs, startPatienceMs, stayMs } from "../viewer/patience.ts";
import { advancePlayback } from "../viewer/playback.ts";
import { join, viewerPhase } from "../viewer/viewers.ts";
import { ratioOf, stream } from "./audience.ts";
import { countInto } from "./histogram.ts";
import { windowOf } from "./plan.ts";
import type { Shard } from "./shard.ts";
import { act, flag, nodeState, sum, sumCount } from "./world.ts";

/** Round trips from clicking to the first media playlist: connection, multivariant, init segment. */
const startRoundTrips = 3;
/** Between attempts of a player that cannot start: the page's own "try again". Arbitrary. */
const startRetryUs = 10e6;

/** The viewer arrives at edge e. */
export function startSession(s: Shard, i: number, e: number, nowUs: number): void {
  const { world, plan, counts } = s;
  const { viewers } = world;
  const { audience } = plan.scenario;
  const nowMs = nowUs / 1_000;
  const session = world.session[i]! + 1;
  world.session[i] = session;
  join(viewers, i, nowMs);
  counts.joins[Math.floor(nowUs / 1e6)]! += 1;
  counts.openChange[windowOf(plan, nowUs)]! += 1;
  const row = e * sumCount;
  world.sums[row + sum.sessions]! += 1;
  world.sums[row + sum.requests]! += 1;
  const leavesUs = plannedEndUs(s, i);
  if (isRefused(s, e) || draw(s, i, stream.failure) < audience.failedSessionRatio) {
    world.endUs[i] = leavesUs;
    world.act[i] = act.retryStart;
    world.nextUs[i] = Math.min(leavesUs, nowUs + startRetryUs);
    return;
  }
  const { startGraceSec, startLeavePerSecRatio } = audience;
  const random = draw(s, i, stream.patience);
  const patienceMs = startPatienceMs(random, startGraceSec, startLeavePerSecRatio);
  world.endUs[i] = Math.min(leavesUs, Math.round(nowUs + 1_000 * patienceMs));
  const readyUs = nowUs + startRoundTrips * plan.rttUs;
  selectRung(viewers, i, firstRung(s, i, nowMs), readyUs / 1_000);
  world.act[i] = act.wake;
  world.nextUs[i] = Math.min(world.endUs[i], readyUs);
}

/** The rung a viewer begins with: the rule's own, or its choice before there is an estimate. */
function firstRung(s: Shard, i: number, nowMs: number): number {
  const { viewers, rule } = s.world;
  const of = rule[i]!;
  return s.rules[of]!.firstRung ?? s.choose[of]!(viewers, i, s.ladder, nowMs);
}

/** The first frame is shown: from now on the viewer stays as long as it meant to. */
export function startedPlaying(s: Shard, i: number): void {
  const { world, counts } = s;
  countInto(counts.startupMs, world.viewers.startupMs[i]!);
  world.endUs[i] = plannedEndUs(s, i);
}

/** A player that cannot start keeps trying; an edge that refused it may have room by then. */
export function retryStart(s: Shard, i: number, e: number, nowUs: number): void {
  const { world, plan } = s;
  world.sums[e * sumCount + sum.requests]! += 1;
  const isBroken = draw(s, i, stream.failure) < plan.scenario.audience.failedSessionRatio;
  if (isBroken || isRefused(s, e)) {
    world.nextUs[i] = Math.min(world.endUs[i]!, nowUs + startRetryUs);
    return;
  }
  world.viewers.pollAtMs[i] = nowUs / 1_000;
  world.act[i] = act.wake;
  selectRung(world.viewers, i, firstRung(s, i, nowUs / 1_000), nowUs / 1_000);
  world.nextUs[i] = nowUs;
}

/** A stall of `lateMs` has ended at `nowUs`: it counts where it lasted, and shortens the stay. */
export function noteStall(s: Shard, i: number, nowUs: number, lateMs: number): void {
  const { world } = s;
  noteStalled(s, nowUs - 1_000 * lateMs, nowUs);
  const soonerMs = shortenedByMs(lateMs, s.plan.scenario.audience.stallLeaveSecPerSec);
  world.endUs[i] = Math.max(nowUs, world.endUs[i]! - Math.round(1_000 * soonerMs));
}

/** The session ends: what it came to is added up, and the next one begins in its place. */
export function leaveSession(s: Shard, i: number, e: number, nowUs: number): void {
  const { world, counts } = s;
  world.sums[e * sumCount + sum.discardedMs]! += closeSession(s, i, e, nowUs);
  counts.openChange[windowOf(s.plan, nowUs)]! -= 1;
  world.act[i] = act.join;
  world.nextUs[i] = nowUs;
  const home = world.homeEdge[i]!;
  if (home === e || world.edgeState[home] !== nodeState.up) return;
  // Its edge is back: the next session is there, from the next turn on.
  world.edge[i] = home;
  world.flags[flag.moved] = 1;
  world.nextUs[i] = Math.max(nowUs, s.turnEndUs);
}

/** Adds an open session to the sums of edge e, as if it ended now; returns what is in its buffer, ms. */
export function closeSession(s: Shard, i: number, e: number, nowUs: number): number {
  const { world, counts, plan } = s;
  const { viewers, sums } = world;
  advancePlayback(viewers, i, nowUs / 1_000);
  if (viewers.phase[i] === viewerPhase.stalled) {
    noteStalled(s, 1_000 * viewers.stalledSinceMs[i]!, nowUs);
  }
  const row = e * sumCount;
  const playedMs = viewers.playedMs[i]!;
  const stalledMs = viewers.stalledMs[i]!;
  sums[row + sum.playedMs]! += playedMs;
  sums[row + sum.stalledMs]! += stalledMs;
  sums[row + sum.stalls]! += viewers.stallCount[i]!;
  sums[row + sum.switches]! += viewers.switchUpCount[i]! + viewers.switchDownCount[i]!;
  sums[row + sum.viewerBytes]! += viewers.segmentBytes[i]!;
  sums[row + sum.downloadedMs]! += viewers.segmentCount[i]! * plan.segmentMs;
  sums[row + sum.discardedMs]! += viewers.discardedMs[i]!;
  if (viewers.startupMs[i]! < 0) sums[row + sum.failedSessions]! += 1;
  const watchedMs = playedMs + stalledMs;
  if (watchedMs > 0) {
    countInto(counts.stallPer10000, (10_000 * stalledMs) / watchedMs);
    countInto(counts.sessionKbps, (8 * viewers.segmentBytes[i]!) / watchedMs);
  }
  return viewers.bufferMs[i]!;
}

/** Adds a stand-still to the windows it lasted in. */
function noteStalled(s: Shard, fromUs: number, toUs: number): void {
  const { windowUs } = s.plan;
  const { stalledUs } = s.counts;
  let beginUs = Math.round(fromUs);
  const endUs = Math.round(toUs);
  while (beginUs < endUs) {
    const window = windowOf(s.plan, beginUs);
    const upToUs = Math.min(endUs, (window + 1) * windowUs);
    stalledUs[window]! += upToUs - beginUs;
    beginUs = upToUs;
  }
}

/** When the viewer would leave of its own accord: stays are exponential. */
function plannedEndUs(s: Shard, i: number): number {
  const ms = stayMs(draw(s, i, stream.stay), s.plan.scenario.audience.churnPerMinRatio);
  return Math.round(1_000 * (s.world.viewers.joinedMs[i]! + ms));
}

/** Whether the edge was too full in the last window to let anybody in. */
function isRefused(s: Shard, e: number): boolean {
  const { world, plan } = s;
  const limit = plan.scenario.topology.admissionRatio;
  if (limit === null) return false;
  return world.lastBits[e]! > limit * world.edgeBitsPerUs[e]! * plan.windowUs;
}

/** A number of this session's, within 0 and 1. */
function draw(s: Shard, i: number, of: number): number {
  return ratioOf(randomWord(s.world.key[i]!, of, s.world.session[i]!));
}
