/** Tells the room what a viewer's swarm did since it was told last, while the viewer is in a cell. */
import type { ClientPorts } from "./client-ports.ts";
import type { RoomClient } from "./room-client.ts";
import type { SwarmReport } from "./room-messages.ts";

const intervalMs = 10_000;

export class SwarmReporter {
  /** Bytes of segments that the player fetched past the swarm, since the page was opened. */
  otherHttpBytes = 0;
  readonly #ports: ClientPorts;
  readonly #room: RoomClient;
  readonly #counts: () => SwarmReport;
  #told: SwarmReport | null = null;
  #cancelTimer: (() => void) | null = null;

  /** `counts`: totals from the beginning; `peerCount` as it is now. */
  constructor(options: { ports: ClientPorts; room: RoomClient; counts: () => SwarmReport }) {
    this.#ports = options.ports;
    this.#room = options.room;
    this.#counts = options.counts;
  }

  /** What was done before is not the cell's: it is left out. */
  start(): void {
    this.#told = this.#counts();
    this.#later();
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#tell();
  }

  #later(): void {
    this.#cancelTimer = this.#ports.later(intervalMs, () => {
      this.#tell();
      this.#later();
    });
  }

  #tell(): void {
    const now = this.#counts();
    const told = this.#told ?? now;
    const report: SwarmReport = {
      httpBytes: now.httpBytes - told.httpBytes,
      peerBytes: now.peerBytes - told.peerBytes,
      uploadedBytes: now.uploadedBytes - told.uploadedBytes,
      refusedCount: now.refusedCount - told.refusedCount,
      lateCount: now.lateCount - told.lateCount,
      peerCount: now.peerCount,
    };
    if (this.#room.send({ kind: "report", report })) this.#told = now;
  }
}
