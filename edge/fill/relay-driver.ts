/**
 * Performs what a relay node decides: requests to parents, bytes into entities, held requests woken.
 * It owns the entities and the waiters; what anybody is answered is for the ports to write.
 */
import { gzipSync } from "node:zlib";
import { assert } from "../../src/base/assert.ts";
import type { Clock } from "../../src/base/clock.ts";
import { LineBudget } from "../../src/base/line-budget.ts";
import type { LadderDocument } from "../../src/hls/ladder-document.ts";
import { emptyPath, formatPath, parseRung, type ParsedPath } from "../../src/hls/path.ts";
import { playlistCharsMax } from "../../src/hls/read-media-playlist.ts";
import type { FeedStatus } from "../../src/hls/status.ts";
import { edgeMetrics } from "../../src/metrics/edge.ts";
import { HistogramSlots } from "../../src/metrics/histogram-slots.ts";
import type { AccessLog } from "../../src/node/access-log.ts";
import type { Log } from "../../src/node/log.ts";
import type { RequestTrace } from "../../src/node/request-trace.ts";
import type { RelayDecision } from "../../src/relay/decision.ts";
import { objectKind, objectState } from "../../src/relay/objects.ts";
import { holdMsOf, statusHoldMsOf, type RelayOptions } from "../../src/relay/options.ts";
import { RelayNode, type FillErrorReason } from "../../src/relay/relay-node.ts";
import { readDocumentBody, type DocumentBody } from "./document-body.ts";
import type { Entity } from "./entity.ts";
import {
  documentEntity,
  ladderEntity,
  multivariantEntity,
  playlistCacheControl,
  playlistContentType,
  reloadCacheControl,
} from "./feed-documents.ts";
import { FillLog } from "./fill-log.ts";
import { MediaFill, readAgeMs, readMediaHead, readStatusAgeMs } from "./media-fill.ts";
import type { ParentCall, ParentClient } from "./parent-client.ts";
import type { RelayNews } from "./relay-news.ts";
import { readLadder, readPlaylistFacts, readStatus } from "./read-documents.ts";
import { Waiters } from "./waiters.ts";

type Fill = Extract<RelayDecision, { kind: "fill" }>;
type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** How often deadlines are looked at. */
const tickMs = 50;

interface FeedDocuments {
  status: FeedStatus | undefined;
  ladder: LadderDocument | undefined;
  ladderEntity: Entity | undefined;
  /** When this node saw the newest segment listed. */
  lastSegmentUnixMs: number;
}

export interface RelayDriverOptions {
  relay: RelayOptions;
  waiterCountMax: number;
  parents: readonly ParentClient[];
  clock: Clock;
  log: Log;
  access: AccessLog;
  news?: RelayNews;
}

export class RelayDriver {
  readonly node: RelayNode;
  readonly waiters: Waiters;
  /** Longest hold of a request that waits for news ... */
  readonly holdMs: number;
  /** ... and of a child's for a status. */
  readonly statusHoldMs: number;
  /** Bytes that came from each parent, documents included. */
  readonly fillBytes: Float64Array;
  /** From asking for media to its last byte, by parent. */
  readonly fillSeconds: HistogramSlots;
  readonly #options: RelayDriverOptions;
  readonly #clock: Clock;
  readonly #entities: (Entity | undefined)[];
  readonly #fills = new Map<number, MediaFill>();
  readonly #calls = new Map<number, ParentCall>();
  readonly #documents: FeedDocuments[];
  readonly #fillLog: FillLog;
  readonly #lines = new LineBudget();
  #timer: NodeJS.Timeout | undefined;
  #performing = false;

  constructor(options: RelayDriverOptions) {
    assert(options.parents.length === options.relay.parentCount, "parents and their count differ");
    this.#options = options;
    this.#clock = options.clock;
    this.node = new RelayNode(options.relay);
    this.holdMs = holdMsOf(options.relay);
    this.statusHoldMs = statusHoldMsOf(options.relay);
    this.fillBytes = new Float64Array(options.parents.length);
    this.fillSeconds = new HistogramSlots({
      buckets: edgeMetrics.fillSeconds.buckets,
      seriesCount: options.parents.length,
    });
    this.waiters = new Waiters({
      countMax: options.waiterCountMax,
      nowMs: options.clock.nowMs(),
    });
    this.#fillLog = new FillLog(options.access, (object) => this.#isUnderWay(object));
    this.#entities = new Array<Entity | undefined>(this.node.state.objects.count).fill(undefined);
    this.#documents = options.relay.feeds.map(() => ({
      status: undefined,
      ladder: undefined,
      ladderEntity: undefined,
      lastSegmentUnixMs: 0,
    }));
  }

  start(): void {
    this.tick();
    this.#timer = setInterval(() => this.tick(), tickMs);
  }

  /** Gives up every request to parents; waiters are left to their ports. */
  stop(): void {
    clearInterval(this.#timer);
    for (const call of this.#calls.values()) call.abort();
    this.#calls.clear();
  }

  tick(): void {
    const nowMs = this.#clock.nowMs();
    this.node.tick(nowMs);
    this.#perform();
    this.waiters.tick(nowMs);
  }

  /**
   * Somebody wants the object: follows, fills and counts. A request that meets a miss gives its
   * trace, by which its fill goes.
   */
  demand(object: number, nowMs: number, trace?: RequestTrace): void {
    if (trace !== undefined) this.#fillLog.cause(object, trace);
    this.node.demand(object, 1, nowMs);
    if (this.node.hasDecisions) this.#perform();
    if (trace !== undefined) this.#fillLog.settle(object);
  }

  /** Id of the fill or reload of the object that is under way; "" when there is none. */
  fillIdOf(object: number): string {
    return this.#fillLog.idOf(object);
  }

  /** What is there of the object; may still be growing. */
  entityOf(object: number): Entity | undefined {
    return this.#entities[object];
  }

  /** The ladder document for child relays. */
  ladderEntityOf(feed: number): Entity | undefined {
    return this.#documents[feed]?.ladderEntity;
  }

  /** What the parent said is offered. */
  ladderOf(feed: number): LadderDocument | undefined {
    return this.#documents[feed]?.ladder;
  }

  statusOf(feed: number): FeedStatus | undefined {
    return this.#documents[feed]?.status;
  }

  lastSegmentUnixMsOf(feed: number): number {
    return this.#documents[feed]?.lastSegmentUnixMs ?? 0;
  }

  #perform(): void {
    if (this.#performing) return;
    this.#performing = true;
    for (let all = this.node.take(); all.length > 0; all = this.node.take()) {
      for (const decision of all) this.#performOne(decision);
    }
    this.#performing = false;
  }

  #performOne(decision: RelayDecision): void {
    switch (decision.kind) {
      case "fill":
        this.#request(decision);
        return;
      case "abort":
        this.#calls.get(decision.attempt)?.abort();
        this.#calls.delete(decision.attempt);
        this.#fillLog.ended(decision.attempt, "aborted", this.#clock.nowMs());
        return;
      case "wake":
        this.waiters.wake(decision.object);
        return;
      case "cut":
        this.#discard(decision.object, true);
        return;
      case "drop":
        this.#fillLog.drop(decision.object);
        this.#discard(decision.object, this.#fills.has(decision.object));
        return;
      case "eject": {
        const parent = this.#options.parents[decision.parent]?.host;
        this.#warn({ parent }, "a parent failed too often and is left alone");
        return;
      }
      case "reset": {
        const feed = this.node.state.feeds[decision.feed]!.name;
        const { version } = decision;
        const text = "all parents contradict the status in hand: the feed begins anew";
        this.#warn({ feed, version }, text);
        return;
      }
    }
  }

  /** A parent that comes and goes must not fill the log: one line of each kind in ten seconds. */
  #warn(fields: { parent?: string | undefined; feed?: string; version?: number }, text: string) {
    const kind = `${text} ${fields.parent ?? fields.feed ?? ""}`;
    const leftOut = this.#lines.take(kind, this.#clock.nowMs());
    if (leftOut === undefined) return;
    this.#options.log.warn({ ...fields, ...(leftOut === 0 ? {} : { leftOut }) }, text);
  }

  #isUnderWay(object: number): boolean {
    const { running, paused, objects } = this.node.state;
    const isQueued = objects.state[object] === objectState.queued;
    return running[object]! > 0 || isQueued || paused.has(object);
  }

  #discard(object: number, isBroken: boolean): void {
    const entity = this.#entities[object];
    this.#entities[object] = undefined;
    this.#fills.delete(object);
    if (isBroken) entity?.break();
  }

  #request(fill: Fill): void {
    const parent = this.#options.parents[fill.parent]!;
    const isMedia = this.#kindOf(fill.object) >= objectKind.init;
    const handlers = isMedia ? this.#mediaHandlers(fill) : this.#documentHandlers(fill);
    const path = this.#pathOf(fill);
    const isHeld = fill.after !== -1;
    const of = { path, parent: parent.host, isHeld, nowMs: this.#clock.nowMs() };
    const trace = this.#fillLog.asked(fill, of);
    const target = formatPath(path) + this.#queryOf(fill);
    const call = parent.get(target, { gzip: !isMedia, trace }, handlers);
    this.#calls.set(fill.attempt, call);
  }

  /** What the parent is to wait for. */
  #queryOf({ object, after }: Fill): string {
    if (after === -1) return "";
    return this.#kindOf(object) === objectKind.status ? `?v=${after}` : `?_HLS_msn=${after}`;
  }

  #pathOf({ object }: Fill): ParsedPath {
    const { objects, feeds, tracks } = this.node.state;
    const feed = feeds[objects.feed[object]!]!.name;
    const track = tracks[objects.track[object]!];
    const path = { ...emptyPath(), feed, rung: track?.rung ?? -1 };
    switch (this.#kindOf(object)) {
      case objectKind.status:
        return { ...path, kind: "status" };
      case objectKind.ladder:
        return { ...path, kind: "ladder" };
      case objectKind.playlist:
        return { ...path, kind: "media" };
      case objectKind.init: {
        const index = object - objects.initOf(objects.track[object]!, 0);
        return { ...path, kind: "init", name: track!.initNames[index]! };
      }
      default: {
        const epoch = objects.epoch[object]!;
        return { ...path, kind: "segment", epoch, msn: objects.msn[object]! };
      }
    }
  }

  #kindOf(object: number): number {
    return this.node.state.objects.kind[object]!;
  }

  #fail(fill: Fill, reason: FillErrorReason, detail: string): void {
    if (reason !== "unavailable" && reason !== "missing") {
      const parent = this.#options.parents[fill.parent]?.host;
      this.#options.log.debug({ parent, path: formatPath(this.#pathOf(fill)), reason }, detail);
    }
    this.#calls.get(fill.attempt)?.abort();
    this.#calls.delete(fill.attempt);
    const nowMs = this.#clock.nowMs();
    this.node.fillError(fill.attempt, reason, nowMs);
    this.#fillLog.ended(fill.attempt, reason, nowMs);
    this.#perform();
  }

  #mediaHandlers(fill: Fill) {
    const { attempt, object } = fill;
    const askedMs = this.#clock.nowMs();
    let media: MediaFill | undefined;
    return {
      head: (status: number, headers: Headers): void => {
        this.#fillLog.answered(attempt, status, this.#clock.nowMs());
        if (status !== 200) return this.#fail(fill, reasonOf(status), `status ${status}`);
        const head = readMediaHead(headers);
        if (head === undefined) return this.#fail(fill, "malformed", "no usable media headers");
        const nowMs = this.#clock.nowMs();
        const known = this.#fills.get(object);
        const sameContent = known?.isSame(head) ?? false;
        const { totalBytes } = head;
        const skip = this.node.fillStart(attempt, { totalBytes, sameContent }, nowMs);
        this.#perform();
        if (skip === -1) return;
        media = sameContent && known?.receivedBytes === skip ? known : new MediaFill(head, nowMs);
        media.restart(skip);
        this.#fills.set(object, media);
        this.#entities[object] = media.entity;
      },
      bytes: (chunk: Uint8Array): void => {
        this.fillBytes[fill.parent]! += chunk.length;
        this.#fillLog.received(attempt, chunk.length);
        if (media === undefined) return;
        media.write(chunk);
        this.node.fillProgress(attempt, media.receivedBytes, this.#clock.nowMs());
        media.entity.grow(this.node.visibleBytes(object));
        this.#perform();
      },
      end: (): void => {
        if (media?.isWhole !== true) return this.#fail(fill, "truncated", "body of wrong length");
        this.#calls.delete(attempt);
        const nowMs = this.#clock.nowMs();
        this.fillSeconds.observe(fill.parent, (nowMs - askedMs) / 1_000);
        const digestOk = media.digestOk();
        if (digestOk) this.#fills.delete(object);
        this.node.fillEnd(attempt, { digestOk }, nowMs);
        this.#fillLog.ended(attempt, digestOk ? "done" : "digest", nowMs);
        if (digestOk) media.entity.grow(media.entity.totalBytes);
        this.#perform();
        const isSegment = this.#kindOf(object) === objectKind.segment;
        if (digestOk && isSegment) this.#options.news?.segmentComplete(object);
      },
      error: (message: string): void => this.#fail(fill, "connection", message),
    };
  }

  #documentHandlers(fill: Fill) {
    let answered: { status: number; headers: Headers } | undefined;
    let chunks: Uint8Array[] = [];
    let receivedBytes = 0;
    return {
      head: (status: number, headers: Headers): void => {
        this.#fillLog.answered(fill.attempt, status, this.#clock.nowMs());
        answered = { status, headers };
      },
      bytes: (chunk: Uint8Array): void => {
        this.fillBytes[fill.parent]! += chunk.length;
        this.#fillLog.received(fill.attempt, chunk.length);
        receivedBytes += chunk.length;
        if (receivedBytes <= playlistCharsMax) chunks.push(chunk);
        else chunks = [];
      },
      end: (): void => {
        if (answered?.status !== 200) {
          const status = answered?.status ?? 0;
          return this.#fail(fill, reasonOf(status), `status ${status}`);
        }
        const tooLong = receivedBytes > playlistCharsMax;
        const body = tooLong
          ? undefined
          : readDocumentBody(Buffer.concat(chunks), answered.headers);
        const taken = body !== undefined && this.#takeDocument(fill, body, answered.headers);
        if (!taken) return this.#fail(fill, "malformed", "no document of the expected kind");
        this.#calls.delete(fill.attempt);
        this.#fillLog.ended(fill.attempt, "done", this.#clock.nowMs());
        this.#perform();
      },
      error: (message: string): void => this.#fail(fill, "connection", message),
    };
  }

  /** False when the body is no such document. */
  #takeDocument(fill: Fill, body: DocumentBody, headers: Headers): boolean {
    const feed = this.node.state.objects.feed[fill.object]!;
    switch (this.#kindOf(fill.object)) {
      case objectKind.status:
        return this.#takeStatus(fill, feed, { body, ageMs: readStatusAgeMs(headers) });
      case objectKind.ladder:
        return this.#takeLadder(fill, feed, body);
      default:
        return this.#takePlaylist(fill, feed, body, readAgeMs(headers));
    }
  }

  #takeStatus(
    fill: Fill,
    feed: number,
    { body, ageMs }: { body: DocumentBody; ageMs: number },
  ): boolean {
    const status = readStatus(body.text());
    if (status === undefined) return false;
    const documents = this.#documents[feed]!;
    const before = documents.status;
    documents.status = status;
    const said = { facts: status, ageMs };
    if (this.node.statusVersion(fill.attempt, said, this.#clock.nowMs())) {
      this.#options.news?.statusTaken(feed);
    } else {
      documents.status = before;
    }
    return true;
  }

  #takeLadder(fill: Fill, feed: number, body: DocumentBody): boolean {
    const ladder = readLadder(body.text());
    if (ladder === undefined) return false;
    const rungs = ladder.variants.map((variant) => parseRung(variant.rung)!);
    const nowMs = this.#clock.nowMs();
    if (!this.node.ladderVersion(fill.attempt, { version: ladder.version, rungs }, nowMs)) {
      return true;
    }
    const documents = this.#documents[feed]!;
    documents.ladder = ladder;
    documents.ladderEntity = ladderEntity(ladder, nowMs);
    this.#entities[fill.object] = multivariantEntity(ladder, nowMs);
    return true;
  }

  #takePlaylist(fill: Fill, feed: number, body: DocumentBody, ageMs: number): boolean {
    const facts = readPlaylistFacts(body.text());
    if (facts === undefined) return false;
    const nowMs = this.#clock.nowMs();
    if (!this.node.playlistVersion(fill.attempt, { facts, ageMs }, nowMs)) return true;
    const { targetDurationMs } = this.#options.relay;
    this.#entities[fill.object] = documentEntity(
      {
        bytes: body.plain,
        gzip: body.gzip ?? gzipSync(body.plain),
        contentType: playlistContentType,
        cacheControl: playlistCacheControl(targetDurationMs),
        reloadCacheControl: reloadCacheControl(targetDurationMs),
      },
      nowMs - ageMs,
    );
    const documents = this.#documents[feed]!;
    const listedUnixMs = this.#clock.unixMs() - ageMs;
    documents.lastSegmentUnixMs = Math.max(documents.lastSegmentUnixMs, listedUnixMs);
    return true;
  }
}

function reasonOf(status: number): FillErrorReason {
  if (status === 404) return "missing";
  return status === 503 ? "unavailable" : "status";
}
