/**
 * No edge sends more than its link carries, in any quantum. Where links are ample this adds up, body
 * by body and by itself, what load.ts keeps as changes of a sum; where a link is shared it looks at
 * what SharedLink takes from the bodies.
 */
import type { ModelReport } from "../../config/schema-model-report.ts";
import { quantaPerWindow, turnWindowsMax, type SimPlan } from "../plan.ts";
import { SharedLink } from "../shared-link.ts";
import type { TurnOrders } from "../simulation.ts";
import { sum, sumCount, type World } from "../world.ts";
import { beganBody, Checker, endsBody } from "./checker.ts";

const toleranceRatio = 1e-9;
/** A viewer: bytes of broken bodies are whole, and no instant is finer than a microsecond. */
const bitsTolerance = 100;

interface WatchedLink {
  run: (this: SharedLink, startUs: number, endUs: number, bitsPerUs: number) => void;
  add: (
    this: SharedLink,
    owner: number,
    bits: number,
    capBitsPerUs: number,
    fromUs: number,
    stopUs: number,
  ) => void;
}

export class CheckCapacity extends Checker {
  #world: World | undefined;
  /** A row an edge, a column each quantum of the night. */
  #sentBits = new Float64Array(0);
  #capacityBits = new Float64Array(0);
  /** Of each edge and window: what the engine counted, and whether its link was ample. */
  #windowBits = new Float64Array(0);
  #isAmple = new Uint8Array(0);
  /** Of each viewer: from when and from what a body flows outside of a shared link; NaN: none. */
  #flowFromUs = new Float64Array(0);
  #flowEdge = new Int32Array(0);
  /** Bits that were left of the viewer's body when it last began to flow over an ample link. */
  #flowBits = new Float64Array(0);
  /** Whether its body is on a shared link, or was until that became ample. */
  #isOnLink = new Uint8Array(0);
  #linkTurn = new Int32Array(0);
  #linkBits = 0;
  #weight = 1;
  #turnStart = 0;
  #overInShared = 0;
  #stop: (() => void) | undefined;

  begin(world: World): void {
    const { plan } = world;
    const quanta = plan.edgeCount * plan.windowCount * quantaPerWindow;
    this.#world = world;
    this.#weight = plan.scenario.audience.sampleWeight;
    this.#sentBits = new Float64Array(quanta);
    this.#capacityBits = new Float64Array(plan.windowCount);
    this.#windowBits = new Float64Array(plan.edgeCount * plan.windowCount);
    this.#isAmple = new Uint8Array(plan.edgeCount * plan.windowCount);
    this.#flowFromUs = new Float64Array(plan.viewerCount).fill(Number.NaN);
    this.#flowEdge = new Int32Array(plan.viewerCount);
    this.#flowBits = new Float64Array(plan.viewerCount);
    this.#isOnLink = new Uint8Array(plan.viewerCount);
    this.#linkTurn = new Int32Array(plan.viewerCount);
    this.#stop = this.#watchLink();
  }

  beforeTurn(world: World, { turnStart, failOver }: TurnOrders): void {
    this.#turnStart = turnStart;
    if (!failOver) return;
    // Bodies of viewers who were sent away broke off now.
    const nowUs = turnStart * world.plan.windowUs;
    for (let i = 0; i < world.plan.viewerCount; i++) {
      if (Number.isNaN(this.#flowFromUs[i]!) || this.#flowEdge[i] === world.edge[i]) continue;
      this.#endFlow(world, i, nowUs, false);
    }
  }

  beforeEvent(world: World, i: number, edge: number): void {
    if (!endsBody(world, i) || Number.isNaN(this.#flowFromUs[i]!)) return;
    const nowUs = world.nextUs[i]!;
    if (world.isShared[edge] === 0) this.#endFlow(world, i, nowUs, nowUs >= world.bodyDoneUs[i]!);
    else this.#flowFromUs[i] = Number.NaN;
  }

  afterEvent(world: World, i: number, edge: number): void {
    if (!beganBody(world, i) || world.bodyFromPeer[i] === 1) return;
    this.#flowFromUs[i] = world.bodyFromUs[i]!;
    this.#flowBits[i] = 8 * world.bodyBytes[i]!;
    this.#flowEdge[i] = edge;
    this.#isOnLink[i] = world.isShared[edge]!;
    this.#linkTurn[i] = this.#turnStart;
  }

  afterTurn(world: World, { turnStart, turnEnd }: TurnOrders): void {
    const { plan } = world;
    for (let window = turnStart; window < turnEnd; window++) {
      this.#capacityBits[window] = world.edgeBitsPerUs[0]! * plan.quantumUs;
      for (let edge = 0; edge < plan.edgeCount; edge++) {
        const at = edge * plan.windowCount + window;
        if (world.edgeState[edge] !== 0) continue;
        this.#windowBits[at] = world.windowBits[edge * turnWindowsMax + window - turnStart]!;
        this.#isAmple[at] = world.isShared[edge] === 0 ? 1 : 0;
      }
    }
  }

  end(world: World): void {
    this.#stop?.();
    const { plan } = world;
    const endUs = plan.windowCount * plan.windowUs;
    for (let i = 0; i < plan.viewerCount; i++) {
      if (Number.isNaN(this.#flowFromUs[i]!) || world.isShared[this.#flowEdge[i]!] === 1) continue;
      const doneUs = world.bodyDoneUs[i]!;
      this.#endFlow(world, i, Math.min(doneUs, endUs), doneUs <= endUs);
    }
    let overCount = this.#overInShared;
    for (let at = 0; at < this.#isAmple.length; at++) {
      if (this.#isAmple[at] === 1) overCount += this.#checkWindow(plan, at);
    }
    let counted = 0;
    for (let edge = 0; edge < plan.edgeCount; edge++) {
      counted += world.sums[edge * sumCount + sum.overCapacityQuanta]!;
    }
    this.require(counted === overCount, () => `${counted} of ${overCount} full quanta counted`);
  }

  protected override conclude({ conservation }: ModelReport): void {
    const { overCapacityQuanta, edgeEgressBytes } = conservation;
    const sentBits = this.#sentBits.reduce((total, bits) => total + bits, this.#linkBits);
    const countedBits = (8 * Number(edgeEgressBytes)) / this.#weight;
    this.require(
      Math.abs(sentBits - countedBits) <= bitsTolerance * this.#flowFromUs.length + 1e-9 * sentBits,
      () => `links carried ${sentBits} bits, bodies had ${countedBits}`,
    );
    this.require(overCapacityQuanta === 0, () => `${overCapacityQuanta} quanta over capacity`);
  }

  /** Compares one edge and window with the engine; returns how many of its quanta are too full. */
  #checkWindow(plan: SimPlan, at: number): number {
    const window = at % plan.windowCount;
    const limit = this.#capacityBits[window]! * (1 + toleranceRatio);
    let total = 0;
    let overCount = 0;
    for (let n = 0; n < quantaPerWindow; n++) {
      const bits = this.#sentBits[at * quantaPerWindow + n]!;
      total += bits;
      if (bits > limit) overCount++;
    }
    const counted = this.#windowBits[at]!;
    this.require(
      Math.abs(total - counted) <= 1e-6 * (total + 1_000),
      () =>
        `edge ${Math.floor(at / plan.windowCount)} sent ${total} bits in window ${window}, counted ${counted}`,
    );
    return overCount;
  }

  /** The body of viewer i stops flowing over an ample link. */
  #endFlow(world: World, i: number, endUs: number, isComplete: boolean): void {
    this.#becomeFree(world, i);
    const fromUs = this.#flowFromUs[i]!;
    this.#flowFromUs[i] = Number.NaN;
    const sentBits = world.bodyBitsPerUs[i]! * Math.max(0, endUs - fromUs);
    const bits = isComplete ? this.#flowBits[i]! : Math.min(sentBits, this.#flowBits[i]!);
    this.#spread(world.plan, this.#flowEdge[i]!, { fromUs, endUs, bits });
  }

  /** A body that the engine took off a shared link flows by itself since that became ample. */
  #becomeFree(world: World, i: number): void {
    if (this.#isOnLink[i] === 0) return;
    const sinceUs = this.#freeSinceUs(world, this.#flowEdge[i]!);
    this.#flowFromUs[i] = Math.max(this.#flowFromUs[i]!, sinceUs);
    this.#isOnLink[i] = 0;
  }

  /** When the edge's link became ample: the start of the first window since it was shared. */
  #freeSinceUs({ plan }: World, edge: number): number {
    let window = this.#turnStart;
    while (window > 0 && this.#isAmple[edge * plan.windowCount + window - 1] === 1) window--;
    return window * plan.windowUs;
  }

  #spread(plan: SimPlan, edge: number, of: { fromUs: number; endUs: number; bits: number }): void {
    const { fromUs, endUs, bits } = of;
    if (endUs <= fromUs) return;
    const bitsPerUs = bits / (endUs - fromUs);
    const row = edge * plan.windowCount * quantaPerWindow;
    const quantumCount = plan.windowCount * quantaPerWindow;
    for (let n = Math.floor(fromUs / plan.quantumUs); n < quantumCount; n++) {
      const startUs = n * plan.quantumUs;
      if (startUs >= endUs) return;
      const upToUs = Math.min(endUs, startUs + plan.quantumUs);
      this.#sentBits[row + n]! += bitsPerUs * (upToUs - Math.max(fromUs, startUs));
    }
  }

  /** Looks at every quantum of every shared link, and at bodies that come to it from an ample one. */
  #watchLink(): () => void {
    const watched = SharedLink.prototype as WatchedLink;
    const { run, add } = watched;
    const takeOver = this.#takeOver.bind(this);
    const checkQuantum = this.#checkQuantum.bind(this);
    watched.add = function (owner, bits, capBitsPerUs, fromUs, stopUs) {
      takeOver(owner, bits);
      add.call(this, owner, bits, capBitsPerUs, fromUs, stopUs);
    };
    watched.run = function (startUs, endUs, bitsPerUs) {
      const before = this.bitsLeft.slice(0, this.count);
      run.call(this, startUs, endUs, bitsPerUs);
      checkQuantum(this, { before, bitsPerUs, lengthUs: endUs - startUs });
    };
    return () => Object.assign(watched, { run, add });
  }

  /** The body of viewer i goes on over a shared link, or begins there. */
  #takeOver(i: number, bitsLeft: number): void {
    const world = this.#world!;
    const { plan } = world;
    const edge = this.#flowEdge[i]!;
    const wasAmple = this.#isAmple[edge * plan.windowCount + this.#turnStart - 1] === 1;
    const endUs = this.#turnStart * plan.windowUs;
    const isThere = this.#isOnLink[i] === 1 && this.#linkTurn[i] === this.#turnStart;
    if (!isThere && wasAmple && world.bodyFromUs[i]! < endUs) {
      this.#becomeFree(world, i);
      const fromUs = this.#flowFromUs[i]!;
      const bits = world.bodyBitsPerUs[i]! * (endUs - fromUs);
      const left = this.#flowBits[i]! - bits;
      this.require(
        Math.abs(left - bitsLeft) <= world.bodyBitsPerUs[i]! + 1e-6,
        () => `viewer ${i} came to the shared link with ${bitsLeft} bits instead of ${left}`,
      );
      this.#spread(plan, edge, { fromUs, endUs, bits: this.#flowBits[i]! - bitsLeft });
    }
    this.#isOnLink[i] = 1;
    this.#linkTurn[i] = this.#turnStart;
  }

  #checkQuantum(
    link: SharedLink,
    of: { before: Float64Array; bitsPerUs: number; lengthUs: number },
  ): void {
    const { before, bitsPerUs, lengthUs } = of;
    const capacity = this.#world!.edgeBitsPerUs[0]!;
    this.require(bitsPerUs === capacity, () => `the link had ${bitsPerUs} of ${capacity}`);
    let taken = 0;
    before.forEach((bits, j) => {
      const got = bits - link.bitsLeft[j]!;
      taken += got;
      this.#flowBits[link.owner[j]!] = link.bitsLeft[j]!;
      this.require(
        got >= 0 && got <= link.capBitsPerUs[j]! * lengthUs * (1 + toleranceRatio),
        () => `a body got ${got} bits, its path carries ${link.capBitsPerUs[j]! * lengthUs}`,
      );
    });
    this.require(
      Math.abs(taken - link.sentBits) <= 1e-6 * (taken + 1),
      () => `bodies got ${taken} bits, the link counted ${link.sentBits}`,
    );
    this.#linkBits += link.sentBits;
    if (link.sentBits > bitsPerUs * lengthUs * (1 + toleranceRatio)) this.#overInShared++;
  }
}
