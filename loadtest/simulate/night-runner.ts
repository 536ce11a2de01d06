/**
 * A night and the threads that run it, turn by turn: laid out, told what happens, counted up at its
 * end. When turns are due, and who is told of them, is the caller's.
 */
import type { ModelReport } from "../../src/config/schema-model-report.ts";
import type { Scenario } from "../../src/config/schema-scenario.ts";
import type { SimOrder } from "../../src/config/schema-sim-inputs.ts";
import { Arena } from "../../src/sim/arena.ts";
import { modelReportOf, type NightResult } from "../../src/sim/model-report.ts";
import type { Driving } from "../../src/sim/plan.ts";
import { layOutNight, Simulation } from "../../src/sim/simulation.ts";
import { refuseGiants } from "./night-size.ts";
import { task } from "./shard-control.ts";
import { ShardTeam } from "./shard-team.ts";

export class NightRunner {
  readonly night: NightResult;
  readonly simulation: Simulation;
  readonly shardCount: number;
  readonly #team: ShardTeam;
  #windowCount = 0;

  /** Throws an AppError for an audience whose columns would take more memory than is sensible. */
  constructor(of: {
    scenario: Scenario;
    driving?: Driving | undefined;
    commit: string;
    workerCount: number;
  }) {
    const { scenario, driving } = of;
    const { plan, shardCount, byteCount } = refuseGiants(scenario, of.workerCount, { driving });
    const memory = shardCount > 1 ? new SharedArrayBuffer(byteCount) : new ArrayBuffer(byteCount);
    const night = layOutNight(plan, shardCount, new Arena(memory));
    this.shardCount = shardCount;
    this.simulation = new Simulation(plan, night);
    const { log } = this.simulation;
    this.night = { plan, world: night.world, counts: night.counts, log, commit: of.commit };
    this.#team = new ShardTeam({ plan, scenario, driving, night, memory, shardCount });
  }

  /** Windows that have run. */
  get windowCount(): number {
    return this.#windowCount;
  }

  /** Runs the next turn, with what a driven night is told at its start. */
  async runTurn(orders: readonly SimOrder[] = []): Promise<void> {
    const turn = this.simulation.beginTurn(this.#windowCount, orders);
    if (turn.failOver) await this.#team.do(task.failOver, turn);
    if (turn.findMembers) await this.#team.do(task.findMembers, turn);
    await this.#team.do(task.run, turn);
    this.simulation.endTurn(turn);
    this.#windowCount = turn.turnEnd;
  }

  /** The night ends here: what is under way is counted as far as it came. */
  async finish(): Promise<ModelReport> {
    const { log } = this.simulation;
    log.close();
    const turnEnd = this.#windowCount;
    await this.#team.do(task.finish, { turnStart: turnEnd - 1, turnEnd });
    return modelReportOf(this.night);
  }

  async close(): Promise<void> {
    await this.#team.close();
  }
}
