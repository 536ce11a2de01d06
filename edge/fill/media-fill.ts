/**
 * One object's bytes on their way from parents: a buffer of the announced length, the digest of the
 * whole, and what a later attempt may skip because an earlier one delivered it.
 */
import { createHash, type Hash } from "node:crypto";
import { statusAgeHeader } from "../../src/hls/status.ts";
import { Entity } from "./entity.ts";

/** What a parent's headers say of an object; undefined fields make it unusable. */
export interface MediaHead {
  totalBytes: number;
  /** `sha-256=:…:` exactly as the origin made it. */
  digest: string;
  contentType: string;
  cacheControl: string;
  etag: string;
  ageMs: number;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const digestForm = /^sha-256=:[A-Za-z0-9+/]{43}=:$/;
/** Header values go into responses as they are, so they must be plain. */
const plainForm = /^[\x20-\x7e]{0,256}$/;

/** Reads the head of a 200; undefined when length or passport are missing or malformed. */
export function readMediaHead(headers: Headers): MediaHead | undefined {
  const length = one(headers, "content-length");
  const digest = one(headers, "repr-digest");
  if (!/^\d{1,15}$/.test(length) || !digestForm.test(digest)) return undefined;
  if (one(headers, "content-encoding") !== "") return undefined;
  const contentType = one(headers, "content-type");
  const cacheControl = one(headers, "cache-control");
  const etag = one(headers, "etag");
  if (![contentType, cacheControl, etag].every((text) => plainForm.test(text))) return undefined;
  return {
    totalBytes: Number(length),
    digest,
    contentType: contentType === "" ? "application/octet-stream" : contentType,
    cacheControl,
    etag: etag === "" ? `"${digest.slice(9, 31)}"` : etag,
    ageMs: readAgeMs(headers),
  };
}

/** The parent's Age in milliseconds; 0 when it says none. */
export function readAgeMs(headers: Headers): number {
  const age = one(headers, "age");
  return /^\d{1,9}$/.test(age) ? Number(age) * 1_000 : 0;
}

/** How long ago the parent's own parents confirmed the status; 0 for the origin, who need not ask. */
export function readStatusAgeMs(headers: Headers): number {
  const age = one(headers, statusAgeHeader);
  return /^\d{1,12}$/.test(age) ? Number(age) : 0;
}

export class MediaFill {
  readonly entity: Entity;
  #hash: Hash = createHash("sha256");
  #received = 0;
  /** Bytes of the present attempt's body still to be skipped. */
  #skip = 0;
  #overrun = false;

  constructor(head: MediaHead, nowMs: number) {
    this.entity = new Entity({
      contentType: head.contentType,
      cacheControl: head.cacheControl,
      etag: head.etag,
      digest: head.digest,
      bytes: Buffer.allocUnsafeSlow(head.totalBytes),
      ranges: true,
      madeAtMs: nowMs - head.ageMs,
    });
    this.entity.visibleBytes = 0;
  }

  get receivedBytes(): number {
    return this.#received;
  }

  /** Whether an answer with this head continues what is here. */
  isSame(head: MediaHead): boolean {
    return head.digest === this.entity.digest && head.totalBytes === this.entity.totalBytes;
  }

  /** A further attempt begins at the object's first byte. */
  restart(skipBytes: number): void {
    this.#skip = skipBytes;
  }

  write(chunk: Uint8Array): void {
    const skipped = Math.min(this.#skip, chunk.length);
    this.#skip -= skipped;
    const fresh = skipped === 0 ? chunk : chunk.subarray(skipped);
    if (fresh.length === 0) return;
    if (this.#received + fresh.length > this.entity.totalBytes) {
      this.#overrun = true;
      return;
    }
    this.entity.bytes.set(fresh, this.#received);
    this.#hash.update(fresh);
    this.#received += fresh.length;
  }

  /** Whether the body had exactly the announced length. */
  get isWhole(): boolean {
    return !this.#overrun && this.#received === this.entity.totalBytes;
  }

  /** Whether the whole is what the origin made. */
  digestOk(): boolean {
    if (!this.isWhole) return false;
    const ok = `sha-256=:${this.#hash.digest("base64")}:` === this.entity.digest;
    this.#hash = createHash("sha256");
    return ok;
  }
}

function one(headers: Headers, name: string): string {
  const value = headers[name];
  return typeof value === "string" ? value : "";
}
