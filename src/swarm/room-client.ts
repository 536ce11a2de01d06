/**
 * A viewer's side of its room: keeps one WebSocket open at whatever edge answers, for as long as it
 * is wanted, and repeats after each reconnect what the viewer said it watches. Losing it costs a
 * viewer nothing but the swarm: nobody waits for it, and it never gives up.
 */
import type { ClientPorts, OpenRoomSocket, RoomSocket } from "./client-ports.ts";
import { swarmOff, type SwarmPolicy } from "./policy.ts";
import { readRoomMessage } from "./read-room-message.ts";
import { readReturnReason, returnSpreadMsMin } from "./return-reason.ts";
import {
  roomMessageBytesMax,
  type PeerId,
  type RoomMessage,
  type ViewerMessage,
} from "./room-messages.ts";

/** A socket that brought no welcome by then leads nowhere. */
const welcomeMsMax = 10_000;
/** A room says something at least every 20 s; two misses and a bit are a dead line. */
const silenceMsMax = 45_000;
const backOffMsMin = 1_000;
const backOffMsMax = 30_000;
/** A connection that held this long was a good one. */
const goodConnectionMs = 5_000;
/** Joining a cell takes about 60 messages (4 dials, 8 calls); far below what a room allows. */
const sendCountMax = 120;
/** Of those, others than signals: however much others call, what this viewer has to say gets through. */
const plainCountMin = 20;
const sendWindowMs = 10_000;

type Watch = Extract<ViewerMessage, { kind: "watch" }>;
export type Share = Watch["share"];
export type RoomEvent = RoomMessage | { kind: "connected" } | { kind: "disconnected" };

export class RoomClient {
  /** What the edge called this viewer; null while not connected. */
  id: PeerId | null = null;
  policy: SwarmPolicy = swarmOff;
  readonly #ports: ClientPorts;
  readonly #openSocket: OpenRoomSocket;
  readonly #listeners = new Set<(event: RoomEvent) => void>();
  #isWanted = false;
  #isOffline = false;
  #socket: RoomSocket | null = null;
  /** Counts sockets, so that the events of one given up are not taken for the next one's. */
  #socketCount = 0;
  #connectedAtMs = 0;
  #failureCount = 0;
  #cancelTimer: (() => void) | null = null;
  /** As a room takes it for a newcomer. */
  #watching: Watch = { kind: "watch", rung: null, share: "nothing" };
  #sendWindowStartMs = 0;
  #signalCount = 0;
  #plainCount = 0;

  constructor({ ports, open }: { ports: ClientPorts; open: OpenRoomSocket }) {
    this.#ports = ports;
    this.#openSocket = open;
  }

  /** Welcomed by a room, as far as is known. */
  get isConnected(): boolean {
    return this.id !== null;
  }

  /** Adds a listener; the result removes it. */
  listen(listener: (event: RoomEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  open(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#failureCount = 0;
    if (!this.#isOffline) this.#connect();
  }

  close(): void {
    this.#isWanted = false;
    this.#giveUpSocket();
  }

  /** Without a network nothing is tried. */
  goOffline(): void {
    this.#isOffline = true;
    this.#giveUpSocket();
  }

  goOnline(): void {
    if (!this.#isOffline) return;
    this.#isOffline = false;
    this.#failureCount = 0;
    if (this.#isWanted) this.#connectAfter(this.#ports.random() * returnSpreadMsMin);
  }

  /** Says which rung is loaded and what this viewer does in a cell: now, and after each reconnect. */
  watch(rung: number | null, share: Share): void {
    if (this.#watching.rung === rung && this.#watching.share === share) return;
    this.#watching = { kind: "watch", rung, share };
    this.send(this.#watching);
  }

  /** False when it was not sent: not connected, too long, or too much of late. */
  send(message: ViewerMessage): boolean {
    if (this.#socket === null || this.id === null) return false;
    const text = JSON.stringify(message);
    // What is sent is ASCII, or three bytes a character at the very most.
    if (text.length > roomMessageBytesMax) return false;
    // What is watched must get through; it is changed by the player, and rarely.
    if (!this.#maySend(message.kind === "signal") && message.kind !== "watch") return false;
    this.#socket.send(text);
    return true;
  }

  #maySend(isSignal: boolean): boolean {
    const nowMs = this.#ports.nowMs();
    if (nowMs - this.#sendWindowStartMs > sendWindowMs) {
      this.#sendWindowStartMs = nowMs;
      this.#signalCount = 0;
      this.#plainCount = 0;
    }
    if (isSignal) {
      const plainCountKept = Math.max(plainCountMin, this.#plainCount);
      if (this.#signalCount + plainCountKept >= sendCountMax) return false;
      this.#signalCount += 1;
      return true;
    }
    if (this.#signalCount + this.#plainCount >= sendCountMax) return false;
    this.#plainCount += 1;
    return true;
  }

  #connect(): void {
    this.#cancelTimer?.();
    this.#socketCount += 1;
    const number = this.#socketCount;
    const isThis = (): boolean => number === this.#socketCount;
    this.#socket = this.#openSocket({
      message: (text) => isThis() && this.#take(text),
      closed: (reason) => isThis() && this.#lost(reason),
    });
    this.#cancelTimer = this.#ports.later(welcomeMsMax, () => this.#drop());
  }

  #connectAfter(delayMs: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#ports.later(delayMs, () => this.#connect());
  }

  #take(text: string): void {
    const read = readRoomMessage(text);
    // A newer edge may say more than is understood here.
    if (!read.ok) return;
    const { message } = read;
    this.#cancelTimer?.();
    this.#cancelTimer = this.#ports.later(silenceMsMax, () => this.#drop());
    if (message.kind === "welcome") this.#welcomed(message);
    if (this.id === null) return;
    if (message.kind === "policy") this.policy = message.policy;
    this.#tell(message);
  }

  #welcomed(message: Extract<RoomMessage, { kind: "welcome" }>): void {
    this.id = message.id;
    this.policy = message.policy;
    this.#connectedAtMs = this.#ports.nowMs();
    this.#signalCount = 0;
    this.#plainCount = 0;
    if (this.#watching.rung !== null) this.send(this.#watching);
    this.#tell({ kind: "connected" });
  }

  /** The line is dead, or leads nowhere. */
  #drop(): void {
    this.#socket?.close();
    this.#lost();
  }

  /** `reason`: what the edge said when it closed the socket. */
  #lost(reason = ""): void {
    const wasGood =
      this.id !== null && this.#ports.nowMs() - this.#connectedAtMs >= goodConnectionMs;
    this.#failureCount = wasGood ? 0 : this.#failureCount + 1;
    this.#forgetSocket();
    if (!this.#isWanted || this.#isOffline) return;
    const spreadMs = readReturnReason(reason);
    const delayMs = reconnectDelayMs(this.#failureCount, this.#ports.random(), spreadMs);
    this.#connectAfter(delayMs);
  }

  #giveUpSocket(): void {
    this.#socket?.close();
    this.#forgetSocket();
  }

  #forgetSocket(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#socketCount += 1;
    this.#socket = null;
    if (this.id === null) return;
    this.id = null;
    this.#tell({ kind: "disconnected" });
  }

  #tell(event: RoomEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

/**
 * Full jitter: evenly from nothing to a bound that doubles with each failure in a row, and is no less
 * than the spread that the edge named. An edge that restarts loses all its viewers at once.
 */
export function reconnectDelayMs(
  failureCount: number,
  randomRatio: number,
  spreadMs: number = returnSpreadMsMin,
): number {
  if (failureCount === 0) return randomRatio * spreadMs;
  const backOffMs = Math.min(backOffMsMax, backOffMsMin * 2 ** Math.min(failureCount, 10));
  const told = spreadMs > returnSpreadMsMin ? spreadMs : 0;
  return randomRatio * Math.max(backOffMs, told);
}
