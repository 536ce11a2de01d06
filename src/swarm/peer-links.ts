/**
 * A viewer's connections to the peers of its cell: calls whom the room names, answers who calls, and
 * never holds more than is agreed. What is exchanged over them is the scheduler's business.
 */
import { swarmParameters } from "../config/swarm-parameters.ts";
import { CallBudget } from "./call-budget.ts";
import type { RtcChannel, SwarmPorts } from "./client-ports.ts";
import { PeerLink } from "./peer-link.ts";
import type { IceServer } from "./policy.ts";
import type { PeerId, Signal } from "./room-messages.ts";

export interface PeerLinksEvents {
  signal(to: PeerId, signal: Signal): void;
  open(peer: PeerId): void;
  message(peer: PeerId, data: string | Uint8Array): void;
  drained(peer: PeerId): void;
  /** The peer does not read what it is sent. */
  deaf(peer: PeerId): void;
  /** `wasOpen`: it had been told of by `open`. */
  closed(peer: PeerId, end: { wasOpen: boolean }): void;
}

interface PeerLinksOptions {
  ports: SwarmPorts;
  events: PeerLinksEvents;
  /** A peer that may be closed to make room for another; null: all are of use. */
  spare: () => PeerId | null;
}

export class PeerLinks {
  readonly #ports: SwarmPorts;
  readonly #events: PeerLinksEvents;
  readonly #spare: () => PeerId | null;
  readonly #links = new Map<PeerId, PeerLink>();
  readonly #callBudget = new CallBudget();
  #iceServers: readonly IceServer[] = [];

  constructor({ ports, events, spare }: PeerLinksOptions) {
    this.#ports = ports;
    this.#events = events;
    this.#spare = spare;
  }

  /** Peers with an open channel. */
  get openCount(): number {
    let count = 0;
    for (const link of this.#links.values()) if (link.isOpen) count += 1;
    return count;
  }

  /** For connections to come. */
  setIceServers(iceServers: readonly IceServer[]): void {
    this.#iceServers = iceServers;
  }

  dial(peer: PeerId): void {
    if (this.#links.has(peer)) return;
    this.#start(peer, { isCaller: true })?.dial();
  }

  /** `ownId` settles who gives way when two call each other at once. */
  takeSignal(peer: PeerId, signal: Signal, ownId: PeerId): void {
    const link = this.#links.get(peer);
    if (signal.type !== "offer") {
      link?.take(signal);
      return;
    }
    if (link?.isCaller === true && !link.isOpen && ownId > peer) return;
    if (!this.#callBudget.take(peer, this.#ports.nowMs())) return;
    // Whoever calls again has lost the connection that is still open here.
    if (link !== undefined) this.#forget(peer, link);
    this.#start(peer, { isCaller: false })?.take(signal);
  }

  /** Null when there is no open one. */
  channel(peer: PeerId): RtcChannel | null {
    return this.#links.get(peer)?.channel ?? null;
  }

  send(peer: PeerId, data: string | Uint8Array<ArrayBuffer>): boolean {
    return this.#links.get(peer)?.send(data) ?? false;
  }

  /** Closes what there is to the peer; nothing is told of it. Whether it was open. */
  close(peer: PeerId): boolean {
    const link = this.#links.get(peer);
    const wasOpen = link?.isOpen ?? false;
    link?.close();
    this.#links.delete(peer);
    return wasOpen;
  }

  /** Closes all that is open or on its way; gives whom it was open to. */
  closeAll(): PeerId[] {
    const links = [...this.#links];
    this.#links.clear();
    this.#callBudget.forgetPeers();
    const open = links.filter(([, link]) => link.isOpen).map(([peer]) => peer);
    for (const [, link] of links) link.close();
    return open;
  }

  #start(peer: PeerId, { isCaller }: { isCaller: boolean }): PeerLink | null {
    const events = this.#events;
    if (!this.#makeRoom()) {
      events.closed(peer, { wasOpen: false });
      return null;
    }
    let link: PeerLink;
    try {
      link = new PeerLink({
        connection: this.#ports.createConnection(this.#iceServers),
        isCaller,
        ports: this.#ports,
        events: {
          signal: (one) => events.signal(peer, one),
          open: () => events.open(peer),
          message: (data) => events.message(peer, data),
          drained: () => events.drained(peer),
          deaf: () => events.deaf(peer),
          closed: (end) => {
            this.#links.delete(peer);
            events.closed(peer, end);
          },
        },
      });
    } catch {
      // Browsers limit connections of a page, and policies of an organisation forbid them.
      events.closed(peer, { wasOpen: false });
      return null;
    }
    this.#links.set(peer, link);
    return link;
  }

  /** Full, it closes what is of no use; never one for the other, for each is of use at first. */
  #makeRoom(): boolean {
    if (this.#links.size < swarmParameters.neighbourCountMax) return true;
    const spare = this.#spare();
    const link = spare === null ? undefined : this.#links.get(spare);
    if (spare === null || link === undefined) return false;
    this.#forget(spare, link);
    return true;
  }

  #forget(peer: PeerId, link: PeerLink): void {
    const wasOpen = link.isOpen;
    link.close();
    this.#links.delete(peer);
    if (wasOpen) this.#events.closed(peer, { wasOpen });
  }
}
