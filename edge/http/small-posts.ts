/**
 * Requests with a small body, as the viewer port takes them: the length is stated once and bounded,
 * the type is the expected one, and bytes are kept only while they come. A body has two seconds to
 * come, and bodies on their way are few at a time: the oldest makes room. What a body says is its
 * taker's business.
 */
import { fixedReplies, noContentHead, type FixedReply } from "./response-head.ts";
import type { RelayPort } from "./relay-port.ts";
import type { Stallable } from "./stall-wheel.ts";
import type { RequestSender } from "./trusted-proxies.ts";
import { writeWhole } from "./uws-port.ts";
import type { UwsRequest, UwsResponse } from "./uws.ts";

export interface SmallPostsOptions {
  relayPort: RelayPort;
  bodyBytesMax: number;
  /** Bodies that are on their way at a time. */
  bodyCountMax: number;
  contentType: RegExp;
  refusals: { type: FixedReply; length: FixedReply };
  /** Counts what never became a body. */
  refuse: (reason: "malformed" | "too-large" | "too-slow") => void;
  /** Takes a whole body; undefined: answered with nothing (204). */
  take: (body: string, nowMs: number, sender: RequestSender) => FixedReply | undefined;
}

/** Players' posts are a packet or two. */
const bodyMsMax = 2_000;

export class SmallPosts {
  readonly #options: SmallPostsOptions;
  /** The oldest first. */
  readonly #bodies = new Set<ArrivingBody>();
  #deadline: NodeJS.Timeout | undefined;

  constructor(options: SmallPostsOptions) {
    this.#options = options;
  }

  /** How many bytes follow the request's head, or how it is refused: then they must not be read. */
  bodyBytesOf(request: UwsRequest): number | FixedReply {
    const lengths: string[] = [];
    const codings: string[] = [];
    const types: string[] = [];
    request.forEach((key, value) => {
      if (key === "content-length") lengths.push(value);
      else if (key === "transfer-encoding") codings.push(value);
      else if (key === "content-type") types.push(value);
    });
    const { contentType, bodyBytesMax, refusals } = this.#options;
    // What a proxy in front might read otherwise than the engine does.
    const isAmbiguous = codings.length > 0 || lengths.length > 1;
    if (isAmbiguous || lengths.some((length) => !/^\d{1,15}$/.test(length))) {
      return this.#refused("malformed", fixedReplies.badRequest);
    }
    const [length] = lengths;
    if (length === undefined) return this.#refused("malformed", fixedReplies.lengthRequired);
    if (!contentType.test(types.join())) return this.#refused("malformed", refusals.type);
    const bodyBytes = Number(length);
    if (bodyBytes === 0) return this.#refused("malformed", fixedReplies.badRequest);
    if (bodyBytes > bodyBytesMax) return this.#refused("too-large", refusals.length);
    return bodyBytes;
  }

  /** Takes the body and answers. To be called within the request's handler. */
  take(response: UwsResponse, bodyBytes: number, sender: RequestSender): void {
    const { relayPort, bodyCountMax, take } = this.#options;
    if (this.#bodies.size >= bodyCountMax) {
      const [oldest] = this.#bodies;
      this.#cutOff(oldest!);
    }
    const over = (): void => {
      this.#bodies.delete(body);
    };
    const body = new ArrivingBody({ response, bodyBytes, relayPort, over });
    this.#bodies.add(body);
    this.#deadline ??= setTimeout(() => this.#sweep(), bodyMsMax).unref();
    body.begin((text) => {
      const refused = take(text, relayPort.clock.nowMs(), sender);
      return refused ?? { status: 204, head: noContentHead, body: undefined };
    });
  }

  /** One timer for all bodies, and none while there are none. */
  #sweep(): void {
    this.#deadline = undefined;
    const nowMs = this.#options.relayPort.clock.nowMs();
    for (const body of this.#bodies) {
      const leftMs = body.beganMs + bodyMsMax - nowMs;
      if (leftMs > 0) {
        this.#deadline = setTimeout(() => this.#sweep(), leftMs).unref();
        return;
      }
      this.#cutOff(body);
    }
  }

  #cutOff(body: ArrivingBody): void {
    this.#options.refuse("too-slow");
    body.stalled();
  }

  #refused(reason: "malformed" | "too-large", reply: FixedReply): FixedReply {
    this.#options.refuse(reason);
    return reply;
  }
}

type Reply = FixedReply | { status: number; head: string; body: undefined };

class ArrivingBody implements Stallable {
  readonly beganMs: number;
  readonly #response: UwsResponse;
  readonly #relayPort: RelayPort;
  readonly #bytes: Buffer;
  readonly #whenOver: () => void;
  #receivedBytes = 0;
  #over = false;

  constructor(options: {
    response: UwsResponse;
    bodyBytes: number;
    relayPort: RelayPort;
    over: () => void;
  }) {
    this.#response = options.response;
    this.#relayPort = options.relayPort;
    this.beganMs = options.relayPort.clock.nowMs();
    this.#bytes = Buffer.allocUnsafe(options.bodyBytes);
    this.#whenOver = options.over;
  }

  begin(take: (body: string) => Reply): void {
    this.#relayPort.stalls.watch(this, this.beganMs);
    this.#response.onAborted(() => this.#end());
    this.#response.onData((chunk, isLast) => {
      if (this.#over) return;
      // The chunk is gone after this call.
      this.#receivedBytes += this.#copy(new Uint8Array(chunk));
      if (!isLast) return;
      this.#end();
      const reply = take(this.#bytes.toString("latin1", 0, this.#receivedBytes));
      this.#response.cork(() => writeWhole(this.#response, reply));
    });
  }

  takenBytes(): number {
    return this.#receivedBytes;
  }

  isBlocked(): boolean {
    return true;
  }

  stalled(): void {
    this.#end();
    this.#response.close();
  }

  #copy(chunk: Uint8Array): number {
    const room = this.#bytes.length - this.#receivedBytes;
    const part = chunk.length > room ? chunk.subarray(0, room) : chunk;
    this.#bytes.set(part, this.#receivedBytes);
    return part.length;
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#relayPort.stalls.forget(this);
    this.#whenOver();
  }
}
