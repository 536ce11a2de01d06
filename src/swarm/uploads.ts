/**
 * What a viewer gives: one upload at a time over the whole of its line, and a queue of requests, so
 * that the line is never idle while somebody waits. Next is the segment that the fewest neighbours
 * hold, and a requester who gives before one who does not: so segments spread soonest. But who had
 * much of the line lately waits, and nobody gets a segment twice.
 */
import { swarmParameters } from "../config/swarm-parameters.ts";
import type { Neighbours } from "./neighbours.ts";
import { waitMsMax } from "./peer-message.ts";
import type { DropReason, PeerId } from "./room-messages.ts";
import type { SwarmDecision } from "./scheduler-io.ts";
import { schedulerParameters } from "./scheduler-parameters.ts";
import type { CachedSegment, SegmentCache } from "./segment-cache.ts";
import { segmentKey, type SegmentId } from "./segment.ts";
import { UploadLedger } from "./upload-ledger.ts";

interface Upload {
  peer: PeerId;
  transfer: number;
  key: string;
  /** When the whole must be at the requester. */
  dueMs: number;
  /** When it was asked for, then when it began. */
  sinceMs: number;
  /** When it was handed over; 0 before. */
  handedMs: number;
  bytes: number;
  /** To be cut: the line is free when the adapter says that it is. */
  isStopping: boolean;
  /** When the requester said that it has all of it; null while it did not. */
  doneAtMs: number | null;
}

export interface UploadsOptions {
  cache: SegmentCache;
  neighbours: Neighbours;
  decide: (decision: SwarmDecision) => void;
  drop: (peer: PeerId, reason: DropReason, nowMs: number) => void;
}

/** One handed-over upload may still be on the line when the next begins: no gap, no pile. */
const unconfirmedCountMax = 1;
/** From the handing over until the requester says so, beyond what the line takes; arbitrary. */
const confirmMsMax = 1_000;
/**
 * Who asks for a segment so soon after it said to have it is up to no good. Later it may have had to
 * make room for others, and want the segment for seeking back.
 */
const againMs = 10_000;

export class Uploads {
  uploadedBytes = 0;
  readonly #options: UploadsOptions;
  readonly #ledger = new UploadLedger();
  #waiting: Upload[] = [];
  #running: Upload[] = [];
  /** Handed over, and not said to have arrived. */
  #unconfirmed: Upload[] = [];
  /** What the line gives, smoothed; 0 before the first. */
  #kbps = 0;
  #confirmedAtMs = 0;
  #isHeld = false;

  constructor(options: UploadsOptions) {
    this.#options = options;
  }

  request(
    peer: PeerId,
    request: { transfer: number; segment: SegmentId; withinMs: number },
    nowMs: number,
  ): void {
    const { transfer, segment, withinMs } = request;
    const key = segmentKey(segment);
    const cached = this.#options.cache.get(key);
    const ofPeer = [...this.#waiting, ...this.#running].filter((upload) => upload.peer === peer);
    const isKnown = ofPeer.some((upload) => upload.transfer === transfer);
    if (isKnown) return;
    if (nowMs - this.#ledger.hadAtMs(peer, key) < againMs && this.#ledger.offend(peer)) {
      this.#options.drop(peer, "protocol", nowMs);
      return;
    }
    const isPossible =
      cached !== undefined && ofPeer.length < schedulerParameters.requestPerPeerCountMax;
    const isAgain = ofPeer.some((upload) => upload.key === key);
    if (!isPossible || isAgain || this.#ledger.givenBytes(peer, key) >= cached.bytes.length) {
      this.#send(peer, { kind: "refuse", transfer });
      return;
    }
    const upload: Upload = {
      peer,
      transfer,
      key,
      dueMs: nowMs + withinMs,
      sinceMs: nowMs,
      handedMs: 0,
      bytes: cached.bytes.length,
      isStopping: false,
      doneAtMs: null,
    };
    this.#waiting.push(upload);
    this.pump(nowMs);
    if (!this.#waiting.includes(upload)) return;
    this.#send(peer, { kind: "busy", transfer, waitMs: this.#waitMs() });
  }

  /** The requester wants it no more. */
  cancel(peer: PeerId, transfer: number, nowMs: number): void {
    const is = (upload: Upload): boolean => upload.peer === peer && upload.transfer === transfer;
    this.#waiting = this.#waiting.filter((upload) => !is(upload));
    this.#unconfirmed = this.#unconfirmed.filter((upload) => !is(upload));
    const running = this.#running.find(is);
    if (running !== undefined) this.#cut(running);
    this.pump(nowMs);
  }

  /** The requester says that it has received all of it. */
  done(peer: PeerId, transfer: number, nowMs: number): void {
    const is = (upload: Upload): boolean => upload.peer === peer && upload.transfer === transfer;
    const unconfirmed = this.#unconfirmed.find(is);
    if (unconfirmed !== undefined) {
      this.#unconfirmed = this.#unconfirmed.filter((other) => other !== unconfirmed);
      this.#confirm(unconfirmed, nowMs);
      this.pump(nowMs);
      return;
    }
    // It may be faster than the news that the channel is empty. Whether it is true is known when the
    // upload has been cut.
    const running = this.#running.find(is);
    if (running === undefined || running.isStopping) return;
    running.doneAtMs = nowMs;
    this.#cut(running);
  }

  /** The adapter has handed an upload over, or cut it. */
  ended(
    end: { peer: PeerId; transfer: number; sentBytes: number; isWhole: boolean },
    nowMs: number,
  ): void {
    const { peer, transfer, sentBytes, isWhole } = end;
    const is = (upload: Upload): boolean => upload.peer === peer && upload.transfer === transfer;
    const upload = this.#running.find(is);
    if (upload === undefined) return;
    const { key, sinceMs, isStopping, doneAtMs } = upload;
    upload.handedMs = nowMs;
    this.#running = this.#running.filter((other) => other !== upload);
    this.#ledger.note(peer, { key, sentBytes, sinceMs }, nowMs);
    if (isWhole) this.uploadedBytes += sentBytes;
    if (isWhole && doneAtMs !== null) this.#confirm(upload, doneAtMs);
    else if (isWhole && !isStopping) this.#unconfirmed.push(upload);
    else if (!isStopping) this.#send(peer, { kind: "refuse", transfer });
    else if (doneAtMs !== null && this.#ledger.offend(peer)) {
      this.#options.drop(peer, "protocol", nowMs);
      return;
    }
    this.pump(nowMs);
  }

  /** The peer is gone: nothing of its is kept but what it was given. */
  close(peer: PeerId, nowMs: number): void {
    const isOther = (upload: Upload): boolean => upload.peer !== peer;
    // Before the next begins, so that there is never one too many.
    for (const upload of this.#running) if (!isOther(upload)) this.#cut(upload);
    this.#waiting = this.#waiting.filter(isOther);
    this.#running = this.#running.filter(isOther);
    this.#unconfirmed = this.#unconfirmed.filter(isOther);
    this.#ledger.close(peer);
    this.pump(nowMs);
  }

  /** Gives nothing any more: what runs is cut, for the line may have become a metered one. */
  stop(): void {
    for (const upload of this.#running) this.#breakOff(upload);
    for (const upload of this.#waiting) this.#refuse(upload);
    this.#waiting = [];
  }

  /** While this viewer's own fetch is late its line carries nothing for others: ACKs need it. */
  hold(isHeld: boolean, nowMs: number): void {
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    if (!isHeld) return this.pump(nowMs);
    for (const upload of this.#running) this.#breakOff(upload);
  }

  /** Begins what the slots allow, and lets go of what would come too late. */
  pump(nowMs: number): void {
    if (this.#isHeld) return;
    if (this.#waiting.length > 0) {
      // Who reads slowly holds the line of others.
      for (const upload of this.#running) {
        if (nowMs >= this.#endByMs(upload)) this.#breakOff(upload);
      }
    }
    this.#unconfirmed = this.#unconfirmed.filter((upload) => nowMs < this.#confirmByMs(upload));
    while (this.#waiting.length > 0) {
      if (this.#running.length >= swarmParameters.uploadSlotCount) return;
      if (this.#unconfirmed.length > unconfirmedCountMax) return;
      const next = this.#takeBest(nowMs);
      if (next === null) return;
      const { upload, cached } = next;
      const { peer, transfer } = upload;
      this.#running.push({ ...upload, sinceMs: nowMs });
      this.#options.decide({ kind: "upload", peer, transfer, bytes: cached.bytes });
    }
  }

  /** When to call `pump` again at the latest. */
  get nextTickMs(): number {
    if (this.#waiting.length === 0 || this.#isHeld) return Infinity;
    const cuttable = this.#running.filter(({ isStopping }) => !isStopping);
    return Math.min(
      ...this.#unconfirmed.map((upload) => this.#confirmByMs(upload)),
      ...cuttable.map((upload) => this.#endByMs(upload)),
    );
  }

  #takeBest(nowMs: number): { upload: Upload; cached: CachedSegment } | null {
    let best: { upload: Upload; cached: CachedSegment; score: number } | null = null;
    const kept: Upload[] = [];
    for (const upload of this.#waiting) {
      const cached = this.#options.cache.get(upload.key);
      const isInTime = nowMs + this.#expectedMs(upload.bytes) <= upload.dueMs;
      if (cached === undefined || !isInTime) {
        this.#refuse(upload);
        continue;
      }
      kept.push(upload);
      const score = this.#score(upload, nowMs);
      if (best === null || score < best.score) best = { upload, cached, score };
    }
    this.#waiting = kept.filter((upload) => upload !== best?.upload);
    return best;
  }

  /** Less is sooner. */
  #score({ peer, key }: Upload, nowMs: number): number {
    const { neighbours } = this.#options;
    const isGiving = neighbours.get(peer)?.isGiving ?? false;
    // Who had all of the line lately comes after whoever asks for the commonest segment.
    const excess = swarmParameters.neighbourCountMax * this.#ledger.excessRatio(peer, nowMs);
    return neighbours.holderCount(key) + excess + (isGiving ? 0 : 100);
  }

  /** The requester has all of it, and the line was as fast as that. */
  #confirm(upload: Upload, nowMs: number): void {
    const saidMs = nowMs - Math.max(upload.sinceMs, this.#confirmedAtMs);
    // Who says it much later than it was handed over does not make the line a slow one.
    const mostMs = 2 * (upload.handedMs - upload.sinceMs) + confirmMsMax;
    const tookMs = Math.min(saidMs, mostMs);
    const kbps = (upload.bytes * 8) / Math.max(1, tookMs);
    this.#kbps = this.#kbps === 0 ? kbps : 0.6 * this.#kbps + 0.4 * kbps;
    this.#confirmedAtMs = nowMs;
    this.#ledger.had(upload.peer, upload.key, nowMs);
  }

  #cut(upload: Upload): void {
    if (upload.isStopping) return;
    upload.isStopping = true;
    this.#options.decide({ kind: "stopUpload", peer: upload.peer, transfer: upload.transfer });
  }

  #breakOff(upload: Upload): void {
    if (upload.isStopping) return;
    this.#cut(upload);
    this.#refuse(upload);
  }

  #refuse({ peer, transfer }: Upload): void {
    this.#send(peer, { kind: "refuse", transfer });
  }

  #expectedMs(bytes: number): number {
    return this.#kbps === 0 ? 0 : (bytes * 8) / this.#kbps;
  }

  /** When the last in the queue is expected to have its turn; a long time while the line is unknown. */
  #waitMs(): number {
    if (this.#kbps === 0) return waitMsMax;
    let bytes = 0;
    for (const upload of this.#running) bytes += upload.bytes;
    for (const upload of this.#waiting.slice(0, -1)) bytes += upload.bytes;
    return Math.min(waitMsMax, Math.ceil(this.#expectedMs(bytes)));
  }

  #endByMs({ sinceMs, bytes }: Upload): number {
    const { uploadMsMin, uploadMsUnknown } = schedulerParameters;
    if (this.#kbps === 0) return sinceMs + uploadMsUnknown;
    return sinceMs + Math.max(uploadMsMin, 3 * this.#expectedMs(bytes));
  }

  #confirmByMs(upload: Upload): number {
    return upload.sinceMs + 3 * this.#expectedMs(upload.bytes) + confirmMsMax;
  }

  #send(peer: PeerId, message: Extract<SwarmDecision, { kind: "send" }>["message"]): void {
    this.#options.decide({ kind: "send", peer, message });
  }
}
