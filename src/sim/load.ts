/**
 * How much an edge sends, quantum by quantum. Bodies whose rate is known when they begin are entered
 * as changes of the load at their start and end; a running sum then gives the exact mean load of each
 * quantum, whatever the order they were entered in.
 */
import { quantaPerWindow, turnWindowsMax } from "./plan.ts";
import { loadRingCount, sum, sumCount, type World } from "./world.ts";

const ringMask = loadRingCount - 1;
/** Sums of floating-point changes drift; this much over capacity is arithmetic, not load. */
const tolerance = 1 + 1e-9;

/** A body of edge `edge` flows at `bitsPerUs` from one instant to another. */
export function addLoad(
  world: World,
  edge: number,
  fromUs: number,
  toUs: number,
  bitsPerUs: number,
): void {
  change(world, edge, fromUs, bitsPerUs);
  change(world, edge, toUs, -bitsPerUs);
}

function change(world: World, edge: number, atUs: number, bitsPerUs: number): void {
  const ring = world.loadRing;
  const at = atUs * world.plan.quantaPerUs;
  const quantum = Math.floor(at);
  const later = bitsPerUs * (at - quantum);
  const row = edge * loadRingCount;
  const here = row + (quantum & ringMask);
  const next = row + ((quantum + 1) & ringMask);
  ring[here] = ring[here]! + (bitsPerUs - later);
  ring[next] = ring[next]! + later;
}

/**
 * Takes the loads of a window, the n-th of its turn, out of the ring: its sum, its peak, and whether
 * it was too much.
 */
export function closeWindow(world: World, edge: number, window: number, n: number): void {
  const { loadRing, plan, edgeBitsPerUs, loadBitsPerUs } = world;
  const row = edge * loadRingCount;
  const first = window * quantaPerWindow;
  let level = loadBitsPerUs[edge]!;
  let total = 0;
  let peak = 0;
  let overCount = 0;
  const limit = edgeBitsPerUs[edge]! * tolerance;
  for (let quantum = first; quantum < first + quantaPerWindow; quantum++) {
    const slot = row + (quantum & ringMask);
    level += loadRing[slot]!;
    loadRing[slot] = 0;
    total += level;
    if (level > peak) peak = level;
    if (level > limit) overCount++;
  }
  loadBitsPerUs[edge] = level;
  world.windowBits[edge * turnWindowsMax + n] = total * plan.quantumUs;
  world.windowPeakBits[edge * turnWindowsMax + n] = peak * plan.quantumUs;
  world.sums[edge * sumCount + sum.overCapacityQuanta]! += overCount;
}

/** Forgets all that was entered: the edge is down, or its link is shared out from now on. */
export function clearLoad(world: World, edge: number): void {
  world.loadRing.fill(0, edge * loadRingCount, (edge + 1) * loadRingCount);
  world.loadBitsPerUs[edge] = 0;
}
