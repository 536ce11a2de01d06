/** What a run and the thread that computes its night say to each other; one order at a time. */
import type { Scenario } from "../../../src/config/schema-scenario.ts";
import type { SimOrder } from "../../../src/config/schema-sim-inputs.ts";
import type { NightState } from "../../../src/sim/night-state.ts";
import type { Driving } from "../../../src/sim/plan.ts";

/** What the thread is started with. */
export interface NightThreadData {
  scenario: Scenario;
  driving: Driving;
  commit: string;
  workerCount: number;
}

/** Run the next window, with what the night is told at its start; or count it up. */
export type NightTask = { kind: "window"; orders: readonly SimOrder[] } | { kind: "finish" };

export type NightAnswer =
  | { kind: "ready" }
  | { kind: "window"; state: NightState }
  /** The report as it is written: one line of JSON. */
  | { kind: "report"; text: string };
