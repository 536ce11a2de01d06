/**
 * Makes guessing stream keys slow: an address that gave wrong keys waits longer and longer before
 * its next key is looked at. A right key clears the record.
 */

/** Wrong keys that cost nothing: a person mistypes (arbitrary). */
const freeCount = 4;
const firstWaitMs = 2_000;
const waitMsMax = 60_000;
/** A record is forgotten this long after its last wrong key. */
const forgetMs = 600_000;
/** Addresses remembered; the longest silent goes first. */
export const addressCountMax = 4_096;

interface Attempts {
  wrongCount: number;
  lastMs: number;
}

export class KeyBackoff {
  /** In order of the last wrong key. */
  readonly #attempts = new Map<string, Attempts>();

  get addressCount(): number {
    return this.#attempts.size;
  }

  /** How long the address must still wait before a key of it is looked at; 0: not at all. */
  waitMs(address: string, nowMs: number): number {
    const attempts = this.#attempts.get(networkOf(address));
    if (attempts === undefined) return 0;
    const over = attempts.wrongCount - freeCount;
    if (over < 0) return 0;
    const wholeWaitMs = Math.min(waitMsMax, firstWaitMs * 2 ** Math.min(over, 16));
    return Math.max(0, attempts.lastMs + wholeWaitMs - nowMs);
  }

  wrongKey(address: string, nowMs: number): void {
    const network = networkOf(address);
    const before = this.#attempts.get(network);
    const isRecent = before !== undefined && nowMs - before.lastMs < forgetMs;
    this.#attempts.delete(network);
    this.#attempts.set(network, {
      wrongCount: (isRecent ? before.wrongCount : 0) + 1,
      lastMs: nowMs,
    });
    if (this.#attempts.size > addressCountMax) {
      const oldest = this.#attempts.keys().next();
      if (oldest.done !== true) this.#attempts.delete(oldest.value);
    }
  }

  rightKey(address: string): void {
    this.#attempts.delete(networkOf(address));
  }
}

/** One customer's share of the address space: an IPv4 address, or an IPv6 /64. */
export function networkOf(address: string): string {
  const plain = address.split("%", 1)[0]!.toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain);
  if (mapped !== null) return mapped[1]!;
  if (!plain.includes(":")) return plain;
  const [head = "", tail] = plain.split("::", 2);
  const headGroups = head === "" ? [] : head.split(":");
  const tailGroups = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeroCount = tail === undefined ? 0 : 8 - headGroups.length - tailGroups.length;
  const groups = [...headGroups, ...Array<string>(zeroCount).fill("0"), ...tailGroups];
  return `${groups.slice(0, 4).join(":")}::/64`;
}
