/**
 * Who is shut out of cells, and for how long. A ban is the viewer's; where it goes by its address as
 * well and the viewer leaves, whoever comes next from that address takes it over for the rest of its
 * time. So who comes again under another id gains nothing, and of an address that many share as many
 * are out as were banned, not all of them.
 */
import type { PeerId } from "./room-messages.ts";

interface Ban {
  untilMs: number;
  /** Null: it ends with the viewer's socket. */
  addressKey: string | null;
}

const banMs = 5 * 60_000;
/** Bans of viewers who left that are remembered; beyond it the oldest is forgotten. */
const leftCountMax = 1_024;

export class Bans {
  readonly #bans = new Map<PeerId, Ban>();
  /** Of viewers who left, in the order in which they did. */
  readonly #left = new Set<{ untilMs: number; addressKey: string }>();

  /** `addressKey`: the viewer's, where the ban goes by it as well. */
  add(peer: PeerId, addressKey: string | null, nowMs: number): void {
    this.#bans.set(peer, { untilMs: nowMs + banMs, addressKey });
  }

  has(peer: PeerId, nowMs: number): boolean {
    return nowMs < (this.#bans.get(peer)?.untilMs ?? -Infinity);
  }

  /** The viewer is in the room for the first time: it may have to take a ban over. */
  entered({ id, addressKey }: { id: PeerId; addressKey: string }, nowMs: number): void {
    for (const ban of this.#left) {
      if (ban.untilMs <= nowMs) this.#left.delete(ban);
      else if (ban.addressKey === addressKey) {
        this.#left.delete(ban);
        this.#bans.set(id, ban);
        return;
      }
    }
  }

  /** The viewer's socket is closed. */
  forget(peer: PeerId): void {
    const ban = this.#bans.get(peer);
    this.#bans.delete(peer);
    if (ban === undefined || ban.addressKey === null) return;
    this.#left.add({ untilMs: ban.untilMs, addressKey: ban.addressKey });
    for (const oldest of this.#left) {
      if (this.#left.size <= leftCountMax) break;
      this.#left.delete(oldest);
    }
  }

  /** Viewers whose ban has ended; each once. */
  takeEnded(nowMs: number): PeerId[] {
    const ended = [...this.#bans].filter(([, { untilMs }]) => untilMs <= nowMs).map(([id]) => id);
    for (const peer of ended) this.#bans.delete(peer);
    return ended;
  }
}
