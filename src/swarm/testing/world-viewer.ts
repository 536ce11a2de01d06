/** One viewer of the virtual world: scheduler, player, uplink and connections. */
import type { PeerMessage } from "../peer-message.ts";
import { chunkBytesUsual } from "../peer-message.ts";
import type { DropReason, PeerId } from "../room-messages.ts";
import type { SwarmDecision, SwarmInput } from "../scheduler-io.ts";
import { Scheduler } from "../scheduler.ts";
import { segmentKey, type SegmentId } from "../segment.ts";
import type { EventQueue } from "./event-queue.ts";
import { GreedyPeer } from "./greedy-peer.ts";
import type { Tally, WorldOptions } from "./world-options.ts";
import { WorldFetch, type WorldFetchEvents } from "./world-fetch.ts";
import { WorldLine } from "./world-line.ts";
import { WorldPlayer } from "./world-player.ts";

export interface ViewerNature {
  uplinkKbps: number;
  downlinkKbps: number;
  /** One way to the edge; to another viewer both viewers' add up. */
  delayMs: number;
  isReachable: boolean;
  isGiving: boolean;
  isLiar: boolean;
  isStaller: boolean;
  /** Says to have everything, and to be busy. */
  isBusy: boolean;
  /** How it would have its neighbours' whole lines, if it would. */
  greed: "none" | "hasty" | "again";
}

/** What viewers share. */
export interface World {
  readonly events: EventQueue;
  readonly options: WorldOptions;
  readonly viewers: ReadonlyMap<PeerId, WorldViewer>;
  readonly room: {
    setGives(viewer: WorldViewer, gives: boolean): void;
    noteOpen(viewer: WorldViewer): void;
    noteDescription(from: PeerId, to: PeerId): void;
    dropped(by: PeerId, peer: PeerId, reason: DropReason): void;
    leave(viewer: WorldViewer): void;
  };
  tally: Tally;
  /** Bad segments by victim and liar, and by liar. */
  readonly badPairs: Map<string, number>;
  readonly badByLiar: Map<PeerId, number>;
  /** The next random number of one kind, from 0 to below 1. */
  draw(stream: number): number;
  /** The right bytes of a segment. */
  content(id: SegmentId): Uint8Array;
}

interface Upload {
  peer: PeerId;
  transfer: number;
  bytes: Uint8Array;
  sentBytes: number;
  /** Sent, and not yet through the peer's line. */
  flyingBytes: number;
  /** Nothing more is sent until some of that is. */
  isHeld: boolean;
  isStopped: boolean;
}

/** A call that has not opened by then has failed. */
const dialMsMax = 8_000;
const reportMs = 10_000;

export class WorldViewer {
  readonly id: string;
  readonly nature: ViewerNature;
  /** Open connections, by the other's id. */
  readonly links = new Set<PeerId>();
  readonly rung = 360;
  readonly #world: World;
  readonly #scheduler: Scheduler;
  readonly #player: WorldPlayer;
  readonly #greed: GreedyPeer | null;
  readonly #fetches = new Map<string, WorldFetch>();
  readonly #uploads = new Map<string, Upload>();
  readonly #uplink: WorldLine;
  readonly #downlink: WorldLine;
  #tickAtMs = Infinity;
  #isGone = false;
  #gives = false;
  #startedAtMs = 0;

  constructor(world: World, id: string, nature: ViewerNature) {
    this.#world = world;
    this.id = id;
    this.nature = nature;
    this.#uplink = new WorldLine(world.events, nature.uplinkKbps);
    this.#downlink = new WorldLine(world.events, nature.downlinkKbps);
    this.#scheduler = new Scheduler({ random: () => world.draw(20) });
    this.#player = new WorldPlayer(world, {
      take: (input) => this.take(input),
      fetchAlone: (segment, deadlineMs) => this.#fetchAlone(segment, deadlineMs),
    });
    const side = {
      send: (peer: PeerId, message: PeerMessage) => this.#send(peer, message),
      lengthOf: (segment: SegmentId) => world.content(segment).length,
      later: (delayMs: number, run: () => void) => world.events.after(delayMs, run),
    };
    const { greed } = nature;
    this.#greed = greed === "none" ? null : new GreedyPeer(side, { isHasty: greed === "hasty" });
  }

  start(): void {
    this.#startedAtMs = this.#world.events.nowMs;
    const { seedCount = 2, mode = "on" } = this.#world.options;
    const policy = { mode, uploadKbpsMax: 0, seedCount, iceServers: [] } as const;
    this.take({ kind: "policy", policy });
    this.take({ kind: "share", allowed: this.nature.isGiving });
    this.take({ kind: "rung", rung: 360 });
    this.#report();
    this.afterEdgeDelay(() => this.#player.start());
  }

  leave(): void {
    const { room, events, viewers } = this.#world;
    this.#isGone = true;
    this.#player.stop();
    for (const fetch of this.#fetches.values()) fetch.abort();
    // Most close their page; some lose their network, which the room notices later.
    events.after(this.#world.draw(22) < 0.7 ? 50 : 4_000, () => {
      for (const id of this.links) viewers.get(id)?.close(this.id);
      room.leave(this);
    });
  }

  afterEdgeDelay(run: () => void): void {
    const delayMs = this.nature.delayMs * (1 + this.#world.draw(23));
    this.#world.events.after(delayMs, () => {
      if (!this.#isGone) run();
    });
  }

  /** Its line to here carries so much from now on. */
  setDownlink(kbps: number): void {
    this.#downlink.kbps = kbps;
  }

  /** Tries to connect to the others. */
  dial(peers: readonly PeerId[]): void {
    for (const peer of peers) {
      const other = this.#world.viewers.get(peer);
      if (other !== undefined) this.#call(other);
    }
  }

  /** The connection is gone. */
  close(peer: PeerId): void {
    if (!this.links.delete(peer) || this.#isGone) return;
    this.#world.viewers.get(peer)?.close(this.id);
    this.take({ kind: "peerClosed", peer });
    this.#sayGives();
  }

  closeAll(): void {
    for (const peer of [...this.links]) this.close(peer);
  }

  #call(other: WorldViewer): void {
    const { events, room } = this.#world;
    room.noteDescription(this.id, other.id);
    room.noteDescription(other.id, this.id);
    if (!this.nature.isReachable || !other.nature.isReachable) {
      events.after(dialMsMax, () => {
        if (!this.#isGone) room.dropped(this.id, other.id, "failed");
      });
      return;
    }
    events.after(100 + 6 * this.#oneWayMs(other), () => {
      if (this.#isGone || other.#isGone || this.links.has(other.id)) return;
      this.links.add(other.id);
      other.links.add(this.id);
      this.take({ kind: "peerOpen", peer: other.id });
      other.take({ kind: "peerOpen", peer: this.id });
      this.#sayGives();
      other.#sayGives();
    });
  }

  /** A viewer says that it gives as long as it is connected to somebody. */
  #sayGives(): void {
    const gives = this.nature.isGiving && this.links.size > 0;
    if (gives === this.#gives) return;
    this.#gives = gives;
    this.afterEdgeDelay(() => this.#world.room.setGives(this, gives));
  }

  #report(): void {
    this.#world.events.after(reportMs, () => {
      if (this.#isGone) return;
      this.#world.room.noteOpen(this);
      this.#report();
    });
  }

  take(input: SwarmInput): void {
    if (this.#isGone) return;
    if (input.kind === "message" && this.#greed?.hear(input.peer, input.message)) return;
    if (this.nature.isBusy && this.#isPutOff(input)) return;
    this.#scheduler.take(input, this.#world.events.nowMs);
    for (const decision of this.#scheduler.drain()) this.#perform(decision);
    this.#arm();
  }

  /** Whether it was a request, which is put off for ever; says to have what is announced. */
  #isPutOff(input: SwarmInput): boolean {
    if (input.kind === "segment") {
      for (const peer of this.links) {
        this.#send(peer, { kind: "have", segments: [idOf(input.segment)] });
      }
    }
    if (input.kind !== "message" || input.message.kind !== "request") return false;
    this.#send(input.peer, { kind: "busy", transfer: input.message.transfer, waitMs: 1_000 });
    return true;
  }

  #arm(): void {
    const atMs = this.#scheduler.nextTickMs;
    if (atMs >= this.#tickAtMs || atMs === Infinity) return;
    this.#tickAtMs = atMs;
    this.#world.events.at(atMs, () => {
      if (this.#tickAtMs !== atMs) return;
      this.#tickAtMs = Infinity;
      this.#world.tally.tickCount++;
      this.take({ kind: "tick" });
    });
  }

  #perform(decision: SwarmDecision): void {
    const { tally } = this.#world;
    switch (decision.kind) {
      case "fetch":
        return this.#fetch(decision.id);
      case "abortFetch": {
        this.#fetches.get(segmentKey(decision.id))?.abort();
        return;
      }
      case "send":
        return this.#send(decision.peer, decision.message);
      case "upload":
        return this.#upload(decision);
      case "stopUpload": {
        const { peer, transfer } = decision;
        const upload = this.#uploads.get(`${peer}/${transfer}`);
        if (upload === undefined) return;
        upload.isStopped = true;
        const { sentBytes, bytes } = upload;
        const isWhole = sentBytes === bytes.length;
        return this.take({ kind: "uploadEnd", peer, transfer, sentBytes, isWhole });
      }
      case "verify":
        return this.#verify(decision);
      case "deliver":
        if (!isSame(decision.bytes, this.#world.content(decision.id))) tally.corruptCount++;
        return this.#player.deliver(decision.id);
      case "refuse":
        tally.refusedCount++;
        return this.#player.refused(decision.id);
      case "drop":
        tally.dropCounts[decision.reason] = (tally.dropCounts[decision.reason] ?? 0) + 1;
        this.close(decision.peer);
        return this.afterEdgeDelay(() =>
          this.#world.room.dropped(this.id, decision.peer, decision.reason),
        );
    }
  }

  #verify({ check, id, peer, bytes }: Extract<SwarmDecision, { kind: "verify" }>): void {
    const { tally, badPairs, events } = this.#world;
    const ok = isSame(bytes, this.#world.content(id));
    if (ok && peer !== null) {
      tally.peerBytes += bytes.length;
      if (this.#isStartup(id)) tally.startupPeerBytes += bytes.length;
    }
    if (!ok) {
      const pair = `${this.id} ${peer}`;
      badPairs.set(pair, (badPairs.get(pair) ?? 0) + 1);
      this.#world.badByLiar.set(peer!, (this.#world.badByLiar.get(peer!) ?? 0) + 1);
    }
    events.after(1, () => this.take({ kind: "verified", check, ok }));
  }

  #fetch(id: SegmentId): void {
    const key = segmentKey(id);
    const bytes = this.#world.content(id);
    const fetch = this.#load(id, {
      moved: (loadedBytes) => this.take({ kind: "fetchProgress", id, loadedBytes }),
      ended: () => {
        if (this.#fetches.get(key) === fetch) this.#fetches.delete(key);
        this.take({ kind: "fetchEnd", id, bytes });
      },
    });
    this.#fetches.set(key, fetch);
  }

  /** Whether it was announced before the viewer came. */
  #isStartup({ msn }: SegmentId): boolean {
    return (msn + 1) * this.#world.options.segmentMs <= this.#startedAtMs;
  }

  /** The player asks the edge itself. */
  #fetchAlone(id: SegmentId, deadlineMs: number): void {
    this.take({ kind: "ownFetch", id, deadlineMs });
    const ended = (): void => {
      this.take({ kind: "ownFetchEnd" });
      this.#player.deliver(id);
    };
    this.#load(id, { moved: () => undefined, ended });
  }

  #load(id: SegmentId, { moved, ended }: WorldFetchEvents): WorldFetch {
    const { delayMs, downlinkKbps } = this.nature;
    const slowness = this.#world.draw(25) < 0.02 ? 3 : 1;
    const fetch = new WorldFetch({
      events: this.#world.events,
      line: this.#downlink,
      lengthBytes: this.#world.content(id).length,
      edgeKbps: downlinkKbps,
      slowness,
      sent: (bytes) => {
        this.#world.tally.httpBytes += bytes;
        if (this.#isStartup(id)) this.#world.tally.startupHttpBytes += bytes;
      },
      moved: (loadedBytes) => {
        if (!this.#isGone) moved(loadedBytes);
      },
      ended: () => {
        if (!this.#isGone) ended();
      },
    });
    fetch.start(slowness * ((2 + this.#world.draw(24)) * delayMs + 5));
    return fetch;
  }

  #send(peer: PeerId, message: PeerMessage): void {
    const other = this.#world.viewers.get(peer);
    if (other === undefined || !this.links.has(peer)) return;
    this.#world.tally.messageCount++;
    this.#world.events.after(this.#oneWayMs(other), () => {
      if (other.links.has(this.id)) other.take({ kind: "message", peer: this.id, message });
    });
  }

  #oneWayMs(other: WorldViewer): number {
    return this.nature.delayMs + other.nature.delayMs;
  }

  #upload({ peer, transfer, bytes }: Extract<SwarmDecision, { kind: "upload" }>): void {
    const upload = {
      peer,
      transfer,
      bytes,
      sentBytes: 0,
      flyingBytes: 0,
      isHeld: false,
      isStopped: false,
    };
    this.#uploads.set(`${peer}/${transfer}`, upload);
    this.#sendChunk(upload);
  }

  #sendChunk(upload: Upload): void {
    const { events, tally } = this.#world;
    const { peer, transfer, bytes, sentBytes } = upload;
    const piece = bytes.subarray(sentBytes, sentBytes + chunkBytesUsual);
    const isCut = upload.isStopped || this.#isGone || !this.links.has(peer);
    const isStalling = this.nature.isStaller && sentBytes > bytes.length / 2;
    if (isStalling) return;
    if (piece.length === 0 || isCut) {
      this.#uploads.delete(`${peer}/${transfer}`);
      const isWhole = piece.length === 0;
      if (isWhole || !upload.isStopped) {
        this.take({ kind: "uploadEnd", peer, transfer, sentBytes, isWhole });
      }
      return;
    }
    const other = this.#world.viewers.get(peer);
    if (other === undefined) return;
    upload.isHeld = upload.flyingBytes >= other.#downlink.windowBytes;
    if (upload.isHeld) return;
    tally.sentBytes += piece.length;
    upload.sentBytes += piece.length;
    upload.flyingBytes += piece.length;
    const sent = this.nature.isLiar ? piece.map((byte) => byte ^ 0x55) : piece;
    const chunk = { kind: "chunk", transfer, offsetBytes: sentBytes, bytes: sent } as const;
    this.#uplink.carry(piece.length, () => {
      events.after(this.#oneWayMs(other), () => {
        other.#downlink.carry(piece.length, () => {
          if (other.links.has(this.id))
            other.take({ kind: "message", peer: this.id, message: chunk });
          upload.flyingBytes -= piece.length;
          if (upload.isHeld) this.#sendChunk(upload);
        });
      });
      this.#sendChunk(upload);
    });
  }
}

function idOf({ rung, epoch, msn }: SegmentId): SegmentId {
  return { rung, epoch, msn };
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
