/**
 * What a relay holds of one object: its bytes, shared by every response that carries them, and the
 * headers that go with them. Media may still be growing; `visibleBytes` are the ones to send.
 */

/** A response that carries an entity's bytes as they come. */
export interface EntityReader {
  /** More bytes are visible. */
  grown(): void;
  /** The bytes sent so far are wrong or will never be followed by the rest. */
  broken(): void;
}

export interface EntityOptions {
  contentType: string;
  cacheControl: string;
  /** The same for answers to a blocking reload; absent where there are none. */
  reloadCacheControl?: string;
  etag: string;
  /** `Repr-Digest` as the origin made it; "" for documents rendered at a node. */
  digest: string;
  bytes: Uint8Array;
  /** The same, compressed once; absent where compressing is no use. */
  gzip?: Uint8Array;
  /** Whether single byte ranges are answered. */
  ranges: boolean;
  /** When the origin made it, by this node's clock; Age counts from here. */
  madeAtMs: number;
}

const noBytes = new Uint8Array(0);

export class Entity {
  readonly contentType: string;
  readonly cacheControl: string;
  readonly reloadCacheControl: string;
  readonly etag: string;
  readonly digest: string;
  readonly bytes: Uint8Array;
  readonly gzip: Uint8Array | undefined;
  readonly ranges: boolean;
  readonly madeAtMs: number;
  visibleBytes: number;
  /** The bytes are wrong or will never be complete. */
  isBroken = false;
  /**
   * Header bytes of hits, kept for as long as their Age is right: plain, gzip, and the same two for
   * a reload. Made and read by response-head.ts.
   */
  readonly hitHeads: Uint8Array[] = [noBytes, noBytes, noBytes, noBytes];
  readonly hitAgesSec: number[] = [-1, -1, -1, -1];
  readonly #readers = new Set<EntityReader>();

  constructor(options: EntityOptions) {
    this.contentType = options.contentType;
    this.cacheControl = options.cacheControl;
    this.reloadCacheControl = options.reloadCacheControl ?? options.cacheControl;
    this.etag = options.etag;
    this.digest = options.digest;
    this.bytes = options.bytes;
    this.gzip = options.gzip;
    this.ranges = options.ranges;
    this.madeAtMs = options.madeAtMs;
    this.visibleBytes = options.bytes.length;
  }

  get totalBytes(): number {
    return this.bytes.length;
  }

  get isComplete(): boolean {
    return this.visibleBytes === this.bytes.length;
  }

  attach(reader: EntityReader): void {
    this.#readers.add(reader);
  }

  detach(reader: EntityReader): void {
    this.#readers.delete(reader);
  }

  grow(visibleBytes: number): void {
    if (visibleBytes <= this.visibleBytes) return;
    this.visibleBytes = visibleBytes;
    for (const reader of this.#readers) reader.grown();
  }

  break(): void {
    if (this.isBroken) return;
    this.isBroken = true;
    for (const reader of [...this.#readers]) reader.broken();
    this.#readers.clear();
  }
}
