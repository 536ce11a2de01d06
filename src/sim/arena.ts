/**
 * Columns laid one after another into one piece of memory, so that threads which lay out the same
 * columns over the same memory share them. The first layout, over no memory, finds how much it takes.
 */
import { assert } from "../base/assert.ts";
import type { ColumnStore } from "../viewer/viewers.ts";

/** Column starts are multiples of this: a cache line, so that columns of threads do not meet. */
const alignmentBytes = 64;

export class Arena implements ColumnStore {
  readonly #memory: ArrayBufferLike | undefined;
  #nextByte = 0;

  /** Without memory every column is empty and only `usedBytes` is of use. */
  constructor(memory?: ArrayBufferLike) {
    this.#memory = memory;
  }

  /** Bytes taken so far. */
  get usedBytes(): number {
    return this.#nextByte;
  }

  float64(n: number): Float64Array {
    const offset = this.#take(8 * n);
    return this.#memory === undefined
      ? new Float64Array(0)
      : new Float64Array(this.#memory, offset, n);
  }

  float32(n: number): Float32Array {
    const offset = this.#take(4 * n);
    return this.#memory === undefined
      ? new Float32Array(0)
      : new Float32Array(this.#memory, offset, n);
  }

  uint32(n: number): Uint32Array {
    const offset = this.#take(4 * n);
    return this.#memory === undefined
      ? new Uint32Array(0)
      : new Uint32Array(this.#memory, offset, n);
  }

  int32(n: number): Int32Array {
    const offset = this.#take(4 * n);
    return this.#memory === undefined ? new Int32Array(0) : new Int32Array(this.#memory, offset, n);
  }

  uint8(n: number): Uint8Array {
    const offset = this.#take(n);
    return this.#memory === undefined ? new Uint8Array(0) : new Uint8Array(this.#memory, offset, n);
  }

  int8(n: number): Int8Array {
    const offset = this.#take(n);
    return this.#memory === undefined ? new Int8Array(0) : new Int8Array(this.#memory, offset, n);
  }

  #take(bytes: number): number {
    const offset = this.#nextByte;
    this.#nextByte = Math.ceil((offset + bytes) / alignmentBytes) * alignmentBytes;
    const room = this.#memory?.byteLength ?? Infinity;
    assert(this.#nextByte <= room, "the memory is as large as the first layout found");
    return offset;
  }
}
