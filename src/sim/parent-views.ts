/** What relays see of their parents: of the origin by arithmetic, of shields by their columns. */
import { listedAtOriginUs, recentSlot } from "./listing.ts";
import type { SimPlan } from "./plan.ts";
import type { ParentView } from "./tier-node.ts";
import { nodeState, type World } from "./world.ts";

/** The origin never fails: it makes each segment on time. */
export function originView(plan: SimPlan): ParentView {
  return {
    state: () => "up",
    listedUs: (_rung, msn) => listedAtOriginUs(plan, msn),
    readyUs: (_rung, msn) => listedAtOriginUs(plan, msn),
  };
}

/** A shield, as its edges see it. */
export function parentOf(world: World, shield: number): ParentView {
  const firstRow = shield * world.plan.rungKbps.length;
  const known = (column: Float64Array, rung: number, msn: number): number => {
    const row = firstRow + rung;
    const newest = world.shieldNewestMsn[row]!;
    if (newest < 0 || msn > newest) return Infinity;
    const atUs = column[recentSlot(row, msn)]!;
    return Number.isNaN(atUs) ? Infinity : atUs;
  };
  return {
    state: () => {
      const state = world.shieldState[shield];
      if (state === nodeState.up) return "up";
      return state === nodeState.reset ? "reset" : "silent";
    },
    listedUs: (rung, msn) => known(world.shieldListedUs, rung, msn),
    readyUs: (rung, msn) => known(world.shieldReadyUs, rung, msn),
  };
}
