/** The input that a worker runs now, in memory that the main thread sees even when it hangs. */

const headerBytes = 8;
/** Longest input that can be named. */
export const sharedInputBytesMax = 1_048_576;

export class SharedInput {
  readonly buffer: SharedArrayBuffer;
  /** Number of the run, and the length of its input. */
  readonly #header: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(buffer = new SharedArrayBuffer(headerBytes + sharedInputBytesMax)) {
    this.buffer = buffer;
    this.#header = new Int32Array(buffer, 0, 2);
    this.#bytes = new Uint8Array(buffer, headerBytes);
  }

  /** Which run is under way; 0 before the first. */
  get run(): number {
    return Atomics.load(this.#header, 0);
  }

  announce(input: Uint8Array): void {
    const named = input.subarray(0, sharedInputBytesMax);
    this.#bytes.set(named);
    Atomics.store(this.#header, 1, named.length);
    Atomics.add(this.#header, 0, 1);
  }

  read(): Uint8Array {
    return this.#bytes.slice(0, Atomics.load(this.#header, 1));
  }
}
