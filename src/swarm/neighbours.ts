/**
 * The peers a viewer has open connections to: what each can give, how fast and how well it answered
 * so far, and who is not to be taken again.
 */
import { takeOne, type BudgetLeft } from "../base/rate-budget.ts";
import { schedulerParameters } from "./scheduler-parameters.ts";
import type { Download } from "./need.ts";
import type { DropReason, PeerId } from "./room-messages.ts";

/** Transfers that were given up and may still be arriving, kept for each neighbour. */
const closedCountMax = 256;
const messageBudget = {
  perSec: schedulerParameters.messagesPerSecMax,
  burst: schedulerParameters.messageBurstMax,
};

export class Neighbour {
  readonly peer: PeerId;
  isGiving = true;
  /** Rate of its transfers to here, smoothed; 0 before the first. */
  kbps = 0;
  /** Time from request to answer, smoothed; 0 before the first. */
  answerMs = 0;
  /** What is asked of it and comes from it, by transfer. */
  readonly downloads = new Map<number, Download>();
  /** Requests in a row that it did not answer, and that waited past their turn. */
  silenceCount = 0;
  overdueCount = 0;
  /** Transfers in a row that stopped, and that could not end in time. */
  stallCount = 0;
  slowCount = 0;
  /** Numbers requests of this viewer to it. */
  transferNext = 0;
  /** When a segment last came from it or went to it, or it was opened. */
  usedAtMs: number;
  readonly #haves = new Set<string>();
  /** Named before the room's announcement, which may be behind. */
  readonly #early = new Set<string>();
  /** Bytes that may still come for a transfer that was given up. */
  readonly #closed = new Map<number, number>();
  readonly #messagesLeft: BudgetLeft;

  constructor(peer: PeerId, nowMs: number) {
    this.peer = peer;
    this.#messagesLeft = { left: messageBudget.burst, sinceMs: nowMs };
    this.usedAtMs = nowMs;
  }

  get faultCount(): number {
    return this.silenceCount + this.overdueCount + this.stallCount + this.slowCount;
  }

  /** It can give a segment that was announced. */
  addHave(key: string): void {
    keep(this.#haves, key, schedulerParameters.haveKeptCountMax);
  }

  /** It says so of one that may be announced any moment. */
  addEarlyHave(key: string): void {
    keep(this.#early, key, schedulerParameters.haveEarlyCountMax);
  }

  announced(key: string): void {
    if (this.#early.delete(key)) this.addHave(key);
  }

  has(key: string): boolean {
    return this.#haves.has(key);
  }

  setGiving(isGiving: boolean): void {
    this.isGiving = isGiving;
    if (isGiving) return;
    this.#haves.clear();
    this.#early.clear();
  }

  noteAnswer(tookMs: number): void {
    this.silenceCount = 0;
    this.answerMs = this.answerMs === 0 ? tookMs : 0.75 * this.answerMs + 0.25 * tookMs;
  }

  /** It sends, but not so fast that it would end in time. */
  noteSlow(kbps: number): void {
    this.slowCount++;
    this.noteTransfer(kbps);
  }

  noteTransfer(kbps: number): void {
    this.kbps = this.kbps === 0 ? kbps : 0.6 * this.kbps + 0.4 * kbps;
  }

  /** A request was given up: so many bytes of it are no offence if they come yet. */
  closeTransfer(transfer: number, bytesLeft: number): void {
    this.#closed.set(transfer, bytesLeft);
    for (const oldest of this.#closed.keys()) {
      if (this.#closed.size <= closedCountMax) break;
      this.#closed.delete(oldest);
    }
  }

  /** Whether bytes that nobody waits for are the rest of a transfer that was given up. */
  takeLate(transfer: number, bytes: number): boolean {
    const left = this.#closed.get(transfer);
    if (left === undefined || bytes > left) return false;
    this.#closed.set(transfer, left - bytes);
    return true;
  }

  /** Whether it keeps to the number of control messages that it may send. */
  mayMessage(nowMs: number): boolean {
    return takeOne(this.#messagesLeft, messageBudget, nowMs);
  }
}

function keep(keys: Set<string>, key: string, countMax: number): void {
  keys.add(key);
  for (const oldest of keys) {
    if (keys.size <= countMax) break;
    keys.delete(oldest);
  }
}

export class Neighbours {
  bannedCount = 0;
  readonly #open = new Map<PeerId, Neighbour>();
  /** Until when a peer is not taken again; for wrong bytes never. */
  readonly #shunnedUntilMs = new Map<PeerId, number>();

  get count(): number {
    return this.#open.size;
  }

  get(peer: PeerId): Neighbour | undefined {
    return this.#open.get(peer);
  }

  all(): IterableIterator<Neighbour> {
    return this.#open.values();
  }

  open(peer: PeerId, nowMs: number): Neighbour {
    const neighbour = new Neighbour(peer, nowMs);
    this.#open.set(peer, neighbour);
    return neighbour;
  }

  close(peer: PeerId): void {
    this.#open.delete(peer);
  }

  isShunned(peer: PeerId, nowMs: number): boolean {
    return nowMs < (this.#shunnedUntilMs.get(peer) ?? 0);
  }

  shun(peer: PeerId, reason: DropReason, nowMs: number): void {
    if (reason === "digest") this.bannedCount++;
    const { shunMs, banCountMax } = schedulerParameters;
    this.#shunnedUntilMs.delete(peer);
    this.#shunnedUntilMs.set(peer, reason === "digest" ? Infinity : nowMs + shunMs);
    for (const oldest of this.#shunnedUntilMs.keys()) {
      if (this.#shunnedUntilMs.size <= banCountMax) break;
      this.#shunnedUntilMs.delete(oldest);
    }
  }

  /** The one that was of no use for longest, if that is long enough to take another instead. */
  spare(nowMs: number): PeerId | null {
    let idlest: Neighbour | null = null;
    for (const neighbour of this.#open.values()) {
      if (neighbour.usedAtMs < (idlest?.usedAtMs ?? Infinity)) idlest = neighbour;
    }
    const isIdle = idlest !== null && nowMs - idlest.usedAtMs >= schedulerParameters.spareMs;
    return isIdle ? idlest!.peer : null;
  }

  /** How many give at all. */
  givingCount(): number {
    let count = 0;
    for (const neighbour of this.#open.values()) if (neighbour.isGiving) count++;
    return count;
  }

  /** How many can give the segment. */
  holderCount(key: string): number {
    let count = 0;
    for (const neighbour of this.#open.values()) if (neighbour.has(key)) count++;
    return count;
  }
}
