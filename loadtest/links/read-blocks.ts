/**
 * Memory for what edges have sent and links have not carried yet. All edge connections read into one
 * buffer, from which bytes are copied to blocks that are used again: a buffer for each read kept
 * the garbage collector busy for a quarter of the emulator's time (measured, Node 20, AMD EPYC).
 */
const blockBytes = 65_536;
/** Shorter reads are playlists: they go to memory of their own. */
const ownBytesMax = 4_096;
/** Blocks kept for later: 64 MB, which is what 1,000 viewers have waiting. */
const freeBlocksMax = 1_024;

export class ReadBlocks {
  /** What every read goes to; its bytes are to be copied by `keep` before the next read. */
  readonly readInto = Buffer.allocUnsafeSlow(blockBytes);
  readonly #free: ArrayBuffer[] = [];

  /** A copy of the first `length` bytes of `readInto`. */
  keep(length: number): Uint8Array {
    if (length <= ownBytesMax) return Buffer.from(this.readInto.subarray(0, length));
    const block = this.#free.pop() ?? new ArrayBuffer(blockBytes);
    const copy = Buffer.from(block, 0, length);
    this.readInto.copy(copy, 0, 0, length);
    return copy;
  }

  /** Nobody needs the copy any more. */
  release(copy: Uint8Array): void {
    const { buffer } = copy;
    if (copy.length <= ownBytesMax || !(buffer instanceof ArrayBuffer)) return;
    if (this.#free.length < freeBlocksMax) this.#free.push(buffer);
  }
}
