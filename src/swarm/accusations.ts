/**
 * What viewers say against peers, and when that is enough to act on. Sockets and ids cost nothing to
 * make up, addresses do: all viewers of one address are one voice about a peer of another address.
 * About one of their own address each speaks for itself, since addresses tell nobody apart there (a
 * school, a proxy, loopback); so voices can be made up against viewers of one's own address alone. It
 * takes two voices, each counts for a while, and an address speaks against few peers at a time, however
 * often its viewers come again.
 */
import { takeOne, type BudgetLeft } from "../base/rate-budget.ts";
import type { PeerId } from "./room-messages.ts";

/** Who speaks, or is spoken of. */
export interface Party {
  id: PeerId;
  /** Equal for viewers who may be one and the same machine; opaque. */
  addressKey: string;
}

/**
 * `none`: not enough. `viewer`: enough, by viewers of its own address alone, which says nothing about
 * others there. `address`: enough, and somebody elsewhere says so too.
 */
export type Verdict = "none" | "viewer" | "address";

interface Voice {
  addressKey: string;
  saidMs: number;
}

const voiceCountMin = 2;
/** A word counts for so long. */
const voiceMs = 5 * 60_000;
/** A viewer meets a handful of peers: who speaks against more of them in a short time is not heard. */
const accusedBudget = { perSec: 1 / 60, burst: 4 };
/** Addresses remembered; beyond it the one that spoke least lately is forgotten. */
const addressCountMax = 4_096;

export class Accusations {
  /** By the accused, by the voice. */
  readonly #voices = new Map<PeerId, Map<string, Voice>>();
  /** What an address may still say, oldest word first. */
  readonly #budgets = new Map<string, BudgetLeft>();

  /** What holds of the peer now; after a verdict other than `none` it begins anew. */
  note({ by, about }: { by: Party; about: Party }, nowMs: number): Verdict {
    const voices = this.#voices.get(about.id) ?? new Map<string, Voice>();
    this.#voices.set(about.id, voices);
    for (const [name, { saidMs }] of voices) if (nowMs - saidMs >= voiceMs) voices.delete(name);
    const { addressKey } = by;
    const name = addressKey === about.addressKey ? `viewer ${by.id}` : `address ${addressKey}`;
    if (!voices.has(name)) {
      // More of one address against the same peer are no more peers that it speaks against.
      const hasSpoken = [...voices.values()].some((voice) => voice.addressKey === addressKey);
      if (hasSpoken || this.#isHeard(addressKey, nowMs)) {
        voices.set(name, { addressKey, saidMs: nowMs });
      }
    }
    if (voices.size < voiceCountMin) return "none";
    this.#voices.delete(about.id);
    const isFromElsewhere = [...voices.values()].some(
      (voice) => voice.addressKey !== about.addressKey,
    );
    return isFromElsewhere ? "address" : "viewer";
  }

  /** The viewer's socket is closed: what it alone said counts no more. */
  forget(peer: PeerId): void {
    this.#voices.delete(peer);
    for (const voices of this.#voices.values()) voices.delete(`viewer ${peer}`);
  }

  #isHeard(addressKey: string, nowMs: number): boolean {
    const budget = this.#budgets.get(addressKey) ?? { left: accusedBudget.burst, sinceMs: nowMs };
    this.#budgets.delete(addressKey);
    this.#budgets.set(addressKey, budget);
    if (this.#budgets.size > addressCountMax) {
      this.#budgets.delete(this.#budgets.keys().next().value!);
    }
    return takeOne(budget, accusedBudget, nowMs);
  }
}
