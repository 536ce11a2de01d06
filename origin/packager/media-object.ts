/** What the tier port serves: bytes made once, with the headers that identify them. */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";

/** An init segment or a segment: its bytes never change. */
export interface MediaObject {
  bytes: Uint8Array;
  etag: string;
  /** `sha-256=:…:` (RFC 9530). */
  reprDigest: string;
  /** Of the bytes, in hexadecimal. */
  sha256: string;
}

/** A playlist or document, rendered once per version. */
export interface RenderedText {
  plain: Uint8Array;
  gzip: Uint8Array;
  /** Weak: it stands for both codings. */
  etag: string;
}

export function mediaObject(bytes: Uint8Array): MediaObject {
  const digest = createHash("sha256").update(bytes).digest();
  const sha256 = digest.toString("hex");
  return {
    bytes,
    sha256,
    etag: `"${sha256.slice(0, 32)}"`,
    reprDigest: `sha-256=:${digest.toString("base64")}:`,
  };
}

export function renderedText(text: string): RenderedText {
  const plain = Buffer.from(text);
  const sha256 = createHash("sha256").update(plain).digest("hex");
  return { plain, gzip: gzipSync(plain), etag: `W/"${sha256.slice(0, 32)}"` };
}
