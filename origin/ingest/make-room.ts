/**
 * Who has to go when another connection comes and a limit of the RTMP port is reached. Connections
 * that do not publish must never keep a publisher out: of the address that has most of them the
 * oldest goes, so that many silent ones from few addresses only push each other out.
 */
import { networkOf } from "./key-backoff.ts";

export interface ConnectionLimits {
  connectionCountMax: number;
  pendingCountMax: number;
  pendingPerAddressMax: number;
}

export interface RoomDecision<C> {
  /** The limit that was reached. */
  limit: keyof ConnectionLimits;
  /** Closing it makes room; undefined: all publish, and the newcomer must go. */
  evict: C | undefined;
}

/** Undefined if there is room. `connections` are in the order of their coming. */
export function makeRoom<C extends { address: string; isPublishing: boolean }>(
  newcomerAddress: string,
  connections: ReadonlySet<C>,
  limits: ConnectionLimits,
): RoomDecision<C> | undefined {
  const pendingOf = new Map<string, C[]>();
  let pendingCount = 0;
  for (const connection of connections) {
    if (connection.isPublishing) continue;
    pendingCount++;
    const network = networkOf(connection.address);
    const others = pendingOf.get(network);
    if (others === undefined) pendingOf.set(network, [connection]);
    else others.push(connection);
  }
  const own = pendingOf.get(networkOf(newcomerAddress)) ?? [];
  if (own.length >= limits.pendingPerAddressMax) {
    return { limit: "pendingPerAddressMax", evict: own[0] };
  }
  const limit = (["pendingCountMax", "connectionCountMax"] as const).find((name) => {
    return (name === "pendingCountMax" ? pendingCount : connections.size) >= limits[name];
  });
  if (limit === undefined) return undefined;
  let most: C[] = [];
  for (const pending of pendingOf.values()) if (pending.length > most.length) most = pending;
  return { limit, evict: most[0] };
}
