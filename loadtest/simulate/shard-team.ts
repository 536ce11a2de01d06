/** The threads that run a night's edges: this one, and a worker for each further shard. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { Scenario } from "../../src/config/schema-scenario.ts";
import { EdgeShard } from "../../src/sim/edge-shard.ts";
import type { Driving, SimPlan } from "../../src/sim/plan.ts";
import { shardBounds, type NightMemory } from "../../src/sim/simulation.ts";
import { control, controlBytes, task, type ShardWorkerData, type Task } from "./shard-control.ts";
import { doTask, type Turn } from "./shard-task.ts";

/** While waiting for workers, this thread looks this often whether one of them has died. */
const waitMsMax = 1_000;

export class ShardTeam {
  readonly #own: EdgeShard;
  readonly #workers: Worker[] = [];
  readonly #orders = new Int32Array(new SharedArrayBuffer(controlBytes));
  #failure: Error | undefined;

  /** The audience must have been gathered; `memory` must be shared where there are several shards. */
  constructor(of: {
    plan: SimPlan;
    scenario: Scenario;
    driving: Driving | undefined;
    night: NightMemory;
    memory: ArrayBufferLike;
    shardCount: number;
  }) {
    const { plan, scenario, driving, night, memory, shardCount } = of;
    const bounds = shardBounds(plan.edgeCount, shardCount);
    for (let shardIndex = 1; shardIndex < shardCount; shardIndex++) {
      const data: ShardWorkerData = {
        scenario,
        driving: driving && { capsKbps: driving.capsKbps },
        memory: memory as SharedArrayBuffer,
        control: this.#orders.buffer,
        shardCount,
        shardIndex,
      };
      this.#start(data);
    }
    this.#own = new EdgeShard(night.world, night.counts[0]!, 0, bounds[1]!);
  }

  /** Has every shard do the task; done when all are. */
  async do(what: Task, turn: Turn): Promise<void> {
    this.#order(what, turn);
    doTask(this.#own, what, turn);
    const orders = this.#orders;
    for (;;) {
      const doneCount = Atomics.load(orders, control.doneCount);
      if (this.#failure !== undefined) throw this.#failure;
      if (Atomics.load(orders, control.failed) !== 0) await nextTurn();
      else if (doneCount === this.#workers.length) return;
      else if (Atomics.wait(orders, control.doneCount, doneCount, waitMsMax) === "timed-out") {
        await nextTurn();
      }
    }
  }

  async close(): Promise<void> {
    this.#order(task.quit, { turnStart: 0, turnEnd: 0 });
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #order(what: Task, { turnStart, turnEnd }: Turn): void {
    const orders = this.#orders;
    Atomics.store(orders, control.doneCount, 0);
    Atomics.store(orders, control.task, what);
    Atomics.store(orders, control.turnStart, turnStart);
    Atomics.store(orders, control.turnEnd, turnEnd);
    Atomics.add(orders, control.order, 1);
    Atomics.notify(orders, control.order);
  }

  #start(workerData: ShardWorkerData): void {
    // In a checkout the sources run through a loader, in a package they are compiled.
    const name = import.meta.url.endsWith(".ts") ? "./shard-worker.mjs" : "./shard-worker.js";
    const worker = new Worker(new URL(name, import.meta.url), { workerData });
    worker.on("error", (error) => (this.#failure = error));
    worker.on("exit", (code) => {
      if (code !== 0) this.#failure ??= new Error(`a shard's thread ended with ${code}`);
    });
    this.#workers.push(worker);
  }
}
