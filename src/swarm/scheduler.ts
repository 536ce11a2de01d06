/**
 * Decides for one viewer what to fetch from whom: from neighbours while there is time, from the edge
 * as soon as there might not be. It owns no clock, timer, socket or digest: inputs and decisions are
 * those of scheduler-io.ts. Nothing is cached, announced or delivered before its digest was found
 * right, wherever it came from; where the edge's own bytes are wrong the player is told to ask itself.
 */
import { swarmParameters } from "../config/swarm-parameters.ts";
import { Gathering } from "./gathering.ts";
import { Neighbours, type Neighbour } from "./neighbours.ts";
import { haveCountMax, type PeerMessage } from "./peer-message.ts";
import type { SwarmPolicy } from "./policy.ts";
import type { DropReason, PeerId } from "./room-messages.ts";
import type { SwarmDecision, SwarmInput } from "./scheduler-io.ts";
import { SegmentCache } from "./segment-cache.ts";
import type { SegmentId } from "./segment.ts";
import { Uploads } from "./uploads.ts";

/** Totals since the beginning; bytes of whole, checked segments. */
export interface SwarmCounts {
  httpBytes: number;
  peerBytes: number;
  uploadedBytes: number;
  /** Segments from peers whose bytes were not those announced. */
  refusedCount: number;
  /** Segments asked of peers and fetched from the edge in the end. */
  lateCount: number;
  /** Peers shut out for wrong bytes. */
  bannedCount: number;
}

export class Scheduler {
  /** When a `tick` is due at the latest; Infinity: not before another input. */
  nextTickMs = Infinity;
  readonly #cache = new SegmentCache();
  readonly #neighbours = new Neighbours();
  readonly #uploads: Uploads;
  readonly #gathering: Gathering;
  #decisions: SwarmDecision[] = [];
  #isShareAllowed = false;

  constructor({ random }: { random: () => number }) {
    const decide = (decision: SwarmDecision): void => void this.#decisions.push(decision);
    const shared = {
      cache: this.#cache,
      neighbours: this.#neighbours,
      decide,
      drop: (peer: PeerId, reason: DropReason, nowMs: number) => this.#drop(peer, reason, nowMs),
    };
    this.#uploads = new Uploads(shared);
    this.#gathering = new Gathering({ ...shared, random, gained: (id) => this.#announce(id) });
  }

  get counts(): SwarmCounts {
    const { uploadedBytes } = this.#uploads;
    return { ...this.#gathering.counts, uploadedBytes, bannedCount: this.#neighbours.bannedCount };
  }

  get peerCount(): number {
    return this.#neighbours.count;
  }

  /** Whether this viewer gives to others now. */
  get isSharing(): boolean {
    return this.#isShareAllowed && this.#gathering.isOn;
  }

  /** A neighbour that may be given up for another; null while all are of use. */
  sparePeer(nowMs: number): PeerId | null {
    return this.#neighbours.spare(nowMs);
  }

  /** Hands over what was decided since the last time, in order. */
  drain(): SwarmDecision[] {
    const decisions = this.#decisions;
    this.#decisions = [];
    return decisions;
  }

  take(input: SwarmInput, nowMs: number): void {
    if (input.kind === "message" && input.message.kind === "chunk") {
      const neighbour = this.#neighbours.get(input.peer);
      if (neighbour !== undefined) this.#gathering.downloads.chunk(neighbour, input.message, nowMs);
      // Timers of pages in the background are slow: chunks keep the time as well.
      if (nowMs >= this.nextTickMs) this.#review(nowMs);
      return;
    }
    this.#dispatch(input, nowMs);
    this.#review(nowMs);
  }

  // eslint-disable-next-line complexity -- one line for each kind of input
  #dispatch(input: SwarmInput, nowMs: number): void {
    switch (input.kind) {
      case "policy":
        return this.#setPolicy(input.policy);
      case "segment":
        return this.#gathering.announced(input, nowMs);
      case "want":
        return this.#gathering.want(input, nowMs);
      case "unwant":
        return this.#gathering.unwant(input.id, nowMs);
      case "ownFetch":
        return this.#gathering.ownFetch(input, nowMs);
      case "ownFetchEnd":
        return this.#gathering.ownFetchEnded();
      case "buffer":
        return this.#gathering.buffered(input.aheadMs, nowMs);
      case "rung":
        return this.#gathering.setRung(input.rung);
      case "peerOpen":
        return this.#open(input.peer, nowMs);
      case "peerClosed":
        return this.#close(input.peer, nowMs);
      case "message":
        return this.#hear(input.peer, input.message, nowMs);
      case "unreadable":
        if (this.#neighbours.get(input.peer)) this.#drop(input.peer, "protocol", nowMs);
        return;
      case "deaf":
        if (this.#neighbours.get(input.peer)) this.#drop(input.peer, "slow", nowMs);
        return;
      case "fetchProgress":
        return this.#gathering.fetchMoved(input, nowMs);
      case "fetchEnd":
        return this.#gathering.fetched(input, nowMs);
      case "verified":
        return this.#gathering.verified(input, nowMs);
      case "share":
        return this.#setShare(input.allowed);
      case "uploadEnd":
        if (input.isWhole) this.#used(input.peer, nowMs);
        return this.#uploads.ended(input, nowMs);
      case "tick":
        return this.#uploads.pump(nowMs);
    }
  }

  #setPolicy(policy: SwarmPolicy): void {
    const isOn = policy.mode === "on";
    const wasSharing = this.isSharing;
    this.#gathering.isOn = isOn;
    this.#sayShare(wasSharing);
    if (!isOn) this.#gathering.stop();
  }

  #setShare(allowed: boolean): void {
    const wasSharing = this.isSharing;
    this.#isShareAllowed = allowed;
    this.#sayShare(wasSharing);
  }

  #sayShare(wasSharing: boolean): void {
    if (wasSharing === this.isSharing) return;
    this.#gathering.isSharing = this.isSharing;
    if (!this.isSharing) this.#uploads.stop();
    for (const { peer } of this.#neighbours.all()) {
      this.#send(peer, { kind: "share", allowed: this.isSharing });
      this.#sendHaves(peer);
    }
  }

  #sendHaves(peer: PeerId): void {
    const segments = this.#cache.ids().slice(-haveCountMax);
    if (this.isSharing && segments.length > 0) this.#send(peer, { kind: "have", segments });
  }

  #announce(id: SegmentId): void {
    if (!this.isSharing) return;
    for (const { peer } of this.#neighbours.all()) {
      this.#send(peer, { kind: "have", segments: [id] });
    }
  }

  #open(peer: PeerId, nowMs: number): void {
    if (this.#neighbours.get(peer) !== undefined) return;
    const isFull = this.#neighbours.count >= swarmParameters.neighbourCountMax;
    if (isFull || this.#neighbours.isShunned(peer, nowMs)) {
      this.#decisions.push({ kind: "drop", peer, reason: "gone" });
      return;
    }
    this.#neighbours.open(peer, nowMs);
    if (!this.isSharing) this.#send(peer, { kind: "share", allowed: false });
    this.#sendHaves(peer);
  }

  #used(peer: PeerId, nowMs: number): void {
    const neighbour = this.#neighbours.get(peer);
    if (neighbour !== undefined) neighbour.usedAtMs = nowMs;
  }

  #close(peer: PeerId, nowMs: number): void {
    const neighbour = this.#neighbours.get(peer);
    if (neighbour === undefined) return;
    this.#gathering.downloads.close(neighbour);
    this.#neighbours.close(peer);
    this.#uploads.close(peer, nowMs);
  }

  #drop(peer: PeerId, reason: DropReason, nowMs: number): void {
    this.#neighbours.shun(peer, reason, nowMs);
    this.#close(peer, nowMs);
    this.#decisions.push({ kind: "drop", peer, reason });
  }

  #hear(peer: PeerId, message: PeerMessage, nowMs: number): void {
    const neighbour = this.#neighbours.get(peer);
    if (neighbour === undefined) return;
    if (!neighbour.mayMessage(nowMs)) {
      this.#drop(peer, "protocol", nowMs);
      return;
    }
    this.#answer(neighbour, message, nowMs);
  }

  #answer(neighbour: Neighbour, message: PeerMessage, nowMs: number): void {
    const { peer } = neighbour;
    switch (message.kind) {
      case "have":
        return this.#gathering.announcements.offered(neighbour, message.segments);
      case "share":
        return neighbour.setGiving(message.allowed);
      case "request":
        if (this.isSharing) this.#uploads.request(peer, message, nowMs);
        else this.#send(peer, { kind: "refuse", transfer: message.transfer });
        return;
      case "busy":
        return this.#gathering.downloads.busy(neighbour, message, nowMs);
      case "refuse":
        return this.#gathering.downloads.refused(neighbour, message.transfer, nowMs);
      case "done":
        return this.#uploads.done(peer, message.transfer, nowMs);
      case "cancel":
        return this.#uploads.cancel(peer, message.transfer, nowMs);
      case "chunk":
        return this.#gathering.downloads.chunk(neighbour, message, nowMs);
    }
  }

  #review(nowMs: number): void {
    const gatheringMs = this.#gathering.review(nowMs);
    this.#uploads.hold(this.#gathering.isLineTaken, nowMs);
    this.nextTickMs = Math.min(gatheringMs, this.#uploads.nextTickMs);
  }

  #send(peer: PeerId, message: PeerMessage): void {
    this.#decisions.push({ kind: "send", peer, message });
  }
}
