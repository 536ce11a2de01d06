/** The page's CMCD: what it tells its edge of playback, in playlists' queries and in events. */
import { bufferedAheadSec } from "../playback/buffered-ahead.ts";
import type { PlayFacts } from "./cmcd-text.ts";
import { CmcdSender } from "./cmcd-sender.ts";
import { CmcdWatch, type WatchMoment, type WatchSums } from "./cmcd-watch.ts";
import type { Playback } from "../playback/playback.ts";
import type { PlayerState } from "../state/player-state.ts";
import { beaconReport, postReport } from "./post-report.ts";
import { rungKbpsOf } from "../playback/quality.ts";

const contentType = "application/cmcd";

/** What of the session is looked at. */
export interface WatchedSession {
  readonly state: PlayerState;
  readonly playback: Playback | null;
  readonly latencySec: number | null;
}

export class Cmcd {
  /** The name of this watch, made for this page and forgotten with it. */
  readonly sid = newSessionId();
  readonly #video: HTMLVideoElement;
  readonly #watch: CmcdWatch;
  readonly #sender: CmcdSender;
  #isLeft = false;

  constructor({ video, feed, url }: { video: HTMLVideoElement; feed: string; url: string }) {
    this.#video = video;
    this.#watch = new CmcdWatch({
      feed,
      sid: this.sid,
      originUnixMs: performance.timeOrigin,
    });
    this.#sender = new CmcdSender({
      post: (body) => postReport({ url, contentType, body }),
      beacon: (body) => beaconReport({ url, contentType, body }),
    });
  }

  /** The address with CMCD in its query, if it is a media playlist's. */
  inPlaylistUrl(url: string, session: WatchedSession): string {
    if (!/\/(?:\d+|audio)\/index\.m3u8(?:\?|$)/.test(url)) return url;
    return `${url}${url.includes("?") ? "&" : "?"}${this.#watch.query(this.#facts(session))}`;
  }

  /** To be called at every step of the player, and when nothing happens, at its tick. */
  observe(session: WatchedSession): void {
    if (this.#isLeft) return;
    this.#sender.add(this.#watch.observe(this.#moment(session)));
    this.#sender.poll(performance.now());
  }

  sums(): WatchSums {
    return this.#watch.sums(performance.now());
  }

  /** The page goes away, perhaps to be shown again later. */
  leave(session: WatchedSession): void {
    this.#isLeft = true;
    this.#sender.add(this.#watch.leave(this.#moment(session)));
    this.#sender.flush();
  }

  comeBack(): void {
    this.#isLeft = false;
  }

  #moment(session: WatchedSession): WatchMoment {
    return { player: session.state, facts: this.#facts(session), nowMs: performance.now() };
  }

  #facts({ playback, latencySec }: WatchedSession): PlayFacts {
    const { buffered, playbackRate } = this.#video;
    const bitsPerSec = playback?.throughputBitsPerSec ?? null;
    return {
      bufferMs: buffered.length === 0 ? null : bufferedAheadSec(this.#video) * 1_000,
      throughputKbps: bitsPerSec === null ? null : bitsPerSec / 1_000,
      rungKbps: rungKbpsOf(playback?.playingRung ?? null),
      latencyMs: latencySec === null ? null : latencySec * 1_000,
      playbackRate,
    };
  }
}

/** 128 random bits; crypto.randomUUID would need a secure context. */
function newSessionId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
