/**
 * One request that could not be answered in one go: it waits for its object, carries a growing body
 * or a slow client. It knows no engine; a port writes for it. Its whole state is the response in
 * flight, and it is gone with it.
 */
import { readByteRange } from "../../src/base/byte-range.ts";
import type { ParsedPath } from "../../src/hls/path.ts";
import {
  answer,
  createRelayRequest,
  locate,
  outcome,
  requestKind,
  type Outcome,
} from "../../src/relay/answer.ts";
import type { ResponseEnd } from "../../src/node/access-log.ts";
import type { RequestTrace } from "../../src/node/request-trace.ts";
import type { Entity, EntityReader } from "../fill/entity.ts";
import type { HeldWaiter, Waiter } from "../fill/waiters.ts";
import type { PortEvents, ResponsePort } from "./response-port.ts";
import { cacheWordOf, entityHead, refusalOf, unsatisfiedHead } from "./response-head.ts";
import { portCount } from "./port-counts.ts";
import type { RelayPort } from "./relay-port.ts";
import type { Stallable } from "./stall-wheel.ts";
import { Trail } from "./trail.ts";

/** What a request says beside its path. */
export interface RequestFacts {
  isHead: boolean;
  gzip: boolean;
  range: string;
  ifRange: string;
  ifNoneMatch: string;
  /** `_HLS_msn` or `v`; -1: none. */
  after: number;
  /** The caller's, on a tier port. */
  trace?: RequestTrace | undefined;
  /** Told once when the body, or that the client has it already, goes out: not of refusals. */
  delivered?: () => void;
}

export class Exchange implements Waiter, EntityReader, Stallable, PortEvents {
  readonly #relayPort: RelayPort;
  readonly #port: ResponsePort;
  readonly #path: ParsedPath;
  readonly #facts: RequestFacts;
  readonly #request = createRelayRequest();
  readonly #arrivedMs: number;
  readonly #holdUntilMs: number;
  readonly #trail: Trail;
  #first: Outcome | -1 = -1;
  /** Whether it is a reload that was held as it wished. */
  #wasHeld = false;
  #held: HeldWaiter | undefined;
  #entity: Entity | undefined;
  /** First byte of the range that is sent, and how many. */
  #startByte = 0;
  #totalBytes = 0;
  #countedBytes = 0;
  #blocked = false;
  #over = false;

  /** Keeps `path` and `facts`: they must not be reused. */
  constructor(relayPort: RelayPort, port: ResponsePort, path: ParsedPath, facts: RequestFacts) {
    this.#relayPort = relayPort;
    this.#port = port;
    this.#path = path;
    this.#facts = facts;
    this.#request.after = facts.after;
    this.#arrivedMs = relayPort.clock.nowMs();
    const isStatus = path.kind === "status";
    const holdMs = isStatus ? relayPort.statusHoldMs : relayPort.driver.holdMs;
    this.#holdUntilMs = this.#arrivedMs + holdMs;
    this.#trail = new Trail({
      ...{ relayPort, path, client: port },
      arrivedMs: this.#arrivedMs,
      sampled: relayPort.access.sampled(),
      trace: facts.trace,
    });
  }

  /** Answers now, or holds the request until there is something to answer. */
  run(): void {
    const { driver, clock } = this.#relayPort;
    const nowMs = clock.nowMs();
    locate(driver.node, this.#path, this.#request);
    const found = answer(driver.node, this.#request, nowMs);
    if (this.#first === -1) this.#first = found;
    if (found === outcome.wait && this.#facts.after !== -1) this.#wasHeld = true;
    switch (found) {
      case outcome.hit:
      case outcome.stale:
        this.#deliver(found, nowMs);
        return;
      case outcome.join:
      case outcome.miss:
      case outcome.wait:
        this.#joinOrHold(found, nowMs);
        return;
      case outcome.notFound:
      case outcome.badRequest:
      case outcome.unavailable:
      case outcome.badGateway:
        this.#refuse(found);
    }
  }

  resume(waited: boolean): void {
    this.#held = undefined;
    this.#request.waited = waited || this.#relayPort.clock.nowMs() >= this.#holdUntilMs;
    this.run();
  }

  grown(): void {
    if (!this.#blocked) this.#pump();
  }

  broken(): void {
    this.#end("cut");
    this.#port.abort();
  }

  writable(): void {
    this.#blocked = false;
    this.#pump();
  }

  gone(): void {
    this.#end("gone");
  }

  takenBytes(): number {
    return this.#port.takenBytes();
  }

  isBlocked(): boolean {
    return this.#blocked;
  }

  stalled(): void {
    this.#end("stalled");
    this.#port.abort();
  }

  #joinOrHold(found: Outcome, nowMs: number): void {
    const { driver } = this.#relayPort;
    const { object, kind } = this.#request;
    const growing = kind === requestKind.media ? driver.entityOf(object) : undefined;
    if (growing !== undefined && growing.visibleBytes > 0) {
      driver.demand(object, nowMs);
      this.#trail.joins(driver.fillIdOf(object));
      this.#send(growing, nowMs);
      return;
    }
    // Held first: the demand may fail at once, and then this waiter has to be told.
    this.#held = driver.waiters.hold(object, this, this.#holdUntilMs);
    if (this.#held === undefined) {
      this.#relayPort.counts[portCount.waitersRefused]! += 1;
      this.#refuse(outcome.unavailable);
      return;
    }
    if (found === outcome.miss) {
      driver.demand(object, nowMs, this.#trail.causes());
      return;
    }
    driver.demand(object, nowMs);
    this.#trail.joins(driver.fillIdOf(object));
  }

  #deliver(found: Outcome, nowMs: number): void {
    const { driver } = this.#relayPort;
    if (found === outcome.stale) this.#first = outcome.stale;
    driver.demand(this.#request.object, nowMs);
    if (this.#path.kind === "status") {
      this.#sendStatus();
      return;
    }
    const entity =
      this.#path.kind === "ladder"
        ? this.#relayPort.ladderEntity(this.#path.feed)
        : driver.entityOf(this.#request.object);
    if (entity === undefined) {
      this.#refuse(outcome.unavailable);
      return;
    }
    this.#facts.delivered?.();
    this.#send(entity, nowMs);
  }

  #sendStatus(): void {
    const text = this.#relayPort.statusText(this.#path.feed);
    const body = Buffer.from(text);
    this.#reply(200, this.#relayPort.statusHead(this.#path.feed), body, body.length);
  }

  #send(entity: Entity, nowMs: number): void {
    const { range, ifRange, ifNoneMatch } = this.#facts;
    const gzip = this.#facts.gzip && entity.gzip !== undefined;
    const cacheWord = cacheWordOf(this.#first === -1 ? outcome.hit : this.#first);
    const cacheControl = this.#cacheControlOf(entity);
    const head = entityHead(entity, { gzip, cacheWord, nowMs, cacheControl });
    if (ifNoneMatch !== "" && tagMatches(ifNoneMatch, entity.etag)) {
      this.#reply(304, head, undefined, -1);
      return;
    }
    if (!entity.ranges) {
      const body = gzip ? entity.gzip : entity.bytes;
      this.#reply(200, head, body, body.length);
      return;
    }
    const rangeApplies = range !== "" && (ifRange === "" || ifRange === entity.etag);
    const asked = readByteRange(rangeApplies ? range : undefined, entity.totalBytes);
    if (asked.kind === "unsatisfiable") {
      const unsatisfied = `${unsatisfiedHead}\r\nContent-Range: bytes */${entity.totalBytes}`;
      this.#reply(416, unsatisfied, undefined, 0);
      return;
    }
    if (asked.kind === "whole") {
      this.#stream(entity, { status: 200, head, start: 0, totalBytes: entity.totalBytes });
      return;
    }
    const { start, end } = asked;
    const contentRange = `Content-Range: bytes ${start}-${end}/${entity.totalBytes}`;
    const partialHead = `${head}\r\n${contentRange}`;
    this.#stream(entity, { status: 206, head: partialHead, start, totalBytes: end - start + 1 });
  }

  /** An answer that does not hold what a reload asked for must not be kept for it. */
  #cacheControlOf(entity: Entity): string {
    const { after } = this.#facts;
    if (after === -1 || this.#request.kind !== requestKind.playlist) return entity.cacheControl;
    const { objects, tracks } = this.#relayPort.driver.node.state;
    const track = tracks[objects.track[this.#request.object]!]!;
    const isHeld = after <= track.lastMsn || track.final;
    return isHeld ? entity.reloadCacheControl : "no-cache";
  }

  #stream(
    entity: Entity,
    body: { status: number; head: string; start: number; totalBytes: number },
  ): void {
    const { status, head, start, totalBytes } = body;
    if (this.#facts.isHead || totalBytes === 0) {
      this.#reply(status, head, undefined, totalBytes);
      return;
    }
    this.#entity = entity;
    this.#startByte = start;
    this.#totalBytes = totalBytes;
    this.#count(status);
    this.#port.begin({ status, head, totalBytes });
    this.#pump();
    if (this.#over) return;
    if (!entity.isComplete) entity.attach(this);
    this.#relayPort.stalls.watch(this, this.#relayPort.clock.nowMs());
  }

  #pump(): void {
    const entity = this.#entity;
    if (entity === undefined || this.#over) return;
    const start = this.#startByte + this.#port.takenBytes();
    const end = Math.min(entity.visibleBytes, this.#startByte + this.#totalBytes);
    if (end <= start) return;
    this.#blocked = !this.#port.offer(entity.bytes.subarray(start, end));
    this.#countTaken();
    if (this.#countedBytes === this.#totalBytes) this.#end("done");
  }

  #count(status: number): void {
    const nowMs = this.#relayPort.clock.nowMs();
    const tookMs = this.#wasHeld ? -1 : nowMs - this.#arrivedMs;
    this.#relayPort.count(this.#path.kind, this.#first, tookMs);
    this.#trail.begins(status, tookMs, nowMs);
  }

  #countTaken(): void {
    const takenBytes = this.#port.takenBytes();
    this.#relayPort.counts[portCount.egressBytes]! += takenBytes - this.#countedBytes;
    this.#countedBytes = takenBytes;
  }

  #refuse(found: Outcome): void {
    const fixed = refusalOf(found);
    this.#first = found;
    this.#reply(fixed.status, fixed.head, fixed.body, fixed.body.length);
  }

  /** Ends the exchange with a response written whole. */
  #reply(status: number, head: string, body: Uint8Array | undefined, contentLength: number): void {
    this.#count(status);
    const hasBody = body !== undefined && !this.#facts.isHead;
    if (hasBody) this.#countedBytes = body.length;
    this.#end("done");
    if (hasBody) {
      this.#relayPort.counts[portCount.egressBytes]! += body.length;
      this.#port.reply({ status, head, body });
    } else if (contentLength === -1) {
      this.#port.reply({ status, head, body: undefined });
    } else {
      this.#port.reply({ status, head, body: undefined, contentLength });
    }
  }

  #end(how: ResponseEnd): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#held !== undefined) this.#relayPort.driver.waiters.release(this.#held);
    this.#held = undefined;
    this.#entity?.detach(this);
    this.#relayPort.stalls.forget(this);
    const nowMs = this.#relayPort.clock.nowMs();
    this.#trail.ends(how, { met: this.#first, bytes: this.#countedBytes, nowMs });
    if (how === "cut") this.#relayPort.counts[portCount.responsesBroken]! += 1;
    if (how === "stalled") this.#relayPort.counts[portCount.responsesStalled]! += 1;
    if (how === "gone") this.#relayPort.counts[portCount.responsesAborted]! += 1;
  }
}

/** RFC 9110 section 13.1.2: `*`, or a list; weak comparison. */
function tagMatches(ifNoneMatch: string, etag: string): boolean {
  if (ifNoneMatch === "*" || ifNoneMatch === etag) return true;
  if (ifNoneMatch.length > 1_024) return false;
  const opaque = etag.replace(/^W\//, "");
  return ifNoneMatch.split(",").some((tag) => tag.trim().replace(/^W\//, "") === opaque);
}
