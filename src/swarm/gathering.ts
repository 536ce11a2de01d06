/**
 * Gets segments: keeps those that are needed, looks for them among neighbours while there is time,
 * and asks the edge as soon as there might not be. What has come is checked before anything else.
 */
import { Announcements } from "./announcements.ts";
import { Downloads } from "./downloads.ts";
import { EdgeTimes } from "./edge-times.ts";
import { FetchEstimate } from "./fetch-estimate.ts";
import { createNeed, runningDownload, type Need } from "./need.ts";
import type { Neighbours } from "./neighbours.ts";
import { Playhead } from "./playhead.ts";
import type { DropReason, PeerId } from "./room-messages.ts";
import type { SwarmDecision, SwarmInput } from "./scheduler-io.ts";
import { schedulerParameters as parameters } from "./scheduler-parameters.ts";
import type { SegmentCache } from "./segment-cache.ts";
import { segmentKey, type SegmentFacts, type SegmentId } from "./segment.ts";

type Input<Kind extends SwarmInput["kind"]> = Extract<SwarmInput, { kind: Kind }>;

export interface GatheringOptions {
  random: () => number;
  cache: SegmentCache;
  neighbours: Neighbours;
  decide: (decision: SwarmDecision) => void;
  /** A checked segment is in the cache now. */
  gained: (id: SegmentId) => void;
  drop: (peer: PeerId, reason: DropReason, nowMs: number) => void;
}

export class Gathering {
  /** Whether neighbours may be asked at all. */
  isOn = false;
  /** Whether this viewer gives, so that it is of use as a seed. */
  isSharing = false;
  readonly counts = { httpBytes: 0, peerBytes: 0, refusedCount: 0, lateCount: 0 };
  readonly announcements: Announcements;
  readonly downloads: Downloads;
  readonly #options: GatheringOptions;
  readonly #playhead = new Playhead();
  readonly #estimate = new FetchEstimate();
  readonly #times = new EdgeTimes({
    playhead: this.#playhead,
    estimate: this.#estimate,
    heardAtMs: () => this.downloads.heardAtMs,
  });
  readonly #needs = new Map<string, Need>();
  #checkNext = 0;
  #rung: number | null = null;
  /** What the player was told to fetch itself, last. */
  #refusedKey: string | null = null;
  /** Until it asks for the next one. */
  #isPlayerFetching = false;
  /** What it fetches in its own way now. */
  #ownFetchCount = 0;
  #isLineTaken = false;

  constructor(options: GatheringOptions) {
    this.#options = options;
    this.announcements = new Announcements(options.neighbours);
    this.downloads = new Downloads({
      ...options,
      usefulUntilMs: (need) => this.#times.usefulUntilMs(need),
      complete: (need, bytes, peer) => this.#check(need, bytes, peer),
      came: ({ facts }, tookMs, nowMs) => this.#times.came(facts, tookMs, nowMs),
    });
  }

  /** Whether what the player waits for is to have the line for itself, by the last review. */
  get isLineTaken(): boolean {
    return this.#isLineTaken;
  }

  /** Neighbours are asked no more; fetches for which the player waits go on. */
  stop(): void {
    this.isOn = false;
    for (const need of [...this.#needs.values()]) {
      this.downloads.cancelAll(need);
      if (need.isWanted && (need.fetch !== null || need.checking !== null)) continue;
      if (need.isWanted) this.#refuse(need);
      else this.#forget(need);
    }
  }

  setRung(rung: number | null): void {
    this.#rung = rung;
    this.announcements.setRung(rung);
    for (const need of [...this.#needs.values()]) {
      if (need.facts.rung !== rung && !need.isWanted) this.#forget(need);
    }
  }

  buffered(aheadMs: number, nowMs: number): void {
    this.#playhead.buffered(aheadMs, nowMs);
  }

  /** The room's announcement. */
  announced({ segment, hasSeeds, isSeed }: Input<"segment">, nowMs: number): void {
    if (!this.announcements.add(segment, hasSeeds)) return;
    this.#playhead.announced(segment, nowMs);
    this.#prefetch(nowMs);
    if (!isSeed || !this.isSharing || !this.#isUseful(segment, nowMs)) return;
    const need = this.#needs.get(segmentKey(segment)) ?? this.#add(segment, nowMs);
    if (this.#times.isThin(segment, nowMs) || this.#isUrgent(nowMs, need)) return;
    if (need.fetch === null && need.checking === null) this.#fetch(need, nowMs);
  }

  /** The player asks. */
  want({ id, deadlineMs }: Input<"want">, nowMs: number): void {
    this.#playhead.wanted(id, deadlineMs, nowMs);
    this.#isPlayerFetching = false;
    const key = segmentKey(id);
    const cached = this.#options.cache.get(key);
    const facts = this.announcements.get(key);
    if (cached !== undefined) {
      const { bytes, source } = cached;
      this.#options.decide({ kind: "deliver", id, bytes, source });
    } else if (!this.isOn || facts === undefined) {
      this.#refusedKey = key;
      this.#options.decide({ kind: "refuse", id });
    } else {
      const need = this.#needs.get(key) ?? this.#add(facts, nowMs);
      need.isWanted = true;
    }
    for (const need of [...this.#needs.values()]) {
      const isPassed = !need.isWanted && !this.#playhead.isAhead(need.facts);
      if (isPassed && need.fetch === null && need.checking === null) this.#forget(need);
    }
    this.#prefetch(nowMs);
  }

  /** The player asks no more, or fetches it itself: whatever is on its way would come in vain. */
  unwant(id: SegmentId, nowMs: number): void {
    const key = segmentKey(id);
    const need = this.#needs.get(key);
    if (need === undefined) return;
    this.#refusedKey = key;
    // It may be given up for being slow, which the line was then.
    this.#noteAborted(need, nowMs);
    this.#forget(need);
  }

  /** The player fetches media itself, short of it or of another rung: the line is for that alone. */
  ownFetch({ id, deadlineMs }: Input<"ownFetch">, nowMs: number): void {
    this.#ownFetchCount++;
    this.#refusedKey = segmentKey(id);
    if (id.rung === this.#rung) this.#playhead.wanted(id, deadlineMs, nowMs);
    for (const need of [...this.#needs.values()]) {
      if (need.isWanted) continue;
      this.downloads.cancelAll(need);
      if (need.fetch !== null) this.#abort(need, nowMs);
      if (need.key === this.#refusedKey && need.checking === null) this.#forget(need);
    }
  }

  ownFetchEnded(): void {
    this.#ownFetchCount = Math.max(0, this.#ownFetchCount - 1);
    if (this.#ownFetchCount === 0) this.#isPlayerFetching = false;
  }

  /** A fetch from the edge moved on. */
  fetchMoved({ id, loadedBytes }: Input<"fetchProgress">, nowMs: number): void {
    const fetch = this.#needs.get(segmentKey(id))?.fetch;
    if (!fetch) return;
    fetch.progressAtMs = nowMs;
    fetch.loadedBytes = loadedBytes;
  }

  /** A fetch from the edge ended. */
  fetched({ id, bytes }: Input<"fetchEnd">, nowMs: number): void {
    const need = this.#needs.get(segmentKey(id));
    if (!need?.fetch) return;
    const tookMs = nowMs - need.fetch.sinceMs;
    need.fetch = null;
    if (bytes === null) {
      need.isEdgeBarred = true;
      return;
    }
    this.#estimate.note({ tookMs, bytes: bytes.length }, nowMs);
    if (bytes.length !== need.facts.bytes) need.isEdgeBarred = true;
    else if (need.checking === null) this.#check(need, bytes, null);
    else need.spare = bytes;
  }

  #check(need: Need, bytes: Uint8Array, peer: PeerId | null): void {
    if (need.checking !== null) return;
    const check = this.#checkNext++;
    need.checking = { check, bytes, peer };
    const { rung, epoch, msn, sha256 } = need.facts;
    const id = { rung, epoch, msn };
    this.#options.decide({ kind: "verify", check, id, peer, bytes, sha256 });
  }

  /** Bytes were compared with their digest. */
  verified({ check, ok }: Input<"verified">, nowMs: number): void {
    const need = [...this.#needs.values()].find(({ checking }) => checking?.check === check);
    if (!need?.checking) return;
    const { bytes, peer } = need.checking;
    need.checking = null;
    if (ok) {
      this.#have(need, bytes, peer === null ? "edge" : "peer");
      if (need.isWanted) this.#playhead.delivered(nowMs);
      this.#prefetch(nowMs);
      return;
    }
    if (peer === null) need.isEdgeBarred = true;
    else if (ok === null) this.#options.drop(peer, "gone", nowMs);
    else {
      this.counts.refusedCount++;
      this.#options.drop(peer, "digest", nowMs);
    }
    const { spare } = need;
    need.spare = null;
    if (spare !== null) this.#check(need, spare, null);
  }

  /** A checked segment is there: kept, announced, and delivered if it was asked for. */
  #have(need: Need, bytes: Uint8Array, source: "edge" | "peer"): void {
    const { rung, epoch, msn } = need.facts;
    const id = { rung, epoch, msn };
    if (source === "edge") {
      this.counts.httpBytes += bytes.length;
      if (need.isAsked && need.hasSeeds) this.counts.lateCount++;
    } else this.counts.peerBytes += bytes.length;
    this.#options.cache.put({ id, bytes, source });
    if (need.isWanted) this.#options.decide({ kind: "deliver", id, bytes, source });
    this.#forget(need);
    this.#options.gained(id);
  }

  /** Looks for what the player will ask for next, so far as it is announced. */
  #prefetch(nowMs: number): void {
    if (!this.isOn) return;
    for (const [key, facts] of this.announcements.all()) {
      if (this.#needs.size >= parameters.needCountMax) return;
      if (this.#needs.has(key) || this.#options.cache.has(key) || key === this.#refusedKey)
        continue;
      if (this.#isUseful(facts, nowMs)) this.#add(facts, nowMs);
    }
  }

  #isUseful(facts: SegmentFacts, nowMs: number): boolean {
    if (!this.isOn || facts.rung !== this.#rung) return false;
    return this.#playhead.isPlaying(nowMs) && this.#playhead.isAhead(facts);
  }

  #add(facts: SegmentFacts, nowMs: number): Need {
    const need = createNeed({
      facts,
      sinceMs: nowMs,
      hasSeeds: this.announcements.hasSeeds(segmentKey(facts)),
      backupChance: this.#options.random(),
    });
    this.#needs.set(need.key, need);
    return need;
  }

  #forget(need: Need): void {
    this.downloads.cancelAll(need);
    if (need.fetch !== null) {
      const { rung, epoch, msn } = need.facts;
      this.#options.decide({ kind: "abortFetch", id: { rung, epoch, msn } });
    }
    need.fetch = null;
    this.#needs.delete(need.key);
  }

  #refuse(need: Need): void {
    const { rung, epoch, msn } = need.facts;
    this.#refusedKey = need.key;
    this.#isPlayerFetching = true;
    this.#forget(need);
    for (const other of this.#needs.values()) this.downloads.cancelAll(other);
    this.#options.decide({ kind: "refuse", id: { rung, epoch, msn } });
  }

  #fetch(need: Need, nowMs: number): void {
    const { rung, epoch, msn } = need.facts;
    need.fetch = { sinceMs: nowMs, progressAtMs: nowMs, loadedBytes: 0 };
    this.downloads.cancelWaiting(need);
    this.#options.decide({ kind: "fetch", id: { rung, epoch, msn } });
  }

  /** Does what is due, and returns when something will be at the latest. */
  review(nowMs: number): number {
    let nextMs = Infinity;
    this.#times.fetching(this.#oldestFetchAtMs(), nowMs);
    const isLineTaken = this.#isFetchLate(nowMs);
    this.#isLineTaken = isLineTaken;
    for (const need of [...this.#needs.values()]) {
      if (isLineTaken) this.#giveWay(need, nowMs);
      this.downloads.review(need, nowMs);
      if (need.checking === null && (need.isWanted || !isLineTaken)) {
        if (need.fetch === null) this.#decide(need, nowMs);
        else if (nowMs >= this.#times.stuckAtMs(need)) this.#bypass(need, nowMs);
      }
      if (this.#needs.has(need.key)) nextMs = Math.min(nextMs, this.#nextMs(need, nowMs));
    }
    // What was begun just now may need the line for itself at once.
    return !isLineTaken && this.#isFetchLate(nowMs) ? this.review(nowMs) : nextMs;
  }

  #oldestFetchAtMs(): number {
    let atMs = Infinity;
    for (const { fetch } of this.#needs.values()) atMs = Math.min(atMs, fetch?.sinceMs ?? Infinity);
    return atMs;
  }

  /** Whether what the player waits for is to have the line for itself. */
  #isFetchLate(nowMs: number): boolean {
    for (const need of this.#needs.values()) {
      if (need.isWanted && nowMs >= this.#times.aloneAtMs(need)) return true;
    }
    return false;
  }

  /** Whether it is high time for another segment, so that nothing else is begun. */
  #isUrgent(nowMs: number, than: Need): boolean {
    if (this.#isPlayerFetching || this.#ownFetchCount > 0) return true;
    for (const need of this.#needs.values()) {
      if (need === than) continue;
      if (need.isWanted && need.fetch !== null) return true;
      if (need.checking === null && nowMs >= this.#times.fetchByMs(need)) return true;
    }
    return false;
  }

  #giveWay(need: Need, nowMs: number): void {
    if (need.isWanted) {
      const running = runningDownload(need);
      if (running === undefined || need.fetch === null) return;
      const ahead = running.receivedBytes - need.fetch.loadedBytes;
      if (ahead < need.facts.bytes / 2) this.downloads.cancel(running);
      return;
    }
    this.downloads.slowDown();
    this.downloads.cancelAll(need);
    if (need.fetch !== null) this.#abort(need, nowMs);
  }

  #abort(need: Need, nowMs: number): void {
    const { rung, epoch, msn } = need.facts;
    this.#noteAborted(need, nowMs);
    need.fetch = null;
    this.#options.decide({ kind: "abortFetch", id: { rung, epoch, msn } });
  }

  /** The whole would have taken longer still. */
  #noteAborted({ fetch, facts: { bytes } }: Need, nowMs: number): void {
    const tookMs = nowMs - (fetch?.sinceMs ?? nowMs);
    if (tookMs > this.#estimate.expectedMs(bytes)) this.#estimate.note({ tookMs, bytes }, nowMs);
  }

  /** Edge or neighbours, for a segment that is not yet being fetched from the edge. */
  #decide(need: Need, nowMs: number): void {
    if (!need.isWanted) {
      if (this.#times.isThin(need.facts, nowMs) || this.#isUrgent(nowMs, need)) return;
      if (this.#isBackup(need, nowMs)) this.#fetch(need, nowMs);
      else this.downloads.ask(need, nowMs);
      return;
    }
    const isAlone = this.#options.neighbours.givingCount() === 0;
    const isThin = this.#times.isThin(need.facts, nowMs);
    const isTime = isAlone || isThin || nowMs >= this.#edgeAtMs(need, nowMs);
    if (!this.isOn || (isTime && need.isEdgeBarred)) this.#refuse(need);
    else if (isTime || this.#isBackup(need, nowMs)) this.#fetch(need, nowMs);
    else this.downloads.ask(need, nowMs);
  }

  /** The edge does not answer: whoever can is asked, and in the end the player asks in its own way. */
  #bypass(need: Need, nowMs: number): void {
    const isLate = need.isWanted && nowMs >= this.#times.lateAtMs(need);
    if (isLate && runningDownload(need) === undefined) this.#refuse(need);
    else if (this.isOn) this.downloads.ask(need, nowMs);
  }

  /** Nobody near holds it although it is high time: this viewer is a seed of its own accord. */
  #isBackup(need: Need, nowMs: number): boolean {
    if (nowMs < this.#times.backupAtMs(need) || need.isEdgeBarred) return false;
    if (need.isWanted && !need.hasSeeds) return runningDownload(need) === undefined;
    if (!this.isSharing) return false;
    if (need.downloads.length > 0 || this.#options.neighbours.givingCount() === 0) return false;
    // Who was of no use lately may say what it likes.
    for (const neighbour of this.#options.neighbours.all()) {
      if (neighbour.has(need.key) && neighbour.faultCount === 0) return false;
    }
    return true;
  }

  /** When the edge is asked for what the player waits for: later if a transfer is near its end. */
  #edgeAtMs(need: Need, nowMs: number): number {
    const atMs = this.#times.fetchByMs(need);
    const running = runningDownload(need);
    if (running === undefined) return atMs;
    const usefulUntilMs = this.#times.usefulUntilMs(need);
    if (this.downloads.expectedEndMs(running, nowMs) > usefulUntilMs) return atMs;
    const overtakeAtMs = this.#times.overtakeAtMs(need, running.receivedBytes);
    return Math.max(atMs, Math.min(usefulUntilMs, overtakeAtMs));
  }

  #nextMs(need: Need, nowMs: number): number {
    let nextMs = this.downloads.nextTickMs(need, nowMs);
    if (need.checking !== null) return nextMs;
    if (need.fetch !== null) {
      const times = this.#times;
      for (const atMs of [times.stuckAtMs(need), times.lateAtMs(need), times.aloneAtMs(need)]) {
        if (atMs > nowMs) nextMs = Math.min(nextMs, atMs);
      }
      return nextMs;
    }
    if (need.isWanted) nextMs = Math.min(nextMs, this.#edgeAtMs(need, nowMs));
    const backupAtMs = this.#times.backupAtMs(need);
    if (backupAtMs > nowMs) nextMs = Math.min(nextMs, backupAtMs);
    for (const untilMs of need.notBeforeMs.values()) {
      if (untilMs > nowMs) nextMs = Math.min(nextMs, untilMs);
    }
    return nextMs;
  }
}
