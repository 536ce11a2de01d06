/**
 * Says when an address has tried too many bearer tokens: it has a small budget of wrong ones that fills
 * up again with time. For those that are wrong only: a right one, 256 random bits, is let in whatever
 * others at that address do, as behind one proxy. Bounded: so many addresses are remembered.
 */

/** A person who mistypes or a script with an old token stays below; arbitrary. */
export const wrongTokenCountMax = 20;
const refillMs = 500;
const addressCountMax = 256;

export class WrongTokens {
  readonly #nowMs: () => number;
  /** When the address will have its whole budget again; the one that tried last stands last. */
  readonly #fullAtMs = new Map<string, number>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Whether the address has no wrong token left. */
  isSpent(address: string): boolean {
    return this.#owedMs(address) > (wrongTokenCountMax - 1) * refillMs;
  }

  /** The address has sent a wrong token. */
  note(address: string): void {
    const fullAtMs = this.#nowMs() + this.#owedMs(address) + refillMs;
    this.#fullAtMs.delete(address);
    this.#fullAtMs.set(address, fullAtMs);
    if (this.#fullAtMs.size <= addressCountMax) return;
    const [oldest] = this.#fullAtMs.keys();
    if (oldest !== undefined) this.#fullAtMs.delete(oldest);
  }

  #owedMs(address: string): number {
    return Math.max(0, (this.#fullAtMs.get(address) ?? 0) - this.#nowMs());
  }
}
