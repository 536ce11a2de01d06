/**
 * The player's state machine: what happened goes in, what to show and what to do comes out. Pure:
 * it knows neither the DOM nor hls.js. Recovery: a page never needs to be reloaded, whatever the
 * broadcast, the edge or the network did.
 */
import type { FeedState, FeedStatus } from "../../../../src/hls/status.ts";
import { faceOf, isHalted } from "./player-face.ts";
import type {
  FeedEvent,
  PageEvent,
  PlaybackEvent,
  PlayerCommand,
  PlayerEvent,
  PlayerState,
  StepContext,
} from "./player-state.ts";

/** Playback that neither moves nor receives is torn down after this (proved value, research 5). */
const watchdogMs = 6_000;
/** The same while bytes still trickle in: a slow link is not a broken one. */
const watchdogTricklingMs = 30_000;
/** Limit from opening to the first frame: one lowest-rung segment over a 100 kbps link. */
const firstFrameMsMax = 20_000;
/** An opening that receives nothing at all for this long has got stuck. */
const openingSilenceMsMax = 8_000;
/** A live feed lists a segment every 4.3 s; one that missed two is not live, whatever it says. */
const segmentAgeMsMax = 10_000;
const probeIntervalPlayingMs = 10_000;
const probeIntervalMs = 2_000;
const probeIntervalMsMin = 250;
/** A room repeats the status every 15 s: one that has missed two is worth a question. */
const roomSilenceMs = 45_000;
/** As long as a sample of the edge's clock is good for (server-clock.ts). */
const clockIntervalMs = 300_000;
const backOffMsMax = 8_000;
/** A second media error within this gets the stronger cure (hls.js's own advice). */
const mediaErrorWindowMs = 5_000;
/** hls.js catches up by playing faster up to about here; hysteresis keeps the pill calm. */
const behindEnterSec = 6;
const behindLeaveSec = 3;
/** Spread of the rush when a broadcast begins. */
const openSpreadMs = 500;

export function initialPlayerState(
  nowMs: number,
  { online, hidden }: { online: boolean; hidden: boolean },
): PlayerState {
  return {
    face: "starting",
    reason: "joining",
    feed: null,
    version: null,
    probing: false,
    probeStartedMs: nowMs,
    probeAtMs: nowMs,
    statusAtMs: nowMs,
    probeFailure: null,
    probeFailureCount: 0,
    hasRoom: false,
    clockAtMs: nowMs,
    playback: "closed",
    openedAtMs: nowMs,
    reopenAtMs: nowMs,
    openAttemptCount: 0,
    hadFrame: false,
    lastProgressMs: nowMs,
    watchFromMs: nowMs,
    lastBytesMs: nowMs,
    reloadCount: 0,
    reloadAtMs: null,
    mediaErrorCount: 0,
    mediaErrorAtMs: nowMs,
    behindSec: null,
    isBehind: false,
    isBackByWish: false,
    isSeeking: false,
    paused: false,
    online,
    hidden,
    supported: true,
    stallCount: 0,
  };
}

/** One step. The given state is not changed. */
export function stepPlayer(
  before: PlayerState,
  event: PlayerEvent,
  context: StepContext,
): { state: PlayerState; commands: PlayerCommand[] } {
  const state = { ...before };
  const commands: PlayerCommand[] = [];
  if (isFeedEvent(event)) takeFeed(state, event, context);
  else if (isPageEvent(event)) takePage(state, event, context, commands);
  else if (state.playback !== "closed") takePlayback(state, event, context, commands);
  pursue(state, context, commands);
  const { face, reason } = faceOf(state, context.nowMs);
  const wasPlaying = before.face === "live" || before.face === "behind";
  if (wasPlaying && isHalted(state, context.nowMs)) {
    if (!state.isSeeking) state.stallCount += 1;
    // Where it is known why, there is nothing to ask.
    if (state.feed === null || isPlayable(state.feed)) askSoon(state, context.nowMs);
  }
  state.face = face;
  state.reason = reason;
  return { state, commands };
}

const pageEventKinds: Record<PageEvent["kind"], true> = {
  begin: true,
  tick: true,
  unsupported: true,
  paused: true,
  resumed: true,
  online: true,
  offline: true,
  hidden: true,
  shown: true,
  reopen: true,
  retry: true,
};

const feedEventKinds: Record<FeedEvent["kind"], true> = {
  status: true,
  statusFailed: true,
  roomOpened: true,
  roomLost: true,
};

function isFeedEvent(event: PlayerEvent): event is FeedEvent {
  return event.kind in feedEventKinds;
}

function isPageEvent(event: PlayerEvent): event is PageEvent {
  return event.kind in pageEventKinds;
}

function takePage(
  state: PlayerState,
  event: PageEvent,
  context: StepContext,
  commands: PlayerCommand[],
): void {
  const { nowMs } = context;
  switch (event.kind) {
    case "begin":
      // The playlist is fetched beside status.json, not after it: one round trip less to a frame.
      open(state, nowMs, commands);
      break;
    case "tick":
      break;
    case "paused":
      state.paused = true;
      break;
    case "resumed":
      state.paused = false;
      state.lastProgressMs = nowMs;
      break;
    case "online":
      goOnline(state, nowMs);
      break;
    case "offline":
      state.online = false;
      break;
    case "hidden":
      state.hidden = true;
      break;
    case "reopen":
      if (state.playback === "closed") break;
      close(state, commands);
      open(state, nowMs, commands);
      state.hadFrame = false;
      break;
    case "shown":
      state.hidden = false;
      state.openedAtMs = nowMs;
      if (isLeftBehind(state)) commands.push({ kind: "jumpToLive" });
      askSoon(state, nowMs);
      break;
    case "retry":
      state.openAttemptCount = 0;
      state.probeFailureCount = 0;
      state.reopenAtMs = nowMs;
      state.probing = false;
      state.probeAtMs = nowMs;
      break;
    case "unsupported":
      state.supported = false;
      close(state, commands);
      break;
  }
}

function takePlayback(
  state: PlayerState,
  event: PlaybackEvent,
  context: StepContext,
  commands: PlayerCommand[],
): void {
  const { nowMs } = context;
  switch (event.kind) {
    case "firstFrame":
      state.playback = "open";
      state.hadFrame = true;
      state.openAttemptCount = 0;
      state.lastProgressMs = nowMs;
      break;
    case "progress":
      state.isSeeking = false;
      state.lastProgressMs = nowMs;
      state.lastBytesMs = nowMs;
      break;
    case "bytes":
      state.lastBytesMs = nowMs;
      break;
    case "segmentBuffered":
      state.lastBytesMs = nowMs;
      state.reloadCount = 0;
      break;
    case "sought":
      state.isBackByWish = event.isBack;
      state.isSeeking = true;
      state.lastProgressMs = nowMs;
      break;
    case "distance":
      state.behindSec = event.behindSec;
      state.isBehind = event.behindSec > (state.isBehind ? behindLeaveSec : behindEnterSec);
      break;
    case "loadFailed":
      if (state.playback === "opening") {
        reopenLater(state, context, commands);
      } else {
        state.reloadCount += 1;
        state.reloadAtMs = nowMs + backOffMs(state.reloadCount, 500, context);
      }
      askSoon(state, nowMs);
      break;
    case "mediaFailed":
      cureMedia(state, context, commands);
      break;
    case "playbackFailed":
      reopenLater(state, context, commands);
      break;
    case "playedToEnd":
    case "openedEnded":
      // The edge's word may be a moment older than the playlist's ENDLIST.
      state.feed = "ended";
      state.reopenAtMs = nowMs + probeIntervalMs;
      close(state, commands);
      askSoon(state, nowMs);
      break;
  }
}

function takeFeed(state: PlayerState, event: FeedEvent, context: StepContext): void {
  switch (event.kind) {
    case "status":
      takeStatus(state, event.status, context);
      break;
    case "statusFailed":
      state.probing = false;
      state.probeFailure = event.failure;
      state.probeFailureCount += 1;
      state.probeAtMs = context.nowMs + backOffMs(state.probeFailureCount, 1_000, context);
      break;
    case "roomOpened":
      state.hasRoom = true;
      break;
    case "roomLost":
      loseRoom(state, context);
      break;
  }
}

function takeStatus(state: PlayerState, status: FeedStatus, context: StepContext): void {
  const { nowMs, jitterRatio } = context;
  const answeredInMs = nowMs - state.probeStartedMs;
  state.probing = false;
  state.probeFailure = null;
  state.probeFailureCount = 0;
  state.statusAtMs = nowMs;
  const segmentAgeMs = status.nowUnixMs - status.lastSegmentUnixMs;
  const isStale =
    status.state === "live" && status.lastSegmentUnixMs > 0 && segmentAgeMs > segmentAgeMsMax;
  const feed = isStale ? "waiting" : status.state;
  // A stale feed becomes fresh without a new version: do not let the edge hold that answer.
  state.version = isStale ? null : status.version;
  const wasPlayable = state.feed === null || isPlayable(state.feed);
  if (isPlayable(feed) && !wasPlayable) {
    state.reopenAtMs = Math.max(state.reopenAtMs, nowMs + jitterRatio * openSpreadMs);
    state.openAttemptCount = 0;
    // Its media needs a moment to get here: the watchdog starts anew. To the viewer the picture
    // stands still all the same.
    state.watchFromMs = nowMs;
    state.lastBytesMs = nowMs;
  }
  if (feed === "offline" || feed === "starting") state.hadFrame = false;
  state.feed = feed;
  // A held answer has waited already; one that was not held paces itself here.
  const pauseMs = Math.max(probeIntervalMsMin, probeIntervalMs - answeredInMs);
  const waitMs = isFine(state, nowMs) ? probeIntervalPlayingMs : pauseMs;
  // The room tells of changes, and that segments come again is none.
  const isTold = state.hasRoom && !isStale;
  state.probeAtMs = nowMs + spreadMs(isTold ? roomSilenceMs : waitMs, context);
}

/** An edge that ends loses all its rooms at once; most viewers find another before they ask. */
function loseRoom(state: PlayerState, context: StepContext): void {
  const { nowMs, jitterRatio } = context;
  if (!state.hasRoom) return;
  state.hasRoom = false;
  const waitMs = isFine(state, nowMs)
    ? probeIntervalPlayingMs * (0.5 + jitterRatio)
    : spreadMs(probeIntervalMs, context);
  state.probeAtMs = Math.min(state.probeAtMs, nowMs + waitMs);
}

/** Does what the state calls for, whatever event led to it. */
function pursue(state: PlayerState, context: StepContext, commands: PlayerCommand[]): void {
  const { nowMs } = context;
  if (!state.supported) return;
  if (state.playback === "closed") {
    if (isWanted(state) && nowMs >= state.reopenAtMs) open(state, nowMs, commands);
  } else {
    watch(state, context, commands);
  }
  const isDue = nowMs >= Math.min(state.probeAtMs, state.clockAtMs);
  if (!state.probing && state.online && isDue) probe(state, context, commands);
}

function probe(state: PlayerState, context: StepContext, commands: PlayerCommand[]): void {
  const { nowMs } = context;
  // Held only where a change of state is what the page waits for; while the picture is fine a
  // held answer would only tell viewer counts, to the whole audience in step.
  const isAwaited = state.feed !== null && !isPlayable(state.feed);
  // What was held does not tell the time.
  const isHeld = isAwaited && nowMs < state.clockAtMs;
  const knownVersion = isHeld ? state.version : null;
  if (knownVersion === null) state.clockAtMs = nowMs + spreadMs(clockIntervalMs, context);
  state.probing = true;
  state.probeStartedMs = nowMs;
  commands.push({ kind: "probe", knownVersion });
}

/** Looks after an opened playback: due reloads, a feed that is gone, and the watchdog. */
function watch(state: PlayerState, context: StepContext, commands: PlayerCommand[]): void {
  const { nowMs } = context;
  if (state.playback === "opening") {
    watchOpening(state, context, commands);
    return;
  }
  if (state.reloadAtMs !== null && nowMs >= state.reloadAtMs && state.online) {
    state.reloadAtMs = null;
    commands.push({ kind: "reload" });
  }
  if (!isHalted(state, nowMs) || state.feed === "waiting") return;
  if (state.feed !== null && !isPlayable(state.feed)) {
    close(state, commands);
    return;
  }
  const haltedMs = nowMs - Math.max(state.lastProgressMs, state.watchFromMs);
  const isSilent = nowMs - state.lastBytesMs > watchdogMs && haltedMs > watchdogMs;
  if (state.online && (isSilent || haltedMs > watchdogTricklingMs)) {
    reopenLater(state, context, commands);
  }
}

function watchOpening(state: PlayerState, context: StepContext, commands: PlayerCommand[]): void {
  // Without a frame yet, media of a feed that is not live would be its stale tail.
  if (state.feed !== null && !isPlayable(state.feed)) close(state, commands);
  // A hidden tab may defer loading until it is shown: nothing is wrong with it.
  else if (!state.paused && !state.hidden && isOpeningStuck(state, context.nowMs)) {
    reopenLater(state, context, commands);
  }
}

function goOnline(state: PlayerState, nowMs: number): void {
  state.online = true;
  state.reopenAtMs = nowMs;
  if (state.reloadAtMs !== null) state.reloadAtMs = nowMs;
  askSoon(state, nowMs);
}

/** Behind live, and not because the viewer wanted a pause or another place. */
function isLeftBehind({ isBehind, paused, isBackByWish }: PlayerState): boolean {
  return isBehind && !paused && !isBackByWish;
}

/** Whether the edge's last word was that there is something to play. */
function isWanted({ feed, probeFailure, online }: PlayerState): boolean {
  return feed !== null && isPlayable(feed) && probeFailure === null && online;
}

/** There is a broadcast, and the picture, if any, moves. */
function isFine(state: PlayerState, nowMs: number): boolean {
  return state.feed !== null && isPlayable(state.feed) && !isHalted(state, nowMs);
}

function isPlayable(feed: FeedState): boolean {
  return feed === "live" || feed === "slate";
}

function isOpeningStuck({ openedAtMs, lastBytesMs }: PlayerState, nowMs: number): boolean {
  const isSilent = nowMs - Math.max(openedAtMs, lastBytesMs) > openingSilenceMsMax;
  return isSilent || nowMs - openedAtMs > firstFrameMsMax;
}

function cureMedia(state: PlayerState, context: StepContext, commands: PlayerCommand[]): void {
  const { nowMs } = context;
  const isAgain = nowMs - state.mediaErrorAtMs < mediaErrorWindowMs && state.mediaErrorCount > 0;
  state.mediaErrorCount = isAgain ? state.mediaErrorCount + 1 : 1;
  state.mediaErrorAtMs = nowMs;
  if (state.mediaErrorCount > 2) {
    state.mediaErrorCount = 0;
    reopenLater(state, context, commands);
  } else {
    commands.push({ kind: "recoverMedia", swapAudioCodec: state.mediaErrorCount === 2 });
  }
}

function open(state: PlayerState, nowMs: number, commands: PlayerCommand[]): void {
  state.playback = "opening";
  state.openedAtMs = nowMs;
  state.openAttemptCount += 1;
  state.lastProgressMs = nowMs;
  state.lastBytesMs = nowMs;
  state.reloadAtMs = null;
  state.reloadCount = 0;
  state.behindSec = null;
  state.isBehind = false;
  state.isBackByWish = false;
  state.isSeeking = false;
  commands.push({ kind: "open" });
}

function close(state: PlayerState, commands: PlayerCommand[]): void {
  if (state.playback === "closed") return;
  state.playback = "closed";
  state.behindSec = null;
  state.isBehind = false;
  state.isBackByWish = false;
  state.isSeeking = false;
  state.paused = false;
  commands.push({ kind: "close" });
}

function reopenLater(state: PlayerState, context: StepContext, commands: PlayerCommand[]): void {
  close(state, commands);
  state.reopenAtMs = context.nowMs + backOffMs(state.openAttemptCount, 500, context);
  askSoon(state, context.nowMs);
}

/** Brings the next question to the edge forward, but never makes more than one a second. */
function askSoon(state: PlayerState, nowMs: number): void {
  state.probeAtMs = Math.min(state.probeAtMs, Math.max(nowMs, state.probeStartedMs + 1_000));
}

/** Doubling from firstMs (count 1), at most backOffMsMax, spread. */
function backOffMs(count: number, firstMs: number, context: StepContext): number {
  const ms = Math.min(backOffMsMax, firstMs * 2 ** Math.min(count - 1, 10));
  return spreadMs(Math.max(ms, firstMs / 2), context);
}

function spreadMs(ms: number, { jitterRatio }: StepContext): number {
  return ms * (0.7 + 0.6 * jitterRatio);
}
