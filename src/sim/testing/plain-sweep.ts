/** In place of steady-sweep.ts: each viewer goes through the turn event by event. */
import type { Shard } from "../shard.ts";
import { runEvent } from "../viewer-step.ts";

export function runSteadily(s: Shard, e: number, members: Int32Array): void {
  const { nextUs } = s.world;
  for (const i of members) while (nextUs[i]! < s.turnEndUs) runEvent(s, i, e);
}
