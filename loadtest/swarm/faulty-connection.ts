/**
 * Peers as they are on the internet and should not be, made of good connections: one that no path
 * leads to, one that sends other bytes than those asked for, one that begins to send and never ends.
 */
import type {
  RtcCandidate,
  RtcChannel,
  RtcConnection,
  RtcDescription,
} from "../../src/swarm/client-ports.ts";
import { readPeerMessage } from "../../src/swarm/read-peer-message.ts";

export type PeerFault = "unreachable" | "liar" | "staller";

/** The connection with a channel wrapper on all its channels, those that the other side opens too. */
export function withChannels(
  connection: RtcConnection,
  wrap: (channel: RtcChannel) => RtcChannel,
): RtcConnection {
  return new WrappedConnection(connection, wrap);
}

/** A connection whose sides never learn of a way to each other. */
export function withoutPath(connection: RtcConnection): RtcConnection {
  return new PathlessConnection(connection, (channel) => channel);
}

/** The channel of one who passes on other bytes than it holds; `lied` is told of each segment begun. */
export function lying(channel: RtcChannel, lied: () => void): RtcChannel {
  return withSend(channel, (send, data) => {
    if (typeof data === "string") return send(data);
    const message = readPeerMessage(data);
    if (message?.kind === "chunk" && message.offsetBytes === 0) lied();
    const wrong = data.slice();
    // The last byte is media, whatever stands before it.
    wrong[wrong.length - 1]! ^= 0xff;
    send(wrong);
  });
}

/** The channel of one who sends the first piece of each segment only. */
export function stalling(channel: RtcChannel): RtcChannel {
  return withSend(channel, (send, data) => {
    const message = readPeerMessage(data);
    if (message?.kind === "chunk" && message.offsetBytes > 0) return;
    send(data);
  });
}

type Payload = Parameters<RtcChannel["send"]>[0];

/** The channel, with a say in what is sent. All else is the channel's own. */
function withSend(
  channel: RtcChannel,
  sendBy: (send: (data: Payload) => void, data: Payload) => void,
): RtcChannel {
  return new Proxy(channel, {
    get(target, name) {
      if (name === "send") return (data: Payload) => sendBy((own) => target.send(own), data);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  });
}

class WrappedConnection implements RtcConnection {
  protected readonly inner: RtcConnection;
  readonly #wrap: (channel: RtcChannel) => RtcChannel;
  onicecandidate: RtcConnection["onicecandidate"] = null;
  ondatachannel: RtcConnection["ondatachannel"] = null;
  onconnectionstatechange: RtcConnection["onconnectionstatechange"] = null;

  constructor(inner: RtcConnection, wrap: (channel: RtcChannel) => RtcChannel) {
    this.inner = inner;
    this.#wrap = wrap;
    inner.onicecandidate = ({ candidate }) => this.found(candidate);
    inner.ondatachannel = ({ channel }) => this.ondatachannel?.({ channel: wrap(channel) });
    inner.onconnectionstatechange = () => this.onconnectionstatechange?.();
  }

  get connectionState(): string {
    return this.inner.connectionState;
  }

  createDataChannel(label: string, options: { ordered: boolean }): RtcChannel {
    return this.#wrap(this.inner.createDataChannel(label, options));
  }

  createOffer(): Promise<RtcDescription> {
    return this.inner.createOffer();
  }

  createAnswer(): Promise<RtcDescription> {
    return this.inner.createAnswer();
  }

  setLocalDescription(description: RtcDescription): Promise<void> {
    return this.inner.setLocalDescription(description);
  }

  setRemoteDescription(description: RtcDescription): Promise<void> {
    return this.inner.setRemoteDescription(description);
  }

  addIceCandidate(candidate: { candidate: string; sdpMid: string }): Promise<void> {
    return this.inner.addIceCandidate(candidate);
  }

  close(): void {
    this.inner.close();
  }

  protected found(candidate: RtcCandidate | null): void {
    this.onicecandidate?.({ candidate });
  }
}

class PathlessConnection extends WrappedConnection {
  override async createOffer(): Promise<RtcDescription> {
    return withoutCandidates(await this.inner.createOffer());
  }

  override async createAnswer(): Promise<RtcDescription> {
    return withoutCandidates(await this.inner.createAnswer());
  }

  override setRemoteDescription(description: RtcDescription): Promise<void> {
    return this.inner.setRemoteDescription(withoutCandidates(description));
  }

  override addIceCandidate(): Promise<void> {
    return Promise.resolve();
  }

  protected override found(candidate: RtcCandidate | null): void {
    if (candidate === null) super.found(null);
  }
}

function withoutCandidates({ type, sdp }: RtcDescription): RtcDescription {
  return { type, sdp: sdp.replaceAll(/^a=candidate:.*\r?\n/gm, "") };
}
