/**
 * A viewer in a swarm: joins what the room says, the connections to peers and the edge to the
 * scheduler, and carries out what that decides. The same in the page and in Node; whatever goes
 * wrong here ends in `refuse`, after which the player asks the edge in its own way.
 */
import type { SwarmPorts, SwarmStats } from "./client-ports.ts";
import { ChunkSender } from "./chunk-sender.ts";
import { PeerLinks } from "./peer-links.ts";
import { swarmOff, type SwarmPolicy } from "./policy.ts";
import { readPeerMessage } from "./read-peer-message.ts";
import type { RoomClient, RoomEvent, Share } from "./room-client.ts";
import type { PeerId } from "./room-messages.ts";
import type { SwarmDecision, SwarmInput } from "./scheduler-io.ts";
import { Scheduler } from "./scheduler.ts";
import { segmentKey, type SegmentId } from "./segment.ts";
import { SwarmReporter } from "./swarm-reporter.ts";
import { writePeerMessage } from "./write-peer-message.ts";

/** Without any peer for this long, a viewer is no good as a seed. */
const lonelyMsMax = 3_000;

/** Who asked for a segment; one of the two is called, once. */
export interface Asker {
  /** The bytes are shared: copy them before giving them away. */
  deliver(bytes: Uint8Array, source: "edge" | "peer"): void;
  /** Ask the edge yourself. */
  refuse(): void;
}

export class SwarmClient {
  readonly #room: RoomClient;
  readonly #ports: SwarmPorts;
  readonly #scheduler: Scheduler;
  readonly #links: PeerLinks;
  readonly #uploads: ChunkSender;
  readonly #reporter: SwarmReporter;
  readonly #stopListening: () => void;
  readonly #askers = new Map<string, { id: SegmentId; asker: Asker }[]>();
  readonly #fetches = new Map<string, () => void>();
  /** Shut out here for wrong bytes, whatever the room thinks of them. */
  readonly #banned = new Set<PeerId>();
  #policy: SwarmPolicy = swarmOff;
  #cellSize: number | null = null;
  #rung: number | null = null;
  #share: Share = "both";
  #isLonely = true;
  #isClosed = false;
  #receivedBytes = 0;
  #tickAtMs = Infinity;
  #cancelTick: (() => void) | null = null;
  #cancelLonely: (() => void) | null = null;

  constructor({ room, ports }: { room: RoomClient; ports: SwarmPorts }) {
    this.#room = room;
    this.#ports = ports;
    this.#scheduler = new Scheduler({ random: ports.random });
    this.#links = new PeerLinks({
      ports,
      events: {
        signal: (to, signal) => void room.send({ kind: "signal", to, signal }),
        open: (peer) => this.#peerOpened(peer),
        message: (peer, data) => this.#takePeer(peer, data),
        drained: (peer) => this.#uploads.drained(peer),
        deaf: (peer) => this.#feed({ kind: "deaf", peer }),
        closed: (peer, { wasOpen }) => this.#peerClosed(peer, { wasOpen }),
      },
      spare: () => this.#scheduler.sparePeer(ports.nowMs()),
    });
    this.#uploads = new ChunkSender({
      ports,
      channel: (peer) => this.#links.channel(peer),
      ended: (end) => this.#feed({ kind: "uploadEnd", ...end }),
      deaf: (peer) => this.#feed({ kind: "deaf", peer }),
    });
    this.#reporter = new SwarmReporter({ ports, room, counts: () => this.#counts() });
    this.#stopListening = room.listen((event) => this.#takeRoom(event));
    this.#feed({ kind: "share", allowed: true });
    if (room.isConnected) this.#setPolicy(room.policy);
  }

  get stats(): SwarmStats {
    const { httpBytes, peerBytes, uploadedBytes, refusedCount, lateCount, peerCount } =
      this.#counts();
    const isOn = this.#isActive();
    return {
      state: !isOn ? "off" : this.#cellSize === null ? "connecting" : "on",
      peerCount,
      cellSize: this.#cellSize ?? 0,
      httpBytes,
      peerBytes,
      uploadedBytes,
      refusedCount,
      lateCount,
      bannedCount: this.#scheduler.counts.bannedCount,
      isSharing: isOn && this.#share === "both" && this.#cellSize !== null,
    };
  }

  /** What peers have sent of segments, whole or not: the line's load, not what it was good for. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /**
   * Asks for a segment that must be whole by `deadlineMs` (the ports' clock); the result gives the
   * request up. While not in a cell it is refused at once.
   */
  want(id: SegmentId, deadlineMs: number, asker: Asker): () => void {
    if (this.#cellSize === null) {
      asker.refuse();
      return () => undefined;
    }
    const key = segmentKey(id);
    const entry = { id, asker };
    this.#askers.set(key, [...(this.#askers.get(key) ?? []), entry]);
    this.#feed({ kind: "want", id, deadlineMs });
    return () => {
      const others = this.#askers.get(key)?.filter((one) => one !== entry) ?? [];
      if (others.length > 0) this.#askers.set(key, others);
      else if (this.#askers.delete(key)) this.#feed({ kind: "unwant", id });
    };
  }

  /**
   * The player fetches a segment from the edge in its own way, to be whole by `deadlineMs`; the result
   * is to be called when that is over.
   */
  ownFetch(id: SegmentId, deadlineMs: number): () => void {
    let isOver = false;
    this.#feed({ kind: "ownFetch", id, deadlineMs });
    return () => {
      if (!isOver) this.#feed({ kind: "ownFetchEnd" });
      isOver = true;
    };
  }

  /** The rung that the player loads now; null: none. */
  rung(rung: number | null): void {
    if (rung === this.#rung) return;
    this.#rung = rung;
    this.#feed({ kind: "rung", rung });
    this.#watch();
  }

  /** What this viewer does for others, and lets them do. */
  share(share: Share): void {
    this.#share = share;
    this.#feed({ kind: "share", allowed: share === "both" });
    this.#watch();
  }

  /** Media buffered ahead of the position played. */
  buffer(aheadMs: number): void {
    this.#feed({ kind: "buffer", aheadMs });
  }

  /** Segments that the player fetched from the edge in its own way. */
  addHttpBytes(bytes: number): void {
    this.#reporter.otherHttpBytes += bytes;
  }

  /** Leaves, and refuses what is still asked for. */
  close(): void {
    if (this.#isClosed) return;
    this.#room.watch(null, "nothing");
    this.#leaveCell();
    this.#isClosed = true;
    this.#stopListening();
    this.#cancelTick?.();
    this.#cancelLonely?.();
    for (const abort of this.#fetches.values()) abort();
    const asked = [...this.#askers.values()].flat();
    this.#askers.clear();
    for (const { asker } of asked) asker.refuse();
  }

  #counts() {
    const { httpBytes, ...counts } = this.#scheduler.counts;
    return {
      ...counts,
      httpBytes: httpBytes + this.#reporter.otherHttpBytes,
      peerCount: this.#links.openCount,
    };
  }

  #takeRoom(event: RoomEvent): void {
    switch (event.kind) {
      case "welcome":
      case "policy":
        this.#setPolicy(event.policy);
        break;
      case "disconnected":
        this.#leaveCell();
        break;
      case "cell":
        if (event.size === null) this.#leaveCell();
        else if (this.#isActive()) this.#enterCell(event.size);
        break;
      case "dial":
        for (const peer of event.peers) if (this.#maySpeakTo(peer)) this.#links.dial(peer);
        break;
      case "signal":
        this.#takeSignal(event);
        break;
      case "gone":
        this.#closePeer(event.peer);
        break;
      case "segment": {
        const isSeed = event.seeds.some((seed) => seed === this.#room.id);
        const hasSeeds = event.seeds.length > 0;
        this.#feed({ kind: "segment", segment: event.segment, hasSeeds, isSeed });
        break;
      }
      case "status":
      case "connected":
        break;
    }
  }

  #takeSignal({ from, signal }: Extract<RoomEvent, { kind: "signal" }>): void {
    const { id } = this.#room;
    if (id !== null && this.#maySpeakTo(from)) this.#links.takeSignal(from, signal, id);
  }

  #maySpeakTo(peer: PeerId): boolean {
    return this.#cellSize !== null && !this.#banned.has(peer);
  }

  #setPolicy(policy: SwarmPolicy): void {
    this.#policy = policy;
    this.#uploads.setCeiling(policy.uploadKbpsMax);
    this.#links.setIceServers(policy.iceServers);
    if (policy.mode === "off") this.#leaveCell();
    this.#feed({ kind: "policy", policy });
    this.#watch();
  }

  #isActive(): boolean {
    const isWilling = this.#share !== "nothing" && this.#rung !== null;
    return !this.#isClosed && this.#policy.mode === "on" && isWilling;
  }

  /** Tells the room what holds now; one who reaches nobody gives nothing. */
  #watch(): void {
    if (this.#isClosed) return;
    if (!this.#isActive()) {
      this.#room.watch(null, "nothing");
      this.#leaveCell();
    } else {
      this.#room.watch(this.#rung, this.#isLonely ? "take" : this.#share);
    }
  }

  #enterCell(size: number): void {
    if (this.#cellSize === null) this.#reporter.start();
    this.#cellSize = size;
  }

  /** Closes all that was open within the cell; what is asked for comes from the edge then. */
  #leaveCell(): void {
    if (this.#cellSize === null) return;
    this.#reporter.stop();
    this.#cellSize = null;
    for (const peer of this.#links.closeAll()) this.#forgetPeer(peer);
  }

  #peerOpened(peer: PeerId): void {
    this.#cancelLonely?.();
    this.#isLonely = false;
    this.#watch();
    this.#feed({ kind: "peerOpen", peer });
  }

  #peerClosed(peer: PeerId, { wasOpen }: { wasOpen: boolean }): void {
    this.#room.send({ kind: "dropped", peer, reason: wasOpen ? "gone" : "failed" });
    if (wasOpen) this.#forgetPeer(peer);
  }

  #closePeer(peer: PeerId): void {
    if (this.#links.close(peer)) this.#forgetPeer(peer);
  }

  #forgetPeer(peer: PeerId): void {
    this.#uploads.peerClosed(peer);
    this.#feed({ kind: "peerClosed", peer });
    if (this.#isClosed || this.#isLonely || this.#links.openCount > 0) return;
    this.#cancelLonely?.();
    this.#cancelLonely = this.#ports.later(lonelyMsMax, () => {
      this.#isLonely = this.#links.openCount === 0;
      this.#watch();
    });
  }

  #takePeer(peer: PeerId, data: string | Uint8Array): void {
    if (typeof data !== "string") this.#receivedBytes += data.length;
    const message = readPeerMessage(data);
    this.#feed(
      message === null ? { kind: "unreadable", peer } : { kind: "message", peer, message },
    );
  }

  #feed(input: SwarmInput): void {
    if (this.#isClosed) return;
    this.#scheduler.take(input, this.#ports.nowMs());
    for (const decision of this.#scheduler.drain()) this.#carryOut(decision);
    this.#armTick();
  }

  #armTick(): void {
    const { nextTickMs } = this.#scheduler;
    if (nextTickMs === this.#tickAtMs) return;
    this.#tickAtMs = nextTickMs;
    this.#cancelTick?.();
    this.#cancelTick = null;
    if (nextTickMs === Infinity) return;
    const delayMs = Math.max(0, nextTickMs - this.#ports.nowMs());
    this.#cancelTick = this.#ports.later(delayMs, () => {
      this.#tickAtMs = Infinity;
      this.#feed({ kind: "tick" });
    });
  }

  #carryOut(decision: SwarmDecision): void {
    switch (decision.kind) {
      case "fetch":
        this.#fetch(decision.id);
        break;
      case "abortFetch":
        this.#fetches.get(segmentKey(decision.id))?.();
        break;
      case "send":
        this.#links.send(decision.peer, writePeerMessage(decision.message));
        break;
      case "upload":
        this.#uploads.start(decision);
        break;
      case "stopUpload":
        this.#uploads.stop(decision);
        break;
      case "verify":
        void this.#verify(decision);
        break;
      case "deliver":
        for (const asker of this.#takeAskers(decision.id)) {
          asker.deliver(decision.bytes, decision.source);
        }
        break;
      case "refuse":
        for (const asker of this.#takeAskers(decision.id)) asker.refuse();
        break;
      case "drop":
        if (decision.reason === "digest") this.#banned.add(decision.peer);
        this.#room.send({ kind: "dropped", peer: decision.peer, reason: decision.reason });
        this.#closePeer(decision.peer);
        break;
    }
  }

  #takeAskers(id: SegmentId): Asker[] {
    const key = segmentKey(id);
    const entries = this.#askers.get(key) ?? [];
    this.#askers.delete(key);
    return entries.map(({ asker }) => asker);
  }

  #fetch(id: SegmentId): void {
    const key = segmentKey(id);
    // Set first: a fetch may have ended by the time it is known how to abort it.
    let abort = (): void => undefined;
    this.#fetches.set(key, () => {
      this.#fetches.delete(key);
      abort();
    });
    abort = this.#ports.fetchSegment(id, {
      progress: (loadedBytes) => this.#feed({ kind: "fetchProgress", id, loadedBytes }),
      end: (bytes) => {
        this.#fetches.delete(key);
        this.#feed({ kind: "fetchEnd", id, bytes });
      },
    });
  }

  async #verify({
    check,
    bytes,
    sha256,
  }: Extract<SwarmDecision, { kind: "verify" }>): Promise<void> {
    const digest = await this.#ports.sha256(bytes).catch(() => null);
    this.#feed({ kind: "verified", check, ok: digest === null ? null : digest === sha256 });
  }
}
