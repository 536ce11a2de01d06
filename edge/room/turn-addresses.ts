/**
 * From which addresses the configured TURN servers relay: those of their hosts, which are looked up
 * at the start and every two minutes, and those that are configured because a server relays from
 * others. A name may lead to other addresses each time it is asked for (a pool, in turn), so that an
 * address counts for an hour after it was seen; a look-up that fails takes nothing away.
 */
import { lookup } from "node:dns/promises";
import { addressGroups, isWithin, readNetwork, type IpNetwork } from "../../src/base/ip-address.ts";
import { shownAddress } from "../../src/base/shown-address.ts";
import type { Log } from "../../src/node/log.ts";

/** The addresses of a host; rejects when there are none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export const systemResolve: Resolve = async (host) => {
  const found = await lookup(host, { all: true });
  return found.map(({ address }) => address);
};

export interface TurnAddressesOptions {
  /** Of STUN and TURN servers (RFC 7064, RFC 7065). */
  urls: readonly string[];
  /** In the form that `readNetwork` reads. */
  relayAddresses: readonly string[];
  resolve: Resolve;
  nowMs: () => number;
  log: Log;
}

export const lookUpEveryMs = 120_000;
const keepMs = 3_600_000;
/** Of one host: who answers for its name must not fill the memory. */
export const hostAddressCountMax = 64;

const turnHost = /^turns?:(?:\[([^\]]+)\]|([^:?]+))/;

export class TurnAddresses {
  readonly #options: TurnAddressesOptions;
  readonly #networks: readonly IpNetwork[];
  readonly #hosts: readonly TurnHost[];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: TurnAddressesOptions) {
    this.#options = options;
    const named = options.urls.map((url) => turnHost.exec(url)).filter((match) => match !== null);
    const hosts = new Set(named.map((match) => match[1] ?? match[2]!));
    const isAddress = (host: string): boolean => addressGroups(host) !== undefined;
    const literal = [...hosts].filter(isAddress);
    this.#networks = [...literal, ...options.relayAddresses].flatMap((text) => {
      return readNetwork(text) ?? [];
    });
    this.#hosts = [...hosts].filter((host) => !isAddress(host)).map((host) => new TurnHost(host));
  }

  start(): void {
    if (this.#hosts.length === 0) return;
    void this.lookUp();
    this.#timer = setInterval(() => void this.lookUp(), lookUpEveryMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Whether a server relays from the address; `address` is in `shownAddress`'s full form. */
  has(address: string): boolean {
    const groups = addressGroups(address);
    if (groups === undefined) return false;
    if (this.#networks.some((network) => isWithin(groups, network))) return true;
    const sinceMs = this.#options.nowMs() - keepMs;
    return this.#hosts.some((host) => host.seenMs(address) >= sinceMs);
  }

  /** Asks for the addresses of every host that is not being asked for. */
  async lookUp(): Promise<void> {
    await Promise.all(this.#hosts.map((host) => host.lookUp(this.#options)));
  }
}

class TurnHost {
  readonly #name: string;
  /** When each address was seen last, the longest ago first. */
  readonly #seenMs = new Map<string, number>();
  #isAsking = false;
  #isFailing = false;

  constructor(name: string) {
    this.#name = name;
  }

  seenMs(address: string): number {
    return this.#seenMs.get(address) ?? -Infinity;
  }

  async lookUp({ resolve, nowMs, log }: TurnAddressesOptions): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      const found = await resolve(this.#name);
      for (const address of found.slice(0, hostAddressCountMax)) this.#note(address, nowMs());
      this.#isFailing = false;
    } catch (error) {
      // Once until it works again: it is asked for as long as the program runs.
      const text = "a TURN server's name leads to no address: what it relays is not passed on";
      if (!this.#isFailing) log.warn({ host: this.#name, err: error }, text);
      this.#isFailing = true;
    } finally {
      this.#isAsking = false;
    }
  }

  #note(found: string, nowMs: number): void {
    const address = shownAddress(found, "full");
    if (address === "") return;
    this.#seenMs.delete(address);
    this.#seenMs.set(address, nowMs);
    const [oldest] = this.#seenMs.keys();
    if (this.#seenMs.size > hostAddressCountMax) this.#seenMs.delete(oldest!);
  }
}
