/**
 * Runs a night in the test's own thread, with as many shards as it likes, and lets watchers look at
 * the world between turns. It takes the steps that loadtest/simulate takes with threads.
 */
import type { Scenario } from "../../config/schema-scenario.ts";
import type { ModelReport } from "../../config/schema-model-report.ts";
import { Arena } from "../arena.ts";
import { EdgeShard } from "../edge-shard.ts";
import { modelReportOf } from "../model-report.ts";
import { planOf, type SimPlan } from "../plan.ts";
import {
  layOutNight,
  nightBytes,
  shardBounds,
  Simulation,
  type NightMemory,
  type TurnOrders,
} from "../simulation.ts";
import type { World } from "../world.ts";
import { watchEvents, type EventWatch } from "./watched-events.ts";

/** Looks on; changes nothing. Events are seen where the test has runEvent watched. */
export interface NightWatch extends EventWatch {
  /** Nothing is there yet but the plan and, empty, the world. */
  prepare?(world: World): void;
  /** Everybody is in place, nothing has happened. */
  begin?(world: World): void;
  /** What the scenario has happen has happened; viewers of lost edges have been sent away. */
  beforeTurn?(world: World, turn: TurnOrders): void;
  /** All edges have run the turn. */
  afterTurn?(world: World, turn: TurnOrders): void;
  /** What was under way at the end has been counted. */
  end?(world: World): void;
}

export interface Night {
  plan: SimPlan;
  world: World;
  memory: NightMemory;
  report: ModelReport;
}

/** All columns of a night that has not begun. */
export function memoryOf(plan: SimPlan, shardCount = 1): NightMemory {
  return layOutNight(plan, shardCount, new Arena(new ArrayBuffer(nightBytes(plan, shardCount))));
}

export function runNight(
  scenario: Scenario,
  { shardCount = 1, watches = [] }: { shardCount?: number; watches?: readonly NightWatch[] } = {},
): Night {
  const plan = planOf(scenario);
  const memory = memoryOf(plan, shardCount);
  const { world, counts } = memory;
  const stopWatching = watchEvents(watches);
  const each = (told: (watch: NightWatch) => void): void => watches.forEach(told);
  each((watch) => watch.prepare?.(world));
  const simulation = new Simulation(plan, memory);
  const bounds = shardBounds(plan.edgeCount, shardCount);
  const shards = counts.map((of, n) => new EdgeShard(world, of, bounds[n]!, bounds[n + 1]!));
  each((watch) => watch.begin?.(world));
  for (let window = 0; window < plan.windowCount;) {
    const turn = simulation.beginTurn(window);
    if (turn.failOver) for (const shard of shards) shard.failOver(window);
    if (turn.findMembers) for (const shard of shards) shard.findMembers();
    each((watch) => watch.beforeTurn?.(world, turn));
    for (const shard of shards) shard.runTurn(window, turn.turnEnd);
    simulation.endTurn(turn);
    each((watch) => watch.afterTurn?.(world, turn));
    window = turn.turnEnd;
  }
  for (const shard of shards) shard.finish(plan.windowCount - 1);
  each((watch) => watch.end?.(world));
  stopWatching();
  const { log } = simulation;
  const report = modelReportOf({ plan, world, counts, log, commit: "test" });
  return { plan, world, memory, report };
}
