/**
 * The uplink of one edge, shared by its connections: capped max-min sharing, as in the simulator
 * (src/sim/shared-link.ts). Quantum by quantum every flow that has data gets the lesser of its
 * path's rate and a level that is the same for all; within a quantum, ends are exact. What nobody
 * used can be made up for within one more quantum, and is lost then.
 */
import type { PathRate } from "./path-rate.ts";
import { Timer, type Schedule } from "./schedule.ts";

/** Below the 20 ms at which shared links are off by 0.4 % at most (measured for the simulator). */
export const quantumUs = 10_000;

/** One connection's use of the bucket: at most one piece of data at a time. */
export interface Flow {
  readonly rate: PathRate;
  /** Fires when the piece has passed. */
  readonly timer: Timer;
  /** What is left of the piece, and the instant from which on it is left. */
  bitsLeft: number;
  fromUs: number;
  /** What the flow gets until the end of the quantum; 0: it waits for the next one. */
  bitsPerUs: number;
  /** Place among the bucket's flows; -1: it is not among them. */
  place: number;
}

export class SharedBucket {
  readonly #schedule: Schedule;
  readonly #bitsPerUs: number;
  readonly #flows: Flow[] = [];
  /** Flows of the quantum whose share is not found yet. */
  readonly #open: Flow[] = [];
  readonly #tick = new Timer((startUs) => this.#beginQuantum(startUs));
  #endUs = 0;
  /** Whether a quantum is under way; otherwise the tick is when the next flow begins. */
  #isRunning = false;
  /** What this quantum may still send, bits. */
  #budgetBits = 0;

  constructor(schedule: Schedule, kbps: number) {
    this.#schedule = schedule;
    this.#bitsPerUs = kbps / 1_000;
  }

  /** Flows that have or just had data. */
  get flowCount(): number {
    return this.#flows.length;
  }

  /** The flow's next piece begins at `fromUs`. Its timer is set as soon as its end is known. */
  begin(flow: Flow, fromUs: number, bits: number): void {
    flow.bitsLeft = bits;
    flow.fromUs = fromUs;
    if (flow.place === -1) {
      flow.place = this.#flows.length;
      flow.bitsPerUs = 0;
      this.#flows.push(flow);
    }
    if (!this.#isRunning) {
      if (fromUs < this.#tick.atUs) this.#schedule.set(this.#tick, fromUs);
    } else if (flow.bitsPerUs > 0 && fromUs < this.#endUs) this.#carry(flow);
  }

  /** The flow is over, whatever is left of it. */
  remove(flow: Flow): void {
    if (flow.place === -1) return;
    const last = this.#flows.pop()!;
    if (last !== flow) {
      this.#flows[flow.place] = last;
      last.place = flow.place;
    }
    flow.place = -1;
    flow.bitsLeft = 0;
    if (this.#flows.length > 0) return;
    this.#schedule.cancel(this.#tick);
    this.#isRunning = false;
  }

  #beginQuantum(startUs: number): void {
    const wholeBits = this.#bitsPerUs * quantumUs;
    const spareBits = this.#isRunning ? Math.min(this.#budgetBits, wholeBits) : 0;
    this.#budgetBits = wholeBits + Math.max(0, spareBits);
    this.#endUs = startUs + quantumUs;
    const soonestUs = this.#gather(startUs);
    if (this.#flows.length === 0) {
      this.#isRunning = false;
      return;
    }
    // Flows that end at this very instant may go on: they keep the quantum running.
    this.#isRunning = this.#open.length > 0 || soonestUs <= startUs;
    this.#schedule.set(this.#tick, this.#isRunning ? this.#endUs : soonestUs);
    this.#share();
  }

  /**
   * Finds the flows of the quantum and forgets those that have nothing. Returns when the first of the
   * others begins.
   */
  #gather(startUs: number): number {
    const flows = this.#flows;
    let soonestUs = Infinity;
    this.#open.length = 0;
    for (let n = flows.length - 1; n >= 0; n--) {
      const flow = flows[n]!;
      flow.bitsPerUs = 0;
      if (flow.bitsLeft === 0) {
        if (flow.timer.place === -1) this.remove(flow);
        else soonestUs = startUs;
      } else if (flow.fromUs > startUs) soonestUs = Math.min(soonestUs, flow.fromUs);
      else {
        // It may have begun since the last tick; before that there was nothing to be had.
        flow.fromUs = Math.max(flow.fromUs, startUs - quantumUs);
        flow.bitsPerUs = flow.rate.bitsPerUs(startUs);
        this.#open.push(flow);
      }
    }
    return soonestUs;
  }

  /** Water-filling: flows whose paths carry less than the level leave the rest to the others. */
  #share(): void {
    const open = this.#open;
    const members = open.length;
    let bits = this.#budgetBits;
    let spanUs = 0;
    for (const flow of open) spanUs += this.#endUs - flow.fromUs;
    let level = Infinity;
    for (let count = members, before = Infinity; count > 0 && count < before;) {
      before = count;
      level = bits / spanUs;
      // Flows with more than the level are moved to the front, the others behind them.
      for (let n = 0; n < count;) {
        const flow = open[n]!;
        if (flow.bitsPerUs > level) {
          n++;
          continue;
        }
        const ownUs = this.#endUs - flow.fromUs;
        bits -= flow.bitsPerUs * ownUs;
        spanUs -= ownUs;
        open[n] = open[--count]!;
        open[count] = flow;
      }
      if (count === 0) level = Infinity;
    }
    for (let n = 0; n < members; n++) {
      const flow = open[n]!;
      if (flow.bitsPerUs > level) flow.bitsPerUs = level;
      this.#carry(flow);
    }
  }

  /** Lets the piece pass until its end or that of the quantum. */
  #carry(flow: Flow): void {
    const bits = flow.bitsPerUs * (this.#endUs - flow.fromUs);
    if (flow.bitsLeft > bits) {
      flow.bitsLeft -= bits;
      flow.fromUs = this.#endUs;
      this.#budgetBits -= bits;
      return;
    }
    const endUs = flow.fromUs + flow.bitsLeft / flow.bitsPerUs;
    this.#budgetBits -= flow.bitsLeft;
    flow.bitsLeft = 0;
    // Within the last quantum, if the flow began then: the first piece is late by so much.
    this.#schedule.set(flow.timer, endUs);
  }
}
