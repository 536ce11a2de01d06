/**
 * How much is read a second, shared by client addresses when it is too little for all: each has what
 * it asks for up to a level at which nine tenths of the whole are spent, by what was asked for in the
 * second before; the rest is for others than came then, for a page comes each ten seconds. So one
 * address that asks for everything leaves others theirs, and a single one (a proxy, a school) has all
 * of it while there is enough. Pure.
 */

/** Addresses told apart in a second; the others share one count. About 100 bytes each. */
export const addressCountMax = 20_000;
const others = "others";
/** The share of the whole that is given out by what was asked for before; arbitrary. */
const knownRatio = 0.9;

export class AddressBudget {
  readonly #perSecMax: number;
  #second = -1;
  #takenCount = 0;
  /** Most that one address has of this second. */
  #level = Infinity;
  /** What each address asked for in this second, whether it had it or not. */
  #asked = new Map<string, number>();

  constructor(perSecMax: number) {
    this.#perSecMax = perSecMax;
  }

  /** Whether one more of this address may be read; to be asked before each. */
  take(address: string, nowMs: number): boolean {
    const second = Math.floor(nowMs / 1_000);
    if (second > this.#second) this.#begin(second);
    const isKnown = this.#asked.has(address) || this.#asked.size < addressCountMax;
    const key = isKnown ? address : others;
    const askedCount = (this.#asked.get(key) ?? 0) + 1;
    this.#asked.set(key, askedCount);
    if (askedCount > this.#level || this.#takenCount >= this.#perSecMax) return false;
    this.#takenCount += 1;
    return true;
  }

  #begin(second: number): void {
    const wasJustNow = second === this.#second + 1;
    const demands = [...this.#asked.values()];
    const isShort = wasJustNow && demands.reduce((sum, count) => sum + count, 0) > this.#perSecMax;
    this.#level = isShort ? levelOf(demands, knownRatio * this.#perSecMax) : Infinity;
    this.#second = second;
    this.#takenCount = 0;
    this.#asked = new Map();
  }
}

/** The level at which these demands, cut off there, come to the whole. */
function levelOf(demands: readonly number[], whole: number): number {
  let left = whole;
  const rising = [...demands].sort((one, other) => one - other);
  for (const [index, demand] of rising.entries()) {
    const share = left / (rising.length - index);
    if (demand > share) return Math.max(1, Math.floor(share));
    left -= demand;
  }
  return Infinity;
}
