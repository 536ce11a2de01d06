/** A WebRTC connection that agrees to everything at once; its channel opens when the test says so. */
import type { RtcChannel, RtcConnection, RtcDescription } from "../client-ports.ts";

class FakeChannel implements RtcChannel {
  readyState = "connecting";
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  binaryType = "";
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null = null;
  onbufferedamountlow: (() => void) | null = null;

  send(): void {
    if (this.readyState !== "open") throw new Error("it is not open");
  }

  close(): void {
    this.readyState = "closed";
  }
}

export class FakeConnection implements RtcConnection {
  connectionState = "new";
  onicecandidate: RtcConnection["onicecandidate"] = null;
  ondatachannel: RtcConnection["ondatachannel"] = null;
  onconnectionstatechange: (() => void) | null = null;
  readonly #channel = new FakeChannel();

  createDataChannel(): RtcChannel {
    return this.#channel;
  }

  createOffer(): Promise<RtcDescription> {
    return Promise.resolve({ type: "offer", sdp: "offer" });
  }

  createAnswer(): Promise<RtcDescription> {
    return Promise.resolve({ type: "answer", sdp: "answer" });
  }

  setLocalDescription(): Promise<void> {
    return Promise.resolve();
  }

  setRemoteDescription(): Promise<void> {
    return Promise.resolve();
  }

  addIceCandidate(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.connectionState = "closed";
  }

  /** The channel opens, whichever side made it. */
  open(): void {
    this.connectionState = "connected";
    this.#channel.readyState = "open";
    if (this.#channel.onopen === null) this.ondatachannel?.({ channel: this.#channel });
    else this.#channel.onopen();
  }
}
