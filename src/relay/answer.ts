/**
 * What a request meets: `locate` finds the object a path means, `answer` says what it gets. Both
 * only read the node, allocate nothing and come to an integer. The tables below are the policy.
 */
import type { ParsedPath } from "../hls/path.ts";
import type { FeedNode, NodeState, Track } from "./node-state.ts";
import { objectState, tracksPerFeed } from "./objects.ts";
import { aheadMsnMax, expiredAfterDurations, holdMsOf, staleAfterDurations } from "./options.ts";
import type { RelayNode } from "./relay-node.ts";
import { initOf, segmentOf } from "./window.ts";

/** What a request gets. From `notFound` on it is a refusal of constant size. */
export const outcome = {
  /** The whole object, now. */
  hit: 0,
  /** Bytes of a fill others have caused, or the news others wait for. */
  join: 1,
  /** As join, and this request causes the fill. */
  miss: 2,
  /** Held until the live edge moves. */
  wait: 3,
  /** The playlist in hand, though it is older than it should be. */
  stale: 4,
  notFound: 5,
  badRequest: 6,
  /** Nothing worth sending now: 503 with Retry-After. */
  unavailable: 7,
  /** The parents could not deliver it: 502. */
  badGateway: 8,
} as const;
export type Outcome = (typeof outcome)[keyof typeof outcome];

export const outcomeNames = Object.keys(outcome) as (keyof typeof outcome)[];

const { hit, join, miss, wait, stale, notFound, badRequest, unavailable, badGateway } = outcome;

/**
 * Media playlists, by what the feed does (row) and what is in hand (column).
 * fresh: up to 1.5 target durations old; late: up to 3; expired: older;
 * pending: asked for, nothing trustworthy yet; cold: nobody has followed it.
 */
const playlistTable: readonly (readonly Outcome[])[] = [
  /*            fresh     late      expired      pending   cold  */
  /* unknown */ [wait, wait, wait, wait, miss],
  /* offline */ [notFound, notFound, notFound, notFound, notFound],
  /* running */ [hit, stale, unavailable, join, miss],
  /* waiting */ [hit, hit, hit, join, miss],
  /* ended   */ [hit, hit, hit, join, miss],
];
const fresh = 0;
const late = 1;
const expired = 2;
const pending = 3;
const cold = 4;

/** Segments and init segments, by the object's state. */
const mediaTable: readonly Outcome[] = [
  /* absent   */ miss,
  /* queued   */ join,
  /* filling  */ join,
  /* complete */ hit,
  /* missing  */ notFound,
  /* failed   */ badGateway,
];

const rowUnknown = 0;
const rowOffline = 1;
const rowRunning = 2;
const rowWaiting = 3;
const rowEnded = 4;

/** How `locate` sorts requests. */
export const requestKind = { unknown: 0, document: 1, playlist: 2, media: 3, ahead: 4 } as const;

/** One request on its way to an answer; reused, so that asking allocates nothing. */
export interface RelayRequest {
  kind: (typeof requestKind)[keyof typeof requestKind];
  /** Index of the feed; -1 for an unknown one. */
  feed: number;
  /** What is asked for, or what to wait for until it can be known; -1 for an unknown name. */
  object: number;
  /** `_HLS_msn` of a playlist, `v` of a status; -1: none. */
  after: number;
  /** Whether the request has been held as long as it may be. */
  waited: boolean;
}

export function createRelayRequest(): RelayRequest {
  return { kind: requestKind.unknown, feed: -1, object: -1, after: -1, waited: false };
}

/** Fills `into` with what the path means to this node; unknown names stay outside of any state. */
export function locate(relay: RelayNode, path: ParsedPath, into: RelayRequest): void {
  const node = relay.state;
  into.kind = requestKind.unknown;
  into.object = -1;
  const feed = node.feedIndex.get(path.feed) ?? -1;
  into.feed = feed;
  if (feed === -1) return;
  if (path.kind === "status") {
    into.kind = requestKind.document;
    into.object = node.objects.statusOf(feed);
  } else if (path.kind === "multivariant" || path.kind === "ladder") {
    into.kind = requestKind.document;
    into.object = node.objects.ladderOf(feed);
  } else if (path.kind === "media" || path.kind === "init" || path.kind === "segment") {
    locateInTrack(node, feed, path, into);
  }
}

/** What the request gets now. Ask again when its object wakes, and once more when it has waited. */
export function answer(relay: RelayNode, request: RelayRequest, nowMs: number): Outcome {
  const node = relay.state;
  switch (request.kind) {
    case requestKind.unknown:
      return notFound;
    case requestKind.document:
      return answerDocument(node, request, nowMs);
    case requestKind.playlist:
      return answerPlaylist(node, request, nowMs);
    case requestKind.ahead:
      return request.waited ? notFound : wait;
    case requestKind.media:
      return answerMedia(node, request, nowMs);
  }
}

function locateInTrack(node: NodeState, feed: number, path: ParsedPath, into: RelayRequest): void {
  const known = node.feeds[feed]!;
  const trackIndex = trackOf(node, feed, path.rung);
  if (trackIndex === -1) {
    // Before the first ladder nobody can say which rungs there are: the name may come true.
    if (known.ladderVersion !== -1 || known.state === "offline") return;
    into.kind = requestKind.ahead;
    into.object = node.objects.ladderOf(feed);
    return;
  }
  const track = node.tracks[trackIndex]!;
  const playlist = node.objects.playlistOf(trackIndex);
  if (path.kind === "media") {
    into.kind = requestKind.playlist;
    into.object = playlist;
    return;
  }
  const object =
    path.kind === "init" ? initOf(node, trackIndex, path.name) : segmentOf(node, trackIndex, path);
  if (object !== -1) {
    into.kind = requestKind.media;
    into.object = object;
  } else if (known.state !== "offline" && mayComeTrue(track, path)) {
    into.kind = requestKind.ahead;
    into.object = playlist;
  }
}

/** Whether the viewer may have the name from a node that is fresher than this one. */
function mayComeTrue(track: Track, path: ParsedPath): boolean {
  if (!track.listed || track.catchingUp) return true;
  if (path.kind === "init") return false;
  return (
    path.msn > track.lastMsn &&
    path.msn <= track.lastMsn + aheadMsnMax &&
    path.epoch >= track.lastEpoch &&
    !track.final
  );
}

function trackOf(node: NodeState, feed: number, rung: number): number {
  const first = feed * tracksPerFeed;
  for (let index = first; index < first + tracksPerFeed; index++) {
    if (node.tracks[index]!.rung === rung) return index;
  }
  return -1;
}

function answerDocument(node: NodeState, request: RelayRequest, nowMs: number): Outcome {
  const { objects } = node;
  const feed = node.feeds[objects.feed[request.object]!]!;
  const isStatus = request.object === objects.statusOf(objects.feed[request.object]!);
  if (!isStatus && feed.state === "offline") return notFound;
  if (objects.state[request.object] !== objectState.complete) {
    return request.waited ? unavailable : wait;
  }
  // Not 503: the page would tell its viewer that the house is full, when nobody is reached.
  if (isStatus && isUnconfirmed(node, feed, nowMs)) return badGateway;
  if (isStatus && request.after === feed.version && !request.waited) return wait;
  return hit;
}

/** Whether the feed is said to be on the air and no parent has said so for too long. */
function isUnconfirmed(node: NodeState, feed: FeedNode, nowMs: number): boolean {
  const { options } = node;
  if (!options.followStatus || feed.state === "offline" || feed.state === "ended") return false;
  const unconfirmedMsMax = holdMsOf(options) + expiredAfterDurations * options.targetDurationMs;
  return nowMs - feed.confirmedMs > unconfirmedMsMax;
}

function answerPlaylist(node: NodeState, request: RelayRequest, nowMs: number): Outcome {
  const { objects } = node;
  const track = node.tracks[objects.track[request.object]!]!;
  const row = rowOf(node, node.feeds[track.feed]!, nowMs);
  const column = columnOf(node, track, request.waited, nowMs);
  if (request.after !== -1 && column <= late && row >= rowRunning && !track.final) {
    if (request.after > track.lastMsn + aheadMsnMax) return badRequest;
    if (request.after > track.lastMsn && !request.waited) return wait;
  }
  const found = playlistTable[row]![column]!;
  const held = found === join || found === miss || found === wait;
  return held && request.waited ? unavailable : found;
}

function answerMedia(node: NodeState, request: RelayRequest, nowMs: number): Outcome {
  const { objects } = node;
  const found = mediaTable[objects.state[request.object]!]!;
  const refused = found === notFound || found === badGateway;
  if (refused && nowMs >= objects.retryMs[request.object]!) {
    return request.waited ? found : miss;
  }
  return request.waited && (found === join || found === miss) ? unavailable : found;
}

function rowOf(node: NodeState, feed: FeedNode, nowMs: number): number {
  switch (feed.state) {
    case "unknown":
      return rowUnknown;
    case "offline":
      return rowOffline;
    case "starting":
    case "live":
    case "slate":
      return rowRunning;
    case "waiting":
      // A status nobody confirms any more proves nothing: what it would excuse is held to be live.
      return isUnconfirmed(node, feed, nowMs) ? rowRunning : rowWaiting;
    case "ended":
      return rowEnded;
  }
}

function columnOf(node: NodeState, track: Track, waited: boolean, nowMs: number): number {
  if (!track.listed) return track.following ? pending : cold;
  const { targetDurationMs } = node.options;
  const ageMs = nowMs - track.versionAtMs;
  if (!waited && ageMs > targetDurationMs) {
    if (!track.following) return cold;
    if (track.catchingUp) return pending;
  }
  if (ageMs <= staleAfterDurations * targetDurationMs) return fresh;
  return ageMs <= expiredAfterDurations * targetDurationMs ? late : expired;
}
