/**
 * What each peer was given of this viewer's line, so that no one peer has all of it: how much of
 * which segment, how long it held the line lately, and how often it broke the rules. It outlives the
 * connection, for a new one is not dear.
 */
import type { PeerId } from "./room-messages.ts";

/** Segments remembered of a peer: twice as many as are held for others. */
const givenCountMax = 48;
/** Peers remembered: a few times as many as are connected at a time. */
const accountCountMax = 64;
/** One may be a mistake. */
const offenceCountMax = 2;
/** What a peer had of the line counts less as time goes on: to a third of it after so long. */
const shareMs = 10_000;
/**
 * No more than this of the line is nobody's loss. To go by less than a quarter costs half a point of
 * offload in virtual time, for segments spread soonest when whoever asks first is served first.
 */
const fairRatio = 0.25;

interface Account {
  /** By segment, longest untouched first. `hadAtMs`: when the peer said that it has all of it. */
  readonly given: Map<string, { bytes: number; hadAtMs: number }>;
  /** Time on the line, fading; as of `heldAtMs`. */
  heldMs: number;
  heldAtMs: number;
  offenceCount: number;
}

export class UploadLedger {
  /** Longest untouched first. */
  readonly #accounts = new Map<PeerId, Account>();

  /** An upload held the line from `sinceMs` until now, and so many bytes of the segment went. */
  note(
    peer: PeerId,
    { key, sentBytes, sinceMs }: { key: string; sentBytes: number; sinceMs: number },
    nowMs: number,
  ): void {
    const account = this.#open(peer);
    account.heldMs = faded(account, nowMs) + nowMs - sinceMs;
    account.heldAtMs = nowMs;
    const { bytes, hadAtMs } = account.given.get(key) ?? { bytes: 0, hadAtMs: -Infinity };
    account.given.delete(key);
    account.given.set(key, { bytes: bytes + sentBytes, hadAtMs });
    trim(account.given, givenCountMax);
  }

  /** The peer says that it has all of the segment. */
  had(peer: PeerId, key: string, nowMs: number): void {
    const given = this.#accounts.get(peer)?.given.get(key);
    if (given !== undefined) given.hadAtMs = nowMs;
  }

  /** Bytes of the segment that went to the peer, those of uploads cut short too. */
  givenBytes(peer: PeerId, key: string): number {
    return this.#accounts.get(peer)?.given.get(key)?.bytes ?? 0;
  }

  /** When the peer said that it has all of the segment; -Infinity: it did not. */
  hadAtMs(peer: PeerId, key: string): number {
    return this.#accounts.get(peer)?.given.get(key)?.hadAtMs ?? -Infinity;
  }

  /** How much more than is fair the peer had of the line lately: from 0 to 1, which is all of it. */
  excessRatio(peer: PeerId, nowMs: number): number {
    const account = this.#accounts.get(peer);
    const shareRatio = account === undefined ? 0 : faded(account, nowMs) / shareMs;
    return Math.max(0, Math.min(1, shareRatio) - fairRatio) / (1 - fairRatio);
  }

  /** The peer broke a rule. Returns whether it is to be put up with no longer. */
  offend(peer: PeerId): boolean {
    const account = this.#open(peer);
    account.offenceCount += 1;
    if (account.offenceCount < offenceCountMax) return false;
    account.offenceCount = 0;
    return true;
  }

  /** The connection is gone: who comes again may have lost what it had, and asks in good faith. */
  close(peer: PeerId): void {
    const account = this.#accounts.get(peer);
    if (account === undefined) return;
    account.offenceCount = 0;
    for (const given of account.given.values()) given.hadAtMs = -Infinity;
  }

  #open(peer: PeerId): Account {
    const account = this.#accounts.get(peer) ?? {
      given: new Map<string, { bytes: number; hadAtMs: number }>(),
      heldMs: 0,
      heldAtMs: 0,
      offenceCount: 0,
    };
    this.#accounts.delete(peer);
    this.#accounts.set(peer, account);
    trim(this.#accounts, accountCountMax);
    return account;
  }
}

function faded({ heldMs, heldAtMs }: Account, nowMs: number): number {
  return heldMs * Math.exp((heldAtMs - nowMs) / shareMs);
}

function trim(map: Map<string, unknown>, countMax: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= countMax) break;
    map.delete(oldest);
  }
}
