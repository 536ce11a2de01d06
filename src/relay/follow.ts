/**
 * Following: what a node keeps up to date by itself. Each followed document (a feed's status, its
 * ladder, a watched media playlist) has exactly one reload at the parent, held there until there is
 * news; a second parent is asked as well when the first is late.
 */
import { abortAttempts, endAttempt, parentFailed, startAttempt } from "./attempts.ts";
import { countOn, wake, type Attempt, type NodeState, type Track } from "./node-state.ts";
import { objectKind, tracksPerFeed } from "./objects.ts";
import { holdMsOf } from "./options.ts";
import { retryPauseMs } from "./retry-pause.ts";
import { noteSilence, witness } from "./status-dispute.ts";

/** How late an answer may be before the next parent is asked too. */
export const lateMsMax = 1_000;
/** Least time from one reload to the next that brought no news: an answer at once is no hold. */
const reloadMsMin = 500;
const retryMsMin = 100;
const retryMsMax = 2_000;

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
  if (node.running[object] !== 0) return;
  const failures = Math.min(16, node.objects.failures[object]! + 1);
  node.objects.failures[object] = failures;
  const other = parentAtFault && failures === 1 ? node.parents.choose(nowMs, parent) : -1;
  if (other !== -1 && isWanted(node, object)) {
    askFor(node, object, parent, nowMs);
    return;
  }
  const limits = { msMin: retryMsMin, msMax: retryMsMax };
  node.reloadAtMs[object] = nowMs + retryPauseMs(node, { object, failures, ...limits });
}

/** Deadlines of one reload. */
export function tickReload(node: NodeState, attempt: Attempt, nowMs: number): void {
  const { object, parent, startedMs } = attempt;
  if (nowMs - startedMs >= holdMsOf(node.options) + lateMsMax + node.options.firstByteTimeoutMs) {
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
  if (node.objects.kind[object] === objectKind.status) return node.options.followStatus;
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
  const parent = missed === -1 ? node.parents.chooseAny(nowMs, avoid) : missed;
  if (parent === -1) return;
  countOn(node, "reload");
  startAttempt(node, { object, parent, after: afterOf(node, object) }, nowMs);
}

function afterOf(node: NodeState, object: number): number {
  const kind = node.objects.kind[object];
  if (kind === objectKind.status) return node.feeds[node.objects.feed[object]!]!.version;
  if (kind === objectKind.ladder) return -1;
  const track = node.tracks[node.objects.track[object]!]!;
  return track.listed && !track.final ? track.lastMsn + 1 : -1;
}

/** A held reload is late once the next segment is; one that cannot be held, after a second. */
function lateAtMs(node: NodeState, attempt: Attempt): number {
  const { object, after, startedMs } = attempt;
  if (after === -1) return startedMs + lateMsMax;
  const heldUntilMs = startedMs + holdMsOf(node.options);
  if (node.objects.kind[object] !== objectKind.playlist) return heldUntilMs + lateMsMax;
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
