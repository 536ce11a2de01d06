/** Passes the encoder's complaints to the log, at a bounded pace: a broken input makes thousands. */
import type { Log } from "../../src/node/log.ts";

const windowMs = 10_000;
const linesPerWindowMax = 20;
const lineLengthMax = 500;

export class EncoderLog {
  readonly #log: Log;
  #windowStartMs = -Infinity;
  #lineCount = 0;
  #suppressedCount = 0;

  constructor(log: Log) {
    this.#log = log;
  }

  line(text: string, nowMs: number): void {
    const line = text.trim();
    if (line === "") return;
    if (nowMs - this.#windowStartMs >= windowMs) {
      this.flush();
      this.#windowStartMs = nowMs;
      this.#lineCount = 0;
    }
    this.#lineCount += 1;
    if (this.#lineCount > linesPerWindowMax) this.#suppressedCount += 1;
    else this.#log.warn({ line: line.slice(0, lineLengthMax) }, "the encoder complains");
  }

  /** Says how many lines were left out, if any. */
  flush(): void {
    if (this.#suppressedCount === 0) return;
    this.#log.warn({ leftOut: this.#suppressedCount }, "more lines of the encoder left out");
    this.#suppressedCount = 0;
  }
}
