/** What an edge or shield has at an instant: the newest segment it lists, and when one is there. */
import { msnAtStart, windowOf, type SimPlan } from "./plan.ts";
import { recentCount, type World } from "./world.ts";

const recentMask = recentCount - 1;

/** Where the times of a segment stand in columns of recent segments; `row` is node and rung. */
export function recentSlot(row: number, msn: number): number {
  return row * recentCount + (msn & recentMask);
}

/** The newest segment listed at `atUs` by an edge, or -1 when it does not follow the rung. */
export function newestAtEdge(world: World, row: number, atUs: number): number {
  // Whatever is listed at the origin by then is among these; rounding may cost one.
  const newest = Math.min(world.newestMsn[row]!, newestAtOrigin(world.plan, atUs) + 1);
  return newestAt(world.listedUs, row, newest, atUs);
}

/** The same of a shield. */
export function newestAtShield(world: World, row: number, atUs: number): number {
  return newestAt(world.shieldListedUs, row, world.shieldNewestMsn[row]!, atUs);
}

function newestAt(listedUs: Float64Array, row: number, newest: number, atUs: number): number {
  let msn = newest;
  while (msn >= 0 && listedUs[recentSlot(row, msn)]! > atUs) {
    msn--;
    if (newest - msn >= recentCount) return -1;
  }
  return msn;
}

/** When a segment is there at an edge; NaN when the edge has not asked for it. */
export function readyAtEdge(world: World, row: number, msn: number): number {
  const newest = world.newestMsn[row]!;
  if (newest < 0 || msn > newest || newest - msn >= recentCount) return Number.NaN;
  return world.readyUs[recentSlot(row, msn)]!;
}

/** When the origin lists a segment. */
export function listedAtOriginUs(plan: SimPlan, msn: number): number {
  return (msn + 1 - msnAtStart) * plan.windowUs + plan.publishDelayUs;
}

/** The newest segment that the origin lists at `atUs`. */
export function newestAtOrigin(plan: SimPlan, atUs: number): number {
  return windowOf(plan, atUs - plan.publishDelayUs) - 1 + msnAtStart;
}
