/**
 * What a viewer's side of room and swarm needs of its surroundings, so that the same code runs in
 * the page and in Node. The WebRTC and WebSocket parts are the narrow subset in use of the standard
 * interfaces, which browsers and node-datachannel's polyfill satisfy as they are.
 */
import type { IceServer } from "./policy.ts";
import type { SegmentId } from "./segment.ts";

export interface ClientPorts {
  nowMs: () => number;
  /** From 0 to below 1. */
  random: () => number;
  /** Runs later, once; the result takes it back. */
  later: (delayMs: number, run: () => void) => () => void;
}

/** One attempt at a room's WebSocket; nothing is called after `closed`. */
export interface RoomSocket {
  send(text: string): void;
  close(): void;
}

export interface RoomSocketEvents {
  message(text: string): void;
  /** `reason`: what the edge said of it, if anything. */
  closed(reason?: string): void;
}

export type OpenRoomSocket = (events: RoomSocketEvents) => RoomSocket;

export interface SwarmPorts extends ClientPorts {
  createConnection: (iceServers: readonly IceServer[]) => RtcConnection;
  /** As 64 lower-case hexadecimal digits. */
  sha256: (bytes: Uint8Array) => Promise<string>;
  /** Fetches from the edge; the result aborts, after which nothing is called. */
  fetchSegment: (
    id: SegmentId,
    events: { progress(loadedBytes: number): void; end(bytes: Uint8Array | null): void },
  ) => () => void;
}

export interface RtcConnection {
  readonly connectionState: string;
  onicecandidate: ((event: { candidate: RtcCandidate | null }) => void) | null;
  ondatachannel: ((event: { channel: RtcChannel }) => void) | null;
  onconnectionstatechange: (() => void) | null;
  createDataChannel(label: string, options: { ordered: boolean }): RtcChannel;
  createOffer(): Promise<RtcDescription>;
  createAnswer(): Promise<RtcDescription>;
  setLocalDescription(description: RtcDescription): Promise<void>;
  setRemoteDescription(description: RtcDescription): Promise<void>;
  addIceCandidate(candidate: { candidate: string; sdpMid: string }): Promise<void>;
  close(): void;
}

export interface RtcDescription {
  type: "offer" | "answer";
  sdp: string;
}

export interface RtcCandidate {
  candidate: string;
  sdpMid: string | null;
}

export interface RtcChannel {
  readonly readyState: string;
  readonly bufferedAmount: number;
  bufferedAmountLowThreshold: number;
  binaryType: string;
  onopen: (() => void) | null;
  onclose: (() => void) | null;
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null;
  onbufferedamountlow: (() => void) | null;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(): void;
}

/** What the swarm did for this viewer, for indicator and statistics; bytes of checked segments. */
export interface SwarmStats {
  /** `on`: in a cell. */
  state: "off" | "connecting" | "on";
  peerCount: number;
  cellSize: number;
  httpBytes: number;
  peerBytes: number;
  uploadedBytes: number;
  refusedCount: number;
  lateCount: number;
  /** Peers shut out for wrong bytes. */
  bannedCount: number;
  isSharing: boolean;
}
