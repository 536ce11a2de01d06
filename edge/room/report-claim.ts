/**
 * What of a viewer's reports of the swarm is believed: no more media than its rung has in the time
 * since the one before, and nothing from peers where it had none. Viewers may say anything.
 */
import type { SwarmReport } from "../../src/swarm/room-messages.ts";
import { audioKbps, bytesIn, claimMsMax, peakRatio } from "../transfer-claim.ts";

/** What a newcomer fetches at once: a hold-back of 12 s, and a segment or two more. */
const startMs = 20_000;
/** A segment a second from each of eight neighbours. */
const countsPerMsMax = 0.008;

/** Rate of a rung by its number; that of sound alone has 0. */
export function rungKbps(rung: number): number {
  return Math.max(rung, audioKbps);
}

export class ReportClaim {
  readonly #uploadKbps: number;
  #kbps: number;
  /** How far what follows has grown. */
  #atMs: number;
  #mediaBytes: number;
  #uploadBytes: number;
  #counts = 0;

  constructor({ rung, uploadKbps }: { rung: number; uploadKbps: number }, nowMs: number) {
    this.#uploadKbps = uploadKbps;
    this.#kbps = rungKbps(rung) * peakRatio;
    this.#atMs = nowMs;
    this.#mediaBytes = bytesIn(startMs, this.#kbps);
    this.#uploadBytes = bytesIn(startMs, uploadKbps);
  }

  /** The viewer watches another rung from now on. */
  moveTo(rung: number, nowMs: number): void {
    this.#grow(nowMs);
    this.#kbps = rungKbps(rung) * peakRatio;
  }

  /** `hadPeers`: whether the room had made it known to anybody since the report before. */
  believe(report: SwarmReport, hadPeers: boolean, nowMs: number): SwarmReport {
    this.#grow(nowMs);
    const httpBytes = Math.min(report.httpBytes, Math.floor(this.#mediaBytes));
    this.#mediaBytes -= httpBytes;
    const fromPeers = hadPeers ? report.peerBytes : 0;
    const peerBytes = Math.min(fromPeers, Math.floor(this.#mediaBytes));
    this.#mediaBytes -= peerBytes;
    const toPeers = hadPeers ? report.uploadedBytes : 0;
    const uploadedBytes = Math.min(toPeers, Math.floor(this.#uploadBytes));
    this.#uploadBytes -= uploadedBytes;
    const countMax = hadPeers ? Math.ceil(this.#counts) : 0;
    this.#counts = 0;
    return {
      httpBytes,
      peerBytes,
      uploadedBytes,
      refusedCount: Math.min(report.refusedCount, countMax),
      lateCount: Math.min(report.lateCount, countMax),
      peerCount: report.peerCount,
    };
  }

  #grow(nowMs: number): void {
    const elapsedMs = nowMs - this.#atMs;
    this.#atMs = nowMs;
    // Never more than of a minute, but for what a better rung has left.
    const mediaBytesMax = Math.max(this.#mediaBytes, bytesIn(claimMsMax, this.#kbps));
    this.#mediaBytes = Math.min(mediaBytesMax, this.#mediaBytes + bytesIn(elapsedMs, this.#kbps));
    this.#uploadBytes = Math.min(
      bytesIn(claimMsMax, this.#uploadKbps),
      this.#uploadBytes + bytesIn(elapsedMs, this.#uploadKbps),
    );
    this.#counts = Math.min(claimMsMax * countsPerMsMax, this.#counts + elapsedMs * countsPerMsMax);
  }
}
