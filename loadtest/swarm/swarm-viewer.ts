/**
 * One viewer of a crowd over real sockets: polls its rung's media playlist, asks for segments in
 * order with the deadlines of its own buffer, and plays in real time; following and playback are
 * those of src/viewer. What it fetches it asks of the swarm's client first, as the page's loader does.
 */
import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { emptyPath, formatPath } from "../../src/hls/path.ts";
import { readTail, type PlaylistTail, type TailSegment } from "../../src/hls/read-tail.ts";
import type { SegmentId } from "../../src/swarm/segment.ts";
import type { SwarmClient } from "../../src/swarm/swarm-client.ts";
import { acceptPlaylist, chooseStart, countFailure } from "../../src/viewer/live-following.ts";
import { advancePlayback, appendSegment } from "../../src/viewer/playback.ts";
import type { Viewers } from "../../src/viewer/viewers.ts";
import type { CrowdTotals } from "./crowd-totals.ts";

export interface ViewerParts {
  /** The crowd's columns, and which of them are this viewer's. */
  viewers: Viewers;
  index: number;
  client: SwarmClient;
  /** A body from the edge, or null when it does not come whole. */
  getBytes: (path: string, signal: AbortSignal) => Promise<Uint8Array | null>;
  nowMs: () => number;
  feed: string;
  kbps: number;
  latencyMs: number;
  totals: CrowdTotals;
  /** A segment goes to playback, so long after it was asked for. */
  played: (segment: PlayedSegment) => void;
}

export interface PlayedSegment {
  msn: number;
  fetchMs: number;
  /** Of the bytes as they are played, whoever checked them before. */
  sha256: string;
  isStartup: boolean;
}

/** How often the client is told of the buffer. */
const bufferReportMs = 250;
const segmentName = /(\d+)-(\d+)\.m4s/;

export class SwarmViewer {
  readonly #parts: ViewerParts;
  readonly #playlistPath: string;
  readonly #leaving = new AbortController();
  #tail: PlaylistTail | undefined;
  /** Newest segment that was listed when the viewer chose where to start: up to it is start-up. */
  #startupMsn = Infinity;
  #takeList: () => void = () => undefined;
  #cancelWant: () => void = () => undefined;

  constructor(parts: ViewerParts) {
    this.#parts = parts;
    const { feed, kbps: rung } = parts;
    this.#playlistPath = formatPath({ ...emptyPath("media"), feed, rung });
  }

  /** Watches until `leave`. */
  async watch(): Promise<void> {
    const { client } = this.#parts;
    const timer = setInterval(() => client.buffer(this.#aheadMs()), bufferReportMs);
    await Promise.all([this.#follow(), this.#fetch()]);
    clearInterval(timer);
  }

  leave(): void {
    this.#aheadMs();
    this.#leaving.abort();
    this.#takeList();
    this.#cancelWant();
    this.#parts.client.close();
  }

  /** Whether it is of what the viewer began with; all is, until it has chosen where to start. */
  isStartup(msn: number): boolean {
    return msn <= this.#startupMsn;
  }

  #isGone(): boolean {
    return this.#leaving.signal.aborted;
  }

  /** Media ahead of the playhead now. */
  #aheadMs(): number {
    const { viewers, index, nowMs } = this.#parts;
    advancePlayback(viewers, index, nowMs());
    return viewers.bufferMs[index]!;
  }

  async #follow(): Promise<void> {
    const { viewers, index, nowMs, getBytes } = this.#parts;
    while (!this.#isGone()) {
      const body = await getBytes(this.#playlistPath, this.#leaving.signal);
      const isTaken = body !== null && this.#takePlaylist(new TextDecoder().decode(body), nowMs());
      this.#takeList();
      const waitMs = isTaken
        ? viewers.pollAtMs[index]! - nowMs()
        : countFailure(viewers, index, nowMs());
      await this.#sleep(waitMs);
    }
  }

  #takePlaylist(text: string, nowMs: number): boolean {
    const { viewers, index, latencyMs } = this.#parts;
    const nextMsn = viewers.nextMsn[index]!;
    const tail = readTail(text, nextMsn < 0 ? -1 : nextMsn - 1);
    if (tail === undefined || tail.lastMsn < tail.firstMsn) return false;
    const targetMs = 1_000 * tail.targetDurationSec;
    if (nextMsn < tail.firstMsn) {
      const durationsMs = tail.segments.map(({ durationMs }) => durationMs);
      chooseStart(viewers, index, tail.lastMsn, durationsMs, targetMs, latencyMs / targetMs);
      if (nextMsn < 0) this.#startupMsn = tail.lastMsn;
    }
    const last = tail.segments.at(-1);
    if (last !== undefined) this.#tail = tail;
    acceptPlaylist(viewers, index, nowMs, tail.lastMsn, last?.durationMs ?? targetMs, targetMs);
    return true;
  }

  async #fetch(): Promise<void> {
    const { viewers, index, nowMs } = this.#parts;
    while (!this.#isGone()) {
      const msn = viewers.nextMsn[index]!;
      const segment = this.#tail?.segments.find((one) => one.msn === msn);
      if (segment === undefined) {
        await new Promise<void>((resolve) => (this.#takeList = resolve));
        continue;
      }
      const askedMs = nowMs();
      const bytes = await this.#get(this.#idOf(segment));
      if (this.#isGone()) return;
      if (bytes === null) await this.#sleep(countFailure(viewers, index, nowMs()));
      else this.#play(segment, bytes, nowMs() - askedMs);
    }
  }

  #idOf({ uri, msn }: TailSegment): SegmentId {
    const [, epoch] = segmentName.exec(uri) ?? [];
    return { rung: this.#parts.kbps, epoch: Number(epoch), msn };
  }

  /** From the swarm's client, or from the edge when it says so; null: not to be had now. */
  async #get(id: SegmentId): Promise<Uint8Array | null> {
    const given = await this.#askSwarm(id);
    if (given !== null || this.#isGone()) return given;
    const { client, feed, getBytes, nowMs, totals } = this.#parts;
    const path = formatPath({ ...emptyPath("segment"), feed, ...id });
    const ended = client.ownFetch(id, nowMs() + this.#aheadMs());
    const bytes = await getBytes(path, this.#leaving.signal).finally(ended);
    if (bytes === null) return null;
    if (this.isStartup(id.msn)) totals.startupBytes += bytes.length;
    else totals.httpBytes += bytes.length;
    client.addHttpBytes(bytes.length);
    return bytes;
  }

  #askSwarm(id: SegmentId): Promise<Uint8Array | null> {
    const { client, nowMs, totals } = this.#parts;
    return new Promise((resolve) => {
      const cancel = client.want(id, nowMs() + this.#aheadMs(), {
        deliver: (bytes, source) => {
          if (source === "peer" && !this.isStartup(id.msn)) totals.peerBytes += bytes.length;
          resolve(bytes);
        },
        refuse: () => resolve(null),
      });
      this.#cancelWant = () => {
        cancel();
        resolve(null);
      };
    });
  }

  #play({ msn, durationMs }: TailSegment, bytes: Uint8Array, fetchMs: number): void {
    const { viewers, index, nowMs, totals, played } = this.#parts;
    const lateMs = appendSegment(viewers, index, nowMs(), durationMs, 0);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const isStartup = this.isStartup(msn);
    played({ msn, fetchMs, sha256, isStartup });
    if (isStartup) return;
    totals.segmentCount++;
    if (lateMs > 0) totals.lateCount++;
  }

  async #sleep(ms: number): Promise<void> {
    const { signal } = this.#leaving;
    // Rejects only when the viewer leaves.
    await delay(Math.max(0, ms), undefined, { signal }).catch(() => undefined);
  }
}
