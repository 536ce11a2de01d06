/**
 * The vocabulary of the player's state machine (player-machine.ts): what can happen to the page,
 * what it can do about it, and what the viewer is shown.
 */
import type { FeedState, FeedStatus } from "../../../../src/hls/status.ts";

/** What the viewer sees; each has a face of its own (face-text.ts, faces.css). */
export const faces = [
  "offline",
  "starting",
  "live",
  "behind",
  "stalled",
  "waiting",
  "ended",
  "error",
  "full",
] as const;
export type Face = (typeof faces)[number];

/** Why the face is what it is, where the words differ. */
export type FaceReason =
  | "none"
  /** Media is on its way: the first frame has not been shown yet. */
  | "joining"
  /** The browser says that it has no network. */
  | "connection"
  /** The edge does not answer. */
  | "unreachable"
  /** The media does not play although the edge says that the feed is live. */
  | "unplayable"
  | "unknownFeed"
  | "unsupported";

export type ProbeFailure = "unreachable" | "notFound" | "full";

/** Everything that can happen. Times are the machine's `nowMs`, never inside an event. */
export type PlayerEvent = PageEvent | FeedEvent | PlaybackEvent;

/** What happens to the page, whether or not anything plays. */
export type PageEvent =
  /** The page is there: once, first. */
  | { kind: "begin" }
  | { kind: "tick" }
  | { kind: "unsupported" }
  | { kind: "paused" }
  | { kind: "resumed" }
  | { kind: "online" }
  | { kind: "offline" }
  | { kind: "hidden" }
  | { kind: "shown" }
  /** The viewer chose what only another playlist has (sound alone, or the picture again). */
  | { kind: "reopen" }
  | { kind: "retry" };

/** What is heard of the feed, from its edge or in its room. */
export type FeedEvent =
  | { kind: "status"; status: FeedStatus }
  | { kind: "statusFailed"; failure: ProbeFailure }
  /** From here on a room tells what the feed does. */
  | { kind: "roomOpened" }
  | { kind: "roomLost" };

/** What the playback that was opened last reports. */
export type PlaybackEvent =
  /** A frame (or sound, in audio-only mode) came out for the first time since `open`. */
  | { kind: "firstFrame" }
  /** The play position moved. */
  | { kind: "progress" }
  /** Media bytes are arriving. */
  | { kind: "bytes" }
  | { kind: "segmentBuffered" }
  | { kind: "loadFailed"; what: "playlist" | "media" }
  | { kind: "mediaFailed" }
  /** A fatal error of any other kind. */
  | { kind: "playbackFailed" }
  /** It was told to go to another place in the broadcast: back by the viewer's wish, or to live. */
  | { kind: "sought"; isBack: boolean }
  /** Everything up to ENDLIST was played. */
  | { kind: "playedToEnd" }
  /** What was opened had ENDLIST from the start: the last broadcast, not a live one. */
  | { kind: "openedEnded" }
  /** How far behind the position where live playback should be. */
  | { kind: "distance"; behindSec: number };

/** Everything the machine can ask for. */
export type PlayerCommand =
  | { kind: "open" }
  | { kind: "close" }
  /** Load again after a fatal loading error, with what is buffered kept. */
  | { kind: "reload" }
  | { kind: "recoverMedia"; swapAudioCodec: boolean }
  | { kind: "jumpToLive" }
  /** Ask for status.json; with a version: held by the edge until the version differs. */
  | { kind: "probe"; knownVersion: number | null };

export interface PlayerState {
  face: Face;
  reason: FaceReason;
  /** What the edge said last, corrected by what was seen here; null before the first answer. */
  feed: FeedState | null;
  version: number | null;
  probing: boolean;
  probeStartedMs: number;
  probeAtMs: number;
  statusAtMs: number;
  probeFailure: ProbeFailure | null;
  probeFailureCount: number;
  /** A room tells what the feed does: the edge need not be asked. */
  hasRoom: boolean;
  /** When the edge is to be asked what time it is, which a room does not tell. */
  clockAtMs: number;
  /** opening: from `open` to the first frame. */
  playback: "closed" | "opening" | "open";
  openedAtMs: number;
  /** Not opened again before this instant. */
  reopenAtMs: number;
  /** Opened in a row without a frame. */
  openAttemptCount: number;
  /** A frame has been shown in this broadcast. */
  hadFrame: boolean;
  lastProgressMs: number;
  /** Standing still before this is no reason to tear playback down. */
  watchFromMs: number;
  lastBytesMs: number;
  reloadCount: number;
  reloadAtMs: number | null;
  mediaErrorCount: number;
  mediaErrorAtMs: number;
  behindSec: number | null;
  isBehind: boolean;
  /** Behind because the viewer went back, not by a stall. */
  isBackByWish: boolean;
  /** Standing still until the place that the viewer went to is there: no stall. */
  isSeeking: boolean;
  paused: boolean;
  online: boolean;
  hidden: boolean;
  supported: boolean;
  /** Times the picture stood still for want of media, since the page was opened. */
  stallCount: number;
}

/** What the machine knows of the world at one step. */
export interface StepContext {
  nowMs: number;
  /** 0 to 1, drawn anew for each step: spreads what many viewers would do at one instant. */
  jitterRatio: number;
}
