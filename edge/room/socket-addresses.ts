/**
 * What the viewers of one address have together in the rooms: how many sockets, and to how many
 * viewers elsewhere they were made known. Sockets and ids cost nothing to make up, addresses do; but
 * many viewers may share one (a school, a mobile network), so what they have is wide.
 */
import { AddressShares } from "../cmcd/address-shares.ts";
import { refill, type BudgetLeft, type RateBudget } from "../../src/base/rate-budget.ts";

/** Of whom this keeps account. */
export interface Addressed extends Readonly<{ addressKey: string }> {
  /** Introductions it may still have. */
  readonly introductionsLeft: BudgetLeft;
}

export interface SocketAddressesOptions {
  addressSocketCountMax: number;
  introductions: RateBudget;
  addressIntroductions: RateBudget;
}

/** So many introductions a minute, and as many at once. */
export function perMinute(count: number): RateBudget {
  return { perSec: count / 60, burst: count };
}

export class SocketAddresses<Viewer extends Addressed> {
  readonly #options: SocketAddressesOptions;
  readonly #shares = new AddressShares<Viewer>();
  /** Introductions left to each address; forgotten when all of it is there again. */
  readonly #left = new Map<string, BudgetLeft>();

  constructor(options: SocketAddressesOptions) {
    this.#options = options;
  }

  add(viewer: Viewer): void {
    this.#shares.add(viewer, viewer.addressKey);
  }

  remove(viewer: Viewer): void {
    this.#shares.remove(viewer);
  }

  /** Whether the address has as many sockets as one may have. */
  isFull(addressKey: string): boolean {
    return this.#shares.countOf(addressKey) >= this.#options.addressSocketCountMax;
  }

  /** The viewer who makes room for one of this address, if any has to. */
  giveWay(addressKey: string, nowMs: number): Viewer | undefined {
    return this.#shares.giveWay(addressKey, nowMs);
  }

  /** Whether the two may be made known to each other. */
  mayMeet(one: Viewer, other: Viewer, nowMs: number): boolean {
    const { introductions } = this.#options;
    if (refill(one.introductionsLeft, introductions, nowMs) < 1) return false;
    if (refill(other.introductionsLeft, introductions, nowMs) < 1) return false;
    // Those of one address know it.
    if (one.addressKey === other.addressKey) return true;
    const { addressIntroductions } = this.#options;
    return [one, other].every(
      ({ addressKey }) => refill(this.#leftTo(addressKey, nowMs), addressIntroductions, nowMs) >= 1,
    );
  }

  /** The two were made known to each other. */
  met(one: Viewer, other: Viewer, nowMs: number): void {
    for (const viewer of [one, other]) {
      viewer.introductionsLeft.left -= 1;
      if (one.addressKey !== other.addressKey) this.#leftTo(viewer.addressKey, nowMs).left -= 1;
    }
  }

  /** Forgets addresses that may do all again; to be called every few seconds. */
  expire(nowMs: number): void {
    const { addressIntroductions } = this.#options;
    for (const [addressKey, left] of this.#left) {
      if (refill(left, addressIntroductions, nowMs) >= addressIntroductions.burst) {
        this.#left.delete(addressKey);
      }
    }
  }

  #leftTo(addressKey: string, nowMs: number): BudgetLeft {
    const known = this.#left.get(addressKey);
    if (known !== undefined) return known;
    const left = { left: this.#options.addressIntroductions.burst, sinceMs: nowMs };
    this.#left.set(addressKey, left);
    return left;
  }
}
