/**
 * Closes responses whose client takes too little. The engine switches its own timeouts off while a
 * response is pending (measured: still open after 120 s), so this is the only limit there is.
 */
export interface Stallable {
  /** Bytes the client has taken of the body. */
  takenBytes(): number;
  /** Whether it is the client that is awaited, not a fill. */
  isBlocked(): boolean;
  stalled(): void;
}

interface Watched {
  takenBytes: number;
  checkAtMs: number;
}

export class StallWheel {
  readonly #timeoutMs: number;
  readonly #bytesMin: number;
  readonly #watched = new Map<Stallable, Watched>();
  #whenEmpty: (() => void)[] = [];

  constructor({ timeoutMs, bytesMin }: { timeoutMs: number; bytesMin: number }) {
    this.#timeoutMs = timeoutMs;
    this.#bytesMin = bytesMin;
  }

  get count(): number {
    return this.#watched.size;
  }

  watch(response: Stallable, nowMs: number): void {
    const takenBytes = response.takenBytes();
    this.#watched.set(response, { takenBytes, checkAtMs: nowMs + this.#timeoutMs });
  }

  forget(response: Stallable): void {
    if (this.#watched.delete(response) && this.#watched.size === 0) this.#tellEmpty();
  }

  /** Resolves when no response is under way. */
  empty(): Promise<void> {
    if (this.#watched.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenEmpty.push(resolve));
  }

  /** To be called about every second. */
  tick(nowMs: number): void {
    for (const [response, watched] of this.#watched) {
      if (nowMs < watched.checkAtMs) continue;
      const takenBytes = response.takenBytes();
      if (response.isBlocked() && takenBytes - watched.takenBytes < this.#bytesMin) {
        this.forget(response);
        response.stalled();
        continue;
      }
      watched.takenBytes = takenBytes;
      watched.checkAtMs = nowMs + this.#timeoutMs;
    }
  }

  #tellEmpty(): void {
    const waiting = this.#whenEmpty;
    this.#whenEmpty = [];
    for (const resolve of waiting) resolve();
  }
}
