/**
 * A recorded link in time, as Sabre plays it: a request waits one latency, then its body comes at
 * the rate of the period. Latency that changes during a wait counts in parts. Floating-point
 * operations are in Sabre's order, so that sums agree to the last bit.
 */
import { AppError } from "../base/errors.ts";
import type { RecordedTrace } from "./recorded-media.ts";

/** Seconds of computing; only a link that carries next to nothing comes here. */
const periodCountMax = 50_000_000;
/** Ten seconds of computing and the downloads of some months. */
const partCountMax = 100_000_000;

export class RecordedLink {
  readonly #trace: RecordedTrace;
  readonly #rateRatio: number;
  #index = 0;
  #leftMs: number;
  #periodCount = 0;
  #partCount = 0;
  /** The bits and the time of the last `receiveSome`. */
  receivedBits = 0;
  receivingMs = 0;

  /** The link at the start of the trace, with rates multiplied by `rateRatio`. */
  constructor(trace: RecordedTrace, rateRatio: number) {
    this.#trace = trace;
    this.#rateRatio = rateRatio;
    this.#leftMs = trace.periodMs[0]!;
  }

  /** The rate of the present period. */
  kbps(): number {
    return this.#trace.kbps[this.#index]! * this.#rateRatio;
  }

  latencyMs(): number {
    return this.#trace.latencyMs[this.#index]!;
  }

  /** Lets `durationMs` pass without a download. */
  pass(durationMs: number): void {
    let ms = durationMs;
    while (ms > this.#leftMs) {
      ms -= this.#leftMs;
      this.#next();
    }
    this.#leftMs -= ms;
  }

  /** Waits one latency; returns how long that was. */
  awaitFirstByte(): number {
    let waitedMs = 0;
    let part = 1;
    while (part > 0) {
      const latencyMs = this.latencyMs();
      const ms = part * latencyMs;
      if (ms <= this.#leftMs) {
        waitedMs += ms;
        this.#leftMs -= ms;
        break;
      }
      waitedMs += this.#leftMs;
      part -= this.#leftMs / latencyMs;
      this.#next();
    }
    return waitedMs;
  }

  /** Receives all of `bits`; returns how long that took. */
  receive(bits: number): number {
    let receivingMs = 0;
    let missingBits = bits;
    while (missingBits > 0) {
      const kbps = this.kbps();
      const leftBits = this.#leftMs * kbps;
      if (missingBits <= leftBits) {
        const ms = missingBits / kbps;
        receivingMs += ms;
        this.#leftMs -= ms;
        break;
      }
      receivingMs += this.#leftMs;
      missingBits -= leftBits;
      this.#next();
    }
    return receivingMs;
  }

  /**
   * Receives up to `bits`, but no more than it takes to have both `bitsMin` and `msMin`. What came
   * and how long it took is in `receivedBits` and `receivingMs`.
   */
  receiveSome(bits: number, bitsMin: number, msMin: number): void {
    this.#partCount++;
    if (this.#partCount > partCountMax) throw endless(`${partCountMax} parts of downloads`);
    let missingBits = bits;
    let wantedBits = bitsMin;
    let wantedMs = msMin;
    this.receivedBits = 0;
    this.receivingMs = 0;
    while (missingBits > 0 && (wantedBits > 0 || wantedMs > 0)) {
      const kbps = this.kbps();
      const enoughBits = Math.max(wantedBits, wantedMs * kbps);
      const leftBits = this.#leftMs * kbps;
      let gotBits: number;
      let ms: number;
      if (kbps === 0 && !(wantedBits > 0 || wantedMs > this.#leftMs)) {
        gotBits = 0;
        ms = wantedMs;
        this.#leftMs -= ms;
      } else if (kbps > 0 && missingBits <= enoughBits && missingBits <= leftBits) {
        gotBits = missingBits;
        ms = gotBits / kbps;
        this.#leftMs -= ms;
      } else if (kbps > 0 && enoughBits <= leftBits) {
        gotBits = enoughBits;
        ms = gotBits / kbps;
        wantedBits = 0;
        wantedMs = 0;
        this.#leftMs -= ms;
      } else {
        gotBits = leftBits;
        ms = this.#leftMs;
        this.#next();
      }
      this.receivedBits += gotBits;
      this.receivingMs += ms;
      missingBits -= gotBits;
      wantedBits -= gotBits;
      wantedMs -= ms;
    }
  }

  #next(): void {
    this.#periodCount++;
    if (this.#periodCount > periodCountMax) throw endless(`${periodCountMax} periods`);
    this.#index++;
    if (this.#index === this.#trace.periodMs.length) this.#index = 0;
    this.#leftMs = this.#trace.periodMs[this.#index]!;
  }
}

function endless(after: string): AppError {
  return new AppError("SESSION_ENDLESS", `the link carries too little: no end after ${after}`);
}
