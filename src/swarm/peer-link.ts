/**
 * One WebRTC connection to a peer with its one data channel, from the first signal to the end. Any
 * trouble ends in `closed`, once; nothing is thrown and nothing is called afterwards. Who the peer
 * is and what is said over the channel are others' business.
 */
import type { ClientPorts, RtcChannel, RtcConnection, RtcDescription } from "./client-ports.ts";
import type { Signal } from "./room-messages.ts";

/** From the first signal to an open channel; measured: 6 to 300 ms within one network. */
export const dialMsMax = 8_000;
/** As many as an edge passes on. */
const candidateCountMax = 10;
/** What waits in the channel: the pieces of an upload, and as many control messages again as fit. */
const unreadBytesMax = 64 * 1024;

export interface PeerLinkEvents {
  signal(signal: Signal): void;
  open(): void;
  message(data: string | Uint8Array): void;
  /** The peer has room for more. */
  drained(): void;
  /** The peer does not read: what was to be sent would only pile up, and was not sent. */
  deaf(): void;
  /** The peer is gone, or it was never reached. */
  closed(end: { wasOpen: boolean }): void;
}

export class PeerLink {
  /** Whether this side called. */
  readonly isCaller: boolean;
  readonly #connection: RtcConnection;
  readonly #events: PeerLinkEvents;
  readonly #cancelDial: () => void;
  #channel: RtcChannel | null = null;
  #isOpen = false;
  #isClosed = false;
  /** Candidates wait for the description they belong to: ours to have been sent, theirs to be set. */
  #isDescriptionSent = false;
  #hasDescription = false;
  #isDescriptionSet = false;
  #localCandidates: Signal[] = [];
  #remoteCandidates: Extract<Signal, { type: "candidate" }>[] = [];
  #sentCandidateCount = 0;

  constructor(options: {
    connection: RtcConnection;
    isCaller: boolean;
    ports: ClientPorts;
    events: PeerLinkEvents;
  }) {
    const { connection, isCaller, ports, events } = options;
    this.#connection = connection;
    this.#events = events;
    this.isCaller = isCaller;
    this.#cancelDial = ports.later(dialMsMax, () => this.#end());
    connection.onicecandidate = ({ candidate }) => {
      if (candidate !== null) this.#offerCandidate(candidate);
    };
    connection.onconnectionstatechange = () => {
      const { connectionState } = connection;
      const isBroken = connectionState === "failed" || connectionState === "disconnected";
      if (isBroken || connectionState === "closed") this.#end();
    };
    connection.ondatachannel = ({ channel }) => {
      // One is agreed on, and the caller makes it. To close each other one would have no end.
      if (isCaller || this.#channel !== null) this.#end();
      else this.#adopt(channel);
    };
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Null while not open. */
  get channel(): RtcChannel | null {
    return this.#isOpen ? this.#channel : null;
  }

  /** Calls the peer. */
  dial(): void {
    this.#try(async () => {
      this.#adopt(this.#connection.createDataChannel("segments", { ordered: true }));
      const offer = await this.#connection.createOffer();
      await this.#describe(offer);
    });
  }

  /** A signal from the peer. */
  take(signal: Signal): void {
    this.#try(async () => {
      if (signal.type === "candidate") await this.#takeCandidate(signal);
      else await this.#takeDescription(signal);
    });
  }

  /** False when it could not be sent. */
  send(data: string | Uint8Array<ArrayBuffer>): boolean {
    const channel = this.channel;
    if (channel === null) return false;
    try {
      if (channel.bufferedAmount + data.length <= unreadBytesMax) {
        channel.send(data);
        return true;
      }
    } catch {
      // Its buffer is full, or it closes: its own event follows, or the peer is of no use.
      return false;
    }
    this.#events.deaf();
    return false;
  }

  /** Closes without a word to `closed`. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isOpen = false;
    this.#cancelDial();
    const connection = this.#connection;
    connection.onicecandidate = null;
    connection.ondatachannel = null;
    connection.onconnectionstatechange = null;
    const channel = this.#channel;
    if (channel !== null) {
      channel.onopen = null;
      channel.onclose = null;
      channel.onmessage = null;
      channel.onbufferedamountlow = null;
    }
    try {
      channel?.close();
      connection.close();
    } catch {
      // Closed already: that is what was wanted.
    }
  }

  #end(): void {
    if (this.#isClosed) return;
    const wasOpen = this.#isOpen;
    this.close();
    this.#events.closed({ wasOpen });
  }

  /** A browser may refuse anything that came from outside: then this peer is given up. */
  #try(run: () => Promise<void>): void {
    if (this.#isClosed) return;
    run().catch(() => this.#end());
  }

  #adopt(channel: RtcChannel): void {
    this.#channel = channel;
    channel.binaryType = "arraybuffer";
    channel.onmessage = ({ data }) => {
      this.#opened();
      this.#events.message(typeof data === "string" ? data : new Uint8Array(data));
    };
    channel.onclose = () => this.#end();
    channel.onbufferedamountlow = () => this.#events.drained();
    channel.onopen = () => this.#opened();
    // A channel that was called in may be open by the time it is given.
    if (channel.readyState === "open") this.#opened();
  }

  #opened(): void {
    if (this.#isOpen || this.#isClosed) return;
    this.#isOpen = true;
    this.#cancelDial();
    this.#events.open();
  }

  async #takeDescription(description: RtcDescription): Promise<void> {
    // An offer is for who was called, an answer for who called, each once.
    if (this.#hasDescription || (description.type === "answer") !== this.isCaller) return;
    this.#hasDescription = true;
    const { type, sdp } = description;
    await this.#connection.setRemoteDescription({ type, sdp });
    this.#isDescriptionSet = true;
    const waiting = this.#remoteCandidates;
    this.#remoteCandidates = [];
    for (const candidate of waiting) await this.#takeCandidate(candidate);
    if (!this.isCaller) await this.#describe(await this.#connection.createAnswer());
  }

  async #takeCandidate(signal: Extract<Signal, { type: "candidate" }>): Promise<void> {
    if (signal.candidate === "") return;
    if (!this.#isDescriptionSet) {
      if (this.#remoteCandidates.length < candidateCountMax) this.#remoteCandidates.push(signal);
      return;
    }
    const { candidate, mid } = signal;
    // One that is not understood here (another address family) takes nothing from the others.
    await this.#connection.addIceCandidate({ candidate, sdpMid: mid }).catch(() => undefined);
  }

  /** Makes the description ours and sends it, then the candidates that have come meanwhile. */
  async #describe({ type, sdp }: RtcDescription): Promise<void> {
    await this.#connection.setLocalDescription({ type, sdp });
    if (this.#isClosed) return;
    this.#events.signal({ type, sdp });
    this.#isDescriptionSent = true;
    for (const candidate of this.#localCandidates) this.#events.signal(candidate);
    this.#localCandidates = [];
  }

  #offerCandidate({ candidate, sdpMid }: { candidate: string; sdpMid: string | null }): void {
    // libdatachannel writes the attribute's name before it.
    const text = candidate.startsWith("a=") ? candidate.slice(2) : candidate;
    if (text === "" || this.#isClosed) return;
    this.#sentCandidateCount += 1;
    if (this.#sentCandidateCount > candidateCountMax) return;
    const signal: Signal = { type: "candidate", candidate: text, mid: sdpMid ?? "0" };
    if (this.#isDescriptionSent) this.#events.signal(signal);
    else this.#localCandidates.push(signal);
  }
}
