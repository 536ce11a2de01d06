/**
 * Reads bits, most significant first, with Exp-Golomb codes (ITU-T H.264, 9.1). Reading past the
 * end never throws: it yields 0 and sets `failed`.
 */
export class BitReader {
  readonly #bytes: Uint8Array;
  #bitOffset = 0;
  #failed = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get failed(): boolean {
    return this.#failed;
  }

  /** Up to 32 bits as an unsigned number. */
  bits(bitCount: number): number {
    let value = 0;
    for (let i = 0; i < bitCount; i++) {
      const byte = this.#bytes[this.#bitOffset >> 3];
      if (byte === undefined) {
        this.#failed = true;
        return 0;
      }
      value = value * 2 + ((byte >> (7 - (this.#bitOffset & 7))) & 1);
      this.#bitOffset++;
    }
    return value;
  }

  flag(): boolean {
    return this.bits(1) === 1;
  }

  /** ue(v). */
  unsignedGolomb(): number {
    let zeros = 0;
    while (!this.#failed && this.bits(1) === 0) zeros++;
    if (zeros > 32) this.#failed = true;
    return this.#failed ? 0 : 2 ** zeros - 1 + this.bits(zeros);
  }

  /** se(v). */
  signedGolomb(): number {
    const code = this.unsignedGolomb();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }
}
