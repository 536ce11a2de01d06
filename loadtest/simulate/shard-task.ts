/** Does one task of the control array on the edges of one thread. */
import type { EdgeShard } from "../../src/sim/edge-shard.ts";
import { task, type Task } from "./shard-control.ts";

export function doTask(shard: EdgeShard, what: Task, window: number): void {
  switch (what) {
    case task.failOver:
      shard.failOver(window);
      return;
    case task.findMembers:
      shard.findMembers();
      return;
    case task.run:
      shard.runWindow(window);
      return;
    case task.finish:
      shard.finish(window);
      return;
    case task.quit:
      return;
  }
}
