/**
 * `POST /cmcd`: the one request with a body that the viewer port takes. Its length is stated once
 * and small, its type is application/cmcd, and its bytes are kept only while they come. Bodies that
 * come slowly are few at a time and under the stall wheel, as slow readers are.
 */
import { fixedReplies, noContentHead, type FixedReply } from "../http/response-head.ts";
import type { RelayPort } from "../http/relay-port.ts";
import type { Stallable } from "../http/stall-wheel.ts";
import { writeWhole } from "../http/uws-port.ts";
import type { UwsRequest, UwsResponse } from "../http/uws.ts";
import type { CmcdIntake } from "./cmcd-intake.ts";

export interface CmcdPostOptions {
  relayPort: RelayPort;
  intake: CmcdIntake;
  /** Bodies that are on their way at a time. */
  bodyCountMax: number;
}

const bodyBytesMax = 16_384;
const contentType = /^application\/cmcd[ \t]*(?:;|$)/i;

export class CmcdPost {
  readonly #options: CmcdPostOptions;
  #bodyCount = 0;

  constructor(options: CmcdPostOptions) {
    this.#options = options;
  }

  /** How many bytes follow the request's head, or how it is refused: then they must not be read. */
  bodyBytesOf(request: UwsRequest): number | FixedReply {
    const { bodyCountMax } = this.#options;
    const lengths: string[] = [];
    const codings: string[] = [];
    const types: string[] = [];
    request.forEach((key, value) => {
      if (key === "content-length") lengths.push(value);
      else if (key === "transfer-encoding") codings.push(value);
      else if (key === "content-type") types.push(value);
    });
    // What a proxy in front might read otherwise than the engine does.
    const isAmbiguous = codings.length > 0 || lengths.length > 1;
    if (isAmbiguous || lengths.some((length) => !/^\d{1,15}$/.test(length))) {
      return this.#refused("malformed", fixedReplies.badRequest);
    }
    const [length] = lengths;
    if (length === undefined) return this.#refused("malformed", fixedReplies.lengthRequired);
    if (!contentType.test(types.join()))
      return this.#refused("malformed", fixedReplies.unsupportedType);
    const bodyBytes = Number(length);
    if (bodyBytes === 0) return this.#refused("malformed", fixedReplies.badRequest);
    if (bodyBytes > bodyBytesMax) return this.#refused("too-large", fixedReplies.contentTooLarge);
    if (this.#bodyCount >= bodyCountMax) return this.#refused("overload", fixedReplies.unavailable);
    return bodyBytes;
  }

  /** Takes the body and answers. To be called within the request's handler. */
  take(response: UwsResponse, bodyBytes: number): void {
    const { relayPort, intake } = this.#options;
    this.#bodyCount += 1;
    const over = (): void => {
      this.#bodyCount -= 1;
    };
    new ArrivingBody({ response, bodyBytes, relayPort, over }).begin((body) => {
      const outcome = intake.takeEvents(body, relayPort.clock.nowMs());
      if (outcome === "taken") {
        return { status: 204, head: noContentHead, body: undefined };
      }
      return outcome === "tooOften" ? fixedReplies.tooManyRequests : fixedReplies.badRequest;
    });
  }

  #refused(reason: "malformed" | "too-large" | "overload", reply: FixedReply): FixedReply {
    this.#options.intake.refuse(reason);
    return reply;
  }
}

type Reply = FixedReply | { status: number; head: string; body: undefined };

class ArrivingBody implements Stallable {
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
    this.#bytes = Buffer.allocUnsafe(options.bodyBytes);
    this.#whenOver = options.over;
  }

  begin(take: (body: string) => Reply): void {
    this.#relayPort.stalls.watch(this, this.#relayPort.clock.nowMs());
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
