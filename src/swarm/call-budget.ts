/**
 * Which calls of peers are answered: a call costs a connection, and a signal that begins one costs
 * its sender nothing.
 */
import { takeOne } from "../base/rate-budget.ts";
import { swarmParameters } from "../config/swarm-parameters.ts";
import { dialMsMax } from "./peer-link.ts";
import type { PeerId } from "./room-messages.ts";

/** Twice what a viewer can have open, for all of its peers may come at a time, and half of them fail. */
const callCountMax = 2 * swarmParameters.neighbourCountMax;
const budget = { perSec: 1, burst: callCountMax };

export class CallBudget {
  readonly #calls = { left: callCountMax, sinceMs: 0 };
  /** When peers were answered that may not yet be answered again, oldest first. */
  readonly #answeredAtMs = new Map<PeerId, number>();

  /** Whether to answer. Who calls again before its call can have failed was not told to. */
  take(peer: PeerId, nowMs: number): boolean {
    for (const [oldest, atMs] of this.#answeredAtMs) {
      if (nowMs - atMs < dialMsMax) break;
      this.#answeredAtMs.delete(oldest);
    }
    if (this.#answeredAtMs.has(peer) || !takeOne(this.#calls, budget, nowMs)) return false;
    this.#answeredAtMs.set(peer, nowMs);
    return true;
  }

  /** The cell is left: who calls in the next one was told to anew. */
  forgetPeers(): void {
    this.#answeredAtMs.clear();
  }
}
