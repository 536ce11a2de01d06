/**
 * A load test under way. What real sockets did and what the simulator computed stand in rows of
 * their own and never in one panel; each title says which it is.
 */
import { measuredRows } from "./load-test-measured.ts";
import { modelledRows } from "./load-test-modelled.ts";
import { loadMetrics } from "../../src/metrics/load.ts";
import type { BoardSpec } from "./board.ts";

export const loadTest: BoardSpec = {
  name: "loadtest",
  title: "Fullhouse: load test",
  description:
    "fullhouse loadtest with --prometheus: real viewers in k6 at real edges (measured), and the night in the simulator beside them (modelled). The two are never mixed in a panel.",
  choices: [{ label: "scenario", of: loadMetrics.viewers }],
  rows: [...measuredRows, ...modelledRows],
};
