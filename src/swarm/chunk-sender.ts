/**
 * Hands segments over to peers in chunks: as fast as their channels take them, and no faster than
 * the ceiling. Which segment goes to whom, and how many at a time, is the scheduler's decision.
 */
import { swarmParameters } from "../config/swarm-parameters.ts";
import { BytePacer } from "./byte-pacer.ts";
import type { ClientPorts, RtcChannel } from "./client-ports.ts";
import { chunkBytesUsual } from "./peer-message.ts";
import type { PeerId } from "./room-messages.ts";
import { writePeerMessage } from "./write-peer-message.ts";

/** What waits in a channel cannot be taken back when the peer cancels: keep it short. */
const waitingBytesMax = 16 * 1024;
const waitingBytesLow = 4 * 1024;
/** The last bytes: a slot is free when its line is, not when its last byte has been queued. */
const waitingBytesEnd = 1_024;
/** Should an event of a channel get lost, the channel is looked at again after this. */
const lookAgainMs = 500;
/**
 * A peer that took nothing for so many looks, one after the other, does not read. Looks and not
 * time, which passes while a machine sleeps.
 */
const idleLookCountMax = 10;

interface Transfer {
  peer: PeerId;
  transfer: number;
  bytes: Uint8Array;
}

export interface TransferEnd {
  peer: PeerId;
  transfer: number;
  sentBytes: number;
  isWhole: boolean;
}

interface Running extends Transfer {
  sentBytes: number;
  cancelTimer: (() => void) | null;
  /** Looks since its channel took something, or something went out of it. */
  idleLookCount: number;
}

export class ChunkSender {
  readonly #ports: ClientPorts;
  readonly #channel: (peer: PeerId) => RtcChannel | null;
  readonly #ended: (end: TransferEnd) => void;
  readonly #deaf: (peer: PeerId) => void;
  readonly #pacer = new BytePacer();
  readonly #running = new Set<Running>();

  constructor(options: {
    ports: ClientPorts;
    /** The open channel to a peer, if there is one. */
    channel: (peer: PeerId) => RtcChannel | null;
    /** Called once for each transfer, when nothing of it waits in the channel, or it was cut. */
    ended: (end: TransferEnd) => void;
    /** Called when the peer takes nothing any more. */
    deaf: (peer: PeerId) => void;
  }) {
    this.#ports = options.ports;
    this.#channel = options.channel;
    this.#ended = options.ended;
    this.#deaf = options.deaf;
  }

  /** kbps of 1,000 bit/s; 0: none. */
  setCeiling(kbps: number): void {
    this.#pacer.setCeiling(kbps, this.#ports.nowMs());
  }

  /** More at a time than there are slots end at once, with nothing sent. */
  start({ peer, transfer, bytes }: Transfer): void {
    if (this.#running.size >= swarmParameters.uploadSlotCount) {
      this.#ended({ peer, transfer, sentBytes: 0, isWhole: false });
      return;
    }
    const one: Running = {
      peer,
      transfer,
      bytes,
      sentBytes: 0,
      cancelTimer: null,
      idleLookCount: 0,
    };
    this.#running.add(one);
    this.#pump(one);
  }

  /** What the channel has taken already goes out all the same: that may be all of it. */
  stop({ peer, transfer }: { peer: PeerId; transfer: number }): void {
    for (const one of [...this.#running]) {
      if (one.peer !== peer || one.transfer !== transfer) continue;
      this.#end(one, { isWhole: one.sentBytes === one.bytes.length });
    }
  }

  /** The peer's channel has room again. */
  drained(peer: PeerId): void {
    for (const one of [...this.#running]) {
      if (one.peer !== peer) continue;
      one.idleLookCount = 0;
      this.#pump(one);
    }
  }

  peerClosed(peer: PeerId): void {
    for (const one of [...this.#running]) {
      if (one.peer === peer) this.#end(one, { isWhole: false });
    }
  }

  #pump(one: Running): void {
    one.cancelTimer?.();
    one.cancelTimer = null;
    const channel = this.#channel(one.peer);
    if (channel === null) {
      this.#end(one, { isWhole: false });
      return;
    }
    const between = { aboveBytes: waitingBytesMax, untilBytes: waitingBytesLow };
    while (one.sentBytes < one.bytes.length) {
      if (this.#mustWait(one, channel, between)) return;
      const endBytes = Math.min(one.sentBytes + chunkBytesUsual, one.bytes.length);
      const waitMs = this.#pacer.take(endBytes - one.sentBytes, this.#ports.nowMs());
      if (waitMs > 0) {
        one.cancelTimer = this.#ports.later(waitMs, () => this.#pump(one));
        return;
      }
      if (!sendChunk(one, channel, endBytes)) {
        this.#end(one, { isWhole: false });
        return;
      }
    }
    const last = { aboveBytes: waitingBytesEnd, untilBytes: waitingBytesEnd };
    if (!this.#mustWait(one, channel, last)) this.#end(one, { isWhole: true });
  }

  #mustWait(
    one: Running,
    channel: RtcChannel,
    { aboveBytes, untilBytes }: { aboveBytes: number; untilBytes: number },
  ): boolean {
    // Set before it is asked: in Node the channel drains in a thread of its own.
    channel.bufferedAmountLowThreshold = untilBytes;
    const { bufferedAmount } = channel;
    if (bufferedAmount <= aboveBytes) return false;
    one.cancelTimer = this.#ports.later(lookAgainMs, () => {
      one.idleLookCount = channel.bufferedAmount < bufferedAmount ? 0 : one.idleLookCount + 1;
      if (one.idleLookCount < idleLookCountMax) this.#pump(one);
      else this.#giveUp(one);
    });
    return true;
  }

  #giveUp(one: Running): void {
    this.#deaf(one.peer);
    this.#end(one, { isWhole: false });
  }

  #end(one: Running, { isWhole }: { isWhole: boolean }): void {
    one.cancelTimer?.();
    if (!this.#running.delete(one)) return;
    const { peer, transfer, sentBytes } = one;
    this.#ended({ peer, transfer, sentBytes, isWhole });
  }
}

function sendChunk(one: Running, channel: RtcChannel, endBytes: number): boolean {
  const { transfer, sentBytes, bytes } = one;
  const piece = bytes.subarray(sentBytes, endBytes);
  try {
    channel.send(
      writePeerMessage({ kind: "chunk", transfer, offsetBytes: sentBytes, bytes: piece }),
    );
  } catch {
    // Its buffer is full although it said otherwise, or it closes.
    return false;
  }
  one.sentBytes = endBytes;
  return true;
}
