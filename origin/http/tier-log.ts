/**
 * The access log of an origin's tier port: a line for a response that failed, was slow, is sampled,
 * or was asked for by a child that samples it.
 */
import type { IncomingMessage } from "node:http";
import type { Clock } from "../../src/base/clock.ts";
import { reasonFor, type AccessLog } from "../../src/node/access-log.ts";
import { readTrace, type RequestTrace } from "../../src/node/request-trace.ts";
import type { TierExchange, TierReplyLog } from "./tier-reply.ts";

/** One request's. */
export class TierLog implements TierReplyLog {
  readonly #access: AccessLog;
  readonly #clock: Clock;
  readonly #trace: RequestTrace | undefined;
  readonly #sampled: boolean;
  readonly #client: string;
  readonly #arrivedMs: number;
  #firstByteMs = -1;

  constructor(request: IncomingMessage, { access, clock }: { access: AccessLog; clock: Clock }) {
    this.#access = access;
    this.#clock = clock;
    this.#trace = readTrace(request.headers);
    this.#sampled = access.sampled();
    this.#client = request.socket.remoteAddress ?? "";
    this.#arrivedMs = clock.nowMs();
  }

  began(): void {
    this.#firstByteMs = this.#clock.nowMs() - this.#arrivedMs;
  }

  ended({ response, path, wasHeld, bodyBytes }: TierExchange): void {
    const { headersSent, writableFinished } = response;
    const status = headersSent ? response.statusCode : 0;
    const reason = reasonFor({
      failed: status >= 500,
      slow: !wasHeld && this.#access.isSlow(this.#firstByteMs),
      sampled: this.#sampled,
      traced: this.#trace?.sampled === true,
    });
    if (reason === undefined) return;
    this.#access.response(reason, {
      ...{ path, status, outcome: outcomeOf(status, wasHeld) },
      end: writableFinished ? "done" : "gone",
      bytes: writableFinished ? bodyBytes : 0,
      durationMs: this.#clock.nowMs() - this.#arrivedMs,
      firstByteMs: this.#firstByteMs,
      requestId: this.#trace?.id ?? "",
      fillId: "",
      client: this.#client,
    });
  }
}

/** In the words of the relays' look-up. */
function outcomeOf(status: number, wasHeld: boolean): string {
  if (status === 0) return "none";
  if (status < 400) return wasHeld ? "wait" : "hit";
  if (status === 404) return "notFound";
  return status >= 500 ? "unavailable" : "badRequest";
}
