/**
 * What a viewer's path carries over time: its median rate times e to a deviation that is redrawn every
 * step, an autoregressive process of order 1. It is the process of the simulator's paths
 * (src/sim/viewer-step.ts), with its own random numbers.
 */
import { exp } from "../../src/base/float.ts";
import { randomKey, randomWord } from "../../src/base/prng.ts";
import { nearlyNormal } from "../../src/sim/normal.ts";

export interface PathNoise {
  /** Standard deviation of the rate's natural logarithm. */
  logSigma: number;
  /** The deviation's correlation falls to 1/e in this time. */
  correlationSec: number;
  /** How long a rate holds; steps are those of the whole clock, the same for all paths. */
  stepMs: number;
}

/** What the random numbers are for; the owner is the path's number. */
const noiseStream = 1;

export class PathRate {
  readonly #medianBitsPerUs: number;
  readonly #stepUs: number;
  readonly #logSigma: number;
  readonly #keptPerStep: number;
  readonly #key: number;
  #step = -Infinity;
  #deviation = 0;
  #bitsPerUs: number;

  /** Paths of equal seed and number have the same deviations. */
  constructor(path: { kbps: number; noise: PathNoise | null; seed: number; number: number }) {
    const { noise } = path;
    this.#medianBitsPerUs = path.kbps / 1_000;
    this.#bitsPerUs = this.#medianBitsPerUs;
    this.#logSigma = noise?.logSigma ?? 0;
    this.#stepUs = this.#logSigma > 0 ? noise!.stepMs * 1_000 : Infinity;
    this.#keptPerStep = noise === null ? 0 : exp(-noise.stepMs / 1_000 / noise.correlationSec);
    this.#key = randomKey(path.seed, path.number);
  }

  /** The rate at an instant. Instants must not go back by a step or more. */
  bitsPerUs(atUs: number): number {
    if (this.#stepUs === Infinity) return this.#bitsPerUs;
    const step = Math.floor(atUs / this.#stepUs);
    if (step > this.#step) this.#draw(step);
    return this.#bitsPerUs;
  }

  /** When `bits` that begin at `fromUs` have passed, if nothing else hinders them. */
  endUs(fromUs: number, bits: number): number {
    let atUs = fromUs;
    let left = bits;
    for (;;) {
      const rate = this.bitsPerUs(atUs);
      const stepEndUs = this.#stepUs === Infinity ? Infinity : (this.#step + 1) * this.#stepUs;
      const endUs = atUs + left / rate;
      if (endUs <= stepEndUs) return endUs;
      left -= rate * (stepEndUs - atUs);
      atUs = stepEndUs;
    }
  }

  #draw(step: number): void {
    const kept = this.#keptPerStep ** (step - this.#step);
    const fresh = nearlyNormal(randomWord(this.#key, noiseStream, step >>> 0));
    this.#deviation = kept * this.#deviation + Math.sqrt(1 - kept * kept) * fresh;
    this.#step = step;
    this.#bitsPerUs = this.#medianBitsPerUs * exp(this.#logSigma * this.#deviation);
  }
}
