/** Time for tests of adapters: it passes only when told to, and runs what falls due in order. */
import type { ClientPorts } from "../client-ports.ts";

export class ManualClock implements ClientPorts {
  randomRatio = 0.5;
  #nowMs = 1_000;
  #timers: { atMs: number; run: () => void }[] = [];

  get timerCount(): number {
    return this.#timers.length;
  }

  nowMs = (): number => this.#nowMs;

  random = (): number => this.randomRatio;

  later = (delayMs: number, run: () => void): (() => void) => {
    const timer = { atMs: this.#nowMs + delayMs, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  };

  pass(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const [next] = this.#timers
        .filter(({ atMs }) => atMs <= endMs)
        .sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
    }
    this.#nowMs = endMs;
  }
}
