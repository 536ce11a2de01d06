/**
 * Takes CMCD in: from queries, where most of it is left undecoded, and from posted events. Holds
 * the limits, counts what was refused and why, and never says more to a sender than that. Who has
 * a place among the sessions is said in session-door.ts.
 */
import type { CmcdReport } from "./cmcd-report.ts";
import { CmcdSessions } from "./cmcd-sessions.ts";
import { decodeReport, reportLengthMax } from "./decode-cmcd.ts";
import { cmcdOfQuery, hasNews, saysStarved, sidInQuery } from "./query-scan.ts";
import { SessionDoor, type Audience, type Sender } from "./session-door.ts";
import { WaitingPosts } from "./waiting-posts.ts";

/** Why CMCD was not taken, as the label `reason` says it. */
export const refusalReasons = [
  "malformed",
  "no-session",
  "too-large",
  "too-often",
  "too-many-sessions",
  "no-viewer",
  "too-slow",
  "overload",
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

export interface CmcdIntakeOptions {
  sessionCountMax: number;
  /** Sessions for each connection that was open in the last minute. */
  connectionSessionCountMax: number;
  audience: Audience;
  /** Reports decoded a second at most, of all sessions together; long ones count as several. */
  reportsPerSecMax: number;
}

/** Garbage of 4,096 characters takes 17 times as long to refuse as an event takes to decode. */
const reportLength = 256;
/** Lines of a post that are read; players send a handful. */
const lineCountMax = 64;
const expireEveryMs = 5_000;

const sidInLine = /(?:^|,[ \t]*)sid="([A-Za-z0-9._-]{1,64})"/m;

export class CmcdIntake {
  readonly sessions: CmcdSessions;
  readonly taken = { query: 0, event: 0 };
  readonly refused = Object.fromEntries(refusalReasons.map((reason) => [reason, 0])) as Record<
    RefusalReason,
    number
  >;
  readonly #door: SessionDoor;
  readonly #waiting = new WaitingPosts<Sender>();
  readonly #reportsPerSecMax: number;
  /** Reports that may be decoded now; fills up with time. */
  #budget: number;
  #budgetAtMs = 0;
  #expiredMs = 0;

  constructor(options: CmcdIntakeOptions) {
    this.sessions = new CmcdSessions(options);
    this.#door = new SessionDoor({ ...options, sessions: this.sessions });
    this.#reportsPerSecMax = options.reportsPerSecMax;
    this.#budget = options.reportsPerSecMax;
  }

  /** The query of a media request. Costs little unless there is news of its session. */
  noteQuery(query: string, nowMs: number, sender: Sender): void {
    if (!query.includes("CMCD=")) return;
    const sid = sidInQuery(query);
    if (sid !== "" && this.#door.noteName(sid, nowMs)) this.#admitWaiting(sid);
    const known = this.sessions.find(sid);
    if (known !== -1 && !this.sessions.isQueryDue(known, saysStarved(query), nowMs)) return;
    if (!hasNews(query)) return;
    if (sid === "") {
      this.refused["no-session"] += 1;
      return;
    }
    // Before any decoding: who has no place costs no more than this.
    if (this.#place(sid, nowMs, sender) === -1) return;
    if (this.#mayDecode(query.length, nowMs)) this.#takeQuery(query, nowMs, sender);
  }

  /**
   * The body of a post: one event a line. Says whether it was taken; `tooOften` means that it may
   * come again a second later, `malformed` that there was nothing to be had.
   */
  takeEvents(body: string, nowMs: number, sender: Sender): "taken" | "tooOften" | "malformed" {
    const sid = sidInLine.exec(body)?.[1] ?? "";
    if (sid === "") {
      this.refused["no-session"] += 1;
      return "malformed";
    }
    if (!this.#door.isAwaited(sid, nowMs)) {
      this.#wait(sid, { body, nowMs, sender });
      return "taken";
    }
    const first = this.#place(sid, nowMs, sender);
    if (first === -1) return "taken";
    if (!this.sessions.admitsPost(first, nowMs)) {
      this.refused["too-often"] += 1;
      return "tooOften";
    }
    const reports = this.#decodeLines(body, nowMs);
    if (reports === undefined) return "taken";
    const events = reports.map((report) => ({
      session: this.#place(report.sid, nowMs, sender),
      report,
    }));
    this.sessions.takeEvents(events, nowMs);
    this.taken.event += events.filter(({ session }) => session !== -1).length;
    return events.length > 0 ? "taken" : "malformed";
  }

  /** To be called about every second. */
  tick(nowMs: number): void {
    this.#door.tick(nowMs);
    this.refused["no-viewer"] += this.#waiting.expire(nowMs);
    for (const sid of this.#waiting.sids) {
      if (!this.#door.isAwaited(sid, nowMs)) continue;
      this.#admitWaiting(sid);
    }
    if (nowMs - this.#expiredMs < expireEveryMs) return;
    this.#expiredMs = nowMs;
    this.#door.expire(nowMs);
  }

  refuse(reason: RefusalReason): void {
    this.refused[reason] += 1;
  }

  #wait(sid: string, post: { body: string; nowMs: number; sender: Sender }): void {
    // The sender's handle is gone when its request is answered.
    const address = post.sender.getRemoteAddress();
    const sender = { getRemoteAddress: () => address };
    const given = this.#waiting.add(sid, { body: post.body, atMs: post.nowMs, sender });
    this.refused["no-viewer"] += given;
  }

  /** Posts that came before anybody was seen to watch, as of when they came. */
  #admitWaiting(sid: string): void {
    for (const { body, atMs, sender } of this.#waiting.take(sid)) {
      this.takeEvents(body, atMs, sender);
    }
  }

  #takeQuery(query: string, nowMs: number, sender: Sender): void {
    const text = cmcdOfQuery(query);
    const report = text === undefined ? "malformed" : decodeReport(text);
    if (typeof report === "string") {
      this.refused[report] += 1;
      return;
    }
    const session = this.#place(report.sid, nowMs, sender);
    if (session === -1) return;
    this.sessions.takeRequest(session, report, nowMs);
    this.taken.query += 1;
  }

  /** Undefined when there was no time for any of them. */
  #decodeLines(body: string, nowMs: number): CmcdReport[] | undefined {
    const reports: CmcdReport[] = [];
    let isSpent = false;
    const lines = body.split("\n", lineCountMax + 1);
    if (lines.length > lineCountMax) this.refused["too-large"] += 1;
    for (const line of lines.slice(0, lineCountMax)) {
      const text = line.trim();
      if (text === "") continue;
      if (!this.#mayDecode(text.length, nowMs)) {
        isSpent = true;
        break;
      }
      const report = decodeReport(text);
      if (typeof report === "string") this.refused[report] += 1;
      else reports.push(report);
    }
    return isSpent && reports.length === 0 ? undefined : reports;
  }

  #place(sid: string, nowMs: number, sender: Sender): number {
    const session = this.#door.place(sid, nowMs, sender);
    if (typeof session === "number") return session;
    this.refused[session] += 1;
    return -1;
  }

  #mayDecode(length: number, nowMs: number): boolean {
    const cost = Math.ceil(Math.min(length, reportLengthMax + 1) / reportLength);
    const elapsedMs = Math.max(0, nowMs - this.#budgetAtMs);
    const grown = (elapsedMs * this.#reportsPerSecMax) / 1_000;
    this.#budgetAtMs += elapsedMs;
    this.#budget = Math.min(this.#reportsPerSecMax, this.#budget + grown);
    if (this.#budget < Math.min(cost, this.#reportsPerSecMax)) {
      this.refused.overload += 1;
      return false;
    }
    this.#budget = Math.max(0, this.#budget - cost);
    return true;
  }
}
