/** The documents a node renders for a feed: its status and its multivariant playlist. */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { LadderDocument } from "../../src/hls/ladder-document.ts";
import type { FeedStatus } from "../../src/hls/status.ts";
import { writeMultivariantPlaylist } from "../../src/hls/write-multivariant-playlist.ts";
import { Entity } from "./entity.ts";

export const playlistContentType = "application/vnd.apple.mpegurl";

/** RFC 8216bis appendix B.1, as the origin has it: half a target duration ... */
export function playlistCacheControl(targetDurationMs: number): string {
  return `max-age=${Math.max(1, Math.floor(targetDurationMs / 2_000))}`;
}

/** ... and six for an answer that holds the segment which a directive asked for. */
export function reloadCacheControl(targetDurationMs: number): string {
  return `max-age=${Math.floor((6 * targetDurationMs) / 1_000)}`;
}

/** The cap stays the origin's: a node renders what the ladder lists. */
export function multivariantEntity(ladder: LadderDocument, nowMs: number): Entity {
  const bytes = Buffer.from(writeMultivariantPlaylist(ladder));
  return documentEntity(
    { bytes, gzip: gzipSync(bytes), contentType: playlistContentType, cacheControl: "max-age=30" },
    nowMs,
  );
}

export function ladderEntity(ladder: LadderDocument, nowMs: number): Entity {
  const bytes = Buffer.from(`${JSON.stringify(ladder)}\n`);
  const contentType = "application/json";
  return documentEntity({ bytes, contentType, cacheControl: "no-cache" }, nowMs);
}

/** An entity whose bytes differ by encoding, so that its tag is a weak one. */
export function documentEntity(
  document: {
    bytes: Uint8Array;
    gzip?: Uint8Array;
    contentType: string;
    cacheControl: string;
    reloadCacheControl?: string;
  },
  madeAtMs: number,
): Entity {
  const tag = createHash("sha256").update(document.bytes).digest("base64url").slice(0, 22);
  return new Entity({ ...document, etag: `W/"${tag}"`, digest: "", ranges: false, madeAtMs });
}

/** `status.json` with this node's clock and its own knowledge of the newest segment. */
export function statusText(
  status: FeedStatus,
  own: { nowUnixMs: number; lastSegmentUnixMs: number },
): string {
  const lastSegmentUnixMs = Math.max(status.lastSegmentUnixMs, own.lastSegmentUnixMs);
  return `${JSON.stringify({ ...status, lastSegmentUnixMs, nowUnixMs: own.nowUnixMs })}\n`;
}
