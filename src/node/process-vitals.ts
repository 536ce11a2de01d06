/** How busy this process is: its share of a core, and how late its event loop runs. */
import { monitorEventLoopDelay, type IntervalHistogram } from "node:perf_hooks";

/** Timer of the measurement: what it reads is late by so much at best. */
const resolutionMs = 20;
/** As long as the rates of traffic are taken over. */
const sampleCountMax = 8;

export interface Vitals {
  /** CPU time per time passed; 1 is a whole core. */
  cpuRatio: number;
  /** Worst lateness of the event loop. */
  loopLagMs: number;
}

export class ProcessVitals {
  readonly #delays: IntervalHistogram = monitorEventLoopDelay({ resolution: resolutionMs });
  readonly #samples: { cpuUs: number; elapsedMs: number; lagMs: number }[] = [];
  #cpuUs = cpuUsNow();
  #atMs = performance.now();

  constructor() {
    this.#delays.enable();
  }

  /** To be called once a second. */
  sample(): void {
    const [cpuUs, atMs] = [cpuUsNow(), performance.now()];
    const worstMs = this.#delays.max / 1e6 - resolutionMs;
    this.#samples.push({
      cpuUs: cpuUs - this.#cpuUs,
      elapsedMs: atMs - this.#atMs,
      lagMs: this.#delays.count > 0 ? Math.max(0, Math.round(worstMs)) : 0,
    });
    if (this.#samples.length > sampleCountMax) this.#samples.shift();
    this.#delays.reset();
    [this.#cpuUs, this.#atMs] = [cpuUs, atMs];
  }

  /** Over the last samples. */
  read(): Vitals {
    const sum = (key: "cpuUs" | "elapsedMs"): number =>
      this.#samples.reduce((total, sample) => total + sample[key], 0);
    const elapsedUs = sum("elapsedMs") * 1_000;
    return {
      cpuRatio: elapsedUs === 0 ? 0 : Math.round((1_000 * sum("cpuUs")) / elapsedUs) / 1_000,
      loopLagMs: Math.max(0, ...this.#samples.map(({ lagMs }) => lagMs)),
    };
  }

  close(): void {
    this.#delays.disable();
  }
}

function cpuUsNow(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
