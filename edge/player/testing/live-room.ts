/**
 * The room of a scripted feed: one cell a rung, where each newcomer calls all who are there, and who
 * has been there longest is the seed. It keeps what was said, and fails when told to.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { FeedStatus } from "../../../src/hls/status.ts";
import { swarmOff, type SwarmPolicy } from "../../../src/swarm/policy.ts";
import { readViewerMessage } from "../../../src/swarm/read-viewer-message.ts";
import type { RoomMessage, ViewerMessage } from "../../../src/swarm/room-messages.ts";
import type { SegmentFacts } from "../../../src/swarm/segment.ts";
import { acceptSocket, type TextSocket } from "./socket-frames.ts";

interface Member {
  id: string;
  socket: TextSocket;
  rung: number | null;
  share: Extract<ViewerMessage, { kind: "watch" }>["share"];
}

export class LiveRoom {
  /** Whether upgrades are answered. */
  isOpen = true;
  /** What viewers said, in order. */
  readonly heard: { from: string; message: ViewerMessage }[] = [];
  readonly #status: () => FeedStatus;
  readonly #members: Member[] = [];
  #policy: SwarmPolicy = swarmOff;
  #idCount = 0;

  constructor(status: () => FeedStatus) {
    this.#status = status;
  }

  get memberCount(): number {
    return this.#members.length;
  }

  upgrade(request: IncomingMessage, socket: Duplex): void {
    if (!this.isOpen) {
      socket.destroy();
      return;
    }
    this.#idCount += 1;
    const member: Member = {
      id: `viewer-${this.#idCount}`,
      socket: acceptSocket(request, socket, {
        text: (text) => this.#hear(member, text),
        closed: () => this.#leave(member),
      }),
      rung: null,
      share: "nothing",
    };
    this.#members.push(member);
    const { id } = member;
    say(member, { kind: "welcome", id, status: this.#status(), policy: this.#policy });
  }

  /** All sockets break, and nobody is let in again. */
  breakDown(): void {
    this.isOpen = false;
    for (const { socket } of [...this.#members]) socket.destroy();
  }

  setPolicy(change: Partial<SwarmPolicy>): void {
    this.#policy = { ...this.#policy, ...change };
    for (const member of this.#members) say(member, { kind: "policy", policy: this.#policy });
    if (this.#policy.mode === "off") this.#tellCells();
  }

  pushStatus(): void {
    for (const member of this.#members) say(member, { kind: "status", status: this.#status() });
  }

  announce(segment: SegmentFacts): void {
    const cell = this.#cellOf(segment.rung);
    const seeds = cell.slice(0, 1).map(({ id }) => id);
    for (const member of cell) say(member, { kind: "segment", segment, seeds });
  }

  #cellOf(rung: number): Member[] {
    return this.#members.filter((one) => one.rung === rung && one.share !== "nothing");
  }

  #hear(member: Member, text: string): void {
    const read = readViewerMessage(text);
    if (!read.ok) throw new Error(`${read.reason}: ${text}`);
    const { message } = read;
    this.heard.push({ from: member.id, message });
    if (message.kind === "signal") {
      const to = this.#members.find(({ id }) => id === message.to);
      if (to) say(to, { kind: "signal", from: member.id, signal: message.signal });
    }
    if (message.kind !== "watch") return;
    const { rung, share } = message;
    const isMove = rung !== member.rung || (share === "nothing") !== (member.share === "nothing");
    Object.assign(member, { rung, share });
    if (!isMove) return;
    this.#tellCells();
    if (rung === null) return;
    const peers = this.#cellOf(rung).filter((one) => one !== member);
    if (peers.length > 0) say(member, { kind: "dial", peers: peers.map(({ id }) => id) });
  }

  #tellCells(): void {
    for (const member of this.#members) {
      const cell = member.rung === null ? [] : this.#cellOf(member.rung);
      const size = this.#policy.mode === "on" && cell.includes(member) ? cell.length : null;
      say(member, { kind: "cell", size });
    }
  }

  #leave(member: Member): void {
    this.#members.splice(this.#members.indexOf(member), 1);
    for (const other of this.#members) say(other, { kind: "gone", peer: member.id });
  }
}

function say({ socket }: Member, message: RoomMessage): void {
  socket.send(JSON.stringify(message));
}
