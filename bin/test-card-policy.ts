/**
 * When the test card may publish: at the start, and again when nobody has published for a moment.
 * It never takes over: the origin refuses it while somebody publishes, so it does not try.
 */

/**
 * A publisher who reconnects within this finds no card in between. Viewers hold 12 s of media, so
 * that the card's first segment still comes in time.
 */
const returnDelayMs = 2_000;
/** A card that ends sooner failed: it waits longer each time. */
const healthyMs = 5_000;
const failureDelayMsMax = 30_000;

export class TestCardPolicy {
  #idleSinceMs: number | undefined = Number.NEGATIVE_INFINITY;
  #notBeforeMs = Number.NEGATIVE_INFINITY;
  #failureCount = 0;

  /** The card's encoder ended after `ranMs`. */
  ended({ nowMs, ranMs }: { nowMs: number; ranMs: number }): void {
    this.#failureCount = ranMs >= healthyMs ? 0 : this.#failureCount + 1;
    this.#notBeforeMs = nowMs + Math.min(failureDelayMsMax, 500 * 2 ** this.#failureCount);
    this.#idleSinceMs = undefined;
  }

  /** Asked again and again while the card is off, with what the origin says of publishers. */
  mayStart({ nowMs, othersPublish }: { nowMs: number; othersPublish: boolean }): boolean {
    if (othersPublish) this.#idleSinceMs = undefined;
    else this.#idleSinceMs ??= nowMs;
    if (this.#idleSinceMs === undefined) return false;
    return nowMs - this.#idleSinceMs >= returnDelayMs && nowMs >= this.#notBeforeMs;
  }

  /** Failures since it last ran well. */
  get failureCount(): number {
    return this.#failureCount;
  }
}
