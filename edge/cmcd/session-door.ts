/**
 * Who has a place among the sessions. Names cost nothing to make up, so a place is given for what
 * does cost something: no more of them than connections were open, to a name that a media request
 * bore of late, or for one of the viewers who fetch without a name. When places are short, client
 * addresses share them evenly. Pure.
 */
import { AddressShares, addressKey } from "./address-shares.ts";
import type { CmcdSessions } from "./cmcd-sessions.ts";
import { RecentNames } from "./recent-names.ts";
import { RecentPeak } from "./recent-peak.ts";

/** What is known of the viewers, apart from what they say. */
export interface Audience {
  connectionCount(): number;
  /** Viewers who fetch playlists without a session's name. */
  namelessCount(): number;
}

/** Whoever sent a report; asked for its address while its request is handled, if at all. */
export interface Sender {
  getRemoteAddress(): ArrayBuffer;
}

export interface SessionDoorOptions {
  sessions: CmcdSessions;
  sessionCountMax: number;
  connectionSessionCountMax: number;
  audience: Audience;
}

/** Players fetch playlists each few seconds; one that is remembered for long is no use. */
const nameSpanMs = 30_000;
const clearOutEveryMs = 1_000;

export class SessionDoor {
  readonly #options: SessionDoorOptions;
  readonly #names: RecentNames;
  readonly #connections = new RecentPeak();
  readonly #shares = new AddressShares<number>();
  #clearedOutMs = -Infinity;

  constructor(options: SessionDoorOptions) {
    this.#options = options;
    this.#names = new RecentNames({ spanMs: nameSpanMs, countMax: 2 * options.sessionCountMax });
  }

  /** A media request bore the name; true when it is of no session yet. */
  noteName(sid: string, nowMs: number): boolean {
    const { sessions } = this.#options;
    const known = sessions.find(sid);
    if (known === -1) this.#names.note(sid, nowMs);
    else sessions.noteNamed(known);
    return known === -1;
  }

  /** Whether it is a session, or there is a viewer whom a newcomer of this name may be. */
  isAwaited(sid: string, nowMs: number): boolean {
    const { sessions, audience } = this.#options;
    if (sessions.find(sid) !== -1) return true;
    if (this.#names.has(sid, nowMs)) return true;
    return sessions.namelessCount < audience.namelessCount();
  }

  /** The session's place, a new one if need be, or why it has none. */
  place(sid: string, nowMs: number, sender: Sender): number | "no-viewer" | "too-many-sessions" {
    const { sessions } = this.#options;
    const known = sessions.find(sid);
    if (known !== -1) return known;
    if (!this.isAwaited(sid, nowMs)) return "no-viewer";
    const address = addressKey(sender.getRemoteAddress());
    if (sessions.count >= this.#countMax(nowMs) && !this.#clearOut(nowMs)) {
      const evicted = this.#shares.giveWay(address, nowMs);
      if (evicted === undefined) return "too-many-sessions";
      sessions.evict(evicted);
      this.#shares.remove(evicted);
    }
    const session = sessions.place(sid, nowMs);
    this.#shares.add(session, address);
    if (this.#names.has(sid, nowMs)) sessions.noteNamed(session);
    return session;
  }

  expire(nowMs: number, { isShort = false } = {}): void {
    const forgotten = (session: number): void => this.#shares.remove(session);
    this.#options.sessions.expire(nowMs, { isShort, forgotten });
  }

  /** To be called about every second. */
  tick(nowMs: number): void {
    this.#connections.note(this.#options.audience.connectionCount(), nowMs);
  }

  /** Whether there is room when those who are as good as gone are; looks once a second. */
  #clearOut(nowMs: number): boolean {
    if (nowMs - this.#clearedOutMs < clearOutEveryMs) return false;
    this.#clearedOutMs = nowMs;
    this.expire(nowMs, { isShort: true });
    return this.#options.sessions.count < this.#countMax(nowMs);
  }

  #countMax(nowMs: number): number {
    const { sessionCountMax, connectionSessionCountMax } = this.#options;
    this.tick(nowMs);
    return Math.min(sessionCountMax, connectionSessionCountMax * this.#connections.at(nowMs));
  }
}
