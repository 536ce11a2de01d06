/**
 * A viewer's upload line: what it sends on all its data channels goes out at one rate, shared by the
 * channels packet by packet, as connections share an access line. A channel keeps its order, so
 * behind media a channel's own messages wait and others' do not. Nothing is lost and no delay added.
 */
import type { ClientPorts, RtcChannel } from "../../src/swarm/client-ports.ts";

/** Payload of a packet on the internet, about. */
const packetBytes = 1_200;
/** How often the line is served: a packet at 1 Mbps takes 10 ms. */
const turnMs = 10;

type Payload = string | Uint8Array<ArrayBuffer>;

export class Uplink {
  readonly #bytesPerMs: number;
  readonly #ports: Pick<ClientPorts, "nowMs" | "later">;
  /** Channels with something to send, the next to be served first. */
  readonly #waiting: PacedChannel[] = [];
  #creditBytes = 0;
  #servedMs = 0;
  #cancelTurn: (() => void) | null = null;

  constructor(kbps: number, ports: Pick<ClientPorts, "nowMs" | "later">) {
    this.#bytesPerMs = kbps / 8;
    this.#ports = ports;
  }

  /** The same channel, whose messages pass this line first. */
  pace(channel: RtcChannel): RtcChannel {
    return new PacedChannel(channel, (paced) => this.#enter(paced));
  }

  #enter(channel: PacedChannel): void {
    this.#waiting.push(channel);
    if (this.#cancelTurn !== null) return;
    // An idle line has saved up nothing: the first packet leaves when it has passed.
    this.#creditBytes = 0;
    this.#servedMs = this.#ports.nowMs();
    this.#scheduleTurn();
  }

  #scheduleTurn(): void {
    this.#cancelTurn = this.#ports.later(turnMs, () => this.#serve());
  }

  #serve(): void {
    const nowMs = this.#ports.nowMs();
    this.#creditBytes += (nowMs - this.#servedMs) * this.#bytesPerMs;
    this.#servedMs = nowMs;
    while (this.#creditBytes > 0) {
      const channel = this.#waiting.shift();
      if (channel === undefined) break;
      this.#creditBytes -= channel.pass(Math.min(packetBytes, this.#creditBytes));
      if (channel.queuedBytes > 0) this.#waiting.push(channel);
    }
    this.#cancelTurn = null;
    if (this.#waiting.length > 0) this.#scheduleTurn();
  }
}

class PacedChannel implements RtcChannel {
  readonly #inner: RtcChannel;
  readonly #enter: (channel: PacedChannel) => void;
  readonly #queue: { data: Payload; bytesLeft: number }[] = [];
  #isAbove = false;
  queuedBytes = 0;
  bufferedAmountLowThreshold = 0;
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null = null;
  onbufferedamountlow: (() => void) | null = null;

  constructor(inner: RtcChannel, enter: (channel: PacedChannel) => void) {
    this.#inner = inner;
    this.#enter = enter;
    inner.onopen = () => this.onopen?.();
    inner.onmessage = (event) => this.onmessage?.(event);
    inner.onbufferedamountlow = () => this.#noteLevel();
    inner.onclose = () => {
      this.#clear();
      this.onclose?.();
    };
  }

  get readyState(): string {
    return this.#inner.readyState;
  }

  get bufferedAmount(): number {
    return this.queuedBytes + this.#inner.bufferedAmount;
  }

  get binaryType(): string {
    return this.#inner.binaryType;
  }

  set binaryType(value: string) {
    this.#inner.binaryType = value;
  }

  send(data: Payload): void {
    const bytes = typeof data === "string" ? Buffer.byteLength(data) : data.length;
    // Copied, as a real channel does: the sender may use its buffer again.
    const own = typeof data === "string" ? data : data.slice();
    const bytesLeft = Math.max(1, bytes);
    this.#queue.push({ data: own, bytesLeft });
    if (this.queuedBytes === 0) this.#enter(this);
    this.queuedBytes += bytesLeft;
    this.#noteLevel();
  }

  /** Passes up to so many bytes of the oldest message on; returns how many. */
  pass(bytesMax: number): number {
    const head = this.#queue[0];
    if (head === undefined) return 0;
    const bytes = Math.min(bytesMax, head.bytesLeft);
    head.bytesLeft -= bytes;
    this.queuedBytes -= bytes;
    // A few bits may be left by rounding.
    if (head.bytesLeft < 1e-6) {
      this.#queue.shift();
      if (this.#queue.length === 0) this.queuedBytes = 0;
      this.#hand(head.data);
    }
    this.#noteLevel();
    return bytes;
  }

  close(): void {
    this.#clear();
    this.#inner.close();
  }

  #hand(data: Payload): void {
    if (this.#inner.readyState !== "open") return;
    try {
      this.#inner.send(data);
    } catch {
      // Closed by the other side, which its thread knows and its state does not yet: `onclose` follows.
      this.#clear();
    }
  }

  #clear(): void {
    this.#queue.length = 0;
    this.queuedBytes = 0;
  }

  #noteLevel(): void {
    const isAbove = this.bufferedAmount > this.bufferedAmountLowThreshold;
    const hasFallen = this.#isAbove && !isAbove;
    this.#isAbove = isAbove;
    if (hasFallen) this.onbufferedamountlow?.();
  }
}
