/**
 * Whose beacons are taken, and how much one may claim. A page can have played no longer than passed
 * since its last beacon, and have moved no more media than the top rung has in that time and a full
 * buffer. Bounded, and forgotten after a minute of silence. Pure.
 */
import { faces, type Face } from "../player/page/state/player-state.ts";
import { claimMsMax, msOf, peakRatio } from "../transfer-claim.ts";
import type { QoeReport } from "./qoe-report.ts";

interface QoeSession {
  /** When the last beacon was taken. */
  atMs: number;
  /** When the next one is due if it keeps to the rate. */
  dueMs: number;
  /** How long it may still have received media at the top rate, and sent at the highest. */
  receiveMsLeft: number;
  uploadMsLeft: number;
  hasStarted: boolean;
  face: Face;
}

/** What pages could do at most. */
export interface QoeLimits {
  sessionCountMax: number;
  /** Rate of the best rung there is. */
  rungKbpsMax: () => number;
  uploadKbpsMax: number;
}

export type QoeVerdict = "taken" | "tooOften" | "implausible" | "full";

const silentMsMax = 60_000;
/** A page reports each 10 s, and once more when it is left. */
const beaconEveryMs = 5_000;
const beaconBurstMs = 10_000;
/** Timers and lines are late, and a page counts from its own clock. */
const slackMs = 2_500;
const bufferMsMax = 60_000;
const transferMsMax = bufferMsMax + claimMsMax;
const framesPerSecMax = 125;
/** Both ends of a span, and the bytes played in it, are rounded each. */
const roundingMs = 2;

export class QoeSessions {
  readonly #limits: QoeLimits;
  readonly #sessions = new Map<string, QoeSession>();

  constructor(limits: QoeLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#sessions.size;
  }

  has(sid: string): boolean {
    return this.#sessions.has(sid);
  }

  /** sinceMs: when a page that is heard for the first time began to watch. */
  take(report: QoeReport, nowMs: number, sinceMs: number): QoeVerdict {
    const known = this.#sessions.get(report.sid);
    if (known === undefined && this.#sessions.size >= this.#limits.sessionCountMax) return "full";
    const session = known ?? newSession(sinceMs);
    const dueMs = Math.max(nowMs, session.dueMs);
    if (dueMs - nowMs > beaconBurstMs) return "tooOften";
    session.dueMs = dueMs + beaconEveryMs;
    const elapsedMs = Math.min(claimMsMax, Math.max(0, nowMs - session.atMs));
    const receiveMs = Math.min(transferMsMax, session.receiveMsLeft + elapsedMs);
    const uploadMs = Math.min(transferMsMax, session.uploadMsLeft + elapsedMs);
    const receiveMsLeft = receiveMs - this.#receivingMs(report);
    const uploadMsLeft = uploadMs - msOf(report.uploadedBytes, this.#limits.uploadKbpsMax);
    const isStartedAgain = session.hasStarted && report.startupMs !== undefined;
    const isTooMuch = receiveMsLeft < 0 || uploadMsLeft < 0 || isStartedAgain;
    if (isTooMuch || !this.#fits(report, elapsedMs + slackMs)) return "implausible";
    Object.assign(session, { atMs: nowMs, receiveMsLeft, uploadMsLeft, face: report.face });
    session.hasStarted ||= report.startupMs !== undefined;
    if (known === undefined) this.#sessions.set(report.sid, session);
    return "taken";
  }

  /** Forgets who has been silent; to be called every few seconds. */
  expire(nowMs: number): void {
    for (const [sid, { atMs }] of this.#sessions) {
      if (nowMs - atMs >= silentMsMax) this.#sessions.delete(sid);
    }
  }

  /** Sessions by face, in the order of `faces`. */
  countsByFace(): number[] {
    const counts = faces.map(() => 0);
    for (const { face } of this.#sessions.values()) counts[faces.indexOf(face)]! += 1;
    return counts;
  }

  /** Whether all that is told of a span has room in it. */
  #fits(report: QoeReport, spanMs: number): boolean {
    return (
      report.playedMs + report.stalledMs <= spanMs &&
      Math.max(report.stalls, report.errors) * 1_000 <= spanMs &&
      (report.framesShown + report.framesDropped) * 1_000 <= spanMs * framesPerSecMax &&
      msOf(report.mediaBytes, this.#limits.rungKbpsMax()) <= report.playedMs + roundingMs
    );
  }

  #receivingMs({ httpBytes, peerBytes }: QoeReport): number {
    return msOf(httpBytes + peerBytes, this.#limits.rungKbpsMax() * peakRatio);
  }
}

function newSession(sinceMs: number): QoeSession {
  return {
    atMs: sinceMs,
    dueMs: 0,
    receiveMsLeft: bufferMsMax,
    uploadMsLeft: bufferMsMax,
    hasStarted: false,
    face: "starting",
  };
}
