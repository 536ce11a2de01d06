/**
 * One watch of this page as its edge hears of it: which events there are to tell, from the player's
 * state at each step. It begins when there is something to play, not before the broadcast. It says
 * nothing of the person, and its name is forgotten with the page. Pure.
 */
import { cmcdEvent, cmcdQuery, type PlayFacts, type PlayToken } from "./cmcd-text.ts";
import { isHalted } from "../state/player-face.ts";
import type { PlayerState } from "../state/player-state.ts";

/** Without news the edge hears of the session this often; it forgets who is silent for 60 s. */
const timeEventMs = 20_000;
/** A hidden page is looked at once a second at most, and would seem to stand still in between. */
const haltMsMinHidden = 2_500;

export interface WatchMoment {
  player: PlayerState;
  facts: PlayFacts;
  /** As the player's: since the navigation began. */
  nowMs: number;
}

/** Running sums of one watch, in its own terms: what its events told, and the time since. */
export interface WatchSums {
  /** What the player does; null before there is anything to play. */
  token: PlayToken | null;
  playMs: number;
  stallMs: number;
  stallCount: number;
  /** From wanting a picture to the first one; null before it. */
  startupMs: number | null;
}

export interface CmcdWatchOptions {
  feed: string;
  sid: string;
  /** The wall clock when `nowMs` was 0. */
  originUnixMs: number;
}

export class CmcdWatch {
  readonly #options: CmcdWatchOptions;
  /** What was told last; null before the beginning. */
  #told: PlayToken | null = null;
  #toldMs = 0;
  /** Since when the viewer has waited for the first picture; null while there is nothing to wait for. */
  #wantedMs: number | null = 0;
  #hasPlayed = false;
  #startupMs: number | null = null;
  #stallCount = 0;
  #stallMs = 0;
  #stalledMs: number | null = null;
  #playMs = 0;
  #playingMs: number | null = null;
  #firstStartupMs: number | null = null;
  /** Not yet told in a query. */
  #isStarved = false;
  #eventCount = 0;

  constructor(options: CmcdWatchOptions) {
    this.#options = options;
  }

  /** The query of a media playlist asked for now; the next one tells of later stalls only. */
  query(facts: PlayFacts): string {
    const { sid, feed } = this.#options;
    const isStarved = this.#isStarved;
    this.#isStarved = false;
    const isPaused = this.#told === "a";
    const isStartup = this.#told !== "p" && !isPaused;
    const shown = isPaused ? { ...facts, playbackRate: 0 } : facts;
    return cmcdQuery({ sid, cid: feed, facts: shown, isStartup, isStarved });
  }

  /** The events that this moment makes, in their order. */
  observe(moment: WatchMoment): string[] {
    const { player, nowMs } = moment;
    const token = tokenOf(player, { nowMs, hasPlayed: this.#hasPlayed });
    if (token === null || (this.#told === null && token !== "s" && token !== "p")) {
      this.#await(player, { token, nowMs });
      return [];
    }
    if (token !== this.#told) return this.#change(token, moment);
    if (isOver(token) || nowMs - this.#toldMs < timeEventMs) return [];
    return [this.#event("t", token, nowMs, moment)];
  }

  /** The last events, when the page is left. */
  leave(moment: WatchMoment): string[] {
    if (this.#told === null || isOver(this.#told)) return [];
    return this.#change("q", moment);
  }

  sums(nowMs: number): WatchSums {
    const runningMs = (sinceMs: number | null): number => (sinceMs === null ? 0 : nowMs - sinceMs);
    return {
      token: this.#told,
      playMs: this.#playMs + runningMs(this.#playingMs),
      stallMs: this.#stallMs + runningMs(this.#stalledMs),
      stallCount: this.#stallCount,
      startupMs: this.#firstStartupMs,
    };
  }

  /** Nobody waits for a picture who knows that there is none, or has to tap first. */
  #await({ feed }: PlayerState, now: { token: PlayToken | null; nowMs: number }): void {
    const { token, nowMs } = now;
    const isOn = feed === null || feed === "live" || feed === "slate";
    if (!isOn || token === "a") this.#wantedMs = null;
    else this.#wantedMs ??= nowMs;
  }

  #change(token: PlayToken, moment: WatchMoment): string[] {
    const { player, nowMs } = moment;
    const events: string[] = [];
    this.#wantedMs ??= nowMs;
    if (this.#told === null && token === "p") {
      events.push(this.#event("ps", "s", this.#wantedMs, moment));
    }
    let atMs = nowMs;
    if (token === "r") {
      atMs = Math.max(this.#toldMs, Math.min(nowMs, player.lastProgressMs));
      this.#stallCount += 1;
      this.#stalledMs = atMs;
      this.#isStarved = true;
    } else if (this.#stalledMs !== null) {
      this.#stallMs += nowMs - this.#stalledMs;
      this.#stalledMs = null;
    }
    if (this.#playingMs !== null) this.#playMs += Math.max(0, atMs - this.#playingMs);
    this.#playingMs = token === "p" ? nowMs : null;
    if (token === "s") atMs = this.#told === null ? this.#wantedMs : nowMs;
    // Who has to tap first is not kept waiting by us.
    if (token === "s" && this.#told === "a") this.#wantedMs = nowMs;
    const isFirst = token === "p" && !this.#hasPlayed;
    if (isFirst) {
      this.#hasPlayed = true;
      this.#startupMs = nowMs - this.#wantedMs;
      this.#firstStartupMs = this.#startupMs;
    }
    events.push(this.#event("ps", token, atMs, moment));
    if (token === "f") events.push(this.#event("e", token, nowMs, moment));
    return events;
  }

  #event(
    event: "ps" | "t" | "e",
    state: PlayToken,
    atMs: number,
    { facts, nowMs, player }: WatchMoment,
  ): string {
    const { sid, feed, originUnixMs } = this.#options;
    // As of the event's own time: the edge counts on from there.
    const runningMs = this.#stalledMs === null ? 0 : Math.max(0, atMs - this.#stalledMs);
    const startupMs = this.#startupMs;
    this.#startupMs = null;
    this.#told = state;
    this.#toldMs = nowMs;
    this.#eventCount += 1;
    return cmcdEvent({
      event,
      sid,
      cid: feed,
      state,
      atUnixMs: originUnixMs + atMs,
      number: this.#eventCount - 1,
      facts,
      stallCount: this.#stallCount,
      stallMs: this.#stallMs + runningMs,
      startupMs,
      errorCode: event === "e" ? player.reason : null,
    });
  }
}

/** What the viewer perceives; null while no broadcast is on and none was watched. */
function tokenOf(
  player: PlayerState,
  { nowMs, hasPlayed }: { nowMs: number; hasPlayed: boolean },
): PlayToken | null {
  const { reason, feed, playback, paused } = player;
  if (reason === "unsupported" || reason === "unplayable") return "f";
  if (playback === "open") return openToken(player, nowMs);
  const isOn = feed === "live" || feed === "slate" || feed === "waiting";
  if (hasPlayed) return isOn ? "r" : "e";
  if (!isOn || (playback === "closed" && feed === "waiting")) return null;
  return paused ? "a" : "s";
}

function openToken(player: PlayerState, nowMs: number): PlayToken {
  if (player.paused) return "a";
  const isSeen = !player.hidden || nowMs - player.lastProgressMs > haltMsMinHidden;
  return isHalted(player, nowMs) && isSeen ? "r" : "p";
}

function isOver(token: PlayToken): boolean {
  return token === "e" || token === "f" || token === "q";
}
