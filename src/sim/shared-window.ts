/**
 * One window of an edge whose link is shared out: quantum by quantum, first the events that fall into
 * it, then the bits. A body that begins within a quantum flows from then on; one that ends wakes its
 * viewer at that very instant.
 */
import { quantaPerWindow, turnWindowsMax } from "./plan.ts";
import type { Shard } from "./shard.ts";
import { SharedLink } from "./shared-link.ts";
import { runEvent } from "./viewer-step.ts";
import { act, sum, sumCount } from "./world.ts";

/** Loads above capacity by less than this are arithmetic. */
const tolerance = 1 + 1e-9;

export class SharedWindow {
  readonly #link = new SharedLink();
  /** First viewer with an event in each quantum; the others follow by `nextInQuantum`. */
  readonly #heads = new Int32Array(quantaPerWindow);
  #startUs = 0;
  #endUs = 0;
  #quantum = 0;

  /** Runs the n-th window of the shard's turn. */
  run(s: Shard, e: number, members: Int32Array, nth: number): void {
    const { world, plan } = s;
    this.#startUs = (s.turnStart + nth) * plan.windowUs;
    this.#endUs = this.#startUs + plan.windowUs;
    this.#heads.fill(-1);
    this.#quantum = 0;
    this.#link.clear();
    for (const i of members) {
      if (world.act[i] === act.flowing) this.#flow(s, i, this.#startUs);
      else if (world.nextUs[i]! < this.#endUs) this.#enter(s, i);
    }
    let total = 0;
    let peak = 0;
    const limit = world.edgeBitsPerUs[e]! * plan.quantumUs;
    for (; this.#quantum < quantaPerWindow; this.#quantum++) {
      this.#runQuantum(s, e);
      const { sentBits } = this.#link;
      total += sentBits;
      peak = Math.max(peak, sentBits);
      if (sentBits > limit * tolerance) world.sums[e * sumCount + sum.overCapacityQuanta]! += 1;
    }
    this.#keep(s);
    world.windowBits[e * turnWindowsMax + nth] = total;
    world.windowPeakBits[e * turnWindowsMax + nth] = peak;
  }

  #runQuantum(s: Shard, e: number): void {
    const { world, plan } = s;
    const startUs = this.#startUs + this.#quantum * plan.quantumUs;
    const endUs = startUs + plan.quantumUs;
    let i = this.#heads[this.#quantum]!;
    this.#heads[this.#quantum] = -1;
    while (i !== -1) {
      const following = world.nextInQuantum[i]!;
      this.#runEvents(s, i, e, startUs, endUs);
      i = following;
    }
    const link = this.#link;
    link.run(startUs, endUs, world.edgeBitsPerUs[e]!);
    for (let n = 0; n < link.endedCount; n++) {
      const j = link.ended[n]!;
      const owner = link.owner[j]!;
      const left = link.bitsLeft[j]!;
      const atUs = Math.ceil(link.endedUs[n]!);
      link.remove(j);
      world.bodyBitsLeft[owner] = left;
      if (left === 0) world.bodyDoneUs[owner] = atUs;
      world.act[owner] = act.finish;
      world.nextUs[owner] = atUs;
      // The bits of this quantum are shared out: what begins in it flows from the next one on.
      this.#runEvents(s, owner, e, endUs, endUs);
    }
  }

  /** Runs all that the viewer does before `endUs`; its next body flows from `flowUs` on at the earliest. */
  #runEvents(s: Shard, i: number, e: number, flowUs: number, endUs: number): void {
    const { world } = s;
    while (world.nextUs[i]! < endUs) {
      if (world.act[i] === act.flowStart) {
        this.#flow(s, i, flowUs);
        return;
      }
      runEvent(s, i, e);
    }
    this.#enter(s, i);
  }

  /** The viewer's body is under way; the link says when it ends. */
  #flow(s: Shard, i: number, earliestUs: number): void {
    const { world } = s;
    const fromUs = Math.max(world.bodyFromUs[i]!, earliestUs);
    const stopUs = Math.min(world.endUs[i]!, world.bodyAskedUs[i]! + s.loadTimeoutUs);
    this.#link.add(i, world.bodyBitsLeft[i]!, world.bodyBitsPerUs[i]!, fromUs, stopUs);
    world.act[i] = act.flowing;
    world.nextUs[i] = Infinity;
  }

  /** Puts the viewer's next event into its quantum, if it falls into this window. */
  #enter(s: Shard, i: number): void {
    const { world, plan } = s;
    const atUs = world.nextUs[i]!;
    if (atUs >= this.#endUs) return;
    const quantum = Math.max(this.#quantum, Math.floor((atUs - this.#startUs) / plan.quantumUs));
    world.nextInQuantum[i] = this.#heads[quantum]!;
    this.#heads[quantum] = i;
  }

  /** Bodies that go on in the next window. */
  #keep(s: Shard): void {
    const link = this.#link;
    for (let j = 0; j < link.count; j++) s.world.bodyBitsLeft[link.owner[j]!] = link.bitsLeft[j]!;
  }
}
