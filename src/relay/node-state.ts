/**
 * The state of one relay node, as plain columns and records. Functions in this folder change it;
 * only RelayNode hands it out.
 */
import { countIndex, countSlots, type CountName } from "./counts.ts";
import type { RelayDecision } from "./decision.ts";
import { initsPerTrack, Objects, tracksPerFeed } from "./objects.ts";
import type { RelayOptions } from "./options.ts";
import { Parents } from "./parents.ts";
import type { FeedState } from "../hls/status.ts";

/** One request to a parent that is under way. */
export interface Attempt {
  id: number;
  object: number;
  parent: number;
  after: number;
  startedMs: number;
  /** When the headers came; -1 before. */
  headMs: number;
  progressMs: number;
  /** It was late, so that another parent was asked too. */
  isLate: boolean;
}

export interface FeedNode {
  name: string;
  /** Version of the status in hand; -1 before the first. */
  version: number;
  state: FeedState | "unknown";
  /** When the origin's word was last known to be this status, as the parents say. */
  confirmedMs: number;
  /** The parent whose last word on the status was an old one; -1: none. */
  doubtedParent: number;
  /** Since when parents contradict the status in hand; -1 while none does. */
  disputedSinceMs: number;
  /** What each parent said since then; see status-dispute.ts. */
  testimonies: Uint8Array;
  ladderVersionWanted: number;
  /** Version of the ladder in hand; -1 before the first. */
  ladderVersion: number;
}

export interface Track {
  feed: number;
  /** kbps or `audioRung`; -1 while the track stands for none. */
  rung: number;
  /** Whether a playlist is in hand. */
  listed: boolean;
  firstMsn: number;
  lastMsn: number;
  lastEpoch: number;
  lastDurationMs: number;
  /** ENDLIST: the playlist in hand is the last of its broadcast. */
  final: boolean;
  /** When the playlist in hand was made, by this node's clock. */
  versionAtMs: number;
  demandedMs: number;
  following: boolean;
  /** Following has begun and no answer has come yet, so the playlist in hand proves nothing. */
  catchingUp: boolean;
  initNames: string[];
  initNext: number;
}

export interface NodeState {
  readonly options: RelayOptions;
  readonly objects: Objects;
  readonly parents: Parents;
  readonly feeds: readonly FeedNode[];
  readonly feedIndex: ReadonlyMap<string, number>;
  /** `tracksPerFeed` a feed. */
  readonly tracks: readonly Track[];
  readonly attempts: Map<number, Attempt>;
  /** Attempts under way an object. */
  readonly running: Uint8Array;
  /** When a playlist, status or ladder may be asked for again. */
  readonly reloadAtMs: Float64Array;
  /** Objects that wait for a free fill, first come first served. */
  readonly queue: number[];
  /** Fills between two attempts at the same parent: when to go on. First come first served. */
  readonly paused: Map<number, number>;
  /** Pauses before retries so far: the number of the next random one. */
  pauseCount: number;
  readonly counts: Float64Array;
  /** When each parent was last blamed for a late reload. */
  readonly lateBlamedMs: Float64Array;
  decisions: RelayDecision[];
  attemptLast: number;
  /** Attempts for segments and init segments under way. */
  fillCount: number;
  /** Bytes of all objects that have or await bytes. */
  cacheBytes: number;
}

export function createNodeState(options: RelayOptions): NodeState {
  const feedCount = options.feeds.length;
  const objects = new Objects({ feedCount, historyCount: options.historyCount });
  return {
    options,
    objects,
    parents: new Parents(options.parentCount),
    feeds: options.feeds.map((name) => createFeed(name, options.parentCount)),
    feedIndex: new Map(options.feeds.map((name, index) => [name, index])),
    tracks: Array.from({ length: feedCount * tracksPerFeed }, (_, index) =>
      createTrack(Math.trunc(index / tracksPerFeed)),
    ),
    attempts: new Map(),
    running: new Uint8Array(objects.count),
    reloadAtMs: new Float64Array(objects.count).fill(-Infinity),
    queue: [],
    paused: new Map(),
    pauseCount: 0,
    counts: new Float64Array(countSlots),
    lateBlamedMs: new Float64Array(options.parentCount).fill(-Infinity),
    decisions: [],
    attemptLast: 0,
    fillCount: 0,
    cacheBytes: 0,
  };
}

export function countOn(node: NodeState, name: CountName, by = 1): void {
  node.counts[countIndex[name]]! += by;
}

export function wake(node: NodeState, object: number): void {
  node.decisions.push({ kind: "wake", object });
}

function createFeed(name: string, parentCount: number): FeedNode {
  return {
    name,
    version: -1,
    state: "unknown",
    confirmedMs: -Infinity,
    doubtedParent: -1,
    disputedSinceMs: -1,
    testimonies: new Uint8Array(parentCount),
    ladderVersionWanted: 0,
    ladderVersion: -1,
  };
}

function createTrack(feed: number): Track {
  return {
    feed,
    rung: -1,
    listed: false,
    firstMsn: -1,
    lastMsn: -1,
    lastEpoch: -1,
    lastDurationMs: 0,
    final: false,
    versionAtMs: -Infinity,
    demandedMs: -Infinity,
    following: false,
    catchingUp: false,
    initNames: new Array<string>(initsPerTrack).fill(""),
    initNext: 0,
  };
}
