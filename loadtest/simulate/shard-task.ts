/** Does one task of the control array on the edges of one thread. */
import type { EdgeShard } from "../../src/sim/edge-shard.ts";
import { task, type Task } from "./shard-control.ts";

/** The windows a task is for. */
export interface Turn {
  turnStart: number;
  turnEnd: number;
}

export function doTask(shard: EdgeShard, what: Task, { turnStart, turnEnd }: Turn): void {
  switch (what) {
    case task.failOver:
      shard.failOver(turnStart);
      return;
    case task.findMembers:
      shard.findMembers();
      return;
    case task.run:
      shard.runTurn(turnStart, turnEnd);
      return;
    case task.finish:
      shard.finish(turnStart);
      return;
    case task.quit:
      return;
  }
}
