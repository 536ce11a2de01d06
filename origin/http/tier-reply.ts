/** Writes the responses of the tier port: conditional, ranged, compressed, always of known length. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { acceptsGzip } from "../../src/base/accept-encoding.ts";
import { readByteRange } from "../../src/base/byte-range.ts";
import type { ParsedPath } from "../../src/hls/path.ts";
import type { MediaObject, RenderedText } from "../packager/media-object.ts";

/** What a request was for, in metrics. */
export const tierKinds = [
  "playlist",
  "multivariant",
  "ladder",
  "status",
  "segment",
  "init",
  "viewers",
  "other",
] as const;
export type TierKind = (typeof tierKinds)[number];

/** All that this port answers. */
export const tierStatuses = [200, 204, 206, 304, 400, 404, 405, 413, 415, 416, 503] as const;
export type TierStatus = (typeof tierStatuses)[number];

export interface TierReplyMetrics {
  replied(kind: TierKind, status: TierStatus, bodyBytes: number): void;
}

/** Hears of an exchange; for the access log. */
export interface TierReplyLog {
  /** The head goes out. */
  began(): void;
  /** All of it went out, or the child is gone. */
  ended(exchange: TierExchange): void;
}

export interface DocumentHead {
  contentType: string;
  cacheControl: string;
}

/** One request and its response, with what its kind is. */
export class TierExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly #metrics: TierReplyMetrics;
  readonly #log: TierReplyLog | undefined;
  kind: TierKind = "other";
  /** What was asked for, if it is a path of ours. */
  path: ParsedPath | undefined;
  /** Whether it waited for news, as it wished. */
  wasHeld = false;
  /** That are sent. */
  bodyBytes = 0;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    { metrics, log }: { metrics: TierReplyMetrics; log?: TierReplyLog | undefined },
  ) {
    this.request = request;
    this.response = response;
    this.#metrics = metrics;
    this.#log = log;
    if (log !== undefined) response.once("close", () => log.ended(this));
  }

  /** A playlist or document: compressed where that is accepted, 304 where it is known. */
  document(text: RenderedText, { contentType, cacheControl }: DocumentHead): void {
    const headers = {
      "cache-control": cacheControl,
      etag: text.etag,
      vary: "Accept-Encoding",
    };
    if (this.#isKnown(text.etag)) return this.#end(304, headers);
    const gzip = acceptsGzip(this.request.headers["accept-encoding"] ?? "");
    this.#end(
      200,
      {
        "content-type": contentType,
        ...headers,
        ...(gzip ? { "content-encoding": "gzip" } : {}),
      },
      gzip ? text.gzip : text.plain,
    );
  }

  /** Media that never changes: whole, a single range of it, or 304. */
  media(object: MediaObject, cacheControl: string): void {
    const headers = {
      "cache-control": cacheControl,
      etag: object.etag,
      "repr-digest": object.reprDigest,
      "accept-ranges": "bytes",
    };
    if (this.#isKnown(object.etag)) return this.#end(304, headers);
    const { bytes } = object;
    const whole = { "content-type": "video/mp4", ...headers };
    const range = readByteRange(this.#rangeHeader(object.etag), bytes.length);
    switch (range.kind) {
      case "whole":
        return this.#end(200, whole, bytes);
      case "unsatisfiable":
        return this.#end(416, { "content-range": `bytes */${bytes.length}` });
      case "range": {
        const contentRange = `bytes ${range.start}-${range.end}/${bytes.length}`;
        const part = bytes.subarray(range.start, range.end + 1);
        return this.#end(206, { ...whole, "content-range": contentRange }, part);
      }
    }
  }

  /** A small JSON answer that is nobody's to keep. */
  json(value: unknown): void {
    const body = Buffer.from(`${JSON.stringify(value)}\n`);
    this.#end(200, { "content-type": "application/json", "cache-control": "no-store" }, body);
  }

  /** A refusal, with a sentence for whoever looks. */
  refuse(status: TierStatus, sentence: string, headers: Record<string, string> = {}): void {
    const body = Buffer.from(`${sentence}\n`);
    const plain = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };
    this.#end(status, { ...plain, ...headers }, body);
  }

  empty(headers: Record<string, string> = {}): void {
    this.#end(204, headers);
  }

  #end(status: TierStatus, headers: Record<string, string>, body?: Uint8Array): void {
    const length = body === undefined ? {} : { "content-length": body.length };
    this.response.writeHead(status, { ...headers, ...length });
    const isSent = body !== undefined && this.request.method !== "HEAD";
    this.bodyBytes = isSent ? body.length : 0;
    this.#log?.began();
    if (isSent) this.response.end(body);
    else this.response.end();
    this.#metrics.replied(this.kind, status, this.bodyBytes);
  }

  #isKnown(etag: string): boolean {
    const known = this.request.headers["if-none-match"];
    if (known === undefined) return false;
    // Weak comparison (RFC 9110 section 13.1.2).
    const bare = etag.replace(/^W\//, "");
    return known.split(",").some((tag) => tag.trim().replace(/^W\//, "") === bare);
  }

  /** Of GET alone (RFC 9110 section 14.2); of another version than ours it is none (13.1.5). */
  #rangeHeader(etag: string): string | undefined {
    if (this.request.method === "HEAD") return undefined;
    const { range, "if-range": ifRange } = this.request.headers;
    return ifRange === undefined || ifRange === etag ? range : undefined;
  }
}
