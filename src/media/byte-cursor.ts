/**
 * Reads big-endian fields from a range of bytes that came from outside. Reading past the end never
 * throws: it yields 0 and sets `failed`, which the caller checks once at the end of a structure.
 */
export class ByteCursor {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #offset: number;
  #failed = false;

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#offset = start;
    this.#end = Math.min(end, bytes.length);
  }

  /** Whether anything was read beyond the end, or was too large for a number. */
  get failed(): boolean {
    return this.#failed;
  }

  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.#end - this.#offset;
  }

  u8(): number {
    return this.#take(1) ? this.#bytes[this.#offset - 1]! : 0;
  }

  u16(): number {
    return this.u8() * 0x100 + this.u8();
  }

  u24(): number {
    return this.u16() * 0x100 + this.u8();
  }

  u32(): number {
    return this.u16() * 0x1_0000 + this.u16();
  }

  i32(): number {
    return this.u32() | 0;
  }

  /** Fails above 2^53 - 1: no time of ours comes near it. */
  u64(): number {
    const value = this.u32() * 0x1_0000_0000 + this.u32();
    if (!Number.isSafeInteger(value)) this.#failed = true;
    return this.#failed ? 0 : value;
  }

  skip(byteCount: number): void {
    this.#take(byteCount);
  }

  /** A view of the next bytes; empty when there are not that many. */
  view(byteCount: number): Uint8Array {
    if (!this.#take(byteCount)) return new Uint8Array();
    return this.#bytes.subarray(this.#offset - byteCount, this.#offset);
  }

  #take(byteCount: number): boolean {
    if (byteCount > this.remaining || byteCount < 0) {
      this.#failed = true;
      this.#offset = this.#end;
      return false;
    }
    this.#offset += byteCount;
    return true;
  }
}
