/**
 * Status versions that cannot follow the one in hand: lower ones, and leaps nobody's clock explains.
 * One parent that says so is wrong. When every parent that answers says so for a while, the origin
 * is another one or has another clock, and what is in hand is given up: else a feed would stay dark
 * until each node was restarted.
 */
import { abortAttempts } from "./attempts.ts";
import { dropObject } from "./fill.ts";
import { countOn, type FeedNode, type NodeState } from "./node-state.ts";
import { objectKind, tracksPerFeed } from "./objects.ts";
import { holdMsOf } from "./options.ts";
import { forgetFeed } from "./window.ts";

/** Versions begin at Unix ms, so one past the year 2100 is none. */
export const versionMax = 4_102_444_800_000;
/**
 * How far a version may be ahead of the last one plus the time since: three years. An origin's
 * restart leaps by as long as it ran, because versions rise by one and begin at Unix ms.
 */
export const versionLeapMax = 3 * 365 * 86_400_000;
/** For so many holds all parents must contradict: each has been asked by then. */
const disputeHolds = 3;

/** What a parent said of the status while it is disputed. */
const testimony = { none: 0, contradicts: 1, silent: 2 } as const;

/** Whether a parent may say so of a feed whose status is in hand. */
export function isDisputed(feed: FeedNode, version: number, nowMs: number): boolean {
  if (version > versionMax) return true;
  if (feed.version === -1) return false;
  const elapsedMs = nowMs - feed.confirmedMs;
  return version < feed.version || version > feed.version + elapsedMs + versionLeapMax;
}

/** A parent contradicts the status in hand; whether all have for long enough to believe them. */
export function contradict(
  node: NodeState,
  of: { feed: number; parent: number; version: number },
  nowMs: number,
): boolean {
  const feed = node.feeds[of.feed]!;
  if (of.version > versionMax) return false;
  if (feed.disputedSinceMs === -1) feed.disputedSinceMs = nowMs;
  feed.testimonies[of.parent] = testimony.contradicts;
  if (nowMs - feed.disputedSinceMs < disputeHolds * holdMsOf(node.options)) return false;
  return !feed.testimonies.includes(testimony.none);
}

/** A parent gave no status; while one is disputed it counts as out of reach. */
export function noteSilence(node: NodeState, object: number, parent: number): void {
  const feed = disputedFeed(node, object);
  if (feed?.testimonies[parent] === testimony.none) feed.testimonies[parent] = testimony.silent;
}

/** A parent confirmed the status in hand, or another one was taken over. */
export function settle(feed: FeedNode): void {
  if (feed.disputedSinceMs === -1) return;
  feed.disputedSinceMs = -1;
  feed.testimonies.fill(testimony.none);
}

/** The parent whose word is missing most on a disputed status; -1 when there is none such. */
export function witness(node: NodeState, object: number, nowMs: number): number {
  const feed = disputedFeed(node, object);
  if (feed === undefined) return -1;
  return feed.testimonies.findIndex(
    (said, parent) => said !== testimony.contradicts && !node.parents.isEjected(parent, nowMs),
  );
}

/** Gives up all that is known of the feed, the floors of MSN and epoch too. */
export function resetFeed(node: NodeState, feedIndex: number, nowMs: number): void {
  const { objects } = node;
  const feed = node.feeds[feedIndex]!;
  countOn(node, "feedReset");
  node.decisions.push({ kind: "reset", feed: feedIndex, version: feed.version });
  forgetFeed(node, feedIndex);
  abortAttempts(node, objects.ladderOf(feedIndex));
  dropObject(node, objects.ladderOf(feedIndex));
  feed.version = -1;
  feed.confirmedMs = -Infinity;
  feed.state = "unknown";
  feed.ladderVersion = -1;
  feed.ladderVersionWanted = 0;
  for (let index = feedIndex * tracksPerFeed; index < (feedIndex + 1) * tracksPerFeed; index++) {
    const track = node.tracks[index]!;
    track.firstMsn = -1;
    track.lastMsn = -1;
    track.lastEpoch = -1;
    track.catchingUp = track.following;
    const playlist = objects.playlistOf(index);
    // What is asked for now asks for MSNs that the other origin may not reach for long.
    abortAttempts(node, playlist);
    objects.failures[playlist] = 0;
    node.reloadAtMs[playlist] = nowMs;
  }
}

function disputedFeed(node: NodeState, object: number): FeedNode | undefined {
  if (node.objects.kind[object] !== objectKind.status) return undefined;
  const feed = node.feeds[node.objects.feed[object]!]!;
  return feed.disputedSinceMs === -1 ? undefined : feed;
}
