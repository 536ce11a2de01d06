/**
 * The sessions whose players report: who they are, how often they may, and when they are forgotten.
 * Bounded: a newcomer past the limit is refused. Pure: times are passed in.
 */
import { playerStates, stateIndex, type CmcdReport } from "./cmcd-report.ts";
import { CmcdTotals } from "./cmcd-totals.ts";
import { ownText } from "./query-scan.ts";
import { SessionColumns } from "./session-columns.ts";
import { finish, noteClock, takeEvent, takeRequest, type SessionView } from "./session-timeline.ts";

/** Players report every 30 s at least: who missed two is gone. */
const silentMsMax = 60_000;
/** The same of who said that it ended. */
const overMsMax = 10_000;
/** Where places are short: who should have reported, and who ended just now, have none. */
const silentMsMaxShort = 32_000;
const overMsMaxShort = 1_000;
/** A post a second, and a few more at once when much happens. */
const postEveryMs = 1_000;
const postBurstMs = 4_000;
/** How often a session's queries are decoded: seldom while it plays, more seldom beside events. */
const queryEveryMs = 10_000;
const queryEveryMsBesideEvents = 60_000;
const queryEveryMsMin = 1_000;

export class CmcdSessions {
  readonly totals = new CmcdTotals();
  readonly #columns: SessionColumns;
  readonly #places = new Map<string, number>();
  /** Places without a session, as a stack. */
  readonly #free: Uint32Array;
  #freeCount: number;
  #namelessCount = 0;

  constructor({ sessionCountMax }: { sessionCountMax: number }) {
    this.#columns = new SessionColumns(sessionCountMax);
    this.#free = Uint32Array.from({ length: sessionCountMax }, (_, index) => index).reverse();
    this.#freeCount = sessionCountMax;
  }

  get count(): number {
    return this.#places.size;
  }

  /** Memory of all places in bytes, whether taken or not, without the names. */
  get bytes(): number {
    return this.#columns.bytes + this.#free.byteLength;
  }

  /** Sessions that no media request has named. */
  get namelessCount(): number {
    return this.#namelessCount;
  }

  /** The session's place, or -1. */
  find(sid: string): number {
    return this.#places.get(sid) ?? -1;
  }

  /** When it was first heard of; undefined where it is not known. */
  sinceMs(sid: string): number | undefined {
    const known = this.find(sid);
    return known === -1 ? undefined : this.#columns.firstMs[known]!;
  }

  /** The session's place, a new one if need be; -1 when all are taken. */
  place(sid: string, nowMs: number): number {
    const known = this.find(sid);
    if (known !== -1) return known;
    if (this.#freeCount === 0) return -1;
    this.#freeCount -= 1;
    const session = this.#free[this.#freeCount]!;
    this.#columns.reset(session, nowMs);
    this.#places.set(ownText(sid), session);
    this.#namelessCount += 1;
    return session;
  }

  /** A media request named the session. */
  noteNamed(session: number): void {
    const { isNamed } = this.#columns;
    if (isNamed[session] === 1) return;
    isNamed[session] = 1;
    this.#namelessCount -= 1;
  }

  /** Whether the session may post now; takes it as done. */
  admitsPost(session: number, nowMs: number): boolean {
    const { postDueMs } = this.#columns;
    const dueMs = Math.max(nowMs, postDueMs[session]!);
    if (dueMs - nowMs > postBurstMs) return false;
    postDueMs[session] = dueMs + postEveryMs;
    return true;
  }

  /** Whether a query of the session is worth decoding: at once when it tells of a new stall. */
  isQueryDue(session: number, isStarved: boolean, nowMs: number): boolean {
    const columns = this.#columns;
    columns.seenMs[session] = nowMs;
    const sinceMs = nowMs - columns.decodedMs[session]!;
    if (columns.decodedMs[session] === -1) return true;
    if (columns.hasEvents[session] === 1) return sinceMs >= queryEveryMsBesideEvents;
    const state = columns.state[session]!;
    if (!isStarved && state !== stateIndex.stalled) columns.isStarved[session] = 0;
    const hasStalled = isStarved && columns.isStarved[session] === 0;
    const isSettled = state === stateIndex.playing && !hasStalled;
    return sinceMs >= (isSettled ? queryEveryMs : queryEveryMsMin);
  }

  /** Events that came together, of any sessions, in their order; those of -1 are left out. */
  takeEvents(events: readonly { session: number; report: CmcdReport }[], nowMs: number): void {
    const known = events.filter(({ session }) => session !== -1);
    for (const { session, report } of known) {
      this.#columns.seenMs[session] = nowMs;
      noteClock(this.#view(session), report.atUnixMs, nowMs);
    }
    for (const { session, report } of known) takeEvent(this.#view(session), report, nowMs);
  }

  takeRequest(session: number, report: CmcdReport, nowMs: number): void {
    this.#columns.seenMs[session] = nowMs;
    takeRequest(this.#view(session), report, nowMs);
  }

  /**
   * Forgets who has been silent, sooner where places are short, and says so of each; to be called
   * every few seconds.
   */
  expire(
    nowMs: number,
    {
      isShort = false,
      forgotten,
    }: { isShort?: boolean; forgotten?: (session: number) => void } = {},
  ): void {
    const { seenMs, state } = this.#columns;
    const silentMs = isShort ? silentMsMaxShort : silentMsMax;
    const overMs = isShort ? overMsMaxShort : overMsMax;
    for (const [sid, session] of this.#places) {
      const isOver = state[session] === stateIndex.ended || state[session] === stateIndex.failed;
      if (nowMs - seenMs[session]! < (isOver ? overMs : silentMs)) continue;
      finish(this.#view(session));
      this.#release(sid, session);
      forgotten?.(session);
    }
  }

  /** Forgets a session that makes room for another; nothing is concluded from it. */
  evict(evicted: number): void {
    for (const [sid, session] of this.#places) {
      if (session !== evicted) continue;
      this.#release(sid, session);
      return;
    }
  }

  /** Sessions by state, in the order of `playerStates`. */
  countsByState(): number[] {
    const counts = new Array<number>(playerStates.length).fill(0);
    for (const session of this.#places.values()) counts[this.#columns.state[session]!]! += 1;
    return counts;
  }

  /** Sessions by the rate they said to play, in kbps; those that said none are left out. */
  countsByKbps(): Map<number, number> {
    const counts = new Map<number, number>();
    for (const session of this.#places.values()) {
      const kbps = this.#columns.rungKbps[session]!;
      if (kbps > 0) counts.set(kbps, (counts.get(kbps) ?? 0) + 1);
    }
    return counts;
  }

  #release(sid: string, session: number): void {
    if (this.#columns.isNamed[session] === 0) this.#namelessCount -= 1;
    this.#places.delete(sid);
    this.#free[this.#freeCount] = session;
    this.#freeCount += 1;
  }

  #view(session: number): SessionView {
    return { columns: this.#columns, totals: this.totals, session };
  }
}
