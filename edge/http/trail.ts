/**
 * What the access log says of one response of a relay, gathered on its way and written at its end
 * if it failed, was slow or is sampled. Ids are made only for fills and for lines.
 */
import { shownAddress } from "../../src/base/shown-address.ts";
import type { ParsedPath } from "../../src/hls/path.ts";
import { reasonFor, type AccessLog, type ResponseEnd } from "../../src/node/access-log.ts";
import type { RequestTrace } from "../../src/node/request-trace.ts";
import { outcomeNames, type Outcome } from "../../src/relay/answer.ts";
import type { RelayPort } from "./relay-port.ts";

/** Who asked, as text; "" once the connection cannot say any more. */
export interface Client {
  clientAddress(): string;
}

export interface TrailOptions {
  relayPort: RelayPort;
  /** Kept: it must not be reused. Undefined: it was none of ours. */
  path: ParsedPath | undefined;
  client: Client;
  arrivedMs: number;
  sampled: boolean;
  /** The caller's, on a tier port. */
  trace?: RequestTrace | undefined;
}

export class Trail {
  readonly #options: TrailOptions;
  readonly #access: AccessLog;
  /** The caller's, or this request's own once it is needed. */
  #trace: RequestTrace | undefined;
  #fillId = "";
  #address = "";
  #hasAsked = false;
  #status = 0;
  #firstByteMs = -1;
  #slow = false;

  constructor(options: TrailOptions) {
    this.#options = options;
    this.#access = options.relayPort.access;
    this.#trace = options.trace;
    if (this.#wanted) this.#noteClient();
  }

  /** The request causes a fill, which is named after it. */
  causes(): RequestTrace {
    this.#trace ??= { id: this.#access.newId(), sampled: this.#options.sampled };
    this.#fillId = this.#trace.id;
    return this.#trace;
  }

  /** The request shares a fill; "" when there is none. */
  joins(fillId: string): void {
    if (fillId !== "") this.#fillId = fillId;
  }

  /** The first byte goes out, `tookMs` after the request; -1: it was held on purpose. */
  begins(status: number, tookMs: number, nowMs: number): void {
    this.#status = status;
    this.#firstByteMs = nowMs - this.#options.arrivedMs;
    this.#slow = this.#access.isSlow(tookMs);
    // At its end the engine will not say any more who it was.
    if (this.#slow) this.#noteClient();
  }

  /** To be called before the connection is given back to its engine. */
  ends(
    end: ResponseEnd,
    { met, bytes, nowMs }: { met: Outcome | -1; bytes: number; nowMs: number },
  ): void {
    const failed = this.#status >= 500 || end === "cut" || end === "stalled";
    const { sampled, path, arrivedMs } = this.#options;
    const reason = reasonFor({ failed, slow: this.#slow, sampled, traced: this.#isTraced });
    if (reason === undefined) return;
    if (end !== "gone") this.#noteClient();
    this.#access.response(reason, {
      path,
      end,
      status: this.#status,
      outcome: met === -1 ? "none" : outcomeNames[met]!,
      bytes,
      durationMs: nowMs - arrivedMs,
      firstByteMs: this.#firstByteMs,
      requestId: this.#trace?.id ?? "",
      fillId: this.#fillId,
      client: this.#address,
    });
  }

  get #isTraced(): boolean {
    return this.#options.trace?.sampled === true;
  }

  get #wanted(): boolean {
    return this.#options.sampled || this.#isTraced;
  }

  /** Once: after its end an answer's engine must not be asked. */
  #noteClient(): void {
    if (this.#hasAsked) return;
    this.#hasAsked = true;
    const { client, relayPort } = this.#options;
    this.#address = shownAddress(client.clientAddress(), relayPort.clientAddress);
  }
}
