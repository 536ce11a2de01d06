/**
 * Takes pages' beacons in: reads them, asks whether they can be true, and adds them up. A beacon
 * counts for a session that the edge knows to watch; that is CMCD's door to mind. Pure.
 */
import { HistogramSlots } from "../../src/metrics/histogram-slots.ts";
import { qoeMetrics } from "../../src/metrics/qoe.ts";
import { AddressBudget } from "./address-budget.ts";
import { qoeCountBounds, type QoeCount, type QoeReport } from "./qoe-report.ts";
import { QoeSessions, type QoeLimits } from "./qoe-sessions.ts";
import { readQoe } from "./read-qoe.ts";

/** Why a beacon was not taken, as the label `reason` says it. */
export const qoeRefusals = [
  "malformed",
  "too-large",
  "too-often",
  "no-session",
  "implausible",
  "too-slow",
  "overload",
] as const;
export type QoeRefusal = (typeof qoeRefusals)[number];

export interface QoeIntakeOptions extends QoeLimits {
  beaconsPerSecMax: number;
  feeds: readonly string[];
  /** Since when a session of this name watches; undefined where none does. */
  watchesSinceMs: (sid: string) => number | undefined;
}

const expireEveryMs = 5_000;

export class QoeIntake {
  readonly sessions: QoeSessions;
  /** What all beacons add up to. */
  readonly sums = Object.fromEntries(Object.keys(qoeCountBounds).map((key) => [key, 0])) as Record<
    QoeCount,
    number
  >;
  readonly startup = new HistogramSlots({ ...qoeMetrics.startup, seriesCount: 1 });
  readonly latency = new HistogramSlots({ ...qoeMetrics.latency, seriesCount: 1 });
  readonly refused = Object.fromEntries(qoeRefusals.map((reason) => [reason, 0])) as Record<
    QoeRefusal,
    number
  >;
  takenCount = 0;
  readonly #options: QoeIntakeOptions;
  readonly #feeds: ReadonlySet<string>;
  readonly #budget: AddressBudget;
  #expiredMs = 0;

  constructor(options: QoeIntakeOptions) {
    this.#options = options;
    this.#feeds = new Set(options.feeds);
    this.#budget = new AddressBudget(options.beaconsPerSecMax);
    this.sessions = new QoeSessions(options);
  }

  /**
   * The body of a post from a client of this address. `later`: what it says may be said again with
   * the next one.
   */
  take(body: string, nowMs: number, address: string): "taken" | "later" | "refused" {
    if (!this.#budget.take(address, nowMs)) return this.#refuseFor("overload", "later");
    const report = readQoe(body);
    if (report === null) return this.#refuseFor("malformed", "refused");
    const sinceMs = this.#options.watchesSinceMs(report.sid);
    const isKnown = sinceMs !== undefined || this.sessions.has(report.sid);
    if (!isKnown || !this.#feeds.has(report.feed)) return this.#refuseFor("no-session", "later");
    const verdict = this.sessions.take(report, nowMs, sinceMs ?? nowMs);
    if (verdict === "full") return this.#refuseFor("no-session", "later");
    if (verdict === "tooOften") return this.#refuseFor("too-often", "later");
    if (verdict === "implausible") return this.#refuseFor("implausible", "refused");
    this.#add(report);
    return "taken";
  }

  refuse(reason: QoeRefusal): void {
    this.refused[reason] += 1;
  }

  /** To be called about every second. */
  tick(nowMs: number): void {
    if (nowMs - this.#expiredMs < expireEveryMs) return;
    this.#expiredMs = nowMs;
    this.sessions.expire(nowMs);
  }

  #add(report: QoeReport): void {
    this.takenCount += 1;
    for (const key of Object.keys(this.sums) as QoeCount[]) this.sums[key] += report[key];
    if (report.startupMs !== undefined) this.startup.observe(0, report.startupMs / 1_000);
    if (report.latencyMs !== undefined) this.latency.observe(0, report.latencyMs / 1_000);
  }

  #refuseFor<Answer>(reason: QoeRefusal, answer: Answer): Answer {
    this.refuse(reason);
    return answer;
  }
}
