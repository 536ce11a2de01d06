/**
 * One edge through one turn of some windows. Where its link carries whatever its viewers' paths do, each viewer runs
 * through them by itself, in the order they lie in memory. Where it may not, the link is shared
 * out quantum by quantum (shared-window.ts). An edge changes over between turns, bodies and all.
 */
import { addLoad, clearLoad, closeWindow } from "./load.ts";
import { turnWindowsMax } from "./plan.ts";
import type { Shard } from "./shard.ts";
import type { SharedWindow } from "./shared-window.ts";
import { runSteadily } from "./steady-sweep.ts";
import { runEvent } from "./viewer-step.ts";
import { act } from "./world.ts";

/** Share of its capacity that a link may use at its fullest and still count as ample ... */
const ampleRatioMax = 0.85;
/** ... less this many standard deviations of a load that so few viewers make. */
const sigmas = 2;
/** So few viewers may fill a link by chance at any time: it is always shared out. */
const fewViewers = 200;
/** A link that was shared goes back to ample this much lower. */
const hysteresisRatio = 0.1;
/** Share of an edge's viewers that may arrive within a turn before its link is shared at once. */
const arrivalRatioMax = 0.05;

/** Runs the viewers of edge e, by index in `members`, through the shard's turn. */
export function runEdgeTurn(
  s: Shard,
  e: number,
  members: Int32Array,
  link: SharedWindow,
  mustShare: boolean,
): void {
  const { world } = s;
  const isShared = world.isShared[e] === 1;
  const wants = mustShare || wantsSharing(s, e, members);
  if (wants && !isShared) shareLink(s, e, members);
  else if (!wants && isShared) freeLink(s, e, members);
  world.isShared[e] = wants ? 1 : 0;
  s.isShared = wants;
  if (!wants) {
    if (s.isSteady) runSteadily(s, e, members);
    else runFree(s, e, members);
  }
  for (let n = 0; n < s.turnEnd - s.turnStart; n++) {
    if (wants) link.run(s, e, members, n);
    else closeWindow(world, e, s.turnStart + n, n);
  }
  keepLast(s, e);
}

/** What the next turn decides by. */
function keepLast(s: Shard, e: number): void {
  const { world } = s;
  const first = e * turnWindowsMax;
  const last = first + s.turnEnd - s.turnStart - 1;
  world.lastBits[e] = world.windowBits[last]!;
  let peak = 0;
  for (let n = first; n <= last; n++) peak = Math.max(peak, world.windowPeakBits[n]!);
  world.lastPeakBits[e] = peak;
}

function runFree(s: Shard, e: number, members: Int32Array): void {
  const { nextUs } = s.world;
  const { turnEndUs } = s;
  for (const i of members) {
    while (nextUs[i]! < turnEndUs) runEvent(s, i, e);
  }
}

function wantsSharing(s: Shard, e: number, members: Int32Array): boolean {
  const { world, plan } = s;
  if (members.length < fewViewers) return true;
  const peakRatio = world.lastPeakBits[e]! / (world.edgeBitsPerUs[e]! * plan.quantumUs);
  const margin = sigmas / Math.sqrt(members.length + 1);
  const limit = ampleRatioMax - margin - (world.isShared[e] === 1 ? hysteresisRatio : 0);
  if (peakRatio > limit) return true;
  return s.hasArrivals && arrivalsOf(s, members) > arrivalRatioMax * members.length;
}

function arrivalsOf(s: Shard, members: Int32Array): number {
  const { nextUs, act: kinds } = s.world;
  let arrivals = 0;
  for (const i of members) {
    if (kinds[i] === act.join && nextUs[i]! < s.turnEndUs) arrivals++;
  }
  return arrivals;
}

/** From now on the link says when bodies end. */
function shareLink(s: Shard, e: number, members: Int32Array): void {
  const { world } = s;
  const startUs = s.turnStart * s.plan.windowUs;
  clearLoad(world, e);
  for (const i of members) {
    if (world.act[i] !== act.finish || world.bodyFromPeer[i] === 1) continue;
    const flowedUs = Math.max(0, startUs - world.bodyFromUs[i]!);
    // Counted from its end: it may have begun on a shared link, at less than its path's rate.
    const leftBits = (world.bodyDoneUs[i]! - startUs) * world.bodyBitsPerUs[i]!;
    world.bodyBitsLeft[i] = Math.min(8 * world.bodyBytes[i]!, leftBits);
    world.bodyDoneUs[i] = Infinity;
    if (flowedUs > 0) {
      world.act[i] = act.flowing;
      world.nextUs[i] = Infinity;
    } else {
      const stopUs = world.nextUs[i]!;
      const begins = world.bodyFromUs[i]! < stopUs;
      world.act[i] = begins ? act.flowStart : act.finish;
      world.nextUs[i] = begins ? world.bodyFromUs[i]! : stopUs;
    }
  }
}

/** From now on each body flows at its path's rate, and ends when it will. */
function freeLink(s: Shard, e: number, members: Int32Array): void {
  const { world } = s;
  const startUs = s.turnStart * s.plan.windowUs;
  for (const i of members) {
    const kind = world.act[i];
    if (kind !== act.flowing && kind !== act.flowStart) continue;
    const bits = world.bodyBitsLeft[i]!;
    const rate = world.bodyBitsPerUs[i]!;
    const fromUs = Math.max(startUs, world.bodyFromUs[i]!);
    const lastBitUs = fromUs + bits / rate;
    const doneUs = Math.ceil(lastBitUs);
    const stopUs = Math.min(world.endUs[i]!, world.bodyAskedUs[i]! + s.loadTimeoutUs);
    const endUs = Math.max(startUs, Math.min(doneUs, stopUs));
    world.bodyDoneUs[i] = doneUs;
    world.act[i] = act.finish;
    world.nextUs[i] = endUs;
    if (endUs > fromUs) addLoad(world, e, fromUs, Math.min(lastBitUs, endUs), rate);
  }
}
