/**
 * What a viewer takes from its neighbours. A segment is asked for at one neighbour after the other
 * until it waits in a few queues; the first piece from any ends the other requests. A transfer that
 * stops, or that by its rate cannot end in time, is given up at once, so that the sender's line
 * carries nothing in vain.
 */
import { isProven, type Download, type Need } from "./need.ts";
import type { Neighbour, Neighbours } from "./neighbours.ts";
import { waitMsMax, type PeerMessage } from "./peer-message.ts";
import type { DropReason, PeerId } from "./room-messages.ts";
import type { SwarmDecision } from "./scheduler-io.ts";
import { schedulerParameters as parameters } from "./scheduler-parameters.ts";

/** Longest wait before a neighbour that refused, or failed, is asked for the segment again, ms. */
const refusedMs = 1_000;
const failedMs = 4_000;
/** Rates are judged from so long a stretch on, ms. */
const rateMsMin = 150;

type Chunk = Extract<PeerMessage, { kind: "chunk" }>;

export interface DownloadsOptions {
  neighbours: Neighbours;
  random: () => number;
  decide: (decision: SwarmDecision) => void;
  /** Until when a segment from a neighbour is of use. */
  usefulUntilMs: (need: Need) => number;
  /** All bytes of a segment are there, unchecked. */
  complete: (need: Need, bytes: Uint8Array, peer: PeerId) => void;
  drop: (peer: PeerId, reason: DropReason, nowMs: number) => void;
  /** The bytes took so long from the first to the last. */
  came: (need: Need, tookMs: number, nowMs: number) => void;
}

export class Downloads {
  /** When a piece of anything last came. */
  heardAtMs = -Infinity;
  /** Since when nothing but pieces of what was given up has come. */
  #lateSinceMs = Infinity;
  #activeCount = 0;
  /**
   * How many may be active before another is begun, but for what the player waits for: half as many
   * after one that was given up, one more after one that came whole, so that a thin line is not
   * filled with pieces of what comes too late.
   */
  #activeCountMax: number = parameters.activeCountMax;
  readonly #options: DownloadsOptions;

  constructor(options: DownloadsOptions) {
    this.#options = options;
  }

  /** Asks the next neighbour for the segment if that is of use now. */
  ask(need: Need, nowMs: number): void {
    if (this.#arePlacesTaken(need) || !this.#hasRoom(need)) return;
    for (const download of need.downloads) {
      if (isProven(download) || nowMs < this.#patientUntilMs(download)) return;
    }
    const neighbour = this.#choose(need, nowMs);
    if (neighbour === null) return;
    const withinMs = Math.floor(this.#options.usefulUntilMs(need) - nowMs);
    if (withinMs < parameters.answerMsMin) return;
    const transfer = neighbour.transferNext++;
    const download: Download = {
      need,
      peer: neighbour.peer,
      transfer,
      state: "asked",
      isActive: false,
      askedAtMs: nowMs,
      patientUntilMs: nowMs + Math.max(parameters.answerMsMin, 3 * neighbour.answerMs),
      bytes: null,
      receivedBytes: 0,
      firstBytes: 0,
      firstAtMs: 0,
      progressAtMs: nowMs,
      turnByMs: Infinity,
    };
    need.downloads.push(download);
    this.#setActive(download, true);
    need.isAsked = true;
    neighbour.downloads.set(transfer, download);
    const { rung, epoch, msn } = need.facts;
    this.#send(neighbour.peer, {
      kind: "request",
      transfer,
      segment: { rung, epoch, msn },
      withinMs: Math.min(withinMs, waitMsMax),
    });
  }

  /** The request waits in the neighbour's queue. */
  busy(neighbour: Neighbour, busy: { transfer: number; waitMs: number }, nowMs: number): void {
    const { transfer, waitMs } = busy;
    const download = neighbour.downloads.get(transfer);
    if (download?.state !== "asked") return;
    download.state = "waiting";
    this.#setActive(download, false);
    const turnAtMs = nowMs + waitMs;
    if (turnAtMs < this.#options.usefulUntilMs(download.need)) {
      download.turnByMs = turnAtMs + Math.max(parameters.turnLateMs, waitMs / 2);
    }
    const isSoon = waitMs <= parameters.patienceMs;
    download.patientUntilMs = isSoon ? turnAtMs + neighbour.answerMs : nowMs;
    neighbour.noteAnswer(nowMs - download.askedAtMs);
  }

  /** The neighbour does not give it, or no more. */
  refused(neighbour: Neighbour, transfer: number, nowMs: number): void {
    const download = neighbour.downloads.get(transfer);
    if (download === undefined) return;
    if (download.state === "asked") neighbour.noteAnswer(nowMs - download.askedAtMs);
    const isCut = download.state === "running";
    this.#remove(download);
    download.need.notBeforeMs.set(neighbour.peer, nowMs + (isCut ? failedMs : refusedMs));
  }

  chunk(neighbour: Neighbour, chunk: Chunk, nowMs: number): void {
    const { bytes, transfer, offsetBytes } = chunk;
    const download = neighbour.downloads.get(transfer);
    if (download === undefined) {
      if (neighbour.takeLate(transfer, bytes.length)) this.#heardLate(nowMs);
      else this.#options.drop(neighbour.peer, "protocol", nowMs);
      return;
    }
    this.heardAtMs = nowMs;
    this.#lateSinceMs = Infinity;
    const { need } = download;
    const end = offsetBytes + bytes.length;
    if (offsetBytes !== download.receivedBytes || end > need.facts.bytes) {
      this.#options.drop(neighbour.peer, "protocol", nowMs);
      return;
    }
    if (download.state !== "running") {
      const isTooMany = !download.isActive && !this.#hasRoom(need);
      if (need.downloads.some(isProven) || isTooMany) {
        this.cancel(download);
        neighbour.takeLate(transfer, bytes.length);
        return;
      }
      this.#begin(download, neighbour, nowMs);
      download.firstBytes = bytes.length;
    }
    download.bytes!.set(bytes, offsetBytes);
    download.receivedBytes = end;
    download.progressAtMs = nowMs;
    if (isProven(download)) {
      neighbour.overdueCount = 0;
      for (const other of [...need.downloads]) if (other !== download) this.cancel(other);
    }
    if (end === need.facts.bytes) this.#complete(download, neighbour, nowMs);
  }

  /** Gives a request up, and says so. */
  cancel(download: Download): void {
    this.#remove(download);
    this.#send(download.peer, { kind: "cancel", transfer: download.transfer });
  }

  /** Gives up whatever neighbours were asked for the segment. */
  cancelAll(need: Need): void {
    for (const download of [...need.downloads]) this.cancel(download);
  }

  /** Gives up what only waits: the edge is asked now, and a transfer that runs may still be first. */
  cancelWaiting(need: Need): void {
    for (const download of [...need.downloads]) {
      if (download.state !== "running") this.cancel(download);
    }
  }

  /** The line is fuller than was thought: the next come one after the other. */
  slowDown(): void {
    this.#activeCountMax = 1;
  }

  /** The neighbour is gone. */
  close(neighbour: Neighbour): void {
    for (const download of [...neighbour.downloads.values()]) this.#remove(download);
  }

  /** Gives up what is silent, stopped, or too slow to end in time. */
  review(need: Need, nowMs: number): void {
    for (const download of [...need.downloads]) {
      // Who does not answer keeps no other segment waiting.
      const isOverdue = download.state === "asked" && nowMs >= this.#patientUntilMs(download);
      if (isOverdue) this.#setActive(download, false);
      const neighbour = this.#options.neighbours.get(download.peer);
      if (neighbour === undefined) this.#remove(download);
      else if (download.state === "running") this.#reviewRunning(download, neighbour, nowMs);
      else if (download.state === "asked" && nowMs >= download.askedAtMs + parameters.silenceMs) {
        this.#giveUp(download, nowMs);
        if (++neighbour.silenceCount >= parameters.silenceCountMax) {
          this.#options.drop(neighbour.peer, "silent", nowMs);
        }
      } else if (download.state === "waiting" && nowMs >= download.turnByMs) {
        this.#giveUp(download, nowMs);
        if (++neighbour.overdueCount >= parameters.overdueCountMax) {
          this.#options.drop(neighbour.peer, "silent", nowMs);
        }
      }
    }
  }

  /** When the transfer will end, by its rate so far or the neighbour's. */
  expectedEndMs(download: Download, nowMs: number): number {
    const kbps = this.#kbps(download, nowMs);
    if (kbps === 0) return nowMs;
    const leftBytes = download.need.facts.bytes - download.receivedBytes;
    return Math.max(nowMs, download.progressAtMs + (leftBytes * 8) / kbps);
  }

  /** When something of the segment is to be looked at again. */
  nextTickMs(need: Need, nowMs: number): number {
    let nextMs = Infinity;
    for (const download of need.downloads) {
      if (download.state === "running") nextMs = Math.min(nextMs, this.#stallByMs(download));
      const { state, askedAtMs } = download;
      const patientUntilMs = this.#patientUntilMs(download);
      if (state === "waiting") nextMs = Math.min(nextMs, download.turnByMs);
      if (patientUntilMs > nowMs) nextMs = Math.min(nextMs, patientUntilMs);
      if (state === "asked") nextMs = Math.min(nextMs, askedAtMs + parameters.silenceMs);
    }
    return nextMs;
  }

  #reviewRunning(download: Download, neighbour: Neighbour, nowMs: number): void {
    const untilMs = this.#options.usefulUntilMs(download.need);
    if (nowMs >= this.#stallByMs(download)) {
      this.#giveUp(download, nowMs);
      if (++neighbour.stallCount >= parameters.stallCountMax) {
        this.#options.drop(neighbour.peer, "slow", nowMs);
      }
    } else if (download.need.fetch === null && this.expectedEndMs(download, nowMs) > untilMs) {
      // What the player waits for and is half there is not begun anew: the edge is asked beside it.
      const isHalf = download.receivedBytes >= download.need.facts.bytes / 2;
      if (download.need.isWanted && isHalf) return;
      if (nowMs - download.firstAtMs < rateMsMin) return;
      neighbour.noteSlow(this.#kbps(download, nowMs));
      this.#giveUp(download, nowMs);
      if (neighbour.slowCount >= parameters.slowCountMax) {
        this.#options.drop(neighbour.peer, "slow", nowMs);
      }
    }
  }

  /** When an answer is due; later while other pieces come, for it may be behind them. */
  #patientUntilMs({ state, askedAtMs, patientUntilMs }: Download): number {
    const isBehind = state === "asked" && this.heardAtMs > askedAtMs;
    return isBehind
      ? Math.max(patientUntilMs, askedAtMs + parameters.answerMsFull)
      : patientUntilMs;
  }

  /** One that said itself that its turn comes too late is kept, in hope, and bars nobody. */
  #arePlacesTaken({ downloads }: Need): boolean {
    const { requestCountMax } = parameters;
    if (downloads.length >= 2 * requestCountMax) return true;
    let count = 0;
    for (const { state, turnByMs } of downloads) {
      if (state !== "waiting" || turnByMs < Infinity) count++;
    }
    return count >= requestCountMax;
  }

  /** They are on the line as well; but it is empty of them soon, whatever a neighbour sends on. */
  #heardLate(nowMs: number): void {
    this.#lateSinceMs = Math.min(this.#lateSinceMs, nowMs);
    if (nowMs < this.#lateSinceMs + parameters.stallMsMax) this.heardAtMs = nowMs;
  }

  #setActive(download: Download, isActive: boolean): void {
    if (download.isActive !== isActive) this.#activeCount += isActive ? 1 : -1;
    download.isActive = isActive;
  }

  #hasRoom({ isWanted }: Need): boolean {
    return isWanted || this.#activeCount < this.#activeCountMax;
  }

  #giveUp(download: Download, nowMs: number): void {
    if (download.state === "running") {
      this.#activeCountMax = Math.max(1, Math.floor(this.#activeCountMax / 2));
    }
    download.need.notBeforeMs.set(download.peer, nowMs + failedMs);
    this.cancel(download);
  }

  #begin(download: Download, neighbour: Neighbour, nowMs: number): void {
    const { need } = download;
    if (download.state === "asked") neighbour.noteAnswer(nowMs - download.askedAtMs);
    this.#setActive(download, true);
    download.state = "running";
    download.bytes = new Uint8Array(need.facts.bytes);
    download.firstAtMs = nowMs;
  }

  #complete(download: Download, neighbour: Neighbour, nowMs: number): void {
    const { need, transfer, bytes } = download;
    const kbps = this.#kbps(download, nowMs);
    if (kbps > 0) neighbour.noteTransfer(kbps);
    neighbour.stallCount = 0;
    neighbour.slowCount = 0;
    neighbour.usedAtMs = nowMs;
    this.#activeCountMax = Math.min(parameters.activeCountMax, this.#activeCountMax + 1);
    this.#remove(download);
    this.#send(neighbour.peer, { kind: "done", transfer });
    this.#options.came(need, nowMs - download.firstAtMs, nowMs);
    this.#options.complete(need, bytes!, neighbour.peer);
  }

  /** The one of those who hold it with the least to do for this viewer, then the fastest. */
  #choose(need: Need, nowMs: number): Neighbour | null {
    let best: Neighbour | null = null;
    let bestLoad = Infinity;
    for (const neighbour of this.#options.neighbours.all()) {
      if (!neighbour.has(need.key)) continue;
      if ((need.notBeforeMs.get(neighbour.peer) ?? 0) > nowMs) continue;
      if (neighbour.downloads.size >= parameters.requestPerPeerCountMax) continue;
      if (need.downloads.some(({ peer }) => peer === neighbour.peer)) continue;
      const slowness = neighbour.kbps === 0 ? 0.5 : 1 / (1 + neighbour.kbps / 500);
      const load =
        neighbour.downloads.size + slowness + 2 * neighbour.faultCount + this.#options.random();
      if (load < bestLoad) [best, bestLoad] = [neighbour, load];
    }
    return best;
  }

  #kbps(download: Download, nowMs: number): number {
    const known = this.#options.neighbours.get(download.peer)?.kbps ?? 0;
    if (download.state !== "running") return known;
    const overMs = download.progressAtMs - download.firstAtMs;
    const bits = (download.receivedBytes - download.firstBytes) * 8;
    if (nowMs - download.firstAtMs < rateMsMin && download.bytes !== null) {
      return overMs > 0 && known === 0 ? bits / overMs : known;
    }
    return overMs > 0 ? bits / overMs : known;
  }

  #stallByMs(download: Download): number {
    const kbps = this.#kbps(download, download.progressAtMs);
    const chunkMs = kbps === 0 ? Infinity : (download.firstBytes * 8) / kbps;
    // While others' pieces come the line may be full of them, and this one's be behind.
    if (this.heardAtMs > download.progressAtMs)
      return download.progressAtMs + parameters.stallMsMax;
    const waitMs = Math.max(parameters.stallMsMin, Math.min(parameters.stallMsMax, 3 * chunkMs));
    return download.progressAtMs + waitMs;
  }

  #remove(download: Download): void {
    const { need, transfer, peer } = download;
    const at = need.downloads.indexOf(download);
    if (at < 0) return;
    need.downloads.splice(at, 1);
    this.#setActive(download, false);
    const neighbour = this.#options.neighbours.get(peer);
    neighbour?.downloads.delete(transfer);
    neighbour?.closeTransfer(transfer, need.facts.bytes - download.receivedBytes);
  }

  #send(peer: PeerId, message: PeerMessage): void {
    this.#options.decide({ kind: "send", peer, message });
  }
}
