/**
 * Standard error as the log's destination. A reader that is slow or gone and a full disk cost lines,
 * never the program: writing does not block the event loop, memory is bounded, nothing is thrown.
 * At the end of the process what is queued goes out synchronously.
 */
import { write, writeSync } from "node:fs";

/** About two minutes of a noisy node; past it the newest lines are lost. Arbitrary. */
const queuedBytesMax = 1_048_576;
/** Pause before a destination that is busy (EAGAIN) is tried again. */
const retryMs = 100;
/** Ample for a reader that reads. */
const lastWaitMs = 20;

export interface LostLines {
  lineCount: number;
  why: string;
}

export class LogStream {
  /** Told when lines can be written again after some were lost. */
  onLost: ((lost: LostLines) => void) | undefined;
  readonly #fd: number;
  #queue: string[] = [];
  #queuedBytes = 0;
  #scheduled = false;
  /** What is on its way to the destination. */
  #writing: { bytes: Buffer; lineCount: number } | undefined;
  #lost: LostLines = { lineCount: 0, why: "" };

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Takes one line, or loses it. */
  write(line: string): void {
    const lineBytes = Buffer.byteLength(line);
    if (this.#queuedBytes + lineBytes > queuedBytesMax) {
      this.#lose(1, "the reader is too slow");
      return;
    }
    this.#queue.push(line);
    this.#queuedBytes += lineBytes;
    if (this.#scheduled || this.#writing !== undefined) return;
    // Once a turn: what a crash says last is then still in the queue, behind what it said before.
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#writeNext();
    });
  }

  /** Writes what is queued now, as far as the destination takes it; for the end of a process. */
  flushSync(): void {
    if (this.#queue.length === 0) return;
    // Another thread writes: it is given a moment, so that lines come in order and whole.
    if (this.#writing !== undefined) sleep(lastWaitMs);
    const rest = Buffer.from(this.#queue.join(""));
    this.#queue = [];
    this.#queuedBytes = 0;
    try {
      for (let at = 0; at < rest.length; at += writeSync(this.#fd, rest, at));
    } catch {
      // Busy, full or gone: the process ends all the same.
    }
  }

  #writeNext(): void {
    if (this.#writing !== undefined || this.#queue.length === 0) return;
    const bytes = Buffer.from(this.#queue.join(""));
    this.#writing = { bytes, lineCount: this.#queue.length };
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#continue(bytes);
  }

  #continue(bytes: Buffer): void {
    write(this.#fd, bytes, 0, bytes.length, null, (error, writtenBytes) => {
      if (error === null) {
        if (writtenBytes < bytes.length) this.#continue(bytes.subarray(writtenBytes));
        else this.#written();
      } else if (error.code === "EAGAIN") {
        setTimeout(() => this.#continue(bytes), retryMs).unref();
      } else {
        const { lineCount } = this.#writing!;
        this.#writing = undefined;
        this.#lose(lineCount, error.code ?? error.message);
        // Lines that came meanwhile try their own luck; without any, the next line does.
        this.#writeNext();
      }
    });
  }

  #written(): void {
    this.#writing = undefined;
    const lost = this.#lost;
    this.#lost = { lineCount: 0, why: "" };
    if (lost.lineCount > 0) this.onLost?.(lost);
    this.#writeNext();
  }

  #lose(lineCount: number, why: string): void {
    this.#lost = { lineCount: this.#lost.lineCount + lineCount, why };
  }
}

/** Stops the whole thread. */
function sleep(durationMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs);
}

let standardError: LogStream | undefined;

/** The one of this process: all its logs share it, so that lines stay whole. */
export function standardErrorStream(): LogStream {
  if (standardError === undefined) {
    const stream = new LogStream(2);
    process.on("exit", () => stream.flushSync());
    standardError = stream;
  }
  return standardError;
}
