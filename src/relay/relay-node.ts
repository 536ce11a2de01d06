/**
 * One node of the relay, shield or edge: its window, what it follows, its fills and its parents.
 * Inputs are per object, never per viewer; what is to be done comes out as decisions.
 * It knows no sockets, bytes or wall clock: the programs drive it by sockets, the simulator in
 * virtual time.
 */
import { isMedia } from "./attempts.ts";
import { countOn, createNodeState, wake, type Attempt, type NodeState } from "./node-state.ts";
import type { RelayDecision } from "./decision.ts";
import {
  fillEnd,
  fillFailed,
  fillHead,
  fillProgress,
  startFill,
  startQueued,
  tickFill,
  visibleBytesOf,
} from "./fill.ts";
import {
  reloadAnswered,
  reloadFailed,
  reloadIfDue,
  statusAgeMsMax,
  tickFollow,
  tickReload,
  unfollow,
  watch,
} from "./follow.ts";
import { objectKind, objectState, tracksPerFeed } from "./objects.ts";
import { staleAfterDurations, type RelayOptions } from "./options.ts";
import { contradict, isDisputed, resetFeed, settle } from "./status-dispute.ts";
import { forgetFeed, forgetTrack, takePlaylist, type PlaylistFacts } from "./window.ts";
import type { FeedState } from "../hls/status.ts";

/** What a node needs to know of a feed's status. */
export interface StatusFacts {
  version: number;
  state: FeedState;
  ladderVersion: number;
}

/** What a node needs to know of a ladder document. */
export interface LadderFacts {
  version: number;
  rungs: readonly number[];
}

/** Why a fill or reload came to nothing; `missing` and `unavailable` are a parent's right. */
export type FillErrorReason =
  "missing" | "unavailable" | "connection" | "status" | "malformed" | "truncated" | "aborted";

export class RelayNode {
  /** For this folder and its tests; adapters use the methods. */
  readonly state: NodeState;

  constructor(options: RelayOptions) {
    this.state = createNodeState(options);
  }

  /** The decisions since the last call. */
  take(): RelayDecision[] {
    const { decisions } = this.state;
    if (decisions.length > 0) this.state.decisions = [];
    return decisions;
  }

  get hasDecisions(): boolean {
    return this.state.decisions.length > 0;
  }

  /** `count` viewers or children want the object now: one call an object is enough for any number. */
  demand(object: number, count: number, nowMs: number): void {
    const node = this.state;
    const { objects } = node;
    objects.demandedMs[object] = nowMs;
    if (objects.kind[object] === objectKind.playlist) {
      this.#demandPlaylist(object, count, nowMs);
      return;
    }
    const state = objects.state[object];
    if (state === objectState.complete) {
      countOn(node, "hit", count);
      return;
    }
    const busy = state === objectState.filling || state === objectState.queued;
    if (busy || !isMedia(node, object)) {
      countOn(node, "join", count);
      return;
    }
    if (state !== objectState.absent && nowMs < objects.retryMs[object]!) return;
    countOn(node, "miss");
    countOn(node, "join", count - 1);
    startFill(node, object, nowMs);
  }

  /** Bytes of the object that readers may have: all of it, or what a fill has brought so far. */
  visibleBytes(object: number): number {
    return visibleBytesOf(this.state, object);
  }

  /** Headers of a segment or init segment; see `fillHead`. */
  fillStart(
    attempt: number,
    head: { totalBytes: number; sameContent: boolean },
    nowMs: number,
  ): number {
    const found = this.state.attempts.get(attempt);
    return found === undefined ? -1 : fillHead(this.state, found, head, nowMs);
  }

  fillProgress(attempt: number, receivedBytes: number, nowMs: number): void {
    const found = this.state.attempts.get(attempt);
    if (found !== undefined) fillProgress(this.state, found, receivedBytes, nowMs);
  }

  fillEnd(attempt: number, { digestOk }: { digestOk: boolean }, nowMs: number): void {
    const found = this.state.attempts.get(attempt);
    if (found !== undefined) fillEnd(this.state, found, digestOk, nowMs);
  }

  fillError(attempt: number, reason: FillErrorReason, nowMs: number): void {
    const found = this.state.attempts.get(attempt);
    if (found === undefined) return;
    const missing = reason === "missing";
    const parentAtFault = !missing && reason !== "unavailable";
    if (isMedia(this.state, found.object)) {
      fillFailed(this.state, found, { missing, parentAtFault }, nowMs);
    } else {
      reloadFailed(this.state, found, parentAtFault, nowMs);
    }
  }

  /** A media playlist came by a reload. Returns whether it is to be served from now on. */
  playlistVersion(
    attempt: number,
    { facts, ageMs }: { facts: PlaylistFacts; ageMs: number },
    nowMs: number,
  ): boolean {
    const found = this.#reload(attempt, objectKind.playlist);
    if (found === undefined) return false;
    const track = this.state.objects.track[found.object]!;
    const verdict = this.applyPlaylist(track, { facts, ageMs }, nowMs);
    if (verdict === "regressed") {
      reloadFailed(this.state, found, true, nowMs);
      return false;
    }
    reloadAnswered(this.state, found, verdict === "new", nowMs);
    return verdict === "new";
  }

  /**
   * A status came by a reload, which the parent had confirmed `ageMs` ago. Returns whether it is to
   * be served from now on.
   */
  statusVersion(
    attempt: number,
    { facts, ageMs }: { facts: StatusFacts; ageMs: number },
    nowMs: number,
  ): boolean {
    const found = this.#reload(attempt, objectKind.status);
    if (found === undefined) return false;
    const feed = this.state.objects.feed[found.object]!;
    const known = this.state.feeds[feed]!;
    if (isDisputed(known, facts.version, nowMs)) {
      const { parent } = found;
      if (!contradict(this.state, { feed, parent, version: facts.version }, nowMs)) {
        countOn(this.state, "parentRegressed");
        reloadFailed(this.state, found, true, nowMs);
        return false;
      }
      resetFeed(this.state, feed, nowMs);
    }
    settle(known);
    const before = known.version;
    const confirmedMs = Math.max(known.confirmedMs, nowMs - ageMs);
    this.applyStatus(feed, facts, nowMs);
    known.confirmedMs = confirmedMs;
    known.doubtedParent = ageMs > statusAgeMsMax ? found.parent : -1;
    reloadAnswered(this.state, found, facts.version !== before, nowMs);
    return true;
  }

  /** A ladder came by a reload. Returns whether it is to be served from now on. */
  ladderVersion(attempt: number, facts: LadderFacts, nowMs: number): boolean {
    const found = this.#reload(attempt, objectKind.ladder);
    if (found === undefined) return false;
    const feed = this.state.objects.feed[found.object]!;
    const news = facts.version > this.state.feeds[feed]!.ladderVersion;
    if (news) this.applyLadder(feed, facts, nowMs);
    reloadAnswered(this.state, found, news, nowMs);
    return news;
  }

  /** Takes a playlist over without a reload having been asked for (simulator, tests). */
  applyPlaylist(
    track: number,
    { facts, ageMs }: { facts: PlaylistFacts; ageMs: number },
    nowMs: number,
  ): "new" | "unchanged" | "regressed" {
    const verdict = takePlaylist(this.state, track, facts, nowMs - ageMs, nowMs);
    if (verdict === "regressed") countOn(this.state, "parentRegressed");
    return verdict;
  }

  /** Takes a status over; followers and waiters of the feed learn of a change of state. */
  applyStatus(feed: number, facts: StatusFacts, nowMs: number): void {
    const node = this.state;
    const known = node.feeds[feed]!;
    known.confirmedMs = nowMs;
    known.ladderVersionWanted = facts.ladderVersion;
    if (facts.version !== known.version) wake(node, node.objects.statusOf(feed));
    known.version = facts.version;
    node.objects.state[node.objects.statusOf(feed)] = objectState.complete;
    if (facts.state !== known.state) this.#enterState(feed, facts.state, nowMs);
    reloadIfDue(node, node.objects.ladderOf(feed), nowMs);
  }

  /** Takes a ladder over: its rungs are the ones that exist from now on. */
  applyLadder(feed: number, facts: LadderFacts, nowMs: number): void {
    const node = this.state;
    const known = node.feeds[feed]!;
    known.ladderVersion = facts.version;
    node.objects.state[node.objects.ladderOf(feed)] = objectState.complete;
    const first = feed * tracksPerFeed;
    for (let index = first; index < first + tracksPerFeed; index++) {
      const track = node.tracks[index]!;
      if (track.rung === -1 || facts.rungs.includes(track.rung)) continue;
      unfollow(node, track, node.objects.playlistOf(index));
      forgetTrack(node, index);
      track.rung = -1;
    }
    for (const rung of facts.rungs) this.#addRung(feed, rung);
    wake(node, node.objects.ladderOf(feed));
    this.#wakePlaylists(feed, nowMs);
  }

  /** How old the oldest followed playlist of a feed is, and whether that is too old for a live one. */
  freshness(feed: number, nowMs: number): { ageMs: number; isStale: boolean } {
    const { tracks, feeds, options } = this.state;
    let ageMs = 0;
    for (const track of tracks) {
      if (track.feed !== feed || !track.following || !track.listed || track.catchingUp) continue;
      ageMs = Math.max(ageMs, nowMs - track.versionAtMs);
    }
    const isLive = feeds[feed]!.state === "live";
    return { ageMs, isStale: isLive && ageMs > staleAfterDurations * options.targetDurationMs };
  }

  /** How long ago the origin's word on the feed was known to be the status in hand. */
  statusAgeMs(feed: number, nowMs: number): number {
    return nowMs - this.state.feeds[feed]!.confirmedMs;
  }

  /** Duration of the newest segment anybody follows; a target duration when nobody does. */
  segmentDurationMs(feed: number): number {
    let longestMs = 0;
    for (const track of this.state.tracks) {
      if (track.feed === feed && track.listed)
        longestMs = Math.max(longestMs, track.lastDurationMs);
    }
    return longestMs === 0 ? this.state.options.targetDurationMs : longestMs;
  }

  /** The best parent that is not ejected, by index. */
  preferredParent(nowMs: number): number {
    return this.state.parents.chooseAny(nowMs);
  }

  /** Deadlines, due reloads, idle followers: to be called several times a second. */
  tick(nowMs: number): void {
    const node = this.state;
    for (const attempt of node.attempts.values()) {
      if (isMedia(node, attempt.object)) tickFill(node, attempt, nowMs);
      else tickReload(node, attempt, nowMs);
    }
    tickFollow(node, nowMs);
    startQueued(node, nowMs);
  }

  #demandPlaylist(playlist: number, count: number, nowMs: number): void {
    const node = this.state;
    const trackIndex = node.objects.track[playlist]!;
    const track = node.tracks[trackIndex]!;
    if (!track.following) {
      countOn(node, "miss");
      countOn(node, "join", count - 1);
    } else {
      countOn(node, track.listed && !track.catchingUp ? "hit" : "join", count);
    }
    watch(node, trackIndex, nowMs);
  }

  #reload(attempt: number, kind: number): Attempt | undefined {
    const found = this.state.attempts.get(attempt);
    return found !== undefined && this.state.objects.kind[found.object] === kind
      ? found
      : undefined;
  }

  #enterState(feed: number, state: FeedState, nowMs: number): void {
    const node = this.state;
    node.feeds[feed]!.state = state;
    if (state === "offline" || state === "starting") forgetFeed(node, feed);
    wake(node, node.objects.ladderOf(feed));
    this.#wakePlaylists(feed, nowMs);
  }

  #wakePlaylists(feed: number, nowMs: number): void {
    const node = this.state;
    const first = feed * tracksPerFeed;
    for (let index = first; index < first + tracksPerFeed; index++) {
      if (node.tracks[index]!.rung === -1) continue;
      const playlist = node.objects.playlistOf(index);
      wake(node, playlist);
      reloadIfDue(node, playlist, nowMs);
    }
  }

  #addRung(feed: number, rung: number): void {
    const { tracks } = this.state;
    const first = feed * tracksPerFeed;
    let free = -1;
    for (let index = first; index < first + tracksPerFeed; index++) {
      if (tracks[index]!.rung === rung) return;
      if (free === -1 && tracks[index]!.rung === -1) free = index;
    }
    // A ladder longer than the configuration allows: the surplus rungs stay unknown.
    if (free === -1) return;
    const track = tracks[free]!;
    track.rung = rung;
    track.lastMsn = -1;
    track.firstMsn = -1;
    track.lastEpoch = -1;
  }
}
