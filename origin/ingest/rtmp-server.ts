/**
 * The RTMP port: takes publishers, checks their keys before Publish.Start, and seats one a feed.
 * It owns sockets and policy; the protocol is src/rtmp, what becomes of the media is the handlers'.
 */
import { createServer, type Socket } from "node:net";
import { assert } from "../../src/base/assert.ts";
import type { Clock } from "../../src/base/clock.ts";
import { AppError } from "../../src/base/errors.ts";
import { LineBudget } from "../../src/base/line-budget.ts";
import type { Config } from "../../src/config/schema.ts";
import { listenOn } from "../../src/node/listen.ts";
import type { Log } from "../../src/node/log.ts";
import type { Metrics } from "../../src/node/metrics.ts";
import type { FlvTag } from "../../src/rtmp/flv.ts";
import type { SessionEnd, SessionEndCode } from "../../src/rtmp/session-event.ts";
import { statusCodes } from "../../src/rtmp/replies.ts";
import { ingestMetrics, type IngestMetrics } from "./ingest-metrics.ts";
import { KeyBackoff } from "./key-backoff.ts";
import { makeRoom } from "./make-room.ts";
import { NewcomerMedia } from "./newcomer-media.ts";
import { decideSeat, type Publisher, type PublishHandlers } from "./publisher.ts";
import {
  mediaRefusal,
  RtmpConnection,
  type PublishRefusal,
  type PublishVerdict,
} from "./rtmp-connection.ts";
import { loadStreamKeys, type KeyGrant, type StreamKeys } from "./stream-keys.ts";

const tickMs = 250;

/** Ends that are nobody's fault, or warned of elsewhere. */
const calmEnds: ReadonlySet<SessionEndCode> = new Set([
  "unpublished",
  "peer-closed",
  "taken-over",
  "evicted",
  "closed",
]);

export interface RtmpServerOptions {
  config: Config;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  handlers: PublishHandlers;
}

export interface RtmpServer {
  port: number;
  /** Ends all publishers and stops listening. */
  close(): Promise<void>;
}

/** Starts listening at `rtmp.listen`; throws an AppError when that or the key file fails. */
export async function startRtmpServer(options: RtmpServerOptions): Promise<RtmpServer> {
  const { listen } = options.config.rtmp;
  if (listen === null) {
    throw new AppError("CONFIG_INVALID", "rtmp.listen is null: an origin needs an RTMP port");
  }
  const ingest = new Ingest(options, loadStreamKeys(options.config));
  const server = createServer({ noDelay: true }, (socket) => ingest.take(socket));
  const port = await listenOn(server, listen, { port: "rtmp" });
  const timer = setInterval(() => ingest.tick(), tickMs);
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        clearInterval(timer);
        server.close(() => resolve());
        ingest.close();
      }),
  };
}

/** Has a right key, but not yet shown media for which the seated publisher should go. */
interface Newcomer {
  grant: KeyGrant;
  encoder: string;
  media: NewcomerMedia;
  sinceMs: number;
}

interface Seat {
  connection: RtmpConnection;
  publisher: Publisher;
}

class Ingest {
  readonly #options: RtmpServerOptions;
  readonly #keys: StreamKeys;
  readonly #metrics: IngestMetrics;
  readonly #backoff = new KeyBackoff();
  readonly #connections = new Set<RtmpConnection>();
  readonly #seats = new Map<string, Seat>();
  /** No more than `connectionCountMax`. */
  readonly #newcomers = new Map<RtmpConnection, Newcomer>();
  /** Gave a right key: of what becomes of them more is logged than of strangers. */
  readonly #known = new WeakSet<RtmpConnection>();
  readonly #strangerLines = new LineBudget();
  /** An encoder may connect again and again, too. */
  readonly #knownLines = new LineBudget({ lineCountMax: 10 });
  #publisherCount = 0;

  constructor(options: RtmpServerOptions, keys: StreamKeys) {
    this.#options = options;
    this.#keys = keys;
    this.#metrics = ingestMetrics(options.metrics, {
      feeds: options.config.feeds.map((feed) => feed.name),
      connections: () => this.#connections,
    });
  }

  take(socket: Socket): void {
    if (!this.#hasRoomFor(socket)) {
      socket.destroy();
      return;
    }
    const { rtmp } = this.#options.config;
    const connection: RtmpConnection = new RtmpConnection({
      socket,
      application: rtmp.application,
      limits: rtmp,
      clock: this.#options.clock,
      handlers: {
        received: (byteCount) => this.#metrics.received(byteCount),
        publish: (request) => this.#judge(connection, request),
        tag: (tag) => this.#takeTag(connection, tag),
        ended: (end) => this.#ended(connection, end),
        closed: () => this.#connections.delete(connection),
      },
    });
    this.#connections.add(connection);
  }

  tick(): void {
    const nowMs = this.#options.clock.nowMs();
    for (const connection of this.#connections) connection.tick(nowMs);
    const { idleTimeoutMs } = this.#options.config.rtmp;
    for (const [connection, { sinceMs }] of this.#newcomers) {
      if (nowMs - sinceMs < idleTimeoutMs) continue;
      refuseMedia(connection, `no usable sound or picture came for ${idleTimeoutMs} ms`);
    }
  }

  close(): void {
    const end = { code: "closed", reason: "was closed: the origin stops" } as const;
    for (const connection of this.#connections) connection.destroy(end);
  }

  /** Closes another connection for it, if need be. */
  #hasRoomFor(socket: Socket): boolean {
    const { remoteAddress: remote = "unknown" } = socket;
    const decision = makeRoom(remote, this.#connections, this.#options.config.rtmp);
    if (decision === undefined) return true;
    const { limit, evict } = decision;
    this.#metrics.limitReached(limit);
    const message = `RTMP connections are turned away: rtmp.${limit} reached`;
    this.#warn({ kind: limit, remote: evict?.remote ?? remote, message }, false);
    if (evict === undefined) return false;
    evict.destroy({ code: "evicted", reason: `made room for ${remote}: rtmp.${limit} reached` });
    // Its "close" event comes later: by then others may have come.
    this.#connections.delete(evict);
    return true;
  }

  #warn(
    { kind, remote, message }: Record<"kind" | "remote" | "message", string>,
    isKnown: boolean,
  ): void {
    const budget = isKnown ? this.#knownLines : this.#strangerLines;
    const leftOut = budget.take(kind, this.#options.clock.nowMs());
    if (leftOut === undefined) return;
    this.#options.log.warn({ client: remote, reason: kind, leftOut }, message);
  }

  /** Whether the key may publish now; a test card makes room for a newcomer at once. */
  #judge(
    connection: RtmpConnection,
    { streamKey, encoder }: { streamKey: string; encoder: string },
  ): PublishVerdict {
    const nowMs = this.#options.clock.nowMs();
    const grant = this.#keys.find(streamKey);
    if (grant === undefined) {
      const delayMs = this.#backoff.wrongKey(connection.address, nowMs);
      const told = "The stream key is wrong.";
      if (delayMs === 0) return refusal("key", "gave a wrong stream key", told);
      return { ...refusal("key-backoff", "gave wrong stream keys again and again", told), delayMs };
    }
    this.#backoff.rightKey(connection.address);
    this.#known.add(connection);
    const seated = this.#seats.get(grant.feed);
    const decision = decideSeat(seated?.publisher, grant);
    if (decision === "refuse") {
      const reason = `may not publish ${grant.feed}: somebody does, and this is a standby key`;
      return refusal("busy", reason, "Somebody else publishes.");
    }
    if (decision === "prove") {
      const newcomer = { grant, encoder, media: new NewcomerMedia(), sinceMs: nowMs };
      return { ok: true, started: () => this.#newcomers.set(connection, newcomer) };
    }
    if (decision === "take-over") this.#yield(grant.feed, connection);
    return { ok: true, started: () => this.#seat(connection, grant, encoder) };
  }

  /** Ends whoever publishes the feed, if anybody does. */
  #yield(feed: string, newcomer: RtmpConnection): void {
    this.#seats
      .get(feed)
      ?.connection.end(
        { code: "taken-over", reason: `was taken over by ${newcomer.remote}` },
        { code: statusCodes.badName, description: "Another encoder has taken over." },
      );
  }

  #takeTag(connection: RtmpConnection, tag: FlvTag): void {
    this.#metrics.tag(tag.kind);
    const newcomer = this.#newcomers.get(connection);
    if (newcomer === undefined) {
      this.#handTag(connection, tag);
      return;
    }
    const step = newcomer.media.take(tag);
    if (step.kind === "refuse") refuseMedia(connection, step.reason);
    if (step.kind !== "usable") return;
    const { grant, encoder } = newcomer;
    this.#newcomers.delete(connection);
    this.#yield(grant.feed, connection);
    this.#seat(connection, grant, encoder);
    for (const kept of step.tags) {
      // The handler may end its publisher at any tag.
      if (!connection.isClosing) this.#handTag(connection, kept);
    }
  }

  #handTag(connection: RtmpConnection, tag: FlvTag): void {
    const seat = this.#seatOf(connection);
    assert(seat !== undefined, "a tag came without a publisher");
    this.#options.handlers.tag(seat.publisher, tag);
  }

  #seat(connection: RtmpConnection, grant: KeyGrant, encoder: string): void {
    const { log, handlers } = this.#options;
    const publisher: Publisher = {
      id: `p${++this.#publisherCount}`,
      ...grant,
      remote: connection.remote,
      pause: () => {
        if (connection.pause()) this.#metrics.paused();
      },
      resume: () => connection.resume(),
      refuse: (reason) => refuseMedia(connection, reason),
      close: (reason) => connection.end({ code: "closed", reason: `was closed: ${reason}` }),
    };
    this.#seats.set(grant.feed, { connection, publisher });
    this.#metrics.publisher(grant, 1);
    const { id, feed, remote, standby } = publisher;
    const leftOut = this.#knownLines.take("started", this.#options.clock.nowMs());
    if (leftOut !== undefined) {
      log.info({ publisher: id, feed, client: remote, standby, encoder }, "publisher started");
    }
    handlers.publishStart(publisher);
  }

  #ended(connection: RtmpConnection, end: SessionEnd): void {
    const { log, handlers } = this.#options;
    this.#metrics.ended(end.code);
    this.#newcomers.delete(connection);
    const seat = this.#seatOf(connection);
    const { remote } = connection;
    const isCalm = calmEnds.has(end.code);
    if (seat === undefined) {
      const message = `${remote} ${end.reason}`;
      if (isCalm) log.debug({ client: remote, reason: end.code }, message);
      else this.#warn({ kind: end.code, remote, message }, this.#known.has(connection));
      return;
    }
    const { publisher } = seat;
    this.#seats.delete(publisher.feed);
    this.#metrics.publisher(publisher, 0);
    if (this.#knownLines.take("ended", this.#options.clock.nowMs()) !== undefined) {
      log[isCalm ? "info" : "warn"](
        { publisher: publisher.id, feed: publisher.feed, client: remote, reason: end.code },
        `the publisher of ${publisher.feed} ${end.reason}`,
      );
    }
    handlers.publishEnd(publisher, end.reason);
  }

  #seatOf(connection: RtmpConnection): Seat | undefined {
    for (const seat of this.#seats.values()) if (seat.connection === connection) return seat;
    return undefined;
  }
}

function refuseMedia(connection: RtmpConnection, reason: string): void {
  connection.end({ code: "media", reason: `was refused: ${reason}` }, mediaRefusal(reason));
}

function refusal(code: SessionEndCode, reason: string, description: string): PublishRefusal {
  return {
    ok: false,
    end: { code, reason },
    told: { code: statusCodes.badName, description },
  };
}
