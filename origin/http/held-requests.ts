/**
 * Requests of child relays that wait for news: a bounded set, asked again whenever there may be some
 * and once more when they have waited long enough. Whoever hangs up is forgotten.
 */
import type { ServerResponse } from "node:http";

/** Answers if it can; `waited` says that it must. Returns whether it did. */
export type TryAnswer = (waited: boolean) => boolean;

interface Held {
  group: string;
  deadlineMs: number;
  tryAnswer: TryAnswer;
}

export class HeldRequests {
  readonly #countMax: number;
  readonly #held = new Map<ServerResponse, Held>();

  constructor({ countMax }: { countMax: number }) {
    this.#countMax = countMax;
  }

  get count(): number {
    return this.#held.size;
  }

  /** False when too many are held already. */
  hold(response: ServerResponse, held: Held): boolean {
    if (this.#held.size >= this.#countMax) return false;
    this.#held.set(response, held);
    response.once("close", () => this.#held.delete(response));
    return true;
  }

  /** There may be news for a group: a feed's name. */
  wake(group: string): void {
    for (const [response, held] of this.#held) {
      if (held.group === group && held.tryAnswer(false)) this.#held.delete(response);
    }
  }

  /** Answers those that have waited long enough. */
  tick(nowMs: number): void {
    for (const [response, held] of this.#held) {
      if (nowMs >= held.deadlineMs && held.tryAnswer(true)) this.#held.delete(response);
    }
  }
}
