/**
 * Little's law at each edge: session time is arrivals times the mean stay. What an edge sums up of its
 * sessions (waiting for the first picture, playing, standing still) is compared with the time between
 * the events that opened and closed them. Sessions that moved count where they end, as in the sums.
 */
import type { ModelReport } from "../../config/schema-model-report.ts";
import { isOpen } from "../edge-shard.ts";
import type { TurnOrders } from "../simulation.ts";
import { sum, sumCount, type World } from "../world.ts";
import { Checker } from "./checker.ts";

/** Clocks of viewers are milliseconds with fractions, events are at whole microseconds. */
const toleranceRatio = 1e-9;
/** Between windows' ends, where the report counts, sessions come and go. */
const samplingTolerance = 0.01;

export class CheckSessions extends Checker {
  /** A row an edge: sessions begun, and of those that ended: their time, and what was not watched. */
  #begun = new Float64Array(0);
  #stayMs = new Float64Array(0);
  #unwatchedMs = new Float64Array(0);
  #session = new Uint32Array(0);
  #openCount = 0;
  #weight = 1;
  #openAtTurnEnd = new Map<number, number>();
  #nowUs = 0;

  begin(world: World): void {
    const { viewerCount, edgeCount } = world.plan;
    this.#begun = new Float64Array(edgeCount);
    this.#stayMs = new Float64Array(edgeCount);
    this.#unwatchedMs = new Float64Array(edgeCount);
    this.#session = new Uint32Array(viewerCount);
    this.#weight = world.plan.scenario.audience.sampleWeight;
  }

  beforeEvent(world: World, i: number): void {
    this.#nowUs = world.nextUs[i]!;
    this.#wasOpen = isOpen(world, i);
  }

  #wasOpen = false;

  afterEvent(world: World, i: number, edge: number): void {
    const isNext = this.#session[i] !== world.session[i];
    this.#session[i] = world.session[i]!;
    if (isNext) {
      this.require(!this.#wasOpen, () => `viewer ${i} opened a session within another one`);
      this.#begun[edge]! += 1;
      this.#openCount++;
    } else if (this.#wasOpen && !isOpen(world, i)) {
      this.#close(world, i, edge, this.#nowUs);
      this.#openCount--;
    }
  }

  afterTurn(_world: World, { turnEnd }: TurnOrders): void {
    this.#openAtTurnEnd.set(turnEnd - 1, this.#openCount);
  }

  end(world: World): void {
    const { plan, sums, edge: edgeOf } = world;
    const endUs = plan.windowCount * plan.windowUs;
    for (let i = 0; i < plan.viewerCount; i++) {
      // The answer to a poll under way is taken as if it had come.
      const clockUs = Math.max(endUs, 1_000 * world.viewers.clockMs[i]!);
      if (isOpen(world, i)) this.#close(world, i, edgeOf[i]!, clockUs);
    }
    for (let edge = 0; edge < plan.edgeCount; edge++) {
      const of = (name: keyof typeof sum): number => sums[edge * sumCount + sum[name]]!;
      const begun = this.#begun[edge]!;
      this.require(of("sessions") === begun, () => `edge ${edge}: ${of("sessions")} of ${begun}`);
      const countedMs = of("playedMs") + of("stalledMs") + this.#unwatchedMs[edge]!;
      const stayMs = this.#stayMs[edge]!;
      this.require(
        Math.abs(countedMs - stayMs) <= toleranceRatio * stayMs,
        () => `edge ${edge} counted ${countedMs} ms of sessions that lasted ${stayMs}`,
      );
    }
  }

  protected override conclude({ timeline }: ModelReport): void {
    // The session time under the report's curve, and that of the events.
    const windowSec = timeline[1]!.tSec - timeline[0]!.tSec;
    let openSec = 0;
    timeline.forEach((row, window) => {
      const viewers = row.viewers / this.#weight;
      const before = (timeline[window - 1]?.viewers ?? row.viewers) / this.#weight;
      openSec += ((viewers + before) / 2) * windowSec;
      const count = this.#openAtTurnEnd.get(window) ?? viewers;
      this.require(viewers === count, () => `${viewers} viewers of ${count} in window ${window}`);
    });
    const staySec = this.#stayMs.reduce((total, ms) => total + ms / 1_000, 0);
    this.require(
      Math.abs(openSec / staySec - 1) < samplingTolerance,
      () => `${openSec} s of sessions open, ${staySec} s stayed`,
    );
  }

  /** The columns of a session that has ended still stand until the next one begins. */
  #close({ viewers }: World, i: number, edge: number, nowUs: number): void {
    const stayMs = nowUs / 1_000 - viewers.joinedMs[i]!;
    const startupMs = viewers.startupMs[i]!;
    this.#stayMs[edge]! += stayMs;
    this.#unwatchedMs[edge]! += startupMs < 0 ? stayMs : startupMs;
  }
}
