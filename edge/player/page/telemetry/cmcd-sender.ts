/**
 * Posts the page's CMCD events to its edge: at most one post a second, at most once again when one
 * failed, and never in the way of playback. It has no timer: it is polled by the player's tick.
 */

const postEveryMs = 1_000;
const queueLengthMax = 32;

export interface CmcdSenderOptions {
  /** Resolves with the answer's status; rejects when there was none. */
  post: (body: string) => Promise<number>;
  /** Hands over the last words when the page goes away; false when they were not taken. */
  beacon: (body: string) => boolean;
}

interface Line {
  text: string;
  isAgain: boolean;
}

export class CmcdSender {
  readonly #options: CmcdSenderOptions;
  #queue: Line[] = [];
  #postedMs = -postEveryMs;
  #isPosting = false;
  /** The edge takes no CMCD: it is not asked again. */
  #isUnwanted = false;

  constructor(options: CmcdSenderOptions) {
    this.#options = options;
  }

  add(lines: readonly string[]): void {
    if (this.#isUnwanted) return;
    this.#queue.push(...lines.map((text) => ({ text, isAgain: false })));
    this.#queue.splice(0, this.#queue.length - queueLengthMax);
  }

  poll(nowMs: number): void {
    if (this.#queue.length === 0 || this.#isPosting) return;
    if (nowMs - this.#postedMs < postEveryMs) return;
    this.#postedMs = nowMs;
    void this.#post(this.#queue.splice(0));
  }

  /** Sends what there is at once; the page may be gone the next moment. */
  flush(): void {
    if (this.#queue.length === 0) return;
    this.#options.beacon(textOf(this.#queue.splice(0)));
  }

  async #post(lines: Line[]): Promise<void> {
    this.#isPosting = true;
    let status = 0;
    try {
      status = await this.#options.post(textOf(lines));
    } catch {
      // No answer: tried once more below, like an edge that is overloaded.
      status = 0;
    }
    this.#isPosting = false;
    if (status === 0 || status === 429 || status >= 500) {
      const again = lines.filter(({ isAgain }) => !isAgain);
      this.#queue.unshift(...again.map(({ text }) => ({ text, isAgain: true })));
    } else if (status >= 400 && status !== 400) {
      this.#isUnwanted = true;
      this.#queue = [];
    }
  }
}

function textOf(lines: readonly Line[]): string {
  return lines.map(({ text }) => text).join("\n");
}
