/**
 * What a viewer of the virtual world does who wants all of its neighbours' lines, beside what its
 * scheduler does: asks each for the newest it holds over and over, and says that it has it when it
 * has, or (`isHasty`) as soon as a piece came.
 */
import type { PeerMessage } from "../peer-message.ts";
import type { PeerId } from "../room-messages.ts";
import type { SegmentId } from "../segment.ts";

export interface GreedySide {
  send: (peer: PeerId, message: PeerMessage) => void;
  lengthOf: (id: SegmentId) => number;
  later: (delayMs: number, run: () => void) => void;
}

/** Its own are told from the scheduler's by their numbers. */
const transferFirst = 1_000_000;
const requestCount = 3;
const againMs = 250;

export class GreedyPeer {
  readonly #side: GreedySide;
  readonly #isHasty: boolean;
  readonly #newest = new Map<PeerId, SegmentId>();
  readonly #asked = new Map<number, SegmentId>();
  #transferNext = transferFirst;

  constructor(side: GreedySide, { isHasty }: { isHasty: boolean }) {
    this.#side = side;
    this.#isHasty = isHasty;
  }

  /** Returns whether the message was to it and not to the scheduler. */
  hear(peer: PeerId, message: PeerMessage): boolean {
    if (message.kind === "have") {
      const isFirst = !this.#newest.has(peer);
      this.#newest.set(peer, message.segments.at(-1)!);
      if (isFirst) for (let n = 0; n < requestCount; n++) this.#ask(peer);
    }
    if (!("transfer" in message) || message.transfer < transferFirst) return false;
    const { transfer } = message;
    if (message.kind === "refuse") this.#side.later(againMs, () => this.#ask(peer));
    if (message.kind === "chunk" && this.#isDone(message)) {
      this.#asked.delete(transfer);
      this.#side.send(peer, { kind: "done", transfer });
      this.#ask(peer);
    }
    return true;
  }

  #isDone({ transfer, offsetBytes, bytes }: Extract<PeerMessage, { kind: "chunk" }>): boolean {
    const id = this.#asked.get(transfer);
    if (id === undefined) return false;
    return this.#isHasty || offsetBytes + bytes.length === this.#side.lengthOf(id);
  }

  #ask(peer: PeerId): void {
    const segment = this.#newest.get(peer)!;
    const transfer = this.#transferNext++;
    this.#asked.set(transfer, segment);
    this.#side.send(peer, { kind: "request", transfer, segment, withinMs: 600_000 });
  }
}
