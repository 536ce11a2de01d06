/** A driven night in the test's own thread, run as far as the test wants. */
import type { ModelReport } from "../../config/schema-model-report.ts";
import type { Scenario } from "../../config/schema-scenario.ts";
import type { SimInput } from "../../config/schema-sim-inputs.ts";
import { EdgeShard } from "../edge-shard.ts";
import { modelReportOf, type NightResult } from "../model-report.ts";
import { planOf } from "../plan.ts";
import { shardBounds, Simulation } from "../simulation.ts";
import { memoryOf } from "./run-night.ts";

export class DrivenNight {
  readonly result: NightResult;
  readonly #simulation: Simulation;
  readonly #shards: EdgeShard[];
  #window = 0;

  constructor(
    scenario: Scenario,
    { capsKbps, shardCount }: { capsKbps: readonly number[]; shardCount: number },
  ) {
    const plan = planOf(scenario, { capsKbps });
    const { world, counts } = memoryOf(plan, shardCount);
    this.#simulation = new Simulation(plan, { world, counts });
    const bounds = shardBounds(plan.edgeCount, shardCount);
    this.#shards = counts.map((of, n) => new EdgeShard(world, of, bounds[n]!, bounds[n + 1]!));
    this.result = { plan, world, counts, log: this.#simulation.log, commit: "test" };
  }

  /** Runs the windows up to the instant with what was told in them; gives the last of them. */
  runUntil(sec: number, inputs: readonly SimInput[]): number {
    const { windowUs } = this.result.plan;
    for (; this.#window * windowUs < 1e6 * sec; this.#window++) {
      const orders = inputs.filter(({ atUs }) => atUs === this.#window * windowUs);
      const turn = this.#simulation.beginTurn(this.#window, orders);
      if (turn.failOver) for (const shard of this.#shards) shard.failOver(this.#window);
      if (turn.findMembers) for (const shard of this.#shards) shard.findMembers();
      for (const shard of this.#shards) shard.runTurn(this.#window, turn.turnEnd);
      this.#simulation.endTurn(turn);
    }
    return this.#window - 1;
  }

  finish(): ModelReport {
    this.result.log.close();
    for (const shard of this.#shards) shard.finish(this.#window - 1);
    return modelReportOf(this.result);
  }
}
