/**
 * The viewer port: the only one that faces viewers. Methods, hardening against what the engine lets
 * through, pages, and a fast path for what is there already; the rest becomes an exchange. A viewer
 * token in a path is taken off and not verified.
 */
import { acceptsGzip } from "../../src/base/accept-encoding.ts";
import { emptyPath, parsePath, type ParsedPath, type PathKind } from "../../src/hls/path.ts";
import { answer, createRelayRequest, locate, outcome } from "../../src/relay/answer.ts";
import type { CmcdIntake } from "../cmcd/cmcd-intake.ts";
import type { Entity } from "../fill/entity.ts";
import type { Room } from "../room/room.ts";
import { Exchange, type RequestFacts } from "./exchange.ts";
import type { Pages } from "./pages.ts";
import { ParsedPaths } from "./parsed-paths.ts";
import { portCount } from "./port-counts.ts";
import type { RelayPort } from "./relay-port.ts";
import type { SmallPosts } from "./small-posts.ts";
import {
  bodiless,
  firstHeaderKey,
  fixedReplies,
  hitHead,
  preflightHead,
  type FixedReply,
} from "./response-head.ts";
import { afterOf, malformedAfter } from "./request-facts.ts";
import { endWith, sampledTrail } from "./slow-body.ts";
import type { RequestSender, TrustedProxies } from "./trusted-proxies.ts";
import { UwsPort, writeHead, writeWhole } from "./uws-port.ts";
import { startUwsServer, type UwsRequest, type UwsResponse, type UwsServer } from "./uws.ts";
import type { ViewerCount } from "./viewer-count.ts";

export interface ViewerServerOptions {
  listen: string;
  connectionCountMax: number;
  relayPort: RelayPort;
  pages: Pages;
  viewerCount: ViewerCount;
  room: Room;
  cmcdIntake: CmcdIntake;
  trustedProxies: TrustedProxies;
  /** Who takes posts, by the kind of their path. */
  posts: Readonly<Record<"cmcd" | "qoe", SmallPosts>>;
}

/** As bytes: the engine takes them in half the time of a string (59 against 125 ns a look-up). */
const headerKeys = {
  contentLength: Buffer.from("content-length"),
  transferEncoding: Buffer.from("transfer-encoding"),
  range: Buffer.from("range"),
  ifRange: Buffer.from("if-range"),
  ifNoneMatch: Buffer.from("if-none-match"),
  acceptEncoding: Buffer.from("accept-encoding"),
};

/** What this port does with each kind of path; tier-only URLs do not exist here. */
const routes: Readonly<Record<PathKind, "media" | "document" | "page" | "room" | "none">> = {
  root: "page",
  watch: "page",
  embed: "page",
  asset: "page",
  multivariant: "document",
  media: "document",
  status: "document",
  init: "media",
  segment: "media",
  part: "none",
  ladder: "none",
  viewers: "none",
  room: "room",
  cmcd: "none",
  qoe: "none",
};

export class ViewerServer {
  readonly #options: ViewerServerOptions;
  readonly #relayPort: RelayPort;
  readonly #path = emptyPath();
  readonly #parsed = new ParsedPaths();
  readonly #request = createRelayRequest();
  #server: UwsServer | undefined;

  constructor(options: ViewerServerOptions) {
    this.#options = options;
    this.#relayPort = options.relayPort;
  }

  /** Returns the port. */
  async start(): Promise<number> {
    const server = await startUwsServer({
      listen: this.#options.listen,
      handle: (response, request) => this.#handle(response, request),
      connection: (opened) => this.#connection(opened),
      sockets: this.#options.room.sockets,
    });
    this.#server = server;
    this.#options.room.start((topic, text) => server.publish(topic, text));
    return server.port;
  }

  stopListening(): void {
    this.#server?.stopListening();
  }

  close(): void {
    this.#server?.close();
  }

  #connection(opened: boolean): boolean {
    const { counts } = this.#relayPort;
    counts[portCount.connections]! += opened ? 1 : -1;
    if (!opened || counts[portCount.connections]! <= this.#options.connectionCountMax) return true;
    counts[portCount.connectionsRefused]! += 1;
    return false;
  }

  #handle(response: UwsResponse, request: UwsRequest): void {
    const method = request.getMethod();
    const hasBody =
      request.getHeader(headerKeys.contentLength) !== "" ||
      request.getHeader(headerKeys.transferEncoding) !== "";
    if (method === "get" || method === "head") {
      if (hasBody) this.#refuseAndClose(response, fixedReplies.badRequest);
      else this.#read(response, request, method === "head");
    } else if (method === "options" && !hasBody) {
      writeWhole(response, { status: 204, head: preflightHead, body: undefined });
    } else if (method === "post") {
      this.#post(response, request);
    } else {
      this.#refuseAndClose(response, fixedReplies.methodNotAllowed);
    }
  }

  #post(response: UwsResponse, request: UwsRequest): void {
    const kind = parsePath(request.getUrl(), this.#path)?.kind;
    const posts = kind === "cmcd" || kind === "qoe" ? this.#options.posts[kind] : undefined;
    const bodyBytes = posts?.bodyBytesOf(request) ?? fixedReplies.notFound;
    if (typeof bodyBytes === "number")
      posts?.take(response, bodyBytes, this.#sender(response, request));
    else this.#refuseAndClose(response, bodyBytes);
  }

  /**
   * A request that might hide another one in its body. The engine goes on parsing after an answer,
   * so this one stays open until the present bytes are parsed: whatever follows closes it at once.
   */
  #refuseAndClose(response: UwsResponse, fixed: FixedReply): void {
    this.#relayPort.counts[portCount.requestsMalformed]! += 1;
    let gone = false;
    response.onAborted(() => (gone = true));
    setImmediate(() => {
      if (gone) return;
      response.cork(() => {
        writeHead(response, fixed.status, fixed.head);
        response.end(fixed.body, true);
      });
    });
  }

  #read(response: UwsResponse, request: UwsRequest, isHead: boolean): void {
    const url = request.getUrl();
    const path = this.#parsed.get(url) ?? parsePath(url, this.#path);
    if (path === undefined) {
      this.#refuse(response, fixedReplies.notFound, isHead);
      return;
    }
    switch (routes[path.kind]) {
      case "media":
        this.#media(response, request, path, isHead);
        return;
      case "document":
        this.#document(response, request, path, isHead);
        return;
      case "page":
        this.#options.pages.write(response, request, path, isHead);
        return;
      case "room":
        // With the headers of a WebSocket it does not come here.
        this.#refuse(response, this.#roomRefusal(path), isHead);
        return;
      case "none":
        this.#refuse(response, fixedReplies.notFound, isHead);
    }
  }

  #roomRefusal({ feed }: ParsedPath): FixedReply {
    const isKnown = this.#relayPort.driver.node.state.feedIndex.has(feed);
    return isKnown ? fixedReplies.upgradeRequired : fixedReplies.notFound;
  }

  #refuse(response: UwsResponse, fixed: FixedReply, isHead: boolean): void {
    const met = fixed === fixedReplies.notFound ? outcome.notFound : outcome.badRequest;
    const trail = sampledTrail(this.#relayPort, response, {
      path: undefined,
      status: fixed.status,
    });
    const bytes = isHead ? 0 : fixed.body.length;
    trail?.ends("done", { met, bytes, nowMs: this.#relayPort.clock.nowMs() });
    writeWhole(response, isHead ? bodiless(fixed) : fixed);
  }

  #media(response: UwsResponse, request: UwsRequest, path: ParsedPath, isHead: boolean): void {
    // RFC 9110 section 14.2: ranges are defined for GET alone.
    const range = isHead ? "" : request.getHeader(headerKeys.range);
    const query = request.getQuery();
    if (query !== undefined) this.#noteCmcd(path, query, this.#sender(response, request));
    const ifNoneMatch = request.getHeader(headerKeys.ifNoneMatch);
    if (!isHead && range === "" && ifNoneMatch === "") {
      const nowMs = this.#relayPort.clock.nowMs();
      locate(this.#relayPort.driver.node, path, this.#request);
      this.#request.after = -1;
      const entity = this.#hit(path, nowMs);
      if (entity?.isComplete === true) {
        this.#sendMedia(response, path, entity, nowMs);
        return;
      }
    }
    const ifRange = range === "" ? "" : request.getHeader(headerKeys.ifRange);
    const facts = { isHead, gzip: false, range, ifRange, ifNoneMatch, after: -1 };
    this.#exchange(response, path, facts);
  }

  #document(response: UwsResponse, request: UwsRequest, path: ParsedPath, isHead: boolean): void {
    const query = request.getQuery() ?? "";
    const after = query === "" ? -1 : afterOf(path, query);
    if (after === malformedAfter) {
      this.#refuse(response, fixedReplies.badRequest, isHead);
      return;
    }
    const nowMs = this.#relayPort.clock.nowMs();
    locate(this.#relayPort.driver.node, path, this.#request);
    this.#request.after = after;
    const { feed } = this.#request;
    const isViewing = path.kind === "media" && !isHead;
    if (isViewing && query !== "") this.#noteCmcd(path, query, this.#sender(response, request));
    const ifNoneMatch = request.getHeader(headerKeys.ifNoneMatch);
    const gzip = acceptsGzip(request.getHeader(headerKeys.acceptEncoding));
    if (!isHead && ifNoneMatch === "" && path.kind !== "status") {
      const entity = this.#hit(path, nowMs);
      if (entity !== undefined) {
        if (isViewing) this.#options.viewerCount.note(feed, query, nowMs);
        this.#sendDocument(response, path, entity, { gzip, nowMs, after });
        return;
      }
    }
    const facts: RequestFacts = { isHead, gzip, range: "", ifRange: "", ifNoneMatch, after };
    const { relayPort, viewerCount } = this.#options;
    if (isViewing) {
      facts.delivered = () => viewerCount.note(feed, query, relayPort.clock.nowMs());
    }
    this.#exchange(response, path, facts);
  }

  #sender(response: UwsResponse, request: UwsRequest): RequestSender {
    return this.#options.trustedProxies.senderOf(response, request);
  }

  #noteCmcd(path: ParsedPath, query: string, sender: RequestSender): void {
    const { driver, clock } = this.#relayPort;
    if (!driver.node.state.feedIndex.has(path.feed)) return;
    this.#options.cmcdIntake.noteQuery(query, clock.nowMs(), sender);
  }

  /** The entity when the table says hit to the located request; the demand is counted then. */
  #hit(path: ParsedPath, nowMs: number): Entity | undefined {
    const { driver } = this.#relayPort;
    const request = this.#request;
    if (answer(driver.node, request, nowMs) !== outcome.hit) return undefined;
    const entity = driver.entityOf(request.object);
    if (entity === undefined) return undefined;
    driver.demand(request.object, nowMs);
    if (path === this.#path) this.#parsed.remember(path);
    return entity;
  }

  #sendMedia(response: UwsResponse, path: ParsedPath, entity: Entity, nowMs: number): void {
    this.#relayPort.count(path.kind, outcome.hit, 0);
    response.writeHeader(firstHeaderKey, hitHead(entity, { gzip: false, isReload: false }, nowMs));
    endWith(this.#relayPort, response, entity.bytes, path);
  }

  #sendDocument(
    response: UwsResponse,
    path: ParsedPath,
    entity: Entity,
    { gzip, nowMs, after }: { gzip: boolean; nowMs: number; after: number },
  ): void {
    const packed = gzip && entity.gzip !== undefined;
    const body = packed ? entity.gzip : entity.bytes;
    this.#relayPort.count(path.kind, outcome.hit, 0);
    this.#relayPort.counts[portCount.egressBytes]! += body.length;
    response.writeHeader(
      firstHeaderKey,
      hitHead(entity, { gzip: packed, isReload: after !== -1 }, nowMs),
    );
    const trail = sampledTrail(this.#relayPort, response, { path });
    trail?.ends("done", { met: outcome.hit, bytes: body.length, nowMs });
    response.end(body);
  }

  #exchange(response: UwsResponse, path: ParsedPath, facts: RequestFacts): void {
    const port = new UwsPort(response);
    const exchange = new Exchange(this.#relayPort, port, { ...path }, facts);
    exchange.run();
    port.listen(exchange);
  }
}
