/** A thread that runs some of the edges: it waits for orders and says when each is done. */
import { workerData } from "node:worker_threads";
import type { Scenario } from "../../src/config/schema-scenario.ts";
import { Arena } from "../../src/sim/arena.ts";
import { EdgeShard } from "../../src/sim/edge-shard.ts";
import { planOf } from "../../src/sim/plan.ts";
import { layOutNight, shardBounds } from "../../src/sim/simulation.ts";
import { control, task, type ShardWorkerData, type Task } from "./shard-control.ts";
import { doTask } from "./shard-task.ts";

function main(data: ShardWorkerData): void {
  const orders = new Int32Array(data.control);
  const plan = planOf(data.scenario as Scenario, data.driving);
  const { world, counts } = layOutNight(plan, data.shardCount, new Arena(data.memory));
  const bounds = shardBounds(plan.edgeCount, data.shardCount);
  const { shardIndex } = data;
  const [first, end] = [bounds[shardIndex]!, bounds[shardIndex + 1]!];
  const shard = new EdgeShard(world, counts[shardIndex]!, first, end);
  for (let seen = 0; ; seen++) {
    Atomics.wait(orders, control.order, seen);
    const what = Atomics.load(orders, control.task) as Task;
    if (what === task.quit) return;
    const turnStart = Atomics.load(orders, control.turnStart);
    doTask(shard, what, { turnStart, turnEnd: Atomics.load(orders, control.turnEnd) });
    Atomics.add(orders, control.doneCount, 1);
    Atomics.notify(orders, control.doneCount);
  }
}

const data = workerData as ShardWorkerData;
try {
  main(data);
} catch (error) {
  const orders = new Int32Array(data.control);
  Atomics.store(orders, control.failed, 1);
  Atomics.add(orders, control.doneCount, 1);
  Atomics.notify(orders, control.doneCount);
  throw error;
}
