/** What the person sees of a running broadcast: lines that stay, and below them the status line. */

/** A plain log gets a line this often, and whenever the feed, publisher or ladder changes. */
const plainLineMs = 10_000;

export interface DisplayTarget {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

export class StatusDisplay {
  readonly #target: DisplayTarget;
  readonly #nowMs: () => number;
  #line = "";
  #key = "";
  #printedMs = Number.NEGATIVE_INFINITY;

  constructor(target: DisplayTarget, nowMs: () => number) {
    this.#target = target;
    this.#nowMs = nowMs;
  }

  /** A line that stays. */
  say(text: string): void {
    this.#clear();
    this.#target.write(`${text}\n`);
    this.#draw();
  }

  /** The present status; `key` changes when a plain log should have it at once. */
  show({ line, key }: { line: string; key: string }): void {
    if (this.#target.isTTY === true) {
      this.#clear();
      this.#line = line;
      this.#draw();
      return;
    }
    const nowMs = this.#nowMs();
    if (key === this.#key && nowMs - this.#printedMs < plainLineMs) return;
    this.#key = key;
    this.#printedMs = nowMs;
    this.#target.write(`${line}\n`);
  }

  /** Leaves the cursor on an empty line. */
  end(): void {
    this.#clear();
    this.#line = "";
  }

  #clear(): void {
    if (this.#line !== "") this.#target.write("\r\u001b[K");
  }

  /** Cut to the width: a line that wraps cannot be redrawn. */
  #draw(): void {
    if (this.#line !== "")
      this.#target.write(this.#line.slice(0, (this.#target.columns ?? 80) - 1));
  }
}
