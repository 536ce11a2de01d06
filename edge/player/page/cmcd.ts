/** The page's CMCD: what it tells its edge of playback, in playlists' queries and in events. */
import type { PlayFacts } from "./cmcd-text.ts";
import { CmcdSender } from "./cmcd-sender.ts";
import { CmcdWatch, type WatchMoment } from "./cmcd-watch.ts";
import type { Playback } from "./playback.ts";
import type { PlayerState } from "./player-state.ts";
import { audioRung } from "./quality.ts";

const contentType = "application/cmcd";
const audioKbps = 64;

/** What of the session is looked at. */
export interface WatchedSession {
  readonly state: PlayerState;
  readonly playback: Playback | null;
  readonly latencySec: number | null;
}

export class Cmcd {
  readonly #video: HTMLVideoElement;
  readonly #watch: CmcdWatch;
  readonly #sender: CmcdSender;
  #isLeft = false;

  constructor({ video, feed, url }: { video: HTMLVideoElement; feed: string; url: string }) {
    this.#video = video;
    this.#watch = new CmcdWatch({
      feed,
      sid: newSessionId(),
      originUnixMs: performance.timeOrigin,
    });
    this.#sender = new CmcdSender({ url, post, beacon });
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
    const { buffered, currentTime, playbackRate } = this.#video;
    const endSec = buffered.length === 0 ? null : buffered.end(buffered.length - 1);
    const bitsPerSec = playback?.throughputBitsPerSec ?? null;
    const rung = playback?.playingRung ?? null;
    return {
      bufferMs: endSec === null ? null : (endSec - currentTime) * 1_000,
      throughputKbps: bitsPerSec === null ? null : bitsPerSec / 1_000,
      rungKbps: rung === null ? null : rung === audioRung ? audioKbps : Number(rung),
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

async function post(url: string, body: string): Promise<number> {
  const headers = { "Content-Type": contentType };
  const answer = await fetch(url, { method: "POST", headers, body, keepalive: true });
  return answer.status;
}

function beacon(url: string, body: string): boolean {
  return navigator.sendBeacon(url, new Blob([body], { type: contentType }));
}
