/**
 * Slows down who gives wrong stream keys, again and again: their answers come later and later. A
 * right key never waits, since others may publish from behind the same address, and clears the
 * record. It spares the log and the port, no more: keys must be too long to guess, as ours are.
 */

/** Wrong keys that cost nothing: a person mistypes (arbitrary). */
const freeCount = 4;
const firstDelayMs = 1_000;
/** Longer, and encoders take the silence for a broken line (arbitrary). */
const delayMsMax = 8_000;
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

  /** Notes a wrong key; says how long its answer is to be held back, 0: not at all. */
  wrongKey(address: string, nowMs: number): number {
    const network = networkOf(address);
    const before = this.#attempts.get(network);
    const isRecent = before !== undefined && nowMs - before.lastMs < forgetMs;
    const wrongCount = (isRecent ? before.wrongCount : 0) + 1;
    this.#attempts.delete(network);
    this.#attempts.set(network, { wrongCount, lastMs: nowMs });
    if (this.#attempts.size > addressCountMax) {
      const oldest = this.#attempts.keys().next();
      if (oldest.done !== true) this.#attempts.delete(oldest.value);
    }
    const over = wrongCount - freeCount - 1;
    return over < 0 ? 0 : Math.min(delayMsMax, firstDelayMs * 2 ** Math.min(over, 16));
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
