/**
 * Takes CMCD in: from queries, where most of it is left undecoded, and from posted events. Holds
 * the limits, counts what was refused and why, and never says more to a sender than that.
 */
import type { CmcdReport } from "./cmcd-report.ts";
import { CmcdSessions } from "./cmcd-sessions.ts";
import { decodeReport, reportLengthMax } from "./decode-cmcd.ts";
import { cmcdOfQuery, hasNews, saysStarved, sidInQuery } from "./query-scan.ts";

/** Why CMCD was not taken, as the label `reason` says it. */
export const refusalReasons = [
  "malformed",
  "no-session",
  "too-large",
  "too-often",
  "too-many-sessions",
  "overload",
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

export interface CmcdIntakeOptions {
  sessionCountMax: number;
  /** Reports decoded a second at most, of all sessions together; long ones count as several. */
  reportsPerSecMax: number;
}

/** Garbage of 4,096 characters takes 17 times as long to refuse as an event takes to decode. */
const reportLength = 256;
/** Lines of a post that are read; players send a handful. */
const lineCountMax = 64;
const expireEveryMs = 5_000;

const sidInLine = /(?:^|,)sid="([A-Za-z0-9._-]{1,64})"/;

export class CmcdIntake {
  readonly sessions: CmcdSessions;
  readonly taken = { query: 0, event: 0 };
  readonly refused = Object.fromEntries(refusalReasons.map((reason) => [reason, 0])) as Record<
    RefusalReason,
    number
  >;
  readonly #reportsPerSecMax: number;
  /** Reports that may be decoded now; fills up with time. */
  #budget: number;
  #budgetAtMs = 0;
  #expiredMs = 0;

  constructor(options: CmcdIntakeOptions) {
    this.sessions = new CmcdSessions(options);
    this.#reportsPerSecMax = options.reportsPerSecMax;
    this.#budget = options.reportsPerSecMax;
  }

  /** The query of a media request. Costs little unless there is news of its session. */
  noteQuery(query: string, nowMs: number): void {
    if (!query.includes("CMCD=")) return;
    const sid = sidInQuery(query);
    const known = this.sessions.find(sid);
    if (known !== -1 && !this.sessions.isQueryDue(known, saysStarved(query), nowMs)) return;
    if (!hasNews(query)) return;
    if (sid === "") this.refused["no-session"] += 1;
    else if (this.#mayDecode(query.length, nowMs)) this.#takeQuery(query, nowMs);
  }

  /**
   * The body of a post: one event a line. Says whether it was taken; `tooOften` means that it may
   * come again a second later, `malformed` that there was nothing to be had.
   */
  takeEvents(body: string, nowMs: number): "taken" | "tooOften" | "malformed" {
    const sid = sidInLine.exec(body)?.[1] ?? "";
    const known = this.sessions.find(sid);
    if (known !== -1 && !this.sessions.admitsPost(known, nowMs)) {
      this.refused["too-often"] += 1;
      return "tooOften";
    }
    const reports = this.#decodeLines(body, nowMs);
    if (reports === undefined) return "taken";
    const events = reports.map((report) => ({ session: this.#place(report, nowMs), report }));
    this.sessions.takeEvents(events, nowMs);
    this.taken.event += events.filter(({ session }) => session !== -1).length;
    const newcomer = known === -1 ? this.sessions.find(sid) : -1;
    if (newcomer !== -1) this.sessions.admitsPost(newcomer, nowMs);
    return events.length > 0 ? "taken" : "malformed";
  }

  /** To be called about every second. */
  tick(nowMs: number): void {
    if (nowMs - this.#expiredMs < expireEveryMs) return;
    this.#expiredMs = nowMs;
    this.sessions.expire(nowMs);
  }

  refuse(reason: RefusalReason): void {
    this.refused[reason] += 1;
  }

  #takeQuery(query: string, nowMs: number): void {
    const text = cmcdOfQuery(query);
    const report = text === undefined ? "malformed" : decodeReport(text);
    if (typeof report === "string") {
      this.refused[report] += 1;
      return;
    }
    const session = this.#place(report, nowMs);
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

  #place({ sid }: CmcdReport, nowMs: number): number {
    const session = this.sessions.place(sid, nowMs);
    if (session === -1) this.refused["too-many-sessions"] += 1;
    return session;
  }

  #mayDecode(length: number, nowMs: number): boolean {
    const cost = Math.ceil(Math.min(length, reportLengthMax + 1) / reportLength);
    const grown = ((nowMs - this.#budgetAtMs) * this.#reportsPerSecMax) / 1_000;
    this.#budgetAtMs = nowMs;
    this.#budget = Math.min(this.#reportsPerSecMax, this.#budget + grown);
    if (this.#budget < Math.min(cost, this.#reportsPerSecMax)) {
      this.refused.overload += 1;
      return false;
    }
    this.#budget = Math.max(0, this.#budget - cost);
    return true;
  }
}
