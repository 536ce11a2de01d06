/** A token bucket over bytes: what a viewer uploads at most, averaged over two seconds. Pure. */

const burstMs = 2_000;

export class BytePacer {
  #bytesPerMs = Infinity;
  #tokenBytes = 0;
  #filledAtMs = 0;

  /** kbps of 1,000 bit/s; 0: no ceiling. */
  setCeiling(kbps: number, nowMs: number): void {
    const bytesPerMs = kbps === 0 ? Infinity : kbps / 8;
    if (bytesPerMs === this.#bytesPerMs) return;
    this.#bytesPerMs = bytesPerMs;
    this.#tokenBytes = bytesPerMs === Infinity ? 0 : bytesPerMs * burstMs;
    this.#filledAtMs = nowMs;
  }

  /** Takes the bytes and returns 0, or takes none and returns after how many ms to ask again. */
  take(bytes: number, nowMs: number): number {
    if (this.#bytesPerMs === Infinity) return 0;
    const capacityBytes = this.#bytesPerMs * burstMs;
    const refillBytes = (nowMs - this.#filledAtMs) * this.#bytesPerMs;
    this.#tokenBytes = Math.min(capacityBytes, this.#tokenBytes + refillBytes);
    this.#filledAtMs = nowMs;
    // A piece larger than the bucket is let through when the bucket is full.
    const neededBytes = Math.min(bytes, capacityBytes);
    if (this.#tokenBytes >= neededBytes) {
      this.#tokenBytes -= bytes;
      return 0;
    }
    return Math.ceil((neededBytes - this.#tokenBytes) / this.#bytesPerMs);
  }
}
