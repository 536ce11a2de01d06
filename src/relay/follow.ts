/**
 * Following: what a node keeps up to date by itself. Each followed document (a feed's status, its
 * ladder, a watched media playlist) has exactly one reload at the parent, held there until there is
 * news; a second parent is asked as well when the first is late. A status is held so briefly that
 * this node knows within seconds whether it still hears the origin.
 */
import { abortAttempts, endAttempt, parentFailed, startAttempt } from "./attempts.ts";
import { countOn, wake, type Attempt, type NodeState, type Track } from "./node-state.ts";
import { objectKind, tracksPerFeed } from "./objects.ts";
import { holdMsOf } from "./options.ts";
import { retryPauseMs } from "./retry-pause.ts";
import { noteSilence, witness } from "./status-dispute.ts";
import { statusHoldMsMax } from "../hls/status.ts";

/** How late an answer may be before the next parent is asked too. */
export const lateMsMax = 1_000;
/** A status is due at a known moment, so that two tiers may each wait for a hung parent in 5 s. */
const statusLateMsMax = 500;
/** Least time from one reload to the next that brought no news: an answer at once is no hold. */
const reloadMsMin = 500;
const retryMsMin = 100;
const retryMsMax = 2_000;
/** So that a parent that is back after a second or two is heard before the swarm goes off. */
const statusRetryMsMax = 500;
/**
 * A parent that confirmed the status longer ago has lost the origin: another one is asked. Two tiers
 * of parents that hold it in turn come to 2.2 s.
 */
export const statusAgeMsMax = 2_500;

/** Somebody watches the track: its playlist is followed from now on. */
export function watch(node: NodeState, trackIndex: number, nowMs: number): void {
  const track = node.tracks[trackIndex]!;
  track.demandedMs = nowMs;
  if (track.following) return;
  track.following = true;
  track.catchingUp = true;
  const playlist = node.objects.playlistOf(trackIndex);
  node.reloadAtMs[playlist] = nowMs;
  reloadIfDue(node, playlist, nowMs);
}

/** Asks for the document if it is wanted, due, and nobody is asking. */
export function reloadIfDue(node: NodeState, object: number, nowMs: number): void {
  if (node.running[object] !== 0 || nowMs < node.reloadAtMs[object]!) return;
  if (!isWanted(node, object)) return;
  askFor(node, object, -1, nowMs);
}

/** A reload was answered; `news` says whether the answer changed anything. */
export function reloadAnswered(
  node: NodeState,
  attempt: Attempt,
  news: boolean,
  nowMs: number,
): void {
  const { object, startedMs } = attempt;
  endAttempt(node, attempt);
  if (news) blameLate(node, attempt, nowMs);
  abortAttempts(node, object);
  node.parents.succeeded(attempt.parent);
  node.objects.failures[object] = 0;
  node.reloadAtMs[object] = news ? nowMs : Math.max(nowMs, startedMs + reloadMsMin);
  caughtUp(node, object);
  reloadIfDue(node, object, nowMs);
}

/** A reload came to nothing; the next one goes to another parent after a pause that grows. */
export function reloadFailed(
  node: NodeState,
  attempt: Attempt,
  parentAtFault: boolean,
  nowMs: number,
): void {
  if (parentAtFault) parentFailed(node, attempt.parent, nowMs);
  retryReload(node, attempt, parentAtFault, nowMs);
}

function retryReload(
  node: NodeState,
  attempt: Attempt,
  parentAtFault: boolean,
  nowMs: number,
): void {
  const { object, parent } = attempt;
  endAttempt(node, attempt);
  noteSilence(node, object, parent);
  // Whoever was to know more does not.
  if (isStatus(node, object)) node.feeds[node.objects.feed[object]!]!.doubtedParent = -1;
  if (node.running[object] !== 0) return;
  const failures = Math.min(16, node.objects.failures[object]! + 1);
  node.objects.failures[object] = failures;
  const other = parentAtFault && failures === 1 ? node.parents.choose(nowMs, parent) : -1;
  if (other !== -1 && isWanted(node, object)) {
    askFor(node, object, parent, nowMs);
    return;
  }
  const msMax = isStatus(node, object) ? statusRetryMsMax : retryMsMax;
  const pauseMs = retryPauseMs(node, { object, failures, msMin: retryMsMin, msMax });
  node.reloadAtMs[object] = nowMs + pauseMs;
}

/** Deadlines of one reload. */
export function tickReload(node: NodeState, attempt: Attempt, nowMs: number): void {
  const { object, parent, startedMs } = attempt;
  const answerMsMax =
    holdMsFor(node, object) + lateMsFor(node, object) + node.options.firstByteTimeoutMs;
  if (nowMs - startedMs >= answerMsMax) {
    countOn(node, "parentTimeout");
    node.decisions.push({ kind: "abort", attempt: attempt.id });
    blame(node, parent, nowMs);
    retryReload(node, attempt, true, nowMs);
    return;
  }
  if (node.running[object] !== 1 || nowMs < lateAtMs(node, attempt)) return;
  const other = node.parents.choose(nowMs, parent);
  if (other === -1) return;
  countOn(node, "hedge");
  if (isStatus(node, object)) {
    // It was due with news or without, and the other parent is to say at once what holds.
    blame(node, parent, nowMs);
    startAttempt(node, { object, parent: other, after: -1 }, nowMs);
    return;
  }
  // No blame yet: when the publisher pauses, no parent has what is late.
  attempt.isLate = true;
  startAttempt(node, { object, parent: other, after: afterOf(node, object) }, nowMs);
}

/** Blames parents that kept back what another one had at once when it was asked. */
function blameLate(node: NodeState, answered: Attempt, nowMs: number): void {
  // An answer that had to be waited for itself says that nobody had it.
  if (nowMs - answered.startedMs >= node.options.firstByteTimeoutMs) return;
  for (const { object, parent, isLate } of node.attempts.values()) {
    if (object === answered.object && isLate) blame(node, parent, nowMs);
  }
}

/** One stall of a parent delays the reloads of all rungs: it counts once. */
function blame(node: NodeState, parent: number, nowMs: number): void {
  if (nowMs - node.lateBlamedMs[parent]! < lateMsMax) return;
  node.lateBlamedMs[parent] = nowMs;
  parentFailed(node, parent, nowMs);
}

/** Starts what is due and stops following what nobody has watched for a while. */
export function tickFollow(node: NodeState, nowMs: number): void {
  for (let feed = 0; feed < node.feeds.length; feed++) {
    reloadIfDue(node, node.objects.statusOf(feed), nowMs);
    reloadIfDue(node, node.objects.ladderOf(feed), nowMs);
    for (let index = feed * tracksPerFeed; index < (feed + 1) * tracksPerFeed; index++) {
      const track = node.tracks[index]!;
      if (!track.following) continue;
      const playlist = node.objects.playlistOf(index);
      if (nowMs - track.demandedMs < node.options.idleMs) reloadIfDue(node, playlist, nowMs);
      else unfollow(node, track, playlist);
    }
  }
}

export function unfollow(node: NodeState, track: Track, playlist: number): void {
  if (!track.following) return;
  track.following = false;
  track.catchingUp = false;
  abortAttempts(node, playlist);
}

function isWanted(node: NodeState, object: number): boolean {
  const feed = node.feeds[node.objects.feed[object]!]!;
  if (isStatus(node, object)) return node.options.followStatus;
  if (node.objects.kind[object] === objectKind.ladder) {
    return node.options.followStatus && feed.ladderVersionWanted > Math.max(0, feed.ladderVersion);
  }
  const track = node.tracks[node.objects.track[object]!]!;
  if (!track.following || track.rung === -1) return false;
  if (feed.state === "unknown" || feed.state === "offline") return false;
  return !(track.final && feed.state === "ended");
}

function askFor(node: NodeState, object: number, avoid: number, nowMs: number): void {
  const missed = witness(node, object, nowMs);
  const better = missed === -1 ? betterInformed(node, object, nowMs) : -1;
  const preferred = better === -1 ? node.parents.chooseAny(nowMs, avoid) : better;
  const parent = missed === -1 ? preferred : missed;
  if (parent === -1) return;
  countOn(node, "reload");
  // Who is asked because another one knows nothing new says at once what holds.
  const after = parent === better ? -1 : afterOf(node, object);
  startAttempt(node, { object, parent, after }, nowMs);
}

/** Another parent than the one whose word on the status was old; -1 when there is no such need. */
function betterInformed(node: NodeState, object: number, nowMs: number): number {
  if (!isStatus(node, object)) return -1;
  const { doubtedParent } = node.feeds[node.objects.feed[object]!]!;
  return doubtedParent === -1 ? -1 : node.parents.choose(nowMs, doubtedParent);
}

function afterOf(node: NodeState, object: number): number {
  const kind = node.objects.kind[object];
  if (kind === objectKind.status) return node.feeds[node.objects.feed[object]!]!.version;
  if (kind === objectKind.ladder) return -1;
  const track = node.tracks[node.objects.track[object]!]!;
  return track.listed && !track.final ? track.lastMsn + 1 : -1;
}

function isStatus(node: NodeState, object: number): boolean {
  return node.objects.kind[object] === objectKind.status;
}

function holdMsFor(node: NodeState, object: number): number {
  // What the parent holds, whatever this node does.
  return isStatus(node, object) ? statusHoldMsMax : holdMsOf(node.options);
}

function lateMsFor(node: NodeState, object: number): number {
  return isStatus(node, object) ? statusLateMsMax : lateMsMax;
}

/** A held reload is late once the next segment is; one that cannot be held, after a second. */
function lateAtMs(node: NodeState, attempt: Attempt): number {
  const { object, after, startedMs } = attempt;
  if (after === -1) return startedMs + lateMsFor(node, object);
  const heldUntilMs = startedMs + holdMsFor(node, object);
  if (node.objects.kind[object] !== objectKind.playlist) {
    return heldUntilMs + lateMsFor(node, object);
  }
  const track = node.tracks[node.objects.track[object]!]!;
  const live = node.feeds[track.feed]!.state === "live";
  const dueMs = live ? track.versionAtMs + track.lastDurationMs : heldUntilMs;
  return Math.max(startedMs, Math.min(dueMs, heldUntilMs)) + lateMsMax;
}

/** The first answer since following began makes the playlist in hand trustworthy again. */
function caughtUp(node: NodeState, object: number): void {
  if (node.objects.kind[object] !== objectKind.playlist) return;
  const track = node.tracks[node.objects.track[object]!]!;
  if (!track.catchingUp) return;
  track.catchingUp = false;
  wake(node, object);
}
