/** How the main thread and its shard workers take turns: one small shared array of integers. */
import type { Driving } from "../../src/sim/plan.ts";

/** Offsets into the control array. */
export const control = {
  /** Rises with each order. */
  order: 0,
  /** What to do: a value of `task`. */
  task: 1,
  /** For which windows: the first, and the one after the last. */
  turnStart: 2,
  turnEnd: 3,
  /** Workers that have done it. */
  doneCount: 4,
  /** Not 0 once a worker has failed. */
  failed: 5,
} as const;
export const controlBytes = 4 * Object.keys(control).length;

export const task = { failOver: 0, findMembers: 1, run: 2, finish: 3, quit: 4 } as const;
export type Task = (typeof task)[keyof typeof task];

/** What a worker is started with. */
export interface ShardWorkerData {
  /** The scenario, complete. */
  scenario: unknown;
  /** What makes it a driven night; the same plan follows from both in every thread. */
  driving: Driving | undefined;
  memory: SharedArrayBuffer;
  control: SharedArrayBuffer;
  shardCount: number;
  shardIndex: number;
}
