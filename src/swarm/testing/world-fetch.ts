/** A segment on its way from the edge to one viewer of the virtual world. */
import { chunkBytesUsual as pieceBytes } from "../peer-message.ts";
import type { EventQueue } from "./event-queue.ts";
import type { WorldLine } from "./world-line.ts";

export interface WorldFetchEvents {
  moved: (loadedBytes: number) => void;
  ended: () => void;
}

interface WorldFetchOptions extends WorldFetchEvents {
  events: EventQueue;
  line: WorldLine;
  lengthBytes: number;
  /** What an edge that is slow sends so many times less than. */
  edgeKbps: number;
  /** 1; more for one that the edge is slow with. */
  slowness: number;
  /** So much more has left the edge. */
  sent: (bytes: number) => void;
}

export class WorldFetch {
  readonly #options: WorldFetchOptions;
  #sentBytes = 0;
  #loadedBytes = 0;
  #isAborted = false;

  constructor(options: WorldFetchOptions) {
    this.#options = options;
  }

  start(firstByteMs: number): void {
    this.#options.events.after(firstByteMs, () => this.#load());
  }

  abort(): void {
    this.#isAborted = true;
  }

  #load(): void {
    const { line, lengthBytes, slowness } = this.#options;
    const windowBytes = slowness === 1 ? line.windowBytes : pieceBytes;
    while (!this.#isAborted && this.#sentBytes < lengthBytes) {
      if (this.#sentBytes - this.#loadedBytes >= windowBytes) return;
      const bytes = Math.min(pieceBytes, lengthBytes - this.#sentBytes);
      this.#sentBytes += bytes;
      this.#options.sent(bytes);
      line.carry(bytes, () => this.#passed(bytes));
    }
  }

  #passed(bytes: number): void {
    const { events, lengthBytes, slowness, edgeKbps, moved, ended } = this.#options;
    if (this.#isAborted) return;
    this.#loadedBytes += bytes;
    if (this.#loadedBytes === lengthBytes) {
      ended();
      return;
    }
    moved(this.#loadedBytes);
    events.after(((slowness - 1) * bytes * 8) / edgeKbps, () => this.#load());
  }
}
