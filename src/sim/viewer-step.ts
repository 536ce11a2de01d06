/**
 * One event of one viewer: a session begins, looks what there is to do, gets a segment, ends. What a
 * player does is src/viewer's; here are the network's answers and when they come. Runs for 500,000
 * viewers: nothing is allocated.
 */
import { halved } from "../base/float.ts";
import { randomWord } from "../base/prng.ts";
import { chooseEvenStart } from "../viewer/even-start.ts";
import {
  acceptPlaylist,
  countSegment,
  nextAction,
  selectRung,
  viewerAction,
  wakeAtMs,
} from "../viewer/live-following.ts";
import { advancePlayback, appendSegment } from "../viewer/playback.ts";
import { firstByteMsMax, requested, retryAfterFailure } from "../viewer/retry-policy.ts";
import { sampleDownload } from "../viewer/throughput-estimator.ts";
import { viewerPhase } from "../viewer/viewers.ts";
import { stream } from "./audience.ts";
import { countInto } from "./histogram.ts";
import { newestAtEdge, newestAtShield, readyAtEdge, recentSlot } from "./listing.ts";
import { addLoad } from "./load.ts";
import { nearlyNormal } from "./normal.ts";
import { msnAtStart, windowOf } from "./plan.ts";
import { leaveSession, noteStall, retryStart, startedPlaying, startSession } from "./session.ts";
import type { Shard } from "./shard.ts";
import { asksPeer } from "./swarm-pool.ts";
import { act, sum, sumCount } from "./world.ts";

export const firstByteUsMax = 1_000 * firstByteMsMax[requested.segment];
/** Times a viewer may change its mind between polls before it waits. */
const turnsMax = 8;
/** Rates are so many halvings below this one: 2^30 bits a microsecond is a petabit a second. */
export const rateLog2Max = 30;
export const rateMax = 2 ** rateLog2Max;
/** Least wait of a viewer who has nothing to do now. */
const waitUsMin = 1_000;
/** One in this many segments is a sample of the distance from the live edge. */
export const latencySampleMask = 15;

/** Runs the event of viewer i at edge e that `nextUs` and `act` say, and sets the next one. */
export function runEvent(s: Shard, i: number, e: number): void {
  const { world } = s;
  const nowUs = world.nextUs[i]!;
  const kind = world.act[i]!;
  if (kind === act.finish) finishBody(s, i, e, nowUs);
  else if (kind === act.join) startSession(s, i, e, nowUs);
  else if (nowUs >= world.endUs[i]!) leaveSession(s, i, e, nowUs);
  else if (kind === act.wake) follow(s, i, e, nowUs);
  else retryStart(s, i, e, nowUs);
}

/** Polls, switches and asks for segments until there is something to wait for. */
export function follow(s: Shard, i: number, e: number, fromUs: number): void {
  const { world, bufferMsMax } = s;
  const { viewers } = world;
  let nowUs = fromUs;
  for (let turn = 0; turn < turnsMax; turn++) {
    const nowMs = nowUs / 1_000;
    advancePlayback(viewers, i, nowMs);
    const action = nextAction(viewers, i, nowMs, bufferMsMax);
    // A player polls beside its downloads; here, one by one, what is listed and wanted goes first.
    if (action === viewerAction.poll && !wantsListed(s, i)) {
      if (s.isBlocking && isHeld(s, i, e)) return;
      nowUs = poll(s, i, e, nowUs);
      // Whoever leaves before the answer comes does not play on until then.
      if (nowUs >= world.endUs[i]!) break;
      continue;
    }
    if (action === viewerAction.wait) break;
    const rule = world.rule[i]!;
    const rung = s.choose[rule]!(viewers, i, s.ladder, nowMs);
    if (!selectRung(viewers, i, rung, nowMs)) continue;
    beginBody(s, i, e, nowUs, rung);
    return;
  }
  const wakeUs = Math.ceil(1_000 * wakeAtMs(viewers, i, nowUs / 1_000, bufferMsMax));
  world.act[i] = act.wake;
  world.nextUs[i] = Math.min(world.endUs[i]!, Math.max(wakeUs, nowUs + waitUsMin));
}

/** Whether a segment is listed that the viewer wants and has room for. */
function wantsListed(s: Shard, i: number): boolean {
  const { nextMsn, lastMsn, bufferMs } = s.world.viewers;
  return nextMsn[i]! >= 0 && nextMsn[i]! <= lastMsn[i]! && bufferMs[i]! < s.bufferMsMax;
}

/** Whether a blocking reload would be held beyond this turn; if so the viewer asks again after it. */
function isHeld(s: Shard, i: number, e: number): boolean {
  const { world } = s;
  const { viewers } = world;
  const row = e * s.rungCount + s.ladderRungs[viewers.playlistRung[i]!]!;
  const newest = world.newestMsn[row]!;
  if (newest < 0 || viewers.lastMsn[i]! < newest) return false;
  world.demand[row]! += 1;
  world.act[i] = act.wake;
  world.nextUs[i] = Math.min(world.endUs[i]!, s.turnEndUs);
  return true;
}

/** Asks the edge for the playlist of the viewer's rung; returns when the answer is there. */
function poll(s: Shard, i: number, e: number, askedUs: number): number {
  const { world, plan } = s;
  const { viewers } = world;
  const rung = s.ladderRungs[viewers.playlistRung[i]!]!;
  const row = e * s.rungCount + rung;
  let arrivesUs = askedUs + plan.rttUs / 2;
  world.sums[e * sumCount + sum.requests]! += 1;
  const knownMsn = viewers.lastMsn[i]!;
  if (s.isBlocking && knownMsn >= 0) {
    // Held until the edge lists the next one.
    arrivesUs = Math.max(arrivesUs, world.listedUs[recentSlot(row, knownMsn + 1)]!);
  }
  let answerUs = arrivesUs + plan.rttUs / 2;
  let msn = newestAtEdge(world, row, arrivesUs);
  if (msn < 0) {
    // A miss: the edge asks its shield.
    answerUs += plan.shieldRttUs;
    const shieldRow = (e % plan.shieldCount) * s.rungCount + rung;
    msn = newestAtShield(world, shieldRow, askedUs + (plan.rttUs + plan.shieldRttUs) / 2);
    world.demand[row]! += 1;
  }
  const answerMs = answerUs / 1_000;
  if (msn < 0) {
    retryOrGiveUp(s, i, answerUs, requested.playlist, false);
    return answerUs;
  }
  const nextMsn = viewers.nextMsn[i]!;
  const { segmentMs } = plan;
  const listedCount = plan.scenario.segment.playlistCount;
  if (nextMsn <= msn - listedCount) {
    chooseEvenStart(viewers, i, msn, listedCount, segmentMs, s.holdBackMs);
  }
  acceptPlaylist(viewers, i, answerMs, msn, segmentMs, segmentMs);
  // Asked again at once, but what is listed is fetched before: requests here come one by one.
  if (s.isBlocking) viewers.pollAtMs[i] = answerMs + 0.001;
  return answerUs;
}

/** Asks for the next segment in `rung` of the ladder. */
export function beginBody(s: Shard, i: number, e: number, askedUs: number, rung: number): void {
  const { world, plan } = s;
  const { viewers } = world;
  const msn = viewers.nextMsn[i]!;
  const globalRung = s.ladderRungs[rung]!;
  const row = e * s.rungCount + globalRung;
  const bytes = sizeOf(s, msn, globalRung);
  const bitsPerUs = pathBitsPerUs(s, i, askedUs);
  world.sums[e * sumCount + sum.requests]! += 1;
  s.counts.steps[0]! += 1;
  world.bodyBytes[i] = bytes;
  world.bodyAskedUs[i] = askedUs;
  world.bodyBitsPerUs[i] = bitsPerUs;
  world.bodyRung[i] = rung;
  const isFromPeer = s.hasPeers && asksPeer(s, i, row, msn, 8 * bytes);
  world.bodyFromPeer[i] = isFromPeer ? 1 : 0;
  let fromUs = askedUs + plan.rttUs;
  if (!isFromPeer) {
    world.demand[row]! += 1;
    let readyUs = readyAtEdge(world, row, msn);
    world.sums[e * sumCount + sum.asked]! += 1;
    if (readyUs > askedUs + plan.rttUs / 2) world.sums[e * sumCount + sum.joined]! += 1;
    if (readyUs !== readyUs) {
      readyUs = askedUs + plan.rttUs / 2 + plan.shieldRttUs + (8 * bytes) / plan.uplinkBitsPerUs;
    }
    fromUs = Math.max(fromUs, readyUs + plan.rttUs / 2);
  }
  world.bodyFromUs[i] = fromUs;
  const timeoutUs = fromUs - askedUs > firstByteUsMax ? firstByteUsMax : s.loadTimeoutUs;
  const stopUs = Math.min(world.endUs[i]!, askedUs + timeoutUs);
  if (s.isShared && !isFromPeer) {
    world.bodyDoneUs[i] = Infinity;
    world.bodyBitsLeft[i] = 8 * bytes;
    world.act[i] = fromUs < stopUs ? act.flowStart : act.finish;
    world.nextUs[i] = Math.min(fromUs, stopUs);
    return;
  }
  const lastBitUs = fromUs + (8 * bytes) / bitsPerUs;
  const doneUs = Math.ceil(lastBitUs);
  const endUs = Math.min(doneUs, stopUs);
  world.bodyDoneUs[i] = doneUs;
  world.act[i] = act.finish;
  world.nextUs[i] = endUs;
  if (!isFromPeer && endUs > fromUs)
    addLoad(world, e, fromUs, Math.min(lastBitUs, endUs), bitsPerUs);
}

/** The body is complete, or is given up at `nowUs`. */
function finishBody(s: Shard, i: number, e: number, nowUs: number): void {
  const { world } = s;
  if (nowUs >= world.bodyDoneUs[i]!) completeBody(s, i, e, nowUs);
  else {
    breakBody(s, i, e, nowUs);
    if (nowUs < world.endUs[i]!) retryOrGiveUp(s, i, nowUs, requested.segment, true);
    if (nowUs >= world.endUs[i]!) leaveSession(s, i, e, nowUs);
    else follow(s, i, e, nowUs);
  }
}

/** A request failed. Where the player has tried often enough, its viewer leaves. */
function retryOrGiveUp(s: Shard, i: number, nowUs: number, what: number, isTimeout: boolean): void {
  const { viewers, endUs } = s.world;
  if (!retryAfterFailure(viewers, i, nowUs / 1_000, what, isTimeout)) endUs[i] = nowUs;
}

/** Counts what has come of a body that ends early. */
export function breakBody(s: Shard, i: number, e: number, nowUs: number): void {
  const { world } = s;
  const bytes = world.bodyBytes[i]!;
  // Counted from its end: it may have begun on a shared link, at less than its path's rate.
  const leftBits =
    world.bodyDoneUs[i] === Infinity
      ? world.bodyBitsLeft[i]!
      : (world.bodyDoneUs[i]! - nowUs) * world.bodyBitsPerUs[i]!;
  const partBytes = Math.max(0, Math.min(bytes, Math.floor(bytes - leftBits / 8)));
  countSent(s, i, e, partBytes);
  world.sums[e * sumCount + sum.viewerBytes]! += partBytes;
}

function countSent(s: Shard, i: number, e: number, bytes: number): void {
  const { world } = s;
  const of = world.bodyFromPeer[i] === 1 ? sum.peerBytes : sum.edgeBytes;
  world.sums[e * sumCount + of]! += bytes;
}

function completeBody(s: Shard, i: number, e: number, nowUs: number): void {
  const { world, plan } = s;
  const { viewers } = world;
  const nowMs = nowUs / 1_000;
  const bytes = world.bodyBytes[i]!;
  const rung = world.bodyRung[i]!;
  const askedUs = world.bodyAskedUs[i]!;
  countSent(s, i, e, bytes);
  world.rungSegments[e * s.rungCount + s.ladderRungs[rung]!]! += 1;
  const waitMs = (world.bodyFromUs[i]! - askedUs) * 0.001;
  const totalMs = (nowUs - askedUs) * 0.001;
  sampleDownload(viewers, i, bytes, waitMs, totalMs);
  countSegment(viewers, i, rung, bytes);
  const isFirst = viewers.phase[i] === viewerPhase.joining;
  const msn = viewers.nextMsn[i]!;
  const mediaEndMs = (msn + 1 - msnAtStart) * plan.segmentMs;
  const lateMs = appendSegment(viewers, i, nowMs, plan.segmentMs, mediaEndMs);
  if (isFirst) startedPlaying(s, i);
  else if (lateMs > 0) noteStall(s, i, nowUs, lateMs);
  const rule = s.rules[world.rule[i]!]!;
  if (rule.downloaded !== undefined) rule.downloaded(viewers, i, s.ladder, nowMs, rung, totalMs);
  if (s.inPlateau && ((msn + i) & latencySampleMask) === 0) {
    countInto(s.counts.latencyMs, nowMs - (mediaEndMs - viewers.bufferMs[i]!));
  }
  if (nowUs >= world.endUs[i]!) leaveSession(s, i, e, nowUs);
  else follow(s, i, e, nowUs);
}

/** Bytes of a segment of a rung in `rungKbps`. */
function sizeOf(s: Shard, msn: number, globalRung: number): number {
  const { sizeBytes, sizeRowCount } = s.plan;
  if (sizeRowCount === 1) return sizeBytes[globalRung]!;
  return sizeBytes[(msn % sizeRowCount) * s.rungCount + globalRung]!;
}

/** What the viewer's path carries in the window of `atUs`. */
function pathBitsPerUs(s: Shard, i: number, atUs: number): number {
  const { world } = s;
  const window = windowOf(s.plan, atUs);
  const passed = window - world.pathNoiseWindow[i]!;
  if (passed > 0) {
    const n = Math.min(passed, s.noiseKept.length - 1);
    const fresh = nearlyNormal(randomWord(world.key[i]!, stream.noise, window));
    world.pathNoise[i] = s.noiseKept[n]! * world.pathNoise[i]! + s.noiseAdded[n]! * fresh;
    world.pathNoiseWindow[i] = window;
  }
  const belowMax = rateLog2Max - (world.pathLog2[i]! + s.noiseSigma * world.pathNoise[i]!);
  return rateMax * halved(Math.max(0, belowMax));
}
