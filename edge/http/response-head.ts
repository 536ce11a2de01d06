/**
 * Header blocks as ports write them: lines joined by CRLF without the last one. A complete entity's
 * head is built once a second (Age is in it) and then shared by all hits of that second.
 */
import { outcome, type Outcome } from "../../src/relay/answer.ts";
import type { Entity } from "../fill/entity.ts";

/** For every answer that a page of another origin may read. */
export const corsLines = [
  "Access-Control-Allow-Origin: *",
  "Access-Control-Expose-Headers: Age, Date, Repr-Digest, X-Cache",
];

/** Only these four leave the node. */
export type CacheWord = "hit" | "join" | "miss" | "stale";

/** How a response that began with this outcome is labelled; a wait shares others' fill. */
export function cacheWordOf(first: Outcome): CacheWord {
  if (first === outcome.miss) return "miss";
  if (first === outcome.stale) return "stale";
  return first === outcome.hit ? "hit" : "join";
}

/** The first header of every block, as bytes: the engine copies those faster than a string. */
export const firstHeaderKey = Buffer.from("Content-Type");

/** The head of a hit behind its first key; shared by all responses of a second. */
export function hitHead(
  entity: Entity,
  { gzip, isReload }: { gzip: boolean; isReload: boolean },
  nowMs: number,
): Uint8Array {
  const slot = (gzip ? 1 : 0) + (isReload ? 2 : 0);
  const ageSec = ageSecOf(entity, nowMs);
  if (entity.hitAgesSec[slot] !== ageSec) {
    const cacheControl = isReload ? entity.reloadCacheControl : entity.cacheControl;
    const head = entityHead(entity, { gzip, cacheWord: "hit", nowMs, cacheControl });
    entity.hitAgesSec[slot] = ageSec;
    entity.hitHeads[slot] = Buffer.from(head.slice(firstHeaderKey.length + 2), "latin1");
  }
  return entity.hitHeads[slot]!;
}

export function entityHead(
  entity: Entity,
  {
    gzip,
    cacheWord,
    nowMs,
    cacheControl = entity.cacheControl,
  }: { gzip: boolean; cacheWord: CacheWord; nowMs: number; cacheControl?: string },
): string {
  const lines = [
    `Content-Type: ${entity.contentType}`,
    `Cache-Control: ${cacheControl}`,
    `ETag: ${entity.etag}`,
    `Age: ${ageSecOf(entity, nowMs)}`,
    `X-Cache: ${cacheWord}`,
    ...corsLines,
  ];
  if (entity.digest !== "") lines.push(`Repr-Digest: ${entity.digest}`);
  if (entity.ranges) lines.push("Accept-Ranges: bytes");
  if (entity.gzip !== undefined) lines.push("Vary: Accept-Encoding");
  if (gzip) lines.push("Content-Encoding: gzip");
  return lines.join("\r\n");
}

function ageSecOf(entity: Entity, nowMs: number): number {
  return Math.max(0, Math.floor((nowMs - entity.madeAtMs) / 1_000));
}

export interface FixedReply {
  status: number;
  head: string;
  body: Uint8Array;
}

/** Replies of constant size, for the refusals of the answer table and of the port itself. */
export const fixedReplies = {
  notFound: fixedReply(404, "not found", ["Cache-Control: max-age=1"]),
  badRequest: fixedReply(400, "bad request", ["Cache-Control: no-store"]),
  unavailable: fixedReply(503, "not now", ["Cache-Control: no-store", "Retry-After: 2"]),
  badGateway: fixedReply(502, "the parent failed", ["Cache-Control: no-store", "Retry-After: 1"]),
  methodNotAllowed: fixedReply(405, "GET, HEAD or OPTIONS", ["Allow: GET, HEAD, OPTIONS"]),
  forbiddenOrigin: fixedReply(403, "not from pages of this origin", ["Cache-Control: no-store"]),
  upgradeRequired: fixedReply(426, "the room is a WebSocket", [
    "Cache-Control: no-store",
    "Upgrade: websocket",
    "Connection: Upgrade",
  ]),
  roomFull: fixedReply(503, "the room is full", ["Cache-Control: no-store", "Retry-After: 30"]),
  lengthRequired: fixedReply(411, "Content-Length is missing", ["Cache-Control: no-store"]),
  above2048Bytes: fixedReply(413, "at most 2048 bytes", ["Cache-Control: no-store"]),
  above16384Bytes: fixedReply(413, "at most 16384 bytes", ["Cache-Control: no-store"]),
  notCmcd: fixedReply(415, "application/cmcd", ["Cache-Control: no-store"]),
  notJson: fixedReply(415, "application/json", ["Cache-Control: no-store"]),
  tooManyRequests: fixedReply(429, "once a second", ["Cache-Control: no-store", "Retry-After: 1"]),
} as const;

/** The same as an answer to HEAD. */
export function bodiless({ status, head, body }: FixedReply) {
  return { status, head, body: undefined, contentLength: body.length };
}

export function refusalOf(refused: Outcome): FixedReply {
  if (refused === outcome.badRequest) return fixedReplies.badRequest;
  if (refused === outcome.unavailable) return fixedReplies.unavailable;
  if (refused === outcome.badGateway) return fixedReplies.badGateway;
  return fixedReplies.notFound;
}

/** Answer to a preflight: everything a player sends across origins is allowed for a day. */
export const preflightHead = [
  "Access-Control-Allow-Origin: *",
  "Access-Control-Allow-Methods: GET, HEAD, OPTIONS, POST",
  "Access-Control-Allow-Headers: Range, Content-Type, If-None-Match",
  "Access-Control-Max-Age: 86400",
  "Cache-Control: max-age=86400",
].join("\r\n");

/** For `status.json`, whose clock makes every answer another one. */
export const statusHead = [
  "Content-Type: application/json",
  "Cache-Control: no-store",
  ...corsLines,
].join("\r\n");

/** For what was taken and is answered with nothing. */
export const noContentHead = ["Cache-Control: no-store", ...corsLines].join("\r\n");

/** For 416: never to be kept, or one wrong range would hide an immutable segment from a cache. */
export const unsatisfiedHead = ["Cache-Control: no-store", ...corsLines].join("\r\n");

const statusTexts: Readonly<Record<number, string>> = {
  200: "200 OK",
  204: "204 No Content",
  206: "206 Partial Content",
  302: "302 Found",
  304: "304 Not Modified",
  400: "400 Bad Request",
  403: "403 Forbidden",
  404: "404 Not Found",
  405: "405 Method Not Allowed",
  411: "411 Length Required",
  413: "413 Content Too Large",
  415: "415 Unsupported Media Type",
  416: "416 Range Not Satisfiable",
  426: "426 Upgrade Required",
  429: "429 Too Many Requests",
  502: "502 Bad Gateway",
  503: "503 Service Unavailable",
};

/** The status line's text, such as "200 OK". */
export function statusText(status: number): string {
  return statusTexts[status] ?? String(status);
}

function fixedReply(status: number, text: string, lines: string[]): FixedReply {
  const head = ["Content-Type: text/plain; charset=utf-8", ...lines, ...corsLines].join("\r\n");
  return { status, head, body: Buffer.from(`${text}\n`) };
}
