/**
 * The night as a whole: between windows it applies what the scenario has happen, runs the shields and
 * collects what edges and viewers came to. Who runs the edges, and in how many threads, is the
 * caller's: `beginTurn`, then every shard's part, then `endTurn`.
 */
import type { ScenarioEvent } from "../config/schema-scenario.ts";
import type { SimOrder } from "../config/schema-sim-inputs.ts";
import { Arena } from "./arena.ts";
import { arrivedRatio } from "../viewer/arrival-curve.ts";
import { gatherAudience } from "./audience.ts";
import { changeLadder } from "./change-ladder.ts";
import { DrivenArrivals } from "./driven-arrivals.ts";
import { silentUs } from "./edge-shard.ts";
import { NightLog } from "./night-log.ts";
import { originView } from "./parent-views.ts";
import { turnWindowsMax, type SimPlan } from "./plan.ts";
import { layOutCounts, type ShardCounts } from "./shard.ts";
import { TierNode } from "./tier-node.ts";
import { flag, layOutWorld, nodeState, type World } from "./world.ts";

/** All columns of a night, and of what each shard counts, over one piece of memory. */
export interface NightMemory {
  world: World;
  counts: ShardCounts[];
}

export function layOutNight(plan: SimPlan, shardCount: number, arena: Arena): NightMemory {
  const world = layOutWorld(plan, arena);
  return { world, counts: Array.from({ length: shardCount }, () => layOutCounts(plan, arena)) };
}

/** Bytes that `layOutNight` takes. */
export function nightBytes(plan: SimPlan, shardCount: number): number {
  const arena = new Arena();
  layOutNight(plan, shardCount, arena);
  return arena.usedBytes;
}

/** First edge of each shard, and the number of edges as the last entry. */
export function shardBounds(edgeCount: number, shardCount: number): number[] {
  return Array.from({ length: shardCount + 1 }, (_, n) => Math.floor((n * edgeCount) / shardCount));
}

/** How far a run has come, and the picture there. */
export interface SimulationProgress {
  /** Instant of the night, and its length. */
  tSec: number;
  durationSec: number;
  viewers: number;
  egressGbps: number;
  stalledRatio: number;
  /** Segments asked for so far. */
  steps: number;
}

/** The next turn, and what shards have to do before it. */
export interface TurnOrders {
  /** Its first window, and the one after its last. */
  turnStart: number;
  turnEnd: number;

  /** Viewers of edges that went down go to others, in every shard, before anything else. */
  failOver: boolean;
  /** Members are to be found anew, after that. */
  findMembers: boolean;
}

/** What happens to the network or the ladder, by the scenario or by order. */
type NightEvent = Exclude<SimOrder, { kind: "join" }>;

/** Share of the audience whose arrival within one long turn is a rush. Arbitrary. */
const rushRatio = 0.03;

/** A dozen segments of a few seconds: players have made up their minds. Arbitrary. */
const settleUs = 40e6;

export class Simulation {
  readonly log: NightLog;
  readonly #plan: SimPlan;
  readonly #world: World;
  readonly #shields: TierNode[];
  readonly #events: ScenarioEvent[];
  /** Of a driven night only. */
  readonly #arrivals: DrivenArrivals | undefined;
  /** When the audience has settled after the last event. */
  #settledUs = 0;

  constructor(plan: SimPlan, { world, counts }: NightMemory) {
    this.#plan = plan;
    this.#world = world;
    this.#events = [...plan.scenario.events].sort((a, b) => a.atSec - b.atSec);
    world.edgeBitsPerUs.fill(plan.edgeBitsPerUs);
    gatherAudience(world);
    this.#arrivals = plan.isDriven ? new DrivenArrivals(world) : undefined;
    this.#shields = Array.from({ length: plan.shieldCount }, (_, shield) => this.#shield(shield));
    this.#warmShields();
    this.log = new NightLog(world, counts);
  }

  /**
   * What happens at the start of window `turnStart`, and how far edges may run by themselves from
   * there; the shields know all that edges will ask in that turn. `orders` are what a driven night is
   * told there, after the scenario's own events; night-inputs.ts has found them sound.
   */
  beginTurn(turnStart: number, orders: readonly SimOrder[] = []): TurnOrders {
    const { windowUs } = this.#plan;
    const world = this.#world;
    const startUs = turnStart * windowUs;
    const findMembers = world.flags[flag.moved] === 1;
    world.flags[flag.moved] = 0;
    const failOver = this.#happen(turnStart, orders);
    // Until an audience has settled after what happened, what links carry says nothing of what they
    // will: all of them are shared out.
    const isSettled = startUs >= this.#settledUs;
    world.flags[flag.mustShare] = isSettled ? 0 : 1;
    const turnEnd = isSettled ? this.#calmUntil(turnStart) : turnStart + 1;
    for (const shield of this.#shields) {
      for (let rung = 0; rung < this.#plan.rungKbps.length; rung++) {
        shield.demand(rung, this.#followers(rung), startUs);
      }
      shield.run(startUs, turnEnd * windowUs);
    }
    return { turnStart, turnEnd, failOver, findMembers: findMembers || failOver };
  }

  endTurn({ turnStart, turnEnd }: TurnOrders): void {
    this.log.addTurn(turnStart, turnEnd);
  }

  /** The picture at the end of the window, for who watches the run. */
  progress(window: number): SimulationProgress {
    const { windowUs, windowCount, scenario } = this.#plan;
    const weight = scenario.audience.sampleWeight;
    const row = this.log.rows[window]!;
    return {
      tSec: ((window + 1) * windowUs) / 1e6,
      durationSec: (windowCount * windowUs) / 1e6,
      viewers: weight * row.viewers,
      egressGbps: (weight * row.egressBits) / windowUs / 1_000,
      stalledRatio: this.log.stalledRatio(window),
      steps: this.log.steps,
    };
  }

  /** What the scenario and the orders have happen; true when viewers have to leave edges. */
  #happen(window: number, orders: readonly SimOrder[]): boolean {
    const { windowUs } = this.#plan;
    const startUs = window * windowUs;
    const due: SimOrder[] = [];
    while (this.#events.length > 0 && this.#events[0]!.atSec * 1e6 < startUs + windowUs / 2) {
      due.push(this.#events.shift()!);
    }
    let failOver = false;
    for (const order of [...due, ...orders]) {
      if (order.kind === "join") {
        this.#arrivals!.join(order.count, window);
        continue;
      }
      this.log.event(startUs / 1e6, order.kind, { ...order });
      failOver = this.#apply(order) || failOver;
      this.#settledUs = Math.max(this.#settledUs, startUs + this.#settlingUs(order));
    }
    return failOver;
  }

  /** The window up to which nothing happens that concerns several edges or the report. */
  #calmUntil(turnStart: number): number {
    // What a driven night is told next is not known, and must not depend on when it is.
    if (this.#plan.isDriven) return turnStart + 1;
    const { plateauFrom, plateauTo, windowCount, windowUs, scenario } = this.#plan;
    // Peers settle what they give each other window by window; a rush changes loads quickly.
    const hasPeers = scenario.swarm.participationRatio > 0;
    // Refusals go by the load of the last window.
    const refuses = scenario.topology.admissionRatio !== null;
    if (hasPeers || refuses || this.#rushes(turnStart)) return turnStart + 1;
    const next = this.#events[0];
    const eventWindow = next === undefined ? Infinity : Math.round((next.atSec * 1e6) / windowUs);
    const bounds = [plateauFrom, plateauTo, windowCount, eventWindow];
    const ahead = bounds.filter((window) => window > turnStart);
    return Math.min(turnStart + turnWindowsMax, ...ahead);
  }

  /** How long an event may move loads; viewers of a lost edge come back only when they notice. */
  #settlingUs(event: NightEvent): number {
    const { failoverMs } = this.#plan.scenario.topology;
    return settleUs + (event.kind === "edge-down" ? silentUs + 1_000 * failoverMs : 0);
  }

  /** Whether much of the audience arrives within the longest turn from here, or has just arrived. */
  #rushes(turnStart: number): boolean {
    const { windowUs, scenario } = this.#plan;
    const { arrivals } = scenario.audience;
    const at = (window: number): number => arrivedRatio(arrivals, (window * windowUs) / 1e6);
    return at(turnStart + turnWindowsMax) - at(turnStart - 1) > rushRatio;
  }

  /** Applies the event; true when viewers have to leave edges. */
  #apply(event: NightEvent): boolean {
    const world = this.#world;
    switch (event.kind) {
      case "edge-down":
        world.edgeState.fill(nodeState[event.detection], 0, event.count);
        return true;
      case "edge-up":
        world.edgeState.fill(nodeState.up, 0, event.count);
        return false;
      case "shield-down":
        world.shieldState.fill(nodeState[event.detection], 0, event.count);
        return false;
      case "shield-up":
        world.shieldState.fill(nodeState.up, 0, event.count);
        return false;
      case "capacity":
        world.edgeBitsPerUs.fill(event.ratio * this.#plan.edgeBitsPerUs);
        return false;
      case "cap":
        changeLadder(world, this.#plan.capsKbps.indexOf(event.capKbps));
        return false;
    }
  }

  /** The feed was live before the night: shields have what the first viewers start with. */
  #warmShields(): void {
    const { windowUs, rungKbps } = this.#plan;
    for (const shield of this.#shields) {
      for (let startUs = -2 * windowUs; startUs < 0; startUs += windowUs) {
        for (let rung = 0; rung < rungKbps.length; rung++) shield.demand(rung, 1, startUs);
        shield.run(startUs, startUs + windowUs);
      }
    }
  }

  /** Edges that follow a rung. */
  #followers(rung: number): number {
    const { newestMsn, plan } = this.#world;
    let count = 0;
    for (let row = rung; row < newestMsn.length; row += plan.rungKbps.length) {
      if (newestMsn[row]! >= 0) count++;
    }
    return Math.max(1, Math.round(count / plan.shieldCount));
  }

  #shield(shield: number): TierNode {
    const plan = this.#plan;
    const { shieldNewestMsn, shieldListedUs, shieldReadyUs } = this.#world;
    return new TierNode({
      plan,
      parents: [originView(plan)],
      columns: {
        row: shield * plan.rungKbps.length,
        newestMsn: shieldNewestMsn,
        listedUs: shieldListedUs,
        readyUs: shieldReadyUs,
      },
      rttUs: plan.originRttUs,
      jitterSeed: plan.edgeCount + shield,
    });
  }
}
