/**
 * One viewer's connection, and the one to its edge that belongs to it: moves bytes between the two
 * sockets and their links. Half-closes are passed on with the bytes before them; a reset of one side
 * resets the other, and nothing of either is kept.
 */
import { connect, type Socket } from "node:net";
import { DelayLine } from "./delay-line.ts";
import type { LinkCounts } from "./link-counts.ts";
import type { Pacemaker } from "./pacemaker.ts";
import { PacedLink } from "./paced-link.ts";
import type { PathRate } from "./path-rate.ts";
import type { ReadBlocks } from "./read-blocks.ts";
import type { SharedBucket } from "./shared-bucket.ts";

/** Above this the edge is not read, until half of it is out. */
const downBytesMax = 262_144;
/** Above this the viewer is not read until something is forwarded. */
const upBytesMax = 65_536;
const nothing = new Uint8Array(0);

export interface ConnectionOptions {
  edge: { host: string; port: number };
  kbps: number;
  rate: PathRate;
  bucket: SharedBucket | undefined;
  freeHeadBytes: number;
  rttUs: number;
  pacemaker: Pacemaker;
  blocks: ReadBlocks;
  counts: LinkCounts;
  /** Both sockets are closed. */
  closed: () => void;
}

export class Connection {
  readonly #viewer: Socket;
  readonly #edge: Socket;
  readonly #down: PacedLink;
  readonly #up: DelayLine;
  readonly #options: ConnectionOptions;
  #openSockets = 2;

  constructor(viewer: Socket, options: ConnectionOptions) {
    const { pacemaker, rttUs, edge } = options;
    this.#options = options;
    this.#viewer = viewer;
    this.#edge = connect({
      ...edge,
      allowHalfOpen: true,
      noDelay: true,
      onread: { buffer: options.blocks.readInto, callback: (length) => this.#arrived(length) },
    });
    this.#down = new PacedLink({
      ...options,
      schedule: pacemaker.schedule,
      delayUs: rttUs / 2,
      send: (bytes, dueUs) => this.#send(bytes, dueUs),
      // What the system has not taken yet is still needed.
      released: (bytes) => viewer.writableLength === 0 && options.blocks.release(bytes),
      ended: () => viewer.end(),
    });
    this.#up = new DelayLine({
      schedule: pacemaker.schedule,
      delayUs: rttUs / 2,
      openUs: pacemaker.nowUs() + rttUs,
      forward: (bytes) => this.#forward(bytes),
      ended: () => this.#edge.end(),
    });
    this.#listen();
  }

  /** Ends both sides at once. */
  reset(): void {
    resetSocket(this.#viewer);
    resetSocket(this.#edge);
  }

  #listen(): void {
    const viewer = this.#viewer;
    const edge = this.#edge;
    const { pacemaker, counts } = this.#options;
    viewer.on("data", (bytes) => {
      this.#up.push(bytes, pacemaker.nowUs());
      if (this.#up.waitingBytes > upBytesMax) viewer.pause();
      pacemaker.arm();
    });
    viewer.on("end", () => {
      this.#up.end(pacemaker.nowUs());
      pacemaker.arm();
    });
    edge.on("end", () => {
      this.#down.end(pacemaker.nowUs());
      pacemaker.arm();
    });
    edge.on("drain", () => viewer.resume());
    // A viewer that breaks off is nothing to tell of; the edge is told by a reset.
    viewer.on("error", () => undefined);
    edge.on("error", () => {
      counts.edgeFailed += 1;
      resetSocket(viewer);
    });
    viewer.on("close", (hadError) => {
      if (hadError) resetSocket(edge);
      else edge.destroy();
      this.#closeLinks();
    });
    edge.on("close", () => this.#countClosed());
  }

  /** Bytes are in the buffer that all connections read into. Returns whether to go on reading. */
  #arrived(length: number): boolean {
    const { pacemaker, counts, blocks } = this.#options;
    counts.fromEdges += length;
    this.#down.push(blocks.keep(length), pacemaker.nowUs());
    if (this.#down.waitingBytes > downBytesMax) this.#edge.pause();
    pacemaker.arm();
    return !this.#edge.isPaused();
  }

  #closeLinks(): void {
    this.#options.counts.dropped += this.#down.close();
    this.#up.close();
    this.#countClosed();
  }

  #countClosed(): void {
    this.#openSockets -= 1;
    if (this.#openSockets === 0) this.#options.closed();
  }

  #forward(bytes: Uint8Array): void {
    this.#options.counts.toEdges += bytes.length;
    if (!this.#edge.write(bytes)) this.#viewer.pause();
    else if (this.#viewer.isPaused() && this.#up.waitingBytes <= upBytesMax) this.#viewer.resume();
  }

  #send(bytes: Uint8Array, dueUs: number): void {
    const { counts, pacemaker } = this.#options;
    counts.toViewers += bytes.length;
    this.#viewer.write(bytes);
    counts.piece(pacemaker.nowUs() - dueUs);
    // The system took not all of it: its buffers are full, for the viewer does not read.
    if (this.#viewer.writableLength > 0) this.#hold();
    if (this.#edge.isPaused() && this.#down.waitingBytes <= downBytesMax / 2) this.#edge.resume();
  }

  /** The link stands still until the system has taken everything. */
  #hold(): void {
    const { pacemaker } = this.#options;
    this.#down.hold();
    this.#viewer.write(nothing, () => {
      this.#down.resume(pacemaker.nowUs());
      pacemaker.arm();
    });
  }
}

function resetSocket(socket: Socket): void {
  // A reset would wait for the connection, which may never come.
  if (socket.connecting) socket.destroy();
  else socket.resetAndDestroy();
}
