/** What status.json says of a feed, with a version that rises with every change. */
import type { Clock } from "../../src/base/clock.ts";
import type { FeedStatus } from "../../src/hls/status.ts";

export class FeedStatusBoard {
  readonly #clock: Clock;
  #status: Omit<FeedStatus, "nowUnixMs">;
  #lastSegmentMs: number | undefined;

  constructor({ clock, p2p }: { clock: Clock; p2p: FeedStatus["p2p"] }) {
    const unixMs = Math.floor(clock.unixMs());
    this.#clock = clock;
    this.#status = {
      // Begins at the clock, so that it rises over restarts of the program too.
      version: unixMs,
      state: "offline",
      sinceUnixMs: unixMs,
      lastSegmentUnixMs: 0,
      viewers: 0,
      p2p,
      ladderVersion: 0,
    };
  }

  /** Of the newest segment, by the monotonic clock. */
  get lastSegmentMs(): number | undefined {
    return this.#lastSegmentMs;
  }

  get viewers(): number {
    return this.#status.viewers;
  }

  status(): FeedStatus {
    return { ...this.#status, nowUnixMs: Math.floor(this.#clock.unixMs()) };
  }

  /** A segment was listed now; no change of version. */
  segmentListed(): void {
    this.#lastSegmentMs = this.#clock.nowMs();
    this.#status.lastSegmentUnixMs = Math.floor(this.#clock.unixMs());
  }

  /** Takes what holds now; whether anything changed. */
  update(now: Pick<FeedStatus, "state" | "viewers" | "ladderVersion" | "p2p">): boolean {
    const before = this.#status;
    const stateChanged = now.state !== before.state;
    const changed =
      stateChanged ||
      now.viewers !== before.viewers ||
      now.ladderVersion !== before.ladderVersion ||
      now.p2p !== before.p2p;
    if (!changed) return false;
    const sinceUnixMs = stateChanged ? Math.floor(this.#clock.unixMs()) : before.sinceUnixMs;
    this.#status = { ...before, ...now, sinceUnixMs, version: before.version + 1 };
    return true;
  }
}
