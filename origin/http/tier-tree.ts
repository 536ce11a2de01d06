/**
 * The tier tree as the origin serves it to child relays. A media playlist
 * meets the table of delivery directives (src/hls/delivery-directives.ts) and then:
 *
 * | feed     | answer    | wait, in time | wait, too long         |
 * |----------|-----------|---------------|------------------------|
 * | offline  | 404       |               |                        |
 * | starting | held      | 200           | 503, Retry-After       |
 * | live     | 200       | 200           | 503, Retry-After       |
 * | waiting  | 200       | 200           | 200, unchanged         |
 * | ended    | 200       | 200           | 200                    |
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../src/base/clock.ts";
import type { Config } from "../../src/config/schema.ts";
import {
  decideOnDirectives,
  holdMsFor,
  msnAheadMaxAtOrigin,
  readDeliveryDirectives,
  type DeliveryDirectives,
} from "../../src/hls/delivery-directives.ts";
import {
  emptyPath,
  formatRung,
  parsePath,
  type ParsedPath,
  type PathKind,
} from "../../src/hls/path.ts";
import { statusHoldMsMax } from "../../src/hls/status.ts";
import { targetDurationSec } from "../../src/media/grid.ts";
import type { FeedPipeline } from "../feed/feed-pipeline.ts";
import type { MediaObject } from "../packager/media-object.ts";
import { HeldRequests, type TryAnswer } from "./held-requests.ts";
import { readJsonBody } from "./json-body.ts";
import {
  TierExchange,
  type TierKind,
  type TierReplyLog,
  type TierReplyMetrics,
} from "./tier-reply.ts";

export interface TierTreeMetrics extends TierReplyMetrics {
  heldLimited(): void;
}

/** Takes what a child says of itself and of the nodes below it. */
type TakeNodes = (reporter: { node: string; process: number }, nodes: unknown) => void;

/** Makes what hears of one request; for the access log. */
export type TierLogOf = (request: IncomingMessage) => TierReplyLog;

/** A feed and the rungs that it may have, as they stand in URLs. */
export interface ServedFeed {
  pipeline: FeedPipeline;
  rungs: ReadonlySet<string>;
}

const playlistType = "application/vnd.apple.mpegurl";
/** RFC 8216bis appendix B.1. */
const playlistCache = {
  plain: `max-age=${targetDurationSec / 2}`,
  withDirectives: `max-age=${6 * targetDurationSec}`,
  /** Of an answer to a directive that does not hold what it asked for. */
  unchanged: "no-cache",
};
const multivariantCache = "max-age=30";
/** A name that does not exist may come to exist: a relay may ask a moment too early. */
const missingCache = { "cache-control": `max-age=${targetDurationSec}` };
const retryLater = { "retry-after": "1" };
const methods = "GET, HEAD, OPTIONS";

export class TierTree {
  readonly #feeds: ReadonlyMap<string, ServedFeed>;
  readonly #clock: Clock;
  readonly #held: HeldRequests;
  readonly #metrics: TierTreeMetrics;
  readonly #logOf: TierLogOf | undefined;
  readonly #takeNodes: TakeNodes;
  readonly #holdMs: number;
  readonly #mediaCache: string;
  /** Reused: parsing is synchronous. */
  readonly #path = emptyPath();

  constructor(options: {
    config: Config;
    feeds: readonly ServedFeed[];
    clock: Clock;
    metrics: TierTreeMetrics;
    logOf?: TierLogOf;
    takeNodes: TakeNodes;
  }) {
    const { config, feeds } = options;
    this.#feeds = new Map(feeds.map((feed) => [feed.pipeline.name, feed]));
    this.#clock = options.clock;
    this.#metrics = options.metrics;
    this.#logOf = options.logOf;
    this.#takeNodes = options.takeNodes;
    this.#held = new HeldRequests({ countMax: config.tier.waiterCountMax });
    this.#holdMs = holdMsFor({ targetDurationSec, holdMsMax: config.follow.holdMsMax });
    const windowSec = config.window.segmentCount * targetDurationSec;
    this.#mediaCache = `max-age=${windowSec + 60}, immutable`;
    for (const { pipeline } of feeds) pipeline.onChange(() => this.#held.wake(pipeline.name));
  }

  get heldCount(): number {
    return this.#held.count;
  }

  /** To be called ten times a second. */
  tick(nowMs: number): void {
    this.#held.tick(nowMs);
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const log = this.#logOf?.(request);
    const exchange = new TierExchange(request, response, { metrics: this.#metrics, log });
    const url = request.url ?? "";
    const mark = url.indexOf("?");
    const path = parsePath(mark < 0 ? url : url.slice(0, mark), this.#path);
    const feed = path?.token === "" ? this.#feeds.get(path.feed) : undefined;
    if (path === undefined || feed === undefined) return this.#missing(exchange);
    exchange.kind = kinds[path.kind] ?? "other";
    exchange.path = { ...path };
    if (path.kind === "viewers") return this.#viewers(exchange, feed);
    if (request.method === "OPTIONS") return exchange.empty({ allow: methods });
    if (request.method !== "GET" && request.method !== "HEAD") {
      return exchange.refuse(405, `This takes ${methods}.`, { allow: methods });
    }
    this.#get(exchange, feed, path, mark < 0 ? "" : url.slice(mark + 1));
  }

  #get(exchange: TierExchange, feed: ServedFeed, path: ParsedPath, query: string): void {
    const { packager, state } = feed.pipeline;
    const rung = path.rung < 0 ? "" : formatRung(path.rung);
    const { kind, epoch, msn, name } = path;
    if (kind === "status") return this.#status(exchange, feed, query);
    if (kind === "ladder" || kind === "multivariant") return this.#ladder(exchange, feed, kind);
    if (kind === "media" && state !== "offline" && feed.rungs.has(rung)) {
      return this.#playlist(exchange, feed, rung, query);
    }
    let object: MediaObject | undefined;
    if (kind === "segment") object = packager.segment({ rung, epoch, msn });
    if (kind === "init") object = packager.init({ rung, hash: name });
    if (object === undefined) return this.#missing(exchange);
    exchange.media(object, this.#mediaCache);
  }

  #playlist(exchange: TierExchange, feed: ServedFeed, rung: string, query: string): void {
    const read = readDeliveryDirectives(query);
    if (!read.ok) return exchange.refuse(400, `Wrong delivery directives: ${read.problem}.`);
    const { pipeline } = feed;
    this.#answerOrHold(exchange, { pipeline, holdMs: this.#holdMs }, (waited) =>
      this.#tryPlaylist(exchange, { feed, rung, directives: read.directives, waited }),
    );
  }

  #tryPlaylist(
    exchange: TierExchange,
    asked: { feed: ServedFeed; rung: string; directives: DeliveryDirectives; waited: boolean },
  ): boolean {
    const { rung, directives, waited } = asked;
    const { packager, state } = asked.feed.pipeline;
    const { lastMsn, ended } = packager;
    if (state === "offline") {
      // It was forgotten while the request was held.
      this.#missing(exchange);
      return true;
    }
    const started = state !== "starting" && lastMsn !== undefined;
    const position = started ? { lastMsn, ended } : undefined;
    const decision = decideOnDirectives(directives, position, { msnAheadMax: msnAheadMaxAtOrigin });
    const isWait = decision.kind === "wait" || decision.kind === "waitStart";
    if (decision.kind === "refuse") {
      exchange.refuse(400, `Too far ahead: ${decision.reason}.`);
    } else if (!isWait) {
      const isBlocking = directives.msn !== undefined;
      const cacheControl = isBlocking ? playlistCache.withDirectives : playlistCache.plain;
      this.#sendPlaylist(exchange, asked.feed, { rung, cacheControl });
    } else if (!waited) {
      return false;
    } else if (state === "waiting") {
      const cacheControl = playlistCache.unchanged;
      this.#sendPlaylist(exchange, asked.feed, { rung, cacheControl });
    } else {
      exchange.refuse(503, "Nothing new yet.", retryLater);
    }
    return true;
  }

  #sendPlaylist(
    exchange: TierExchange,
    feed: ServedFeed,
    { rung, cacheControl }: { rung: string; cacheControl: string },
  ): void {
    const playlist = feed.pipeline.packager.playlist(rung);
    // A rung of the configuration that the recording of a replay does not have.
    if (playlist === undefined) this.#missing(exchange);
    else exchange.document(playlist, { contentType: playlistType, cacheControl });
  }

  #status(exchange: TierExchange, { pipeline }: ServedFeed, query: string): void {
    const known = readKnownVersion(query);
    if (known === "malformed") return exchange.refuse(400, "v must be a decimal number.");
    const holdMs = Math.min(statusHoldMsMax, this.#holdMs);
    this.#answerOrHold(exchange, { pipeline, holdMs }, (waited) => {
      const status = pipeline.status();
      if (status.version === known && !waited) return false;
      exchange.json(status);
      return true;
    });
  }

  #ladder(exchange: TierExchange, { pipeline }: ServedFeed, kind: "ladder" | "multivariant"): void {
    const { ladder, multivariant } = pipeline.packager;
    if (pipeline.state === "offline") return this.#missing(exchange);
    const text = kind === "ladder" ? ladder : multivariant;
    if (text === undefined) return exchange.refuse(503, "No ladder yet.", retryLater);
    const contentType = kind === "ladder" ? "application/json" : playlistType;
    // Children fetch the ladder when the status says that it changed: never from a cache.
    const cacheControl = kind === "ladder" ? "no-cache" : multivariantCache;
    exchange.document(text, { contentType, cacheControl });
  }

  #viewers(exchange: TierExchange, { pipeline }: ServedFeed): void {
    const { request } = exchange;
    if (request.method !== "POST") {
      return exchange.refuse(405, "This takes POST.", { allow: "POST" });
    }
    readJsonBody(request, (body) => {
      if (!body.ok) return exchange.refuse(body.status, body.problem);
      const report = pipeline.reportViewers(body.value);
      if (typeof report === "string") {
        return exchange.refuse(400, `No viewer count: ${report}.`);
      }
      if (report.nodes !== undefined) this.#takeNodes(report, report.nodes);
      exchange.empty();
    });
  }

  #answerOrHold(
    exchange: TierExchange,
    { pipeline, holdMs }: Pick<ServedFeed, "pipeline"> & { holdMs: number },
    tryAnswer: TryAnswer,
  ): void {
    if (tryAnswer(false)) return;
    exchange.wasHeld = true;
    const deadlineMs = this.#clock.nowMs() + holdMs;
    const held = { group: pipeline.name, deadlineMs, tryAnswer };
    if (this.#held.hold(exchange.response, held)) return;
    this.#metrics.heldLimited();
    exchange.refuse(503, "Too many requests are held.", retryLater);
  }

  #missing(exchange: TierExchange): void {
    exchange.refuse(404, "There is no such thing here.", missingCache);
  }
}

const kinds: Readonly<Partial<Record<PathKind, TierKind>>> = {
  media: "playlist",
  multivariant: "multivariant",
  ladder: "ladder",
  status: "status",
  segment: "segment",
  init: "init",
  viewers: "viewers",
};

/** The `v` of a status request; undefined when it has none. */
function readKnownVersion(query: string): number | undefined | "malformed" {
  const values = query.split("&").filter((pair) => pair === "v" || pair.startsWith("v="));
  if (values.length === 0) return undefined;
  const match = /^v=(\d{1,15})$/.exec(values[0]!);
  return values.length > 1 || match === null ? "malformed" : Number(match[1]);
}
