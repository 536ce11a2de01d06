/**
 * How the page learns what its feed does: pushed by the room while there is one, and asked of the
 * edge when the state machine wants it.
 */
import type { FeedStatus } from "../../../../src/hls/status.ts";
import type { RoomEvent } from "../../../../src/swarm/room-client.ts";
import type { FeedEvent } from "./player-state.ts";
import { probeStatus, type ProbeAnswer } from "./status-probe.ts";

export interface StatusRoom {
  open(): void;
  listen(listener: (event: RoomEvent) => void): void;
}

export class StatusFeed {
  readonly #url: string;
  readonly #room: StatusRoom;
  readonly #take: (answer: ProbeAnswer) => void;
  /** Pushed last. */
  #pushed: FeedStatus | null = null;

  /** `take` gets each answer, each status that is pushed, and whether there is a room to push it. */
  constructor(options: { url: string; room: StatusRoom; take: (answer: ProbeAnswer) => void }) {
    this.#url = options.url;
    this.#room = options.room;
    this.#take = options.take;
    options.room.listen((event) => this.#hear(event));
  }

  /** Asks for the status: now, or with a version, as soon as it differs. */
  async probe(knownVersion: number | null): Promise<void> {
    const answer = await probeStatus(this.#url, { knownVersion });
    const { event } = answer;
    if (event.kind === "status") {
      // Only now: nothing is to come between a viewer and the first frame.
      this.#room.open();
      const pushed = this.#pushed;
      // On its way while the room told of something newer.
      if (pushed !== null && pushed.version > event.status.version) event.status = pushed;
    }
    this.#take(answer);
  }

  #hear(event: RoomEvent): void {
    if (event.kind === "connected") this.#tell({ kind: "roomOpened" });
    else if (event.kind === "disconnected") {
      this.#pushed = null;
      this.#tell({ kind: "roomLost" });
    } else if (event.kind === "welcome" || event.kind === "status") {
      if (event.status === null) return;
      this.#pushed = event.status;
      this.#tell({ kind: "status", status: event.status });
    }
  }

  #tell(event: FeedEvent): void {
    this.#take({ event, clockSample: null });
  }
}
