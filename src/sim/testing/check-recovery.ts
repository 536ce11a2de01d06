/**
 * Nobody starves once what was broken is whole again: every session that was open then gets a segment
 * soon. How soon depends on the viewer's own path, which may be slow by itself.
 */
import type { ScenarioEvent } from "../../config/schema-scenario.ts";
import { isOpen } from "../edge-shard.ts";
import type { SimPlan } from "../plan.ts";
import type { TurnOrders } from "../simulation.ts";
import type { World } from "../world.ts";
import { Checker, endsBody } from "./checker.ts";

/** Time to notice: a request under way hangs for 10 s at most, and retries pause for 8 s. */
const noticeUs = 20e6;
/** A path may be this much slower than its median for a while. */
const slowRatio = 0.4;

export class CheckRecovery extends Checker {
  #lastUs = new Float64Array(0);
  #joinedUs = new Float64Array(0);
  /** When something was whole again, and whether that was looked at. */
  #healedUs: number[] = [];

  begin({ plan }: World): void {
    this.#lastUs = new Float64Array(plan.viewerCount).fill(-Infinity);
    this.#joinedUs = new Float64Array(plan.viewerCount).fill(Infinity);
    this.#healedUs = plan.scenario.events
      .filter((event, n, events) => heals(event, events.slice(0, n)))
      .map(({ atSec }) => 1e6 * atSec);
  }

  beforeEvent(world: World, i: number): void {
    const isComplete = world.nextUs[i]! >= world.bodyDoneUs[i]!;
    if (endsBody(world, i) && isComplete) this.#lastUs[i] = world.nextUs[i]!;
  }

  afterEvent(world: World, i: number): void {
    this.#joinedUs[i] = 1_000 * world.viewers.joinedMs[i]!;
  }

  afterTurn(world: World, { turnEnd }: TurnOrders): void {
    const nowUs = turnEnd * world.plan.windowUs;
    for (const healedUs of this.#healedUs) {
      if (nowUs < healedUs + noticeUs || nowUs > healedUs + 6 * noticeUs) continue;
      for (let i = 0; i < world.plan.viewerCount; i++) this.#look(world, i, healedUs, nowUs);
    }
  }

  #look(world: World, i: number, healedUs: number, nowUs: number): void {
    if (!isOpen(world, i) || world.viewers.startupMs[i]! < 0) return;
    const sinceUs = Math.max(healedUs, this.#joinedUs[i]!, this.#lastUs[i]!);
    const limitUs = noticeUs + segmentUs(world.plan, world.pathLog2[i]!);
    this.require(
      nowUs - sinceUs <= limitUs,
      () => `viewer ${i} has had nothing for ${(nowUs - sinceUs) / 1e6} s at ${nowUs / 1e6} s`,
    );
  }
}

/** How long a segment of the lowest rung takes on the viewer's path in a bad time. */
function segmentUs({ sizeBytes }: SimPlan, pathLog2: number): number {
  return (8 * sizeBytes[0]!) / (slowRatio * 2 ** pathLog2);
}

function heals(event: ScenarioEvent, before: readonly ScenarioEvent[]): boolean {
  if (event.kind === "edge-up" || event.kind === "shield-up") return true;
  if (event.kind !== "capacity") return false;
  const last = before.findLast(({ kind }) => kind === "capacity");
  return last?.kind === "capacity" && event.ratio > last.ratio;
}
