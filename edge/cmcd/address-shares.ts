/**
 * Which client address holds how many sessions (or sockets), and whose makes room when all places are
 * taken: one of the address that holds most, for a newcomer whose address holds fewer. So addresses
 * share the places evenly when there are too few, whatever one of them makes up, and a single one (a
 * proxy, a school) is not limited at all. Pure.
 */

/** Looking for the largest share takes a walk over all addresses: few of them a second. */
const walksPerSecMax = 20;

export class AddressShares<Session> {
  readonly #sessionsOf = new Map<string, Set<Session>>();
  readonly #addressOf = new Map<Session, string>();
  #walkSecond = -1;
  #walkCount = 0;
  /** No share was larger than this at the last walk of the second. */
  #largestCount = Infinity;

  add(session: Session, address: string): void {
    this.#addressOf.set(session, address);
    const held = this.#sessionsOf.get(address);
    if (held === undefined) this.#sessionsOf.set(address, new Set([session]));
    else held.add(session);
  }

  remove(session: Session): void {
    const address = this.#addressOf.get(session);
    if (address === undefined) return;
    this.#addressOf.delete(session);
    const held = this.#sessionsOf.get(address)!;
    held.delete(session);
    if (held.size === 0) this.#sessionsOf.delete(address);
  }

  countOf(address: string): number {
    return this.#sessionsOf.get(address)?.size ?? 0;
  }

  /** The session that makes room for one of this address, if any has to. */
  giveWay(address: string, nowMs: number): Session | undefined {
    const second = Math.floor(nowMs / 1_000);
    if (second > this.#walkSecond) {
      this.#walkSecond = second;
      this.#walkCount = 0;
      this.#largestCount = Infinity;
    }
    const own = this.countOf(address);
    if (own + 1 >= this.#largestCount || this.#walkCount >= walksPerSecMax) return undefined;
    this.#walkCount += 1;
    let largest = new Set<Session>();
    for (const held of this.#sessionsOf.values()) if (held.size > largest.size) largest = held;
    this.#largestCount = largest.size;
    if (own + 1 >= largest.size) return undefined;
    let newest: Session | undefined;
    for (const session of largest) newest = session;
    return newest;
  }
}

/** An address's key: all of an IPv4 address, also one mapped into IPv6; the /64 of an IPv6 one. */
export function addressKey(address: ArrayBuffer): string {
  const bytes = Buffer.from(address);
  if (bytes.length !== 16) return bytes.toString("latin1");
  const isMapped = bytes.readBigUInt64BE(0) === 0n && bytes.readUInt32BE(8) === 0xffff;
  return isMapped ? bytes.toString("latin1", 12) : bytes.toString("latin1", 0, 8);
}
